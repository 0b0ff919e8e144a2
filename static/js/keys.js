// Single keys: / f g j k Enter [ ] c i s w y Y . ?  They can be switched off in the list that ? opens, because
// people who speak to their computer or press keys by accident are hindered by them (WCAG 2.1.4).

import { copy } from "./copy.js";
import { toggleReveal } from "./reveal.js";
import { toast } from "./toast.js";

const PLACES = { h: "/", e: "/errors/", m: "/messages/", c: "/codes/", i: "/inquiries/", t: "/intake/", n: "/notices/", w: "/watches/" };
const AFTER_G = 1500;
const SWITCH = "portal.single-keys";
let goUntil = 0;

const on = () => localStorage.getItem(SWITCH) !== "off";
const dialog = () => document.getElementById("keys");
const ROW = ":is([data-rows] tbody tr, ol[data-rows] > li)";
const rows = () => [...document.querySelectorAll(ROW)];
const chosen = () => document.querySelector(`${ROW}[data-cursor]`);

const KEYS = {
  "/": () => document.querySelector("[data-paste] textarea")?.focus(),
  f: () => { const line = document.querySelector("[data-query-line]"); line?.focus(); line?.select(); },
  "?": () => dialog()?.showModal(),
  g: () => { goUntil = Date.now() + AFTER_G; },
  j: () => move(1),
  k: () => move(-1),
  Enter: () => target(chosen())?.click(),
  x: () => chosen()?.querySelector("input[type='checkbox']")?.click(),
  w: () => (chosen()?.querySelector("[data-watch]") ?? document.querySelector("[data-key='w']"))?.click(),
  s: () => document.querySelector("[data-key='s']")?.click(),
  i: () => adding()?.click(),
  "[": () => document.querySelector('a[data-key="["]')?.click(),
  "]": () => document.querySelector('a[data-key="]"]')?.click(),
  c: () => document.querySelector("[data-comment]")?.focus(),
  Y: () => document.querySelector('a[data-key="Y"]')?.click(),
  ".": toggleReveal,
  y: async () => toast((await copy(location.href)) ? "Link copied" : "The link was not copied"),
};

// Where a row leads: the link that is marked so, else its first, but to no place of the same page.
function target(row) {
  return row?.querySelector("a[data-main]") ?? row?.querySelector("a[href]:not([href^='#'])");
}

// What adds to an inquiry: all ticked rows, else the row that was gone to, else what the page is about.
function adding() {
  return (
    document.querySelector(".bulk[data-some] [data-key='i']") ??
    chosen()?.querySelector("[data-add]") ??
    document.querySelector("[data-key='i']")
  );
}

function move(step) {
  const all = rows();
  if (!all.length) return;
  const from = all.indexOf(chosen());
  const to = from < 0 ? (step > 0 ? 0 : all.length - 1) : from + step;
  const next = all[Math.min(all.length - 1, Math.max(0, to))];
  chosen()?.removeAttribute("data-cursor");
  next.dataset.cursor = "";
  (target(next) ?? next.querySelector("input"))?.focus({ preventScroll: true }); // read out by screen readers
  next.scrollIntoView({ block: "nearest" });
}

function writing(target) {
  return target.isContentEditable || target.matches("input:not([type='checkbox']), textarea, select");
}

// Enter on a link or a button is the browser's; after j and k that link is the row's anyway.
function browsersOwn(event) {
  return event.key === "Enter" && event.target.matches("a, button, summary");
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && writing(event.target)) return event.target.blur();
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (!on() || writing(event.target) || document.querySelector("dialog[open]")) return;
  if (browsersOwn(event)) return;
  const going = Date.now() < goUntil;
  goUntil = 0;
  if (going && PLACES[event.key]) return location.assign(PLACES[event.key]);
  const act = KEYS[event.key];
  if (!act) return;
  if (event.key !== "g") event.preventDefault();
  act();
});

for (const button of document.querySelectorAll('[data-open="keys"]')) {
  button.addEventListener("click", () => dialog().showModal());
}
for (const box of document.querySelectorAll("[data-single-keys]")) {
  box.checked = on();
  box.addEventListener("change", () => localStorage.setItem(SWITCH, box.checked ? "on" : "off"));
}
