"""Names that were replaced by terms of Kafka, actors and testing do not come back, neither as identifiers nor as file names. Works on {path: text}, so that it can be tried with texts.

    tests/tidy/words.py      tries the rule; no output when it complains of what breaks it, and of nothing else
"""
import os
import re

# replaced name: the one to use
TERMS = {
    "acquit": "clear", "all_hosts_mood": "all_hosts_mode", "asker": "request_generator", "beat": "poll_tick, heartbeat", "bell": "notifier",
    "belled_queue": "notifying_queue", "blow": "world_fault", "burial": "background_threads", "bury": "destroy_in_background",
    "circumstances": "sim_context", "condemn": "mark_poison", "convincing": "plausible", "cure": "retry", "delivery_bell": "deliveries_ready",
    "desk": "work_slot, decode_permit", "flavour": "request_shape", "flood_guard": "dead_letter_breaker", "flooded": "intake_paused",
    "go_on": "the name of what goes on", "health_question": "health_request", "heir": "next_leader", "host_mood": "host_mode",
    "how_are_you": "on_health_request", "how_is_everything": "on_status_request", "hurry": "limit_rest", "insist": "retry_until",
    "instruments": "metrics, telemetry", "interrupter": "std::stop_source", "introduce": "announce", "introduction": "dispatcher_started",
    "introductions": "actor_directory", "job_thread": "worker_thread", "key_lanes": "key_order", "killers_": "runner_deaths_",
    "lanes": "the name of the queues", "let_go_on": "admit", "lexemes": "tokens", "luck": "rng", "meet": "on_X_started", "monitor_hello": "monitor_started",
    "mood": "mode", "next_epoch": "next_assignment", "offsets_waiting": "offsets_pending", "outlet": "logger_state", "own_constraints": "bounded_keywords",
    "partition_book": "assigned_partitions", "partition_epoch": "partition_assignment", "patience": "a timeout", "photo_standing": "photo_state",
    "poison_photos": "poison_pills", "producer_hello": "producer_started", "publication_unit": "request_publication", "queue_bell": "queue_ready",
    "reader_hello": "reader_started", "reaper": "background_threads", "remainder": "lookahead", "remedy": "retry_class, recovery",
    "renew_if_worn": "recreate_if_needed", "repair_rounds": "reask_rounds", "repeat_filter": "log_deduplicator", "ring": "notify",
    "rung": "on_queue_ready", "sanitizer_hello": "sanitizer_started", "schema_rules": "schema_normalizer", "schema_shelf": "schema_cache",
    "spoken": "without_thoughts", "standing": "fence_rank, photo_state", "status_question": "status_request", "storm": "fault_phase",
    "strike": "inject", "strikes": "occurs", "surroundings": "instance_context", "taker": "on_body", "teller": "on_event",
    "thread_keeper": "background_threads", "transaction_news": "transaction_port_event", "transaction_offsets": "offsets_response",
    "transaction_question": "offsets_request", "twin": "duplicate", "twins": "request_coalescing", "unit_book": "pending_publications",
    "unit_queue": "transaction_queue", "weather": "fault_rates", "worker_hello": "worker_started", "worn": "must_recreate", "yard": "background_threads",
    "adrift": "awaiting_redelivery",
    "adrift_max": "redelivery_wait_max",
    "at_producer": "held_by_producer",
    "bring_ashore": "redelivered",
    "disown": "reader_lost",
    "holdings": "assigned_count",
    "let_go": "on_revoking",
    "orphan": "orphaned",
    "promised": "held_by_producer",
    "set_adrift": "await_redelivery",
    "sweep_adrift": "drop_unredelivered",
    "unowned": "ownership",
}
NO_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:[^"\\\n]|\\.)*"|(?<![0-9A-Fa-f])\'(?:[^\'\\\n]|\\.)+\'', re.DOTALL)
NAME = re.compile(r"\b(%s)_?\b" % "|".join(sorted(TERMS, key=len, reverse=True)))


def check(sources):
    """Every breach as (place, what), of sources: {path: text} of all .hpp and .cpp files."""
    breaches = []
    for path, text in sorted(sources.items()):
        stem = re.sub(r"(_property)?(_test)?\.[ch]pp$", "", os.path.basename(path))
        if stem in TERMS:
            breaches.append((path, "the file is called %s; the term is %s" % (stem, TERMS[stem])))
        code = NO_CODE.sub(lambda found: "\n" * found.group(0).count("\n"), text)
        for found in NAME.finditer(code):
            breaches.append(("%s:%d" % (path, code.count("\n", 0, found.start()) + 1), "%s; the term is %s" % (found.group(0), TERMS[found.group(1)])))
    return breaches


def try_it():
    """Names in code and of files are refused; comments, texts and longer names are not."""
    fine = {"actors/a.hpp": "int outstanding; // a twin that is standing\nconst char* said = \"who has luck\";\nint spring, ringed, beats;\n",
            "tests/b_test.cpp": "auto text = R\"(mood)\";\nchar sign = '\"'; int mode; // \"\n"}
    assert check(fine) == [], check(fine)
    for path, text, word in (("actors/x.cpp", "\n/* two\nlines */ int luck;\n", "x.cpp:3"), ("actors/x.cpp", "bool worn_ = false;\n", "must_recreate"),
                             ("actors/x.cpp", "void f() { at.meet(hello); }\n", "on_X_started"), ("tests/unit/twins_test.cpp", "\n", "request_coalescing")):
        found = check({**fine, path: text})
        assert len(found) == 1 and word in " ".join(found[0]), (path, found)


if __name__ == "__main__":
    try_it()
