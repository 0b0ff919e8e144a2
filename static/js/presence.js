// Who else is here: while the page is seen, it says every few seconds that somebody is, and shows who else is.
// What a page misses once comes with the next beat.

const EVERY = 10_000;
const line = document.querySelector("[data-presence]");
let timer = 0;

function form(doing) {
  const told = new FormData();
  told.set("csrfmiddlewaretoken", document.querySelector("[name='csrfmiddlewaretoken']")?.value ?? "");
  told.set("kind", line.dataset.kind);
  told.set("key", line.dataset.key);
  told.set("doing", doing);
  return told;
}

function doing() {
  const box = document.activeElement;
  return box?.matches?.("[data-comment]") && box.value.trim() ? "writing" : line.dataset.doing;
}

function show(lines) {
  line.hidden = !lines.length;
  const text = lines.join(" · ");
  if (line.textContent !== text) line.textContent = text;
}

async function beat() {
  clearTimeout(timer);
  if (document.visibilityState !== "visible") return;
  const answer = await fetch(line.dataset.presence, { method: "POST", body: form(doing()), redirect: "error" }).catch(() => null);
  if (answer && answer.status >= 400 && answer.status < 500) return show([]); // signed out, or nothing to see here any more
  if (answer?.ok) show((await answer.json()).lines);
  timer = setTimeout(beat, EVERY);
}

function leave() {
  clearTimeout(timer);
  navigator.sendBeacon(line.dataset.presence, form("left"));
}

if (line) {
  beat();
  document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? beat() : leave()));
  window.addEventListener("pagehide", leave);
}
