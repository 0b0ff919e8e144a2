// The rows of a result page: ticking many at once, saying how many, and copying them as a table.
// Without this file the boxes are ticked by hand and the table comes as a page.

import { copy } from "./copy.js";
import { toast } from "./toast.js";

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

async function copyTable(button) {
  const answer = await fetch(form.action, {
    method: "POST",
    headers: { Accept: "text/plain" },
    body: new URLSearchParams(new FormData(form, button)),
  });
  if (!answer.ok) return toast("The portal could not answer. Reload the page.");
  const text = await answer.text();
  const rows = text.trim().split("\n").length - (button.value === "md" ? 2 : 1);
  button.closest("details").open = false;
  const done = await copy(text);
  toast(done ? `${rows} ${rows === 1 ? "row" : "rows"} copied` : "The browser did not allow copying.");
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
      copyTable(button);
    });
  }
  say();
}
