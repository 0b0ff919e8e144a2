// The switch for characters: what the address says now counts, for htmx changes it behind the link.
// A page that was posted has no address; there the form that holds its text is sent again.

export function toggleReveal() {
  const form = document.querySelector("[data-reveal-form]");
  if (form) return form.requestSubmit();
  if (!document.querySelector("[data-reveal]")) return;
  const address = new URL(location.href);
  if (address.searchParams.get("reveal") === "1") address.searchParams.delete("reveal");
  else address.searchParams.set("reveal", "1");
  location.assign(address);
}

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey || !event.target.closest("[data-reveal]")) return;
  event.preventDefault();
  toggleReveal();
});
