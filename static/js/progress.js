// Says so when a part of the page could not be loaded; htmx itself is silent about it.

import { toast } from "./toast.js";

const TOO_LONG = [414, 431]; // the address, and the head of the request

document.addEventListener("htmx:responseError", ({ detail }) =>
  toast(TOO_LONG.includes(detail.xhr.status) ? "That is too long to be sent. Shorten it." : "The portal could not answer. Reload the page."),
);
document.addEventListener("htmx:sendError", () => toast("The portal cannot be reached. Check the connection."));
document.addEventListener("htmx:timeout", () => toast("The answer takes too long. Narrow the time range."));
