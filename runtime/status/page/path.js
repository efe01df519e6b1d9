// The path of requests and the worker slots, as pictures with their facts in words.

const svg = (width, height, label, children) =>
  element("svg", {viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label}, children);

function stageFacts(stage) {
  return [
    known(stage.rate) && `rate ${rate(stage.rate)}`,
    known(stage.queue) && `queue ${number(stage.queue)}`,
    known(stage.in_flight) && `in flight ${number(stage.in_flight)}`,
    known(stage.oldest_age_ms) && `oldest ${duration(stage.oldest_age_ms)}`,
  ].filter(Boolean);
}

// Side by side where there is room, else one below the other.
function pathPicture(stages, across) {
  const wide = 150,
    high = across ? 108 : 64,
    gap = 34,
    parts = [];
  stages.forEach((stage, at) => {
    const x = across ? at * (wide + gap) : 0,
      y = across ? 0 : at * (high + gap / 1.5),
      facts = stageFacts(stage);
    const box = across ? wide : 300;
    parts.push(element("rect", {class: "stage", x: x + 1, y: y + 1, width: box, height: high, rx: 6}));
    parts.push(element("text", {class: "name", x: x + 12, y: y + 22}, plain(stage.name, 16)));
    facts.forEach((fact, row) =>
      parts.push(
        element(
          "text",
          across ? {x: x + 12, y: y + 42 + 18 * row} : {x: x + 12 + (row % 2) * 145, y: y + 40 + 17 * (row >> 1)},
          fact,
        ),
      ),
    );
    if (at + 1 < stages.length) {
      parts.push(
        element("path", {
          class: "arrow",
          d: across
            ? `M${x + wide + 5} ${high / 2}h${gap - 10}m-6 -5l6 5l-6 5`
            : `M150 ${y + high + 3}v${gap / 1.5 - 5}m-5 -6l5 6l5 -6`,
        }),
      );
    }
  });
  const label = "The path: " + stages.map(stage => [stage.name, ...stageFacts(stage)].join(", ")).join("; then ");
  return across
    ? svg(stages.length * (wide + gap) - gap + 2, high + 2, label, parts)
    : svg(302, stages.length * (high + gap / 1.5) - gap / 1.5 + 2, label, parts);
}

function showPath(status) {
  const {intake} = status,
    mebibytes = bytes => number(bytes / 1048576, 1);
  byId("intake").textContent = !intake
    ? ""
    : plain(
        [
          `Topic ${intake.topic ?? "–"}`,
          known(intake.partitions) && count(intake.partitions, "partition"),
          known(intake.waiting) && `${number(intake.waiting)} waiting`,
          known(intake.in_flight) && `${number(intake.in_flight)} in flight`,
          known(intake.publishing) && `${number(intake.publishing)} publishing`,
          known(intake.held_bytes) &&
            `holds ${mebibytes(intake.held_bytes)}${known(intake.held_bytes_max) ? " of " + mebibytes(intake.held_bytes_max) : ""} MiB`,
        ]
          .filter(Boolean)
          .join(", ") + ".",
      );
  fill(byId("path-body"), [pathPicture(list(status.stages), byId("glance").clientWidth > 900)]);
}

function slotsOf(name, slots, busy, off, note) {
  slots = Math.min(known(slots) ? slots : 0, 256);
  const label = `${name}: ${number(busy)} of ${number(slots)} busy${note ? ", " + note : ""}`;
  const row = 16,
    side = 14;
  return element(
    "li",
    {},
    element("b", {}, name),
    " ",
    element("small", {}, `${number(busy)} of ${number(slots)} busy`, note && ", ", note),
    svg(
      row * side,
      Math.max(1, Math.ceil(slots / row)) * side,
      label,
      Array.from({length: slots}, (_, at) =>
        element("rect", {
          class: at < busy ? "busy" : off ? "off" : "free",
          x: (at % row) * side + 1,
          y: Math.floor(at / row) * side + 1,
          width: 11,
          height: 11,
          rx: 2,
        }),
      ),
    ),
  );
}

function showSlots(status) {
  const nodes = list(status.nodes).filter(each => known(each.slots));
  const hosts = list(status.hosts).filter(each => known(each.slots));
  fill(byId("slots-body"), [
    ...hosts.map(each =>
      slotsOf(
        plain(each.name, 80),
        each.slots,
        each.busy ?? 0,
        each.usable === false,
        [each.node && `node ${plain(each.node, 40)}`, each.usable === false && "not usable"].filter(Boolean).join(", "),
      ),
    ),
    ...nodes.map(each => slotsOf("node " + plain(each.name, 80), each.slots, each.in_flight ?? 0, false, "")),
  ]);
  return hosts.length + nodes.length > 0;
}
