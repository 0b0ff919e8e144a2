// The rows of a result page: ticking many at once, saying how many, and copying them as a table.
// Without this file the boxes are ticked by hand and the table comes as a page.

import { copyRows } from "./copy.js";

const form = document.getElementById("result-rows");
const boxes = () => [...form.querySelectorAll("input[name='row']")];
const WANTED = {
  all: () => true,
  missing: (box) => box.closest("[data-missing]") !== null,
  none: () => false,
};

function say() {
  const count = boxes().filter((box) => box.checked).length;
  document.querySelector("[data-chosen]").textContent = count ? `${count} ticked` : "";
}

if (form) {
  form.addEventListener("change", say);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-choose]");
    if (!button) return;
    for (const box of boxes()) box.checked = WANTED[button.dataset.choose](box);
    say();
  });
  for (const button of document.querySelectorAll("[data-copy-table]")) {
    button.addEventListener("click", (event) => {
      event.preventDefault();
      copyRows(button, form.action, new FormData(form, button));
    });
  }
  say();
}
