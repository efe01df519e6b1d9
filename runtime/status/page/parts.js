// Hosts, nodes, partitions, the supervision tree, changes and the last requests.

function modelCell(model) {
  const share = model.vram_share,
    percent = Math.round(share * 100);
  return element(
    "div",
    {},
    plain(model.name, 80),
    model.digest ? element("small", {}, " " + plain(model.digest, 12).replace("…", "")) : "",
    known(share)
      ? [
          " ",
          element("meter", {min: 0, max: 1, value: share, "aria-label": `${model.name}: share in the GPU's memory`}),
          ` ${percent} % VRAM`,
        ]
      : "",
  );
}

function showHosts(status) {
  const hosts = list(status.hosts),
    sickOnes = hosts.filter(each => each.usable === false).length;
  fill(byId("hosts-body"), [
    table(
      `${count(hosts.length, "host")}, ${sickOnes ? `${number(sickOnes)} not usable` : "all usable"}`,
      ["Host", "Condition", "Breaker", "Busy#", "Models loaded"],
      hosts.map(host => [
        [
          plain(host.name),
          host.node ? element("small", {}, ` node ${host.node}`) : host.remote ? element("small", {}, " remote") : "",
        ],
        [
          element(
            "span",
            {class: host.usable === false ? "bad" : "good"},
            host.condition ?? (host.usable ? "usable" : "not usable"),
          ),
          host.loading ? ", loading" : "",
          " ",
          element("small", {}, since(status, host.since)),
          host.advice ? element("div", {}, host.advice) : "",
        ],
        element(
          "span",
          {class: host.breaker === "open" ? "bad" : host.breaker === "on_trial" ? "warn" : undefined},
          String(host.breaker ?? "–").replace("_", " "),
        ),
        known(host.slots) ? `${number(host.busy)} of ${number(host.slots)}` : "–",
        list(host.models).length ? list(host.models).map(modelCell) : "none",
      ]),
      "stack",
    ),
  ]);
}

function showNodes(status) {
  const nodes = list(status.nodes);
  fill(byId("nodes-body"), [
    table(
      count(nodes.length, "node"),
      ["Node", "Joined", "Version", "In flight#", "Last heartbeat#"],
      nodes.map(node => [
        plain(node.name),
        since(status, node.since),
        [node.version, known(node.protocol) ? `, protocol ${node.protocol}` : ""],
        `${number(node.in_flight)} of ${number(node.slots)}`,
        element("span", {class: node.heartbeat_age_ms > 1500 ? "bad" : undefined}, duration(node.heartbeat_age_ms), " ago"),
      ]),
      "stack",
    ),
  ]);
}

function showPartitions(status) {
  const partitions = list(status.partitions),
    lag = partitions.reduce((sum, each) => sum + (each.lag > 0 ? each.lag : 0), 0);
  fill(byId("partitions-body"), [
    tall(
      "All partitions",
      table(
        `${count(partitions.length, "partition")}, ${count(lag, "record")} behind`,
        ["Partition", "Lag#", "Commit point#"],
        partitions.map(each => [
          number(each.partition),
          number(each.lag),
          known(each.commit_point) ? number(each.commit_point) : "none yet",
        ]),
      ),
      partitions.length > 12,
    ),
  ]);
}

// Many workers that are all well are one line: what differs is what one looks for.
function siblings(actors, parent, depth = 0) {
  const groups = new Map();
  for (const actor of actors.filter(each => (each.parent ?? "") === parent)) {
    const dull = actor.state === "running" && !actor.restarts && !actors.some(each => each.parent === actor.name);
    const key = dull && /\/\d+$/.test(actor.name) ? actor.name.replace(/\d+$/, "") : "=" + actor.name;
    groups.set(key, [...(groups.get(key) ?? []), actor]);
  }
  if (!groups.size || depth > 8) return [];
  return [
    element(
      "ul",
      {},
      [...groups.values()].map(group => {
        const [actor] = group,
          told = [];
        if (group.length > 1)
          return element(
            "li",
            {},
            element("b", {}, actor.name),
            ` to ${plain(group.at(-1).name).replace(/.*\//, "")}`,
            element("small", {}, ` ${group.length} running`),
          );
        if (known(actor.restarts) && actor.restarts)
          told.push(element("span", {class: "warn"}, ` ${count(actor.restarts, "restart")}`));
        if (actor.last_reason) told.push(`, last: ${plain(actor.last_reason)}`);
        return element(
          "li",
          {},
          element("b", {}, actor.name),
          " ",
          element("small", {class: actor.state === "running" ? undefined : "bad"}, actor.state ?? ""),
          told,
          siblings(actors, actor.name, depth + 1),
        );
      }),
    ),
  ];
}

function showActors(status) {
  const all = list(status.actors).filter(each => each.name),
    names = new Set(all.map(each => each.name));
  // A parent that is not in the list (or an older service that names none) is the top itself.
  const actors = all.map(each => (each.parent !== each.name && names.has(each.parent) ? each : {...each, parent: ""}));
  fill(byId("actors-body"), [element("div", {class: "tree"}, siblings(actors, ""))]);
}

function showChanges(status) {
  const crashes = list(status.crashes).map(crash => ({
    time: crash.time,
    bad: true,
    text:
      `${crash.actor} crashed: ${crash.reason ?? ""}` +
      (known(crash.attempt) ? `; restart ${crash.attempt}` : "") +
      (known(crash.restart_in_ms) ? ` after ${duration(crash.restart_in_ms)}` : ", no restart"),
  }));
  const events = newestFirst([...list(status.changes), ...crashes]).slice(0, 30);
  fill(
    byId("changes-body"),
    events.map(each =>
      element("li", {}, timeOf(each.time), " ", element("span", {class: each.bad ? "bad" : undefined}, each.text ?? each.what)),
    ),
  );
  return events.length > 0;
}

function showEnds(status) {
  const ends = newestFirst(status.ends).slice(0, 50);
  fill(byId("ends-body"), [
    tall(
      "All of the last requests",
      table(
        `The last ${count(ends.length, "end")}, newest first`,
        ["Time", "Kind*", "Outcome", "Total#", "Model#", "Host*", "Attempts*", "Record*"],
        ends.map(end => [
          timeOf(end.time),
          end.kind,
          element("span", {class: end.outcome === "ok" ? "good" : "bad"}, end.outcome ?? "–"),
          duration(end.total_ms),
          duration(end.model_ms),
          plain(end.host, 60),
          number(end.attempts),
          `${end.partition ?? "–"}/${end.offset ?? "–"}`,
        ]),
      ),
      ends.length > 12,
    ),
  ]);
}
