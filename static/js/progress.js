// Says so when a part of the page could not be loaded; htmx itself is silent about it.

import { toast } from "./toast.js";

document.addEventListener("htmx:responseError", () => toast("The portal could not answer. Reload the page."));
document.addEventListener("htmx:sendError", () => toast("The portal cannot be reached. Check the connection."));
document.addEventListener("htmx:timeout", () => toast("The answer takes too long. Narrow the time range."));
