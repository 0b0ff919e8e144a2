// @ and the beginning of a name offers colleagues who may see the record: the arrow keys choose, Enter or Tab
// takes, Escape closes.  A name that is simply typed calls as well.

const BEGUN = /(?:^|[^\w.@+/-])@([\w.@+-]{0,150})$/u;
const PAUSE = 120; // milliseconds after the last key
const ID = "colleagues";
let timer = 0;
let asked = 0;
let pressed = false; // the pointer is

const list = () => document.getElementById(ID);
const options = () => [...(list()?.querySelectorAll("[role='option']") ?? [])];
const chosen = () => list()?.querySelector("[aria-selected='true']");

function begun(box) {
  if (box.selectionStart !== box.selectionEnd) return null;
  return BEGUN.exec(box.value.slice(0, box.selectionStart))?.[1] ?? null;
}

function close(box) {
  asked += 1;
  clearTimeout(timer);
  list()?.remove();
  box.removeAttribute("aria-activedescendant");
  box.setAttribute("aria-expanded", "false");
}

async function offer(box, text) {
  const number = (asked += 1);
  const address = new URL(box.form.dataset.people, location.href);
  address.searchParams.set("q", text);
  const response = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
  const people = response?.ok ? (await response.json()).people : [];
  if (number !== asked || begun(box) === null || document.activeElement !== box) return;
  if (people.length) show(box, people);
  else close(box);
}

function show(box, people) {
  list()?.remove();
  const shown = document.createElement("ul");
  Object.assign(shown, { id: ID, className: "colleagues", role: "listbox" });
  shown.setAttribute("aria-label", "Colleagues");
  shown.append(...people.map(option));
  box.after(shown);
  box.setAttribute("aria-expanded", "true");
  choose(box, shown.firstElementChild);
}

function option({ name, full }, place) {
  const item = document.createElement("li");
  item.id = `${ID}-${place}`;
  item.role = "option";
  item.dataset.name = name;
  const strong = document.createElement("strong");
  strong.textContent = `@${name}`;
  const words = document.createElement("bdi");
  words.textContent = full;
  item.append(strong, " ", words);
  return item;
}

function choose(box, item) {
  chosen()?.setAttribute("aria-selected", "false");
  item.setAttribute("aria-selected", "true");
  box.setAttribute("aria-activedescendant", item.id);
  item.scrollIntoView({ block: "nearest" });
}

function take(box, item) {
  const text = begun(box);
  const end = box.selectionStart;
  if (text !== null) {
    box.setRangeText(`@${item.dataset.name} `, end - text.length - 1, end, "end");
    box.dispatchEvent(new Event("input", { bubbles: true }));
  }
  close(box);
  box.focus();
}

function step(box, by) {
  const all = options();
  const next = (all.indexOf(chosen()) + by + all.length) % all.length;
  choose(box, all[next]);
}

const boxOf = (event) => (event.target.form?.dataset.people && event.target.matches("textarea") ? event.target : null);

document.addEventListener("input", (event) => {
  const box = boxOf(event);
  if (!box) return;
  const text = begun(box);
  clearTimeout(timer);
  if (text === null) return close(box);
  box.setAttribute("aria-controls", ID);
  timer = setTimeout(() => offer(box, text), PAUSE);
});
document.addEventListener(
  "keydown",
  (event) => {
    const box = boxOf(event);
    if (!box || !list() || event.isComposing) return;
    const act = { ArrowDown: () => step(box, 1), ArrowUp: () => step(box, -1), Enter: () => take(box, chosen()), Tab: () => take(box, chosen()), Escape: () => close(box) }[event.key];
    if (!act || event.shiftKey) return;
    event.preventDefault();
    event.stopPropagation(); // Escape would leave the box
    act();
  },
  true,
);
document.addEventListener("mousedown", (event) => {
  const item = event.target.closest?.(`#${ID} [role='option']`);
  if (!item) return;
  event.preventDefault(); // the box keeps the cursor
  take(item.closest("form").querySelector("textarea"), item);
});
document.addEventListener("focusout", (event) => {
  const box = boxOf(event);
  if (!box) return;
  if (!pressed || !list()) return close(box);
  // What is below moves up when the list goes, so a click that has begun there ends there first.
  document.addEventListener("pointerup", () => setTimeout(() => close(box)), { once: true });
});
document.addEventListener("pointerdown", () => (pressed = true), true);
for (const over of ["pointerup", "pointercancel"]) document.addEventListener(over, () => (pressed = false), true);
