// The demo's form: one request at a time from here, and the replies to them.

const sent = new Map(); // id -> {item, began}
const replies = new Map(); // replies may come before the answer that tells the id

function showReply(id) {
  const {item, began} = sent.get(id),
    {topic, body} = replies.get(id);
  let value = body;
  try {
    if (typeof value === "string") value = JSON.parse(value);
  } catch {
    /* a text that is no JSON is shown as it is */
  }
  const text = value && typeof value === "object" ? JSON.stringify(value, null, 2) : String(value ?? "");
  item.append(element("div", {}, `Reply after ${duration(performance.now() - began)} on ${plain(topic)}`));
  const block = element("pre", {tabindex: 0, role: "region", "aria-label": `Reply ${id}`});
  block.append(plain(text, 20000));
  item.append(block);
  sent.delete(id);
  replies.delete(id);
}

function onReply(reply) {
  replies.set(reply.id, reply);
  if (replies.size > 50) replies.delete(replies.keys().next().value);
  if (sent.has(reply.id)) showReply(reply.id);
}

const base64Of = file =>
  new Promise((done, failed) => {
    const reader = new FileReader();
    reader.onload = () => done(reader.result);
    reader.onerror = () => failed(reader.error);
    reader.readAsDataURL(file);
  });

async function sendDemo(event) {
  event.preventDefault();
  const text = byId("demo-text").value,
    [file] = byId("demo-photo").files,
    began = performance.now();
  const item = element("li", {}, element("b", {}, file ? `Photo ${file.name}` : plain(text, 80)));
  const place = byId("demo-replies");
  place.prepend(item);
  while (place.childElementCount > 10) place.lastElementChild.remove();
  try {
    const body = {text};
    if (file) {
      const address = await base64Of(file);
      body.photo = address.slice(address.indexOf(",") + 1);
      item.append(element("div", {}, element("img", {class: "thumb", alt: "The photo that was sent"})));
      item.querySelector("img").src = address;
    }
    const answer = await fetch("/api/demo/requests", {
      method: "POST",
      headers: authorized({"Content-Type": "application/json"}),
      body: JSON.stringify(body),
    });
    if (answer.status !== 202) throw new Error(`the service answers ${answer.status}`);
    const {id} = await answer.json();
    item.append(element("small", {}, ` sent as ${id}`));
    sent.set(id, {item, began});
    if (replies.has(id)) showReply(id);
  } catch (problem) {
    item.append(element("span", {class: "bad"}, ` Not sent: ${problem.message}.`));
  }
}
