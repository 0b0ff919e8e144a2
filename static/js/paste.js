// The paste box: Enter looks up what is in it, however many lines; Shift+Enter adds a line.
// Short texts become a link that can be shared; long ones are posted, for an address has its limits.

const LONGEST_LINK = 1500;

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-paste]")) return;
  const text = form.elements.q.value;
  if (!text.trim()) {
    event.preventDefault();
    return form.elements.q.focus();
  }
  const long = text.length > LONGEST_LINK;
  form.method = long ? "post" : "get";
  form.elements.csrfmiddlewaretoken.disabled = !long;
});

document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.("[data-paste]");
  if (!form || event.key !== "Enter" || event.isComposing || !event.target.matches("textarea")) return;
  if (event.shiftKey) return;
  event.preventDefault();
  form.requestSubmit();
});
