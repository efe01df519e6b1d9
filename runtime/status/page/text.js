// From values to text, and from text to elements. What the service says may be of anybody (a model's name, a host's advice), so it only ever
// becomes text nodes and attribute values, never markup.

const svgTags = new Set(["svg", "rect", "text", "path"]);
// Controls and marks of direction would let a text change how its neighbours read.
const invisible = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g;

function plain(value, most = 300) {
  const text = String(value ?? "");
  return (text.length > most ? text.slice(0, most) + "…" : text).replace(invisible, "\ufffd");
}

function element(tag, attributes = {}, ...children) {
  const made = svgTags.has(tag) ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? "" : plain(value, 2000));
  }
  for (const child of children.flat(2)) {
    if (child instanceof Node) made.append(child);
    else if (child !== undefined && child !== null && child !== "") made.append(plain(child));
  }
  return made;
}

const byId = id => document.getElementById(id);
const list = value => (Array.isArray(value) ? value.filter(each => each && typeof each === "object") : []);
const known = value => typeof value === "number" && isFinite(value);

// Makes `old` like `fresh` and keeps what is the same: focus, selection and scroll positions outlive an update each second.
function become(old, fresh) {
  if (old.nodeName !== fresh.nodeName) return old.replaceWith(fresh);
  if (old.nodeType === Node.TEXT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  for (const {name, value} of fresh.attributes) if (old.getAttribute(name) !== value) old.setAttribute(name, value);
  for (const {name} of [...old.attributes]) if (!fresh.hasAttribute(name)) old.removeAttribute(name);
  fill(old, [...fresh.childNodes]);
}

function fill(parent, children) {
  const before = [...parent.childNodes];
  children.forEach((child, at) => (at < before.length ? become(before[at], child) : parent.append(child)));
  before.slice(children.length).forEach(each => each.remove());
}

function duration(ms) {
  if (!known(ms)) return "–";
  const seconds = Math.max(0, ms) / 1000;
  if (seconds < 1) return Math.round(ms < 0 ? 0 : ms) + " ms";
  if (seconds < 10) return seconds.toFixed(1) + " s";
  if (seconds < 60) return Math.floor(seconds) + " s";
  const [unit, next, big, small] =
    seconds < 3600 ? [60, 1, "min", "s"] : seconds < 86400 ? [3600, 60, "h", "min"] : [86400, 3600, "d", "h"];
  return `${Math.floor(seconds / unit)} ${big} ${Math.floor((seconds % unit) / next)} ${small}`;
}

const number = (value, digits = 0) => (known(value) ? value.toLocaleString("en", {maximumFractionDigits: digits}) : "–");
const rate = value => (known(value) ? number(value, 1) + "/s" : "–");
const count = (value, noun) => `${number(value)} ${noun}${value === 1 ? "" : "s"}`;

// Times of day as they are here; with the date when it is another day's.
function clock(time) {
  const date = new Date(time);
  if (time === undefined || time === null || isNaN(date)) return "–";
  const day = date.toDateString() === new Date().toDateString() ? "" : date.toLocaleDateString("en-CA") + " ";
  return day + date.toLocaleTimeString("en-GB");
}

const timeOf = iso => element("time", {datetime: iso}, clock(iso));
// The service's clock, not the reader's: they may differ.
const age = (status, iso) => Date.parse(status.now) - Date.parse(iso);
const since = (status, iso) => (iso ? `since ${clock(iso)} (${duration(age(status, iso))})` : "");

// table("Captions", ["Name", "Lag#", "Time*"], rows): # numbers to the right, * left out on a phone. The first cell heads its row.
// The roles are written out because CSS that lays rows out as blocks would take them away.
function table(caption, columns, rows, kind = "") {
  const looks = columns.map(each => (each.endsWith("#") ? "number" : each.endsWith("*") ? "wide" : undefined));
  const names = columns.map(each => each.replace(/[#*]$/, ""));
  const cell = (value, at) =>
    at === 0
      ? element("th", {scope: "row", role: "rowheader"}, value)
      : element("td", {role: "cell", class: looks[at], "data-label": names[at]}, value);
  return element(
    "table",
    {role: "table", class: kind || undefined},
    element("caption", {}, caption),
    element(
      "thead",
      {role: "rowgroup"},
      element(
        "tr",
        {role: "row"},
        names.map((name, at) => element("th", {scope: "col", role: "columnheader", class: looks[at]}, name)),
      ),
    ),
    element(
      "tbody",
      {role: "rowgroup"},
      rows.map(row => element("tr", {role: "row"}, row.map(cell))),
    ),
  );
}

// A long table gets a height of its own; whoever has no wheel scrolls it with the arrow keys.
const tall = (name, content, long) =>
  element("div", long ? {class: "tall", tabindex: 0, role: "region", "aria-label": name} : {}, content);
