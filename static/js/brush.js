// Dragging over a histogram chooses its range: the two fields below it are filled and the form sent.
// Without this file the range is typed into those fields.  Touch works too: a drag across chooses,
// a drag along the page scrolls.

const SHORTEST = 4; // pixels; less is a click
let drag = null;

const svgOf = (event) => event.target.closest?.("[data-brush]");
const clamp = (share) => Math.min(1, Math.max(0, share));

function shareAt(svg, x) {
  const box = svg.getBoundingClientRect();
  return clamp((x - box.left) / box.width);
}

// The edges of bars, in seconds since 1970.
function range(svg, first, last) {
  const begin = Number(svg.dataset.begin), end = Number(svg.dataset.end), wide = svg.dataset.wide * 60;
  const from = begin + Math.floor((Math.min(first, last) * (end - begin)) / wide) * wide;
  const to = begin + Math.ceil((Math.max(first, last) * (end - begin)) / wide) * wide;
  return [from, Math.max(to, from + wide)];
}

function show(svg, from, to) {
  const begin = Number(svg.dataset.begin), end = Number(svg.dataset.end);
  const width = svg.viewBox.baseVal.width;
  const brush = svg.querySelector(".brush");
  brush.setAttribute("x", ((from - begin) / (end - begin)) * width);
  brush.setAttribute("width", ((to - from) / (end - begin)) * width);
}

function put(field, seconds) {
  field.type = "text"; // the field shows the reader's zone, this is UTC
  field.value = new Date(seconds * 1000).toISOString().replace(".000", "");
}

document.addEventListener("pointerdown", (event) => {
  const svg = svgOf(event);
  if (!svg || event.button) return;
  drag = { svg, x: event.clientX, first: shareAt(svg, event.clientX), pointer: event.pointerId };
  svg.setPointerCapture(event.pointerId);
});

document.addEventListener("pointermove", (event) => {
  if (!drag || event.pointerId !== drag.pointer) return;
  show(drag.svg, ...range(drag.svg, drag.first, shareAt(drag.svg, event.clientX)));
});

document.addEventListener("pointerup", (event) => {
  if (!drag || event.pointerId !== drag.pointer) return;
  const { svg, x, first } = drag;
  drag = null;
  if (Math.abs(event.clientX - x) < SHORTEST) return svg.querySelector(".brush").setAttribute("width", 0);
  const [from, to] = range(svg, first, shareAt(svg, event.clientX));
  const form = document.getElementById("filter");
  put(form.elements.from, from);
  put(form.elements.to, to);
  form.requestSubmit();
});

function giveUp() {
  drag?.svg.querySelector(".brush").setAttribute("width", 0);
  drag = null;
}
document.addEventListener("pointercancel", giveUp);
document.addEventListener("keydown", (event) => event.key === "Escape" && giveUp());
