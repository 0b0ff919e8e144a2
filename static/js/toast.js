// One short line that goes away by itself.

const SHOWN_FOR = 4000;

export function toast(text) {
  const line = document.createElement("span");
  line.className = "toast";
  line.textContent = text;
  document.getElementById("toasts").replaceChildren(line);
  setTimeout(() => line.remove(), SHOWN_FOR);
}
