// What every page gets.  Everything works without this file; it adds comfort.

import "./choose.js";
import "./copy.js";
import "./history.js";
import "./keys.js";
import "./menu.js";
import "./paste.js";
import "./progress.js";
import "./reveal.js";
import "./upload.js";
