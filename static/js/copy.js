// A click on anything marked data-copy puts that text on the clipboard; data-copy-from names the
// element whose text is meant.  Listens on the document, so it also serves what htmx swaps in.

import { toast } from "./toast.js";

const DONE_FOR = 1500;

export async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text); // plain HTTP on a host name: there is no clipboard object
  }
}

function copyBySelection(text) {
  const field = document.createElement("textarea");
  field.className = "vh";
  field.value = text;
  (document.querySelector("dialog[open]") ?? document.body).append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  return done;
}

function textOf(source) {
  const from = source.dataset.copyFrom;
  if (!from) return source.dataset.copy;
  const element = document.getElementById(from);
  return element.value ?? element.textContent.trim();
}

document.addEventListener("click", async (event) => {
  const source = event.target.closest("[data-copy], [data-copy-from]");
  if (!source) return;
  event.preventDefault();
  const done = await copy(textOf(source));
  source.focus({ preventScroll: true });
  if (!done) return toast("The browser did not allow copying. Select the text instead.");
  source.dataset.done = "";
  toast(source.dataset.copied ? `${source.dataset.copied} copied` : "Copied");
  setTimeout(() => delete source.dataset.done, DONE_FOR);
});

// A copy in words is a page of its own; here its text goes straight to the clipboard.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-copy-get]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const text = await fetched(link.href);
  if (text === null || !(await copy(text))) return location.assign(link.href);
  toast(`${link.dataset.copyGet}: copied`);
  const menu = link.closest("details[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus({ preventScroll: true });
});

async function fetched(address) {
  try {
    const answer = await fetch(address, { headers: { Accept: "text/plain" } });
    const plain = answer.headers.get("Content-Type")?.startsWith("text/plain");
    return answer.ok && plain ? await answer.text() : null;
  } catch {
    return null;
  }
}

// Ticked rows as a table: the server writes it, so that it is the same without scripts.
export async function copyRows(button, address, chosen) {
  const answer = await fetch(address, {
    method: "POST",
    headers: { Accept: "text/plain" },
    body: new URLSearchParams(chosen),
  });
  if (!answer.ok) return toast(answer.status === 422 ? await answer.text() : "The portal could not answer. Reload the page.");
  const text = await answer.text();
  const rows = text.trim().split("\n").length - (button.value === "md" ? 2 : 1);
  button.closest("details").open = false;
  toast((await copy(text)) ? `${rows} ${rows === 1 ? "row" : "rows"} copied` : "The browser did not allow copying.");
}

// The address bar is the state of every page, so its link is worth a button.
document.addEventListener("click", async (event) => {
  if (!event.target.closest("[data-copy-link]")) return;
  toast((await copy(location.href)) ? "Link copied" : "The link was not copied");
});
