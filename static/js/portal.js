// What every page gets.  Everything works without this file; it adds comfort.

import "./brush.js";
import "./choose.js";
import "./columns.js";
import "./copy.js";
import "./drafts.js";
import "./history.js";
import "./keys.js";
import "./mentions.js";
import "./menu.js";
import "./newer.js";
import "./paste.js";
import "./presence.js";
import "./progress.js";
import "./reveal.js";
import "./select.js";
import "./upload.js";
