// Server-sent events over fetch: EventSource cannot send the API token, and does not tell 401 from a service that is down.

const silenceMax = 6000; // the service says something each second
const pause = ms => new Promise(done => setTimeout(done, ms));
let token = "";
try {
  token = sessionStorage.getItem("api-token") ?? "";
} catch {
  /* a browser that keeps nothing: the token lasts as long as the page */
}

const authorized = headers => (token ? {...headers, Authorization: "Bearer " + token} : headers);

async function readEvents(body, heard, onEvent) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "",
    name = "",
    data = [];
  for (;;) {
    const {done, value} = await reader.read();
    if (done) return;
    heard();
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines.map(each => each.replace(/\r$/, ""))) {
      const [, field, text] = line.match(/^(\w+): ?(.*)$/s) ?? [];
      if (field === "event") name = text;
      else if (field === "data") data.push(text);
      else if (line === "" && data.length) {
        onEvent(name, JSON.parse(data.join("\n")));
        ((name = ""), (data = []));
      }
    }
  }
}

// Reads events for ever. `on`: event(name, value), begun(), lost(); asks for a token where the service wants one.
async function follow(on) {
  for (let wait = 500; ; wait = Math.min(2 * wait, 4000)) {
    const stop = new AbortController();
    let last = Date.now();
    const watch = setInterval(() => Date.now() - last > silenceMax && stop.abort(), 1000);
    const heard = () => {
      last = Date.now();
    };
    try {
      const answer = await fetch("/api/events", {headers: authorized({}), signal: stop.signal, cache: "no-store"});
      if (answer.status === 401 || answer.status === 403) {
        clearInterval(watch);
        await askToken();
        wait = 250;
        continue;
      }
      let begun = false;
      if (answer.ok) {
        await readEvents(answer.body, heard, (name, value) => {
          if (!begun) on.begun();
          begun = true;
          wait = 250;
          on.event(name, value);
        });
      }
    } catch {
      /* refused, broken off, silent or no JSON: all the same to who looks */
    }
    clearInterval(watch);
    stop.abort();
    on.lost();
    await pause(wait);
  }
}

function askToken() {
  const form = byId("token-form"),
    field = byId("token");
  byId("access").hidden = false;
  byId("glance").hidden = byId("lost").hidden = true;
  if (token) byId("token-note").textContent = "The service refused this token.";
  field.value = "";
  field.focus();
  return new Promise(done =>
    form.addEventListener(
      "submit",
      event => {
        event.preventDefault();
        token = field.value.trim();
        try {
          sessionStorage.setItem("api-token", token);
        } catch {
          /* see above */
        }
        byId("access").hidden = true;
        byId("glance").hidden = false;
        done();
      },
      {once: true},
    ),
  );
}
