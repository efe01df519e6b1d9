// Puts it together. A part that the service does not tell of is left out, and one that cannot be shown takes no other with it.

const parts = [
  ["path", "stages", showPath],
  ["hosts", "hosts", showHosts],
  ["nodes", "nodes", showNodes],
  ["partitions", "partitions", showPartitions],
  ["actors", "actors", showActors],
  ["ends", "ends", showEnds],
];
let latest = null,
  drawn = false,
  firstHistory = true,
  lostSince = null,
  said = {};

function guarded(id, show) {
  try {
    byId(id).hidden = show() === false;
  } catch {
    byId(id).hidden = true;
  }
}

function identity({node, role, version, model, uptime_ms, started}) {
  return [
    node && `${role === "worker" ? "worker node" : "reader"} ${plain(node, 80)}`,
    version && `version ${plain(version, 40)}`,
    model && `model ${plain(model, 80)}`,
    known(uptime_ms) && `up ${duration(uptime_ms)}${started ? ` since ${clock(started)}` : ""}`,
  ]
    .filter(Boolean)
    .join(" · ");
}

// What is urgent is said at once, the rest at most each 15 s.
function say(urgent, rest) {
  const words = plain([urgent, rest].filter(Boolean).join("; ") + ".", 600);
  if (words === said.words || (urgent === said.urgent && Date.now() - said.at < 15000)) return;
  said = {words, urgent, at: Date.now()};
  byId("summary").textContent = words;
}

function draw() {
  drawn = false;
  const status = latest;
  guarded("glance", () => {
    byId("identity").textContent = plain(identity(status), 600);
    fill(byId("cards"), cards(status));
    say(...summary(status));
    const [taking] = takesWork(status);
    document.title = `${taking === false ? "takes no work" : sick(status).length ? "sick" : "well"} · ${plain(status.node ?? "", 60)} models-processor`;
  });
  guarded("demo", () => status.demo === true);
  guarded("slots", () => showSlots(status));
  guarded("changes", () => showChanges(status));
  for (const [id, member, show] of parts) guarded(id, () => list(status[member]).length > 0 && show(status));
}

function onEvent(name, value) {
  if (!value || typeof value !== "object") return;
  if (name === "status") {
    latest = value;
    if (!drawn) requestAnimationFrame(draw);
    drawn = true;
  } else if (name === "history") {
    guarded("charts", () => {
      addHistory(value, firstHistory);
      firstHistory = false;
      showCharts();
      return points.count > 0;
    });
  } else if (name === "reply") {
    guarded("demo", () => {
      onReply(value);
      return latest?.demo === true;
    });
  }
}

function onBegun() {
  lostSince = null;
  firstHistory = true;
  byId("lost").hidden = true;
  document.body.classList.add("live");
}

function onLost() {
  if (lostSince) return;
  lostSince = new Date();
  document.body.classList.remove("live");
  byId("lost").textContent = `Connection lost at ${clock(lostSince)}. What you see is of then; it is tried again by itself.`;
  byId("lost").hidden = false;
}

byId("demo-form").addEventListener("submit", sendDemo);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawCharts);
addEventListener("resize", () => {
  if (latest) draw();
  redrawCharts();
});
follow({event: onEvent, begun: onBegun, lost: onLost});
