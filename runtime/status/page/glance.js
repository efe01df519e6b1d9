// The first ten seconds: is it taking work, how old is the oldest request, when is the backlog gone, what is sick, what changed.

function takesWork({ready, intake, health}) {
  if (ready?.ready === false) return [false, plain(ready.reason || "not ready", 160)];
  if (intake?.draining) return [false, "it is draining"];
  if (intake?.paused) return [false, "intake is paused"];
  return ready || intake || health ? [true, ""] : [undefined, ""];
}

// Everything that is not as it should be, as {name, what, since}.
function sick(status) {
  const found = [];
  for (const host of list(status.hosts)) {
    const breaker = host.breaker && host.breaker !== "closed" ? "breaker " + host.breaker.replace("_", " ") : "";
    if (host.usable === false || breaker) {
      const what = [
        host.usable === false && host.condition !== "usable" ? host.condition : "",
        host.loading ? "loading" : "",
        breaker,
      ];
      found.push({
        name: plain(host.name, 80),
        what: plain(what.filter(Boolean).join(", ") || "not usable", 120),
        since: host.since,
      });
    }
  }
  for (const node of list(status.nodes)) {
    if (node.heartbeat_age_ms > 1500)
      found.push({name: plain(node.name, 80), what: `silent for ${duration(node.heartbeat_age_ms)}`, since: node.silent_since});
  }
  for (const actor of list(status.actors)) {
    if (actor.state && actor.state !== "running")
      found.push({name: plain(actor.name, 80), what: plain(actor.state, 120), since: actor.since});
  }
  if (status.health && status.health.status !== "ok" && !found.length) {
    found.push({name: "service", what: plain(status.health.detail || status.health.status, 160)});
  }
  return found;
}

const newestFirst = events => [...list(events)].sort((a, b) => Date.parse(b.time) - Date.parse(a.time));

function card(kind, title, ...lines) {
  return element(
    "div",
    {class: kind || undefined},
    element("dt", {}, title),
    lines.filter(Boolean).map(line => element("dd", {}, line)),
  );
}

function drain(work) {
  if (!work.backlog) return "nothing waits";
  return known(work.seconds_to_drain)
    ? `gone in ${duration(work.seconds_to_drain * 1000)}`
    : "no estimate: nothing has ended lately";
}

function cards(status) {
  const made = [],
    {work} = status,
    [taking, reason] = takesWork(status);
  if (taking !== undefined) {
    made.push(
      card(
        taking ? "good" : "bad",
        "Taking work",
        taking ? "Yes" : "No",
        reason,
        known(work?.replies_per_second) ? `${number(work.replies_per_second, 1)} replies per second` : "",
      ),
    );
  }
  if (work) {
    const deadline = work.nearest_deadline_ms;
    made.push(
      card(
        deadline < 5000 ? "warn" : "",
        "Oldest request",
        known(work.oldest_request_age_ms) ? duration(work.oldest_request_age_ms) : "None",
        known(deadline) ? `nearest deadline in ${duration(deadline)}` : "",
      ),
    );
    const stands = work.backlog > 0 && !known(work.seconds_to_drain);
    made.push(card(stands ? "warn" : "", "Backlog", number(work.backlog), drain(work)));
  }
  if (status.hosts || status.nodes || status.actors || status.health) {
    const found = sick(status);
    made.push(
      card(
        found.length ? "bad" : "good",
        "Sick",
        found.length ? String(found.length) : "None",
        ...found.slice(0, 4).map(each => [element("b", {}, each.name), " ", each.what, " ", since(status, each.since)]),
        found.length > 4 ? `and ${found.length - 4} more` : "",
      ),
    );
  }
  const [last, ...older] = newestFirst(status.changes),
    told = change => `${clock(change.time)} ${plain(change.text ?? change.what, 120)}`;
  if (last) {
    made.push(card("", "Last change", duration(age(status, last.time)) + " ago", told(last), ...older.slice(0, 2).map(told)));
  }
  return made;
}

function roughly(seconds) {
  if (seconds < 60) return "within a minute";
  if (seconds < 150) return "in about 2 minutes";
  return seconds < 5400
    ? `in about ${Math.max(5, Math.round(seconds / 300) * 5)} minutes`
    : `in about ${Math.round(seconds / 3600)} hours`;
}

// One sentence for who listens, as [what is said at once, what can wait]: a voice that reads numbers each second helps nobody.
function summary(status) {
  const [taking, reason] = takesWork(status),
    found = sick(status),
    seconds = status.work?.seconds_to_drain;
  const taken = taking === undefined ? "Connected" : taking ? "It takes work" : `It takes no work: ${reason}`;
  const names = found.slice(0, 3).map(each => `${each.name} is ${each.what.replace(/ for .*/, "")}`);
  const more = found.length > 3 ? ` and ${found.length - 3} more are sick` : "";
  const well = status.hosts || status.nodes || status.actors || status.health ? "nothing is sick" : "";
  let backlog = "";
  if (status.work?.backlog > 0) {
    backlog = known(seconds) ? `the backlog is gone ${roughly(seconds)}` : "nothing has ended lately although requests wait";
  }
  return [[taken, found.length ? names.join(", ") + more : well], [backlog]].map(parts => parts.filter(Boolean).join("; "));
}
