// Menus are <details>; they close when the reader goes elsewhere or presses Escape.  The arrow keys go
// along their entries, which Tab does as well.

const open = () => document.querySelectorAll("details.drop[open]");

document.addEventListener("click", (event) => {
  for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of open()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

document.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const menu = step && event.target.closest?.("details.drop[open]");
  if (!menu) return;
  event.preventDefault();
  const entries = [...menu.querySelectorAll(".menu :is(a, button)")];
  const from = entries.indexOf(event.target);
  const to = from < 0 && step < 0 ? entries.length - 1 : from + step;
  entries[(to + entries.length) % entries.length].focus();
});
