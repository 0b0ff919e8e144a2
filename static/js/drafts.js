// What is being written is kept for the session of the tab, and put back after a reload; it goes when it was
// said.  An edit that is sent may be answered by the sign-in, so its draft stays: that of another version is another.
// Reply puts the beginning of an answer into the box, above which stands whom it answers.

const PREFIX = "portal.draft ";

const boxOf = (form) => form.elements.namedItem("body");

function keep(form) {
  const box = boxOf(form);
  const kept = box.value && box.value !== box.defaultValue ? { text: box.value, reply: replyOf(form)?.value ?? "", author: authorOf(form)?.textContent ?? "" } : null;
  try {
    if (kept) sessionStorage.setItem(PREFIX + form.dataset.draft, JSON.stringify(kept));
    else sessionStorage.removeItem(PREFIX + form.dataset.draft);
  } catch { /* full, or switched off: the box has it all the same */ }
}

function kept(form) {
  try {
    return JSON.parse(sessionStorage.getItem(PREFIX + form.dataset.draft));
  } catch {
    return null;
  }
}

function forget(form) {
  try {
    sessionStorage.removeItem(PREFIX + form.dataset.draft);
  } catch { /* switched off */ }
}

const replyOf = (form) => form.elements.namedItem("reply_to");
const authorOf = (form) => form.querySelector("[data-answered]");

function restore(form) {
  const draft = kept(form);
  const box = boxOf(form);
  const asked = replyOf(form)?.value; // the address says what is answered
  if (!draft || box.value !== box.defaultValue || box.matches("[aria-invalid]") || asked) return;
  box.value = draft.text;
  if (draft.reply) answer(form, draft.reply, draft.author);
}

function answer(form, id, author) {
  replyOf(form).value = id;
  const line = form.querySelector("[data-answering]");
  line.hidden = !id;
  authorOf(form).href = `#comment-${id}`;
  authorOf(form).querySelector("bdi").textContent = author;
}

async function reply(link) {
  const form = document.querySelector("#comments form[data-draft]");
  const response = await fetch(link.dataset.quote, { headers: { Accept: "text/plain" } });
  if (!response.ok) return location.assign(link.href);
  const box = boxOf(form);
  box.value = (box.value ? `${box.value.trimEnd()}\n\n` : "") + (await response.text());
  answer(form, link.dataset.reply, link.dataset.author);
  box.focus();
  box.setSelectionRange(box.value.length, box.value.length);
  keep(form);
}

const forms = (root) => root.querySelectorAll?.("form[data-draft]") ?? [];

for (const form of forms(document)) restore(form);
document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form?.dataset.draft && event.target === boxOf(form)) keep(form);
});
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.requestConfig?.elt; // the form itself is gone from the page by now
  const elsewhere = event.detail.xhr?.responseURL !== form?.action; // led to the sign-in: nothing was said
  if (form?.dataset?.draft && event.detail.successful && !elsewhere) forget(form);
});
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("[data-reply], [data-no-answer]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  if (link.dataset.reply) return reply(link);
  const form = link.closest("form");
  answer(form, "", "");
  keep(form);
  boxOf(form).focus();
});
