// Files, chosen or dropped: each is sent by itself, with a bar and a way to stop.  Without this file
// the form sends all of them in one go.

import { toast } from "./toast.js";

// Marks of writing direction, which would let a name pass for another; the portal drops them, too.
const TURNING = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

const form = document.querySelector("[data-upload]");

function row(file) {
  const list = form.querySelector("[data-uploads]");
  list.append(form.querySelector("[data-upload-row]").content.cloneNode(true));
  const item = list.lastElementChild;
  item.querySelector("[data-name]").textContent = file.name.replace(TURNING, "");
  return item;
}

function say(item, words, tone) {
  item.querySelector("[data-words]").textContent = words;
  if (tone) item.dataset.s = tone;
}

function end(item, words, tone) {
  say(item, words, tone);
  item.querySelector("progress").remove();
  item.querySelector("[data-stop]").remove();
  document.body.dispatchEvent(new Event("arrived")); // the list looks again
}

function percent(event) {
  return event.lengthComputable ? Math.floor((event.loaded / event.total) * 100) : 0;
}

function told(item, request) {
  const [file] = request.response?.files ?? [];
  if (request.status === 413) return end(item, `Larger than ${form.dataset.limitWords}.`, "bad");
  const problem = request.response?.problem ?? "It did not arrive. Send it again.";
  if (request.status !== 200 || !file) return end(item, problem, "bad");
  const link = item.querySelector("[data-open-file]");
  link.href = file.href;
  link.hidden = false;
  if (file.state === "failed") return end(item, file.problem, "bad");
  if (file.state === "asking") return end(item, "It has arrived and has a question.", "warn");
  end(item, "It has arrived. How far it is read stands in the list below.", "ok");
}

function send(file) {
  return new Promise((done) => {
    const item = row(file);
    if (file.size > Number(form.dataset.limit)) {
      end(item, `Larger than ${form.dataset.limitWords}.`, "bad");
      return done();
    }
    const body = new FormData();
    body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    body.append("files", file);
    body.append("end", "yes"); // the last field: a body that was cut lacks it
    const request = new XMLHttpRequest();
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => {
      item.querySelector("progress").value = percent(event);
      say(item, `${percent(event)} % sent`);
    });
    request.addEventListener("load", () => told(item, request));
    request.addEventListener("error", () => end(item, "The portal cannot be reached, or the file is too large for it.", "bad"));
    request.addEventListener("abort", () => end(item, "Stopped. Nothing of it was taken.", "none"));
    request.addEventListener("loadend", done);
    item.querySelector("[data-stop]").addEventListener("click", () => request.abort());
    say(item, "0 % sent");
    request.send(body);
  });
}

async function sendAll(files) {
  for (const file of files) await send(file); // one after the other: the line is the narrow place
}

function listen() {
  const zone = form.querySelector("[data-drop]");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const chosen = [...form.elements.files.files];
    if (!chosen.length) return toast("Choose a file first.");
    sendAll(chosen);
    form.elements.files.value = "";
  });
  for (const name of ["dragenter", "dragover"]) {
    zone.addEventListener(name, (event) => {
      event.preventDefault();
      zone.dataset.over = "";
    });
  }
  zone.addEventListener("dragleave", () => delete zone.dataset.over);
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    delete zone.dataset.over;
    sendAll([...event.dataTransfer.files]);
  });
}

if (form) listen();
