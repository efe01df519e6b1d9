// 15 minutes of numbers. uPlot draws them on a canvas, which says nothing to a screen reader: so each has its facts in words below it.

const historyMax = 180;
const plots = new Map(); // title -> {plot, key, heading}
let points = null; // the history so far, of one shape with what the service sends

const numbers = value => (Array.isArray(value) ? value.map(each => (known(each) ? each : null)) : undefined);
const lines = ["replies_per_second", "model_ms_p50", "model_ms_p95", "tokens_per_second"];

// The first after a connection is the whole history, later ones its newest point. Steps that were missed are gaps.
function addHistory(fresh, whole) {
  const errors = fresh.errors && typeof fresh.errors === "object" ? fresh.errors : {};
  const length = Math.max(
    0,
    ...[...lines.map(each => fresh[each]), ...Object.values(errors)].map(each => (Array.isArray(each) ? each.length : 0)),
  );
  const end = Date.parse(fresh.end),
    step = known(fresh.step_ms) && fresh.step_ms > 0 ? fresh.step_ms : 5000;
  if (whole || !points || length > 1) points = {step, end, count: 0, series: {}, errors: Object.create(null)};
  const missed = points.count ? Math.min(historyMax, Math.round((end - points.end) / step) - length) : 0;
  if (missed + length <= 0) return;
  const join = (old, more, blank) =>
    [
      ...(old ?? Array(points.count).fill(blank)),
      ...Array(Math.max(0, missed)).fill(blank),
      ...(more ?? Array(length).fill(blank)),
    ].slice(-historyMax);
  for (const name of lines)
    if (Array.isArray(fresh[name]) || points.series[name])
      points.series[name] = join(points.series[name], numbers(fresh[name]), null);
  for (const code of new Set([...Object.keys(points.errors), ...Object.keys(errors)])) {
    points.errors[code] = join(points.errors[code], numbers(errors[code]), 0);
  }
  points.count = Math.min(historyMax, points.count + Math.max(0, missed) + length);
  points.end = end;
}

const colour = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function inWords(name, values, show) {
  const there = values.filter(known);
  if (!there.length) return `${name}: nothing yet`;
  const mean = there.reduce((sum, each) => sum + each, 0) / there.length;
  return `${name}: now ${known(values.at(-1)) ? show(values.at(-1)) : "nothing"}, most ${show(Math.max(...there))}, mean ${show(mean)}`;
}

function makePlot({place, under}, series, show) {
  const axis = {
    stroke: colour("--muted"),
    grid: {stroke: colour("--line"), width: 1},
    ticks: {show: false},
    font: "12px system-ui",
  };
  return new uPlot(
    {
      width: Math.max(100, place.clientWidth),
      height: 160,
      legend: {show: false},
      cursor: {y: false, drag: {x: false, y: false}, points: {show: false}},
      scales: {x: {time: true}, y: {range: (_, __, most) => [0, most > 0 ? most * 1.1 : 1]}},
      axes: [
        {
          ...axis,
          size: 28,
          values: (_, splits) => splits.map(each => new Date(each * 1000).toLocaleTimeString("en-GB").slice(0, 5)),
        },
        {...axis, size: 62, values: (_, splits) => splits.map(each => (each === 0 ? "0" : show(each)))},
      ],
      series: [
        {},
        ...series.map((_, at) => ({
          stroke: colour(`--c${at % 6}`),
          width: 1.5,
          dash: at > 5 ? [4, 3] : undefined,
          points: {show: false},
        })),
      ],
      hooks: {
        setCursor: [
          plot => {
            const at = plot.cursor.idx;
            under.textContent = known(at)
              ? " " +
                [
                  clock(plot.data[0][at] * 1000),
                  ...plot.data.slice(1, 7).map(each => (known(each[at]) ? show(each[at]) : "–")),
                ].join(" · ")
              : "";
          },
        ],
      },
    },
    [[], ...series.map(() => [])],
    place,
  );
}

// `series`: [name, values] pairs.
function chart(title, series, show) {
  if (!series.length) return;
  let own = plots.get(title);
  if (!own) {
    const place = element("div", {class: "plot", role: "img"}),
      words = element("ul", {class: "plain"}),
      under = element("small");
    byId("charts-body").append(
      element("figure", {"aria-label": title}, element("h3", {}, title, under), place, element("figcaption", {}, words)),
    );
    own = {place, words, under};
    plots.set(title, own);
  }
  const key = series.map(([name]) => name).join();
  if (own.key !== key) {
    own.plot?.destroy();
    own.plot = makePlot(own, series, show);
    own.key = key;
  }
  const x = Array.from({length: points.count}, (_, at) => (points.end - (points.count - 1 - at) * points.step) / 1000);
  own.plot.setData([x, ...series.map(([, values]) => values)], false);
  own.plot.setScale("x", {min: (points.end - (historyMax - 1) * points.step) / 1000, max: points.end / 1000});
  const facts = series.map(([name, values]) => inWords(plain(name, 60), values, show));
  own.place.setAttribute("aria-label", `Chart of ${title}. ${facts.join(". ")}`);
  fill(
    own.words,
    facts.map((fact, at) => element("li", {}, svgMark(at), fact)),
  );
}

const svgMark = at =>
  element(
    "svg",
    {width: 10, height: 10, "aria-hidden": "true"},
    element("rect", {class: `k${at % 6}`, width: 10, height: 10, rx: 2}),
  );

function showCharts() {
  byId("charts").hidden = !points?.count;
  if (!points?.count) return;
  const pairs = (...names) => names.filter(([name]) => points.series[name]).map(([name, words]) => [words, points.series[name]]);
  chart("Replies per second", pairs(["replies_per_second", "replies"]), value => number(value, 1));
  chart("Model time", pairs(["model_ms_p50", "p50"], ["model_ms_p95", "p95"]), duration);
  chart("Tokens per second", pairs(["tokens_per_second", "tokens"]), value => number(value, 1));
  chart("Errors by code", Object.entries(points.errors).slice(0, 24), value => number(value, 2));
}

// Colours and widths are drawn, so a change of them draws again.
function redrawCharts() {
  for (const own of plots.values()) own.key = undefined;
  showCharts();
}
