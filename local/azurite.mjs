// Preloaded into Azurite to fix two differences from the service:
// 1. Azurite keeps its tables in memory and saves them every five seconds, so if it is killed, it loses what it has
//    acknowledged since. Here it saves sooner. A save writes the whole file and blocks all requests, so saving takes at
//    most a fiftieth of the time: the loss is up to SHORTEST_MS for little data, and never more than LONGEST_MS.
//    A normal stop loses nothing.
// 2. Azurite's key is public, and it accepts any host name. No web page needs it, so requests from pages are refused,
//    and so are requests under a host name that a website may have pointed at this machine (DNS rebinding).
import http from "node:http";
import { createRequire } from "node:module";
import { isOwnHost } from "./hosts.mjs";

export const SHORTEST_MS = 250;
export const LONGEST_MS = 5_000;
const SHARE = 50;

const require = createRequire(createRequire(import.meta.url).resolve("azurite/package.json"));
const Loki = require("lokijs");

Loki.prototype.autosaveEnable = function () {
  this.autosave = true;
  const rest = (milliseconds) => {
    // lokijs clears this handle itself.
    this.autosaveHandle = setTimeout(save, milliseconds);
  };
  const save = () => {
    const started = performance.now();
    if (this.autosaveDirty()) this.saveDatabase((error) => error && failed(this, error));
    rest(Math.min(LONGEST_MS, Math.max(SHORTEST_MS, SHARE * (performance.now() - started))));
  };
  rest(SHORTEST_MS);
};

/** lokijs marks collections as saved even if saving failed, and reports nothing. */
function failed(database, error) {
  console.error(`${database.filename} could not be saved: ${error.code ?? error.message}`);
  for (const collection of database.collections) collection.dirty = true;
}

const emit = http.Server.prototype.emit;
http.Server.prototype.emit = function (event, request, response, ...rest) {
  if (event !== "request" || isProgram(request.headers)) return emit.call(this, event, request, response, ...rest);
  response.writeHead(403, { "Content-Type": "text/plain" });
  response.end("Storage is for programs on this machine, not for web pages.\n");
  return true;
};

/** Whether no web page sent the request: browsers send where a request comes from, and the host name that it uses. */
export function isProgram({ host, origin, "sec-fetch-site": site = "none" }) {
  return origin === undefined && site === "none" && isOwnHost(host);
}
