// The menu of columns stays open while columns are chosen, with the focus where it was.

let used = "";

document.addEventListener("click", (event) => {
  used = event.target.closest?.("[data-column]")?.dataset.column ?? "";
});
document.addEventListener("htmx:afterSwap", () => {
  const menu = used && document.getElementById("columns");
  if (!menu) return;
  menu.open = true;
  menu.querySelector(`[data-column="${CSS.escape(used)}"]`)?.focus();
  used = "";
});
