#include "tests/simulation/oracle.hpp"

#include "actors/dispatcher/retry_policy.hpp"
#include "actors/kafka_reader/offset_ledger.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace mp::sim {
namespace {

constexpr std::size_t complaints_max = 10;
// So long a worker may have an order that its dispatcher would not give any more.
constexpr auto order_age_max = std::chrono::milliseconds{250};
// So long the news of a call may need from its node to all readers, whose actors get their turns by chance.
constexpr auto offer_time_max = std::chrono::milliseconds{1'500};

/// The time that an error reply for too many requests says.
std::string without_retry_after(std::string body) {
  // In a photo's reply it stands in a string, its quotes escaped.
  for (const auto* name : {",\"retry_after_ms\":", ",\\\"retry_after_ms\\\":"})
    if (auto begin = body.find(name); begin != std::string::npos)
      body.erase(begin, body.find('}', begin) - begin);
  return body;
}

std::uint32_t bit(int instance) { return 1u << instance; }

std::optional<std::int64_t> number_in(const outgoing& record, std::string_view header) {
  for (const auto& [name, text] : record.headers)
    if (name == header)
      return std::stoll(text);
  return std::nullopt;
}

bool says_unreadable(const outgoing& record) {
  return record.to == destination::dead_letter
         && std::find(record.headers.begin(), record.headers.end(),
                      name_and_text{"reason", std::string{code_of(fault::record_unreadable)}})
              != record.headers.end();
}

} // namespace

std::string_view to_string(wrong what) {
  switch (what) {
    case wrong::repeated: return "model_calls_repeated";
    case wrong::computed_again: return "answers_computed_again";
    case wrong::lost: return "lost";
    case wrong::doubled: return "doubled";
    case wrong::wrong: return "wrong";
    case wrong::early: return "early";
    case wrong::stuck: return "stuck";
    case wrong::memory: return "memory";
    case wrong::mailbox: return "mailbox";
    case wrong::resent: return "records_sent_too_often";
    case wrong::failed: return "failed";
  }
  return "";
}

void oracle::complain(wrong what, const std::string& why) {
  ++counts_[static_cast<std::size_t>(what)];
  if (told)
    told(std::string{to_string(what)} + ": " + why);
  bool only_counted = what == wrong::doubled && !rules_.exactly_once;
  if (!only_counted && complaints_.size() < complaints_max)
    complaints_.push_back(std::string{to_string(what)} + ": " + why);
}

bool oracle::satisfied() const {
  for (std::size_t i = 0; i < wrong_count; ++i)
    if (counts_[i] > 0 && (static_cast<wrong>(i) != wrong::doubled || rules_.exactly_once))
      return false;
  return true;
}

std::string oracle::name_of(std::size_t number) const {
  const auto& what = requests[number];
  return "r" + std::to_string(number) + " (partition " + std::to_string(what.partition) + ", offset "
         + std::to_string(what.offset) + ")";
}

oracle::instance& oracle::at(int which) {
  auto index = static_cast<std::size_t>(which);
  if (instances_.size() <= index)
    instances_.resize(index + 1);
  return instances_[index];
}

oracle::partition& oracle::in(std::int32_t which) {
  auto index = static_cast<std::size_t>(which);
  if (partitions_.size() <= index)
    partitions_.resize(index + 1);
  return partitions_[index];
}

// ---- ends ----

void oracle::visible(const outgoing& record, time_point now) {
  if (says_unreadable(record)) {
    unreadable(record);
    return;
  }
  auto number = number_of(record.headers);
  if (number < 0 || static_cast<std::size_t>(number) >= requests.size()) {
    complain(wrong::wrong, "a record of nobody: " + record.body.substr(0, 200));
    return;
  }
  auto n = static_cast<std::size_t>(number);
  const auto& what = requests[n];
  auto& s = of(n);
  if (what.unreadable)
    complain(wrong::wrong, name_of(n) + " cannot be read, and was answered");
  if (record.key != what.key)
    complain(wrong::wrong, name_of(n) + " was answered under another key");
  if (record.to == destination::dead_letter) {
    s.dead_letter = true;
    if (++s.dead_letters > 1 && !s.may_repeat)
      complain(wrong::doubled, name_of(n) + " has a second dead letter");
    if (what.how == request_shape::bad && what.user.empty())
      check_error(n, what.bad_as, now);
    refresh(n);
    return;
  }
  if (++s.replies > 1 && !s.may_repeat)
    complain(wrong::doubled, name_of(n) + " has a second reply");
  if ((record.to == destination::photo_reply) != (what.kind == request_kind::photo))
    complain(wrong::wrong, name_of(n) + " was answered on the other topic");
  if (what.how != request_shape::bad && record.body == good_reply(what)) {
    bool can_be = what.how != request_shape::garbage && what.how != request_shape::empty
                  && what.how != request_shape::huge && what.how != request_shape::missing
                  && what.how != request_shape::poison && what.how != request_shape::refused;
    if (!can_be)
      complain(wrong::wrong, name_of(n) + " has an answer that nobody gave");
    s.good = true;
  } else {
    s.error.reset();
    auto body = without_retry_after(record.body);
    for (const auto& each : faults())
      if (body == error_reply(what, each.kind))
        s.error = each.kind;
    if (s.error)
      check_error(n, *s.error, now);
    else
      complain(wrong::wrong, name_of(n) + " got " + record.body.substr(0, 200));
  }
  refresh(n);
}

/// The dead letter of a place that could not be read tells no request's number: its offsets count.
void oracle::unreadable(const outgoing& letter) {
  auto partition = number_in(letter, "source-partition");
  auto first = number_in(letter, "source-offset");
  if (!partition || !first) {
    complain(wrong::wrong, "a dead letter without a place");
    return;
  }
  auto last = number_in(letter, "source-offset-last").value_or(*first);
  auto is_meant = [&](std::size_t number) {
    return requests[number].offset >= *first && requests[number].offset <= last;
  };
  const auto& p = in(static_cast<std::int32_t>(*partition));
  // Places have no name: the letter may be about what was there before the log was changed, or about what is there now.
  bool of_gone = std::any_of(p.gone_unreadable.begin(), p.gone_unreadable.end(), is_meant);
  std::size_t covered = 0;
  for (auto number : p.numbers) {
    if (!is_meant(number))
      continue;
    ++covered;
    if (!requests[number].unreadable) {
      if (!of_gone)
        complain(wrong::wrong, name_of(number) + " can be read, and was given up");
      continue;
    }
    auto& s = of(number);
    s.dead_letter = true;
    s.may_repeat |= of_gone;
    if (++s.dead_letters > 1 && !s.may_repeat)
      complain(wrong::doubled, name_of(number) + " has a second dead letter");
    refresh(number);
  }
  if (covered == 0 && !of_gone)
    complain(wrong::wrong, "offset " + std::to_string(*first) + " holds no record, and was given up");
}

void oracle::refresh(std::size_t number) {
  auto& s = of(number);
  const auto& what = requests[number];
  bool nobody_to_tell = what.unreadable || (what.how == request_shape::bad && what.user.empty())
                        || (rules_.picky_replies && is_unwanted(what.key));
  bool ended = s.good || (s.dead_letter && (nobody_to_tell || s.error))
               || (s.error && info_of(*s.error).retry == retry_class::tell);
  if (!ended || s.ended)
    return;
  s.ended = true;
  open_ -= !s.is_gone && !s.is_claimed;
  if (rules_.order_by_key)
    check_order(number);
  for (int i = 0; i < static_cast<int>(instances_.size()); ++i)
    release(i, number);
}

/// The first ends of requests of one key, in one partition, come in the order of the requests.
void oracle::check_order(std::size_t number) {
  const auto& what = requests[number];
  for (auto earlier : in(what.partition).numbers) {
    if (earlier == number || of(number).may_repeat)
      break;
    if (what.unreadable || requests[earlier].unreadable)
      continue; // nobody knows their keys
    // Replies to the same question may change places: they say the same.
    const auto& error = of(number).error;
    bool of_its_own = error == fault::expired || error == fault::rate_limited;
    bool says_the_same = requests[earlier].original == what.original && !of_its_own;
    if (requests[earlier].key == what.key && !of(earlier).ended && !of(earlier).is_claimed && !says_the_same)
      complain(wrong::wrong, name_of(number) + " had its end before " + name_of(earlier) + ", which has the same key"
                               + (error ? "; it was told " + std::string{code_of(*error)} : std::string{}));
  }
}

/// An error may only be told for what has happened to the request. Its calls are counted over all lives of the service,
/// so this is a little kinder than the service's own rule.
void oracle::check_error(std::size_t number, fault why, time_point now) {
  const auto& what = requests[number];
  const auto& s = of(what.original); // one call may be made for all who ask the same
  auto seen = [&](fault f) { return s.failures[static_cast<std::size_t>(f)]; };
  auto charged = s.failures_sum + s.cancels + workers_lost_;
  bool right = false;
  if (what.how == request_shape::bad)
    right = why == what.bad_as;
  else if (why == fault::expired)
    right = what.deadline_ms && world_begins + now.time_since_epoch() >= std::chrono::milliseconds{*what.deadline_ms};
  else if (why == fault::rate_limited)
    right = rules_.rate_limited;
  else if (why == fault::poison)
    right = what.kind == request_kind::photo
            && seen(fault::runner_died) + seen(fault::stream_cut) + seen(fault::host_unreachable) >= 2;
  else if (why == fault::model_refused)
    right = seen(why) > 0
            || (seen(fault::host_unreachable) > 0 && seen(fault::host_unreachable) + seen(fault::model_not_found) >= 2
                && charged > rules_.attempts_max)
            || (seen(fault::host_unreachable) > 0
                && charged >= waits_max); // before the last one it may have found busy hosts only
  else if (info_of(why).retry == retry_class::wait_for_host)
    right = (seen(why) > 0 || s.cancels > 0) && charged >= waits_max;
  else if (why == fault::reply_too_large)
    right = what.how == request_shape::huge;
  else if (why == fault::reply_refused)
    right = s.refusals >= 5; // of a topic that refused this one now and then while it took others
  else if (why == fault::first_byte_timeout || why == fault::idle_timeout || why == fault::call_timeout)
    right = (s.cancels > 0 || seen(why) > 0) && charged >= 2;
  else if (why == fault::worker_lost)
    right = workers_lost_ > 0 && charged >= rules_.attempts_max;
  else if (info_of(why).retry == retry_class::retry)
    right = seen(why) > 0 && charged >= rules_.attempts_max;
  else if (why == fault::invalid_answer)
    right = seen(why) > rules_.reask_rounds;
  else if (info_of(why).retry == retry_class::give_up)
    right = seen(why) > 0;
  if (!right)
    complain(wrong::wrong, name_of(number) + " was told " + std::string{code_of(why)} + " without a cause");
}

// ---- commits ----

void oracle::committed(std::int32_t which, std::int64_t offset, const std::string& metadata, bool accepted, int reader,
                       time_point now) {
  auto& p = in(which);
  auto known = read_commit_metadata(offset, metadata, offset_ledger::spread_max);
  if (!known) {
    complain(wrong::failed, "unreadable metadata was committed");
    return;
  }
  auto first = p.verified;
  for (auto i = first; i < p.numbers.size() && requests[p.numbers[i]].offset < offset; ++i) {
    if (!covers(*known, p.numbers[i]))
      break; // nor those behind it
    check_covered(p.numbers[i], accepted, reader, now);
    if (accepted && i == p.verified)
      ++p.verified;
  }
  auto i = p.verified;
  for (auto each : known->finished) {
    while (i < p.numbers.size() && requests[p.numbers[i]].offset < each)
      ++i;
    if (i < p.numbers.size() && requests[p.numbers[i]].offset == each && covers(*known, p.numbers[i]))
      check_covered(p.numbers[i], accepted, reader, now);
  }
}

bool oracle::covers(const commit_metadata& known, std::size_t number) const {
  const auto& s = states_.at(number);
  return (known.topic_id.empty() || known.topic_id == s.topic_id)
         && (known.leader_epoch < 0 || s.leader_epoch <= known.leader_epoch);
}

void oracle::gone(std::size_t number) {
  auto& s = of(number);
  auto& p = in(requests[number].partition);
  std::erase(p.numbers, number);
  if (requests[number].unreadable)
    p.gone_unreadable.push_back(number);
  p.verified = 0;
  s.may_repeat = true; // an end of it that is not known for sure may be published once more: nobody else will
  for (int i = 0; i < static_cast<int>(instances_.size()); ++i)
    release(i, number);
  if (!std::exchange(s.is_gone, true))
    open_ -= !s.ended && !s.is_claimed;
}

void oracle::claimed(std::size_t number) {
  auto& s = of(number);
  s.may_repeat = true;
  if (!std::exchange(s.is_claimed, true))
    open_ -= !s.ended && !s.is_gone;
}

void oracle::may_repeat(std::size_t number) {
  auto& s = of(number);
  s.may_repeat = true;
  s.durable.reset();
}

void oracle::check_covered(std::size_t number, bool accepted, int reader, time_point now) {
  auto& s = of(number);
  if (!s.ended && !s.is_claimed)
    complain(wrong::early, name_of(number) + " was committed before its end");
  if (accepted && !s.durable) {
    s.durable = now;
    s.durable_by = reader;
  }
  if (accepted && s.durable_by < 0)
    s.durable_by = reader;
}

// ---- model calls ----

call_ticket oracle::call_begun(std::size_t number, const caller& who) {
  auto& s = of(number);
  ++calls;
  // A dispatcher counts the calls of what it holds; what it gives back, or whose reader dies, is counted anew when it
  // is read again.
  bool goes_on = s.last_serial > 0 && s.last.instance == who.instance && s.last.life == who.life
                 && s.last.dispatcher == who.dispatcher && who.reader == s.last.reader && who.loaded == s.last.loaded;
  s.calls = goes_on ? s.calls + 1 : 1;
  if (auto most = rules_.attempts_max + waits_max + rules_.reask_rounds; s.calls > most && who.instance < first_node)
    complain(wrong::repeated, name_of(number) + " was asked " + std::to_string(s.calls) + " times, at most "
                                + std::to_string(most) + " are allowed");
  if (requests[number].how == request_shape::bad || requests[number].unreadable)
    complain(wrong::wrong, name_of(number) + " is no question, and a model was asked");
  bool can_know = who.holds && who.caught_up && *who.caught_up + order_age_max < who.begun;
  if (s.durable && !s.may_repeat && can_know && (*s.durable <= who.loaded || s.durable_by == who.reader))
    complain(wrong::repeated, name_of(number) + " was asked again by instance " + std::to_string(who.instance)
                                + " although its end is committed");
  // Whatever has become of the partition meanwhile: answers are kept, calls under way go on.
  for (const auto& each : s.answered)
    if (!s.may_repeat && who.instance < first_node && each.who.instance == who.instance && each.who.life == who.life
        && each.who.dispatcher == who.dispatcher && who.begun < each.at + rules_.answer_keep)
      complain(wrong::computed_again, name_of(number) + " was asked again although instance "
                                        + std::to_string(who.instance) + " has its answer");
  check_nodes(number, who);
  calls_redone += s.had_answer;
  s.fate = call_fate::running;
  s.last = who;
  s.last_serial = calls;
  s.question_done_by &= ~bit(who.instance);
  if (s.held_by & bit(who.instance) && !(s.held_bytes_by & bit(who.instance))) {
    s.held_bytes_by |= bit(who.instance);
    at(who.instance).bytes += requests[number].bytes;
  }
  return {number, calls, who.instance};
}

/// Whatever becomes of readers: a node offers what it has, and nobody asks anew before all nodes have spoken.
void oracle::check_nodes(std::size_t number, const caller& who) {
  auto& s = of(number);
  if (!is_undisturbed || s.may_repeat)
    return;
  for (const auto& each : s.answered)
    if (each.who.instance >= first_node && who.begun < each.at + rules_.answer_keep
        && each.at + offer_time_max < who.begun && is_undisturbed(each.who.instance, each.who.life, each.at))
      complain(wrong::computed_again, name_of(number) + " was asked again although node "
                                        + std::to_string(each.who.instance - first_node) + " has its answer");
  if (s.fate == call_fate::running && s.last_serial > 0 && s.last.instance >= first_node
      && s.last.begun + offer_time_max < who.begun && is_undisturbed(s.last.instance, s.last.life, s.last.begun))
    complain(wrong::computed_again, name_of(number) + " was asked again although node "
                                      + std::to_string(s.last.instance - first_node) + " is at work on it");
}

std::size_t oracle::number_at_node(const request& asked) const {
  auto prompt = asked.prompt_json.view();
  for (auto number = requests.size(); number-- > 0;) {
    const auto& each = requests[number];
    auto at = prompt.find(each.tag);
    if (each.partition == asked.from.partition && each.offset == asked.from.offset && at != prompt.npos)
      return number;
  }
  throw std::logic_error{"a node was asked what nobody has asked"};
}

void oracle::call_ended(const call_ticket& call, std::optional<fault> why, time_point now) {
  auto& s = of(call.number);
  if (why) {
    auto& seen = of(requests[call.number].original);
    ++seen.failures[static_cast<std::size_t>(*why)];
    ++seen.failures_sum;
  } else {
    s.had_answer = true;
  }
  if (call.serial == s.last_serial && s.fate == call_fate::running) { // what was cancelled is not wanted any more
    s.fate = why ? call_fate::failed : call_fate::answered;
    std::erase_if(s.answered, [&](const auto& each) { return each.who.instance == call.instance; });
    if (!why)
      s.answered.push_back({s.last, call.serial, now});
  }
  question_done(call);
}

void oracle::call_cancelled(const call_ticket& call) {
  auto& s = of(call.number);
  ++of(requests[call.number].original).cancels;
  question_done(call);
  // Its worker had given it up when it heard of the answer: it stood still.
  std::erase_if(s.answered, [&](const auto& each) { return each.serial == call.serial; });
  if (call.serial == s.last_serial)
    s.fate = call_fate::cancelled;
}

void oracle::call_abandoned(const call_ticket& call) {
  auto& s = of(call.number);
  question_done(call);
  std::erase_if(s.answered, [&](const auto& each) { return each.serial == call.serial; });
  if (call.serial != s.last_serial || s.fate == call_fate::failed || s.fate == call_fate::cancelled)
    return;
  s.had_answer = true;
  s.fate = call_fate::abandoned;
}

// ---- memory ----

void oracle::limit(int instance, std::size_t records_max, std::size_t bytes_max) {
  at(instance).records_max = records_max;
  at(instance).bytes_max = bytes_max;
}

void oracle::fetched(int which, std::size_t number) {
  auto& s = of(number);
  auto& who = at(which);
  if (s.ended || s.is_gone || s.is_claimed || s.held_by & bit(which))
    return;
  s.held_by |= bit(which);
  held_most = std::max<std::uint64_t>(held_most, ++who.records);
  if (who.records > who.records_max)
    complain(wrong::memory, "instance " + std::to_string(which) + " holds " + std::to_string(who.records) + " records, "
                              + std::to_string(who.records_max) + " are allowed");
  // These may have had their end already, though nobody can see it yet: what is kept then is a reply.
  const auto& same = of(requests[number].original).repetitions; // it may follow one of these
  bool is_held_at_node = std::any_of(same.begin(), same.end(), [&](std::size_t each) {
    const auto& answers = of(each).answered;
    return std::any_of(answers.begin(), answers.end(), [](const auto& by) { return by.who.instance >= first_node; });
  });
  if (requests[number].how == request_shape::bad || s.question_done_by & bit(which) || is_held_at_node
      || requests[number].deadline_ms || rules_.rate_limited)
    return;
  s.held_bytes_by |= bit(which);
  // The last record may go over the limit.
  if (who.bytes > who.bytes_max)
    complain(wrong::memory, "instance " + std::to_string(which) + " took r" + std::to_string(number) + " when it held "
                              + std::to_string(who.bytes) + " bytes, " + std::to_string(who.bytes_max)
                              + " are allowed");
  who.bytes += requests[number].bytes;
}

void oracle::release(int which, std::size_t number) {
  auto& s = of(number);
  release_bytes(which, number);
  if (!(s.held_by & bit(which)))
    return;
  s.held_by &= ~bit(which);
  --at(which).records;
}

void oracle::release_bytes(int which, std::size_t number) {
  auto& s = of(number);
  if (!(s.held_bytes_by & bit(which)))
    return;
  s.held_bytes_by &= ~bit(which);
  at(which).bytes -= requests[number].bytes;
}

/// This may have been its last attempt: what is kept then is its reply.
void oracle::question_done(const call_ticket& call) {
  for (auto each : of(requests[call.number].original).repetitions) // they may have followed this one
    for (int i = 0; i < static_cast<int>(instances_.size()); ++i) {
      if (i != call.instance && call.instance < first_node)
        continue; // a node's call may be any reader's
      release_bytes(i, each);
      of(each).question_done_by |= bit(i);
    }
}

void oracle::released(int which, std::int32_t partition, std::int64_t from_offset) {
  for (auto number : in(partition).numbers)
    if (requests[number].offset >= from_offset)
      release(which, number);
}

void oracle::released_all(int which) {
  for (std::size_t number = 0; number < states_.size(); ++number) {
    release(which, number);
    of(number).question_done_by &= ~bit(which);
  }
}

void oracle::mailbox(std::string_view actor, std::size_t size, std::size_t most) {
  mailbox_most = std::max<std::uint64_t>(mailbox_most, size);
  if (size > most)
    complain(wrong::mailbox, std::to_string(size) + " messages wait at " + std::string{actor} + ", at most "
                               + std::to_string(most) + " can have been asked for");
}

// ---- the end ----

void oracle::finish(bool in_time) {
  for (std::size_t number = 0; number < states_.size(); ++number)
    if (!states_[number].ended && !states_[number].is_gone && !states_[number].is_claimed)
      complain(in_time ? wrong::lost : wrong::stuck,
               name_of(number) + " has had no end" + (states_[number].replies > 0 ? ", only a part of it" : ""));
  if (!in_time && all_ended())
    complain(wrong::stuck, "every request has had its end, but not all are committed");
}

} // namespace mp::sim
