// The rows that are ticked in a list.  They are kept while the reader goes from page to page, and sent
// along with those of the page.  With Shift a click ticks all rows from the last one on.  Without this
// file the ticked rows of one page are meant.

import { copyRows } from "./copy.js";

let last = null; // the box that was clicked last

const form = () => document.getElementById("selection");
const boxes = () => [...document.querySelectorAll("input[name='row'][form='selection']")];
const place = () => `portal.selected.${form().dataset.place}`;

function kept() {
  try {
    return new Set(JSON.parse(sessionStorage.getItem(place()) ?? "[]"));
  } catch {
    return new Set();
  }
}

function keep(chosen) {
  if (chosen.size) sessionStorage.setItem(place(), JSON.stringify([...chosen]));
  else sessionStorage.removeItem(place());
}

function show(chosen) {
  const all = form().elements.all;
  const here = boxes().filter((box) => box.checked).length;
  const elsewhere = chosen.size - here;
  form().toggleAttribute("data-some", chosen.size > 0 || all?.checked);
  const words = form().querySelector("[data-chosen]");
  words.textContent = all?.checked ? "All selected" : `${chosen.size} selected`;
  const rest = form().querySelector("[data-elsewhere]");
  rest.textContent = elsewhere && !all?.checked ? `${elsewhere} on other pages` : "";
  const whole = document.querySelector("[data-tick-all]");
  if (!whole) return;
  whole.checked = here > 0 && here === boxes().length;
  whole.toggleAttribute("data-mixed", here > 0 && here < boxes().length);
}

function changed() {
  const chosen = kept();
  for (const box of boxes()) box.checked ? chosen.add(box.value) : chosen.delete(box.value);
  keep(chosen);
  show(chosen);
}

// A page that was just shown: tick what was ticked before.
function arrive() {
  if (!form()) return;
  const chosen = kept();
  for (const box of boxes()) box.checked = chosen.has(box.value);
  show(chosen);
}

function clear() {
  keep(new Set());
  if (form().elements.all) form().elements.all.checked = false;
  arrive();
}

// The boxes between two become as the later one is.
function stretch(from, to) {
  const all = boxes();
  const [first, end] = [all.indexOf(from), all.indexOf(to)].sort((a, b) => a - b);
  if (first >= 0) for (const box of all.slice(first, end + 1)) box.checked = to.checked;
}

// What is sent: the rows of other pages beside those that have a box here.
function whole(button) {
  const data = new FormData(form(), button);
  const here = new Set(boxes().map((box) => box.value));
  for (const key of kept()) if (!here.has(key)) data.append("row", key);
  return data;
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-tick-all]")) {
    for (const box of boxes()) box.checked = event.target.checked;
    changed();
  } else if (event.target.form?.id === "selection") changed();
});

document.addEventListener("click", (event) => {
  if (event.target.matches("input[name='row'][form='selection']")) {
    if (event.shiftKey) stretch(last, event.target); // before the change that this click is
    last = event.target;
  }
  const button = event.target.closest("[data-copy-rows], [data-clear-rows]");
  if (!button) return;
  event.preventDefault();
  if ("clearRows" in button.dataset) clear();
  else copyRows(button, form().action, whole(button));
});

document.addEventListener("submit", (event) => {
  if (event.target.id !== "selection") return;
  for (const old of event.target.querySelectorAll("[data-added]")) old.remove();
  const here = new Set(boxes().map((box) => box.value));
  for (const key of kept()) {
    if (here.has(key)) continue;
    const field = Object.assign(document.createElement("input"), { type: "hidden", name: "row", value: key });
    field.dataset.added = "";
    event.target.append(field);
  }
});

document.addEventListener("htmx:afterSwap", arrive);
addEventListener("pageshow", arrive);
arrive();
