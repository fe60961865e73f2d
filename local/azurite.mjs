// Loaded into Azurite before it starts, to mend what differs from the service:
// 1. Azurite keeps its tables in memory and writes them out every five seconds: killed, it loses what it has
//    acknowledged since. Here the next write comes soon, but takes a fiftieth of the time at most: it is of the whole
//    file, and nothing is answered meanwhile. So the loss is SHORTEST_MS where there is little, LONGEST_MS at most.
//    Stopped, it loses nothing.
// 2. Its key is published, and it answers by any name. No page has any business here: whatever a browser sends for one,
//    or sends by a name that a site on the internet may have made point here, is refused.
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
    // lokijs itself clears this one.
    this.autosaveHandle = setTimeout(save, milliseconds);
  };
  const save = () => {
    const started = performance.now();
    if (this.autosaveDirty()) this.saveDatabase((error) => error && failed(this, error));
    rest(Math.min(LONGEST_MS, Math.max(SHORTEST_MS, SHARE * (performance.now() - started))));
  };
  rest(SHORTEST_MS);
};

/** lokijs takes for written what it could not write, and says nothing. */
function failed(database, error) {
  console.error(`${database.filename} could not be written: ${error.code ?? error.message}`);
  for (const collection of database.collections) collection.dirty = true;
}

const emit = http.Server.prototype.emit;
http.Server.prototype.emit = function (event, request, response, ...rest) {
  if (event !== "request" || isProgram(request.headers)) return emit.call(this, event, request, response, ...rest);
  response.writeHead(403, { "Content-Type": "text/plain" });
  response.end("Storage is for programs on this machine, not for pages in a browser.\n");
  return true;
};

/** Whether no page sends this: a browser says from which one, or that one typed the address, and by which name. */
export function isProgram({ host, origin, "sec-fetch-site": site = "none" }) {
  return origin === undefined && site === "none" && isOwnHost(host);
}
