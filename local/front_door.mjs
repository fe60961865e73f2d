// Preloaded into the Static Web Apps CLI to fix its differences from the service:
// 1. The service drops identity headers that a browser sends, and writes its own. The CLI only writes its own, so
//    anybody could act as anybody.
// 2. The CLI's sign-in page loads scripts and styles from a public server and does not work without it; here they are
//    served locally. It also encodes names as Latin-1, which the CLI decodes as UTF-8, fails for all other characters,
//    and does not notice text that is pasted with the mouse.
// 3. The CLI logs URLs with their queries, which contain secrets and search terms.
// 4. The CLI crashes if it can't parse a request's URL, host or sign-in cookie. Here a malformed URL or host gets a 400,
//    and a malformed cookie is ignored.
// 5. The service does not support WebSockets. The CLI accepts the upgrade, but never responds or closes the connection.
// 6. The service accepts its own host names only; the CLI any, including that of a website that points to this machine.
// 7. The CLI lets pages of any site read who is signed in (CORS with credentials); the service does not.
// 8. For every line that it might log, dozens per request, the CLI copies the environment. Copying Node.js's own
//    `process.env` asks the system for every variable; copying a plain object is fast. The CLI's first process already
//    replaces it by a plain object.
// If FRONT_DOOR_SECRET is set, it also proves to the backend that a call came this way (shared/http/origin.py).
import events from "node:events";
import fs from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";
import { isOwnHost } from "./hosts.mjs";

const require = createRequire(import.meta.url);
const ASSETS = {
  "/.auth/assets/jquery.js": [require.resolve("jquery/dist/jquery.min.js"), "text/javascript"],
  "/.auth/assets/bootstrap.js": [require.resolve("bootstrap/dist/js/bootstrap.bundle.min.js"), "text/javascript"],
  "/.auth/assets/bootstrap.css": [require.resolve("bootstrap/dist/css/bootstrap.min.css"), "text/css"],
};
const REMOTE = /https:\/\/ajax\.aspnetcdn\.com\/[^"]*?(jquery|bootstrap)[^"/]*\.(js|css)"/g;
const PICTURES = /<(?:link rel="shortcut icon"|img)[^>]*azureedge\.net[^>]*>/g;
// Replacements in the page's own script.
const SCRIPT = [
  ["btoa(data)", "btoa(String.fromCharCode(...new TextEncoder().encode(data)))"],
  ['form.on("keyup",', 'form.on("input",'],
];
const PASS = "x-chatr-front-door";
const UNREADABLE = "The URL of the request, or its Host header, is malformed.";
const UNKNOWN = "This host name is not allowed; add it with --allowed-hosts or CHATR_ALLOWED_HOSTS.";
const SIGN_IN_COOKIES = /StaticWebAppsAuthCookie[^=;]*=([^;]*);?/g;

process.env = { ...process.env };

const emit = http.Server.prototype.emit;
http.Server.prototype.emit = function (event, request, response, ...rest) {
  if (event === "upgrade") {
    const socket = response;
    socket.end("HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    return true;
  }
  if (event !== "request") return emit.call(this, event, request, response, ...rest);
  for (const name of Object.keys(request.headers)) {
    if (name.startsWith("x-ms-client-principal")) delete request.headers[name];
  }
  request.headers[PASS] = process.env.FRONT_DOOR_SECRET ?? "";
  if (!isAddress(request)) return refuse(response, 400, "BadRequest", UNREADABLE);
  if (!isOwnHost(request.headers.host)) return refuse(response, 403, "Forbidden", UNKNOWN);
  if (!isSignIn(request.headers.cookie)) request.headers.cookie = request.headers.cookie.replace(SIGN_IN_COOKIES, "");
  keepFromOtherSites(response);
  const asset = ASSETS[request.url];
  if (!asset) return emit.call(this, event, request, response, ...rest);
  response.setHeader("Content-Type", asset[1]);
  fs.createReadStream(asset[0]).pipe(response);
  return true;
};

// Any other failure of the CLI gets a 500, which is what Node.js sends with captureRejections.
events.captureRejections = true;
const fail = http.Server.prototype[events.captureRejectionSymbol];
http.Server.prototype[events.captureRejectionSymbol] = function (error, ...rest) {
  console.error(`A request failed: ${error.code ?? error.name}`);
  return fail.call(this, error, ...rest);
};

/** Removes CORS headers, so that no page of another site can read a response. */
function keepFromOtherSites(response) {
  const setHeader = response.setHeader;
  response.setHeader = function (name, value) {
    return /^access-control-/i.test(name) ? this : setHeader.call(this, name, value);
  };
}

/** Whether URL and host are well-formed and can be decoded. */
function isAddress(request) {
  try {
    decodeURIComponent(new URL(request.url, `http://${request.headers.host}`).pathname);
    return true;
  } catch {
    return false;
  }
}

/** Whether all sign-in cookies have the format of the CLI's sign-in page: JSON in base64, with a list of roles. */
function isSignIn(cookies = "") {
  try {
    for (const [, value] of cookies.matchAll(SIGN_IN_COOKIES)) {
      const principal = JSON.parse(Buffer.from(decodeURIComponent(value), "base64").toString());
      if (!Array.isArray(principal.userRoles)) return false;
    }
    return true;
  } catch {
    return false;
  }
}

function refuse(response, status, code, message) {
  response.writeHead(status, { "Content-Type": "application/json" });
  response.end(JSON.stringify({ error: { code, message } }));
  return true;
}

const readFile = fs.promises.readFile;
fs.promises.readFile = async function (path, ...options) {
  const content = await readFile.call(this, path, ...options);
  if (typeof content !== "string" || !/[\\/]public[\\/]auth\.html$/.test(String(path))) return content;
  const page = content.replace(REMOTE, '/.auth/assets/$1.$2"').replace(PICTURES, "");
  return SCRIPT.reduce((mended, [does, ought]) => mended.replace(does, ought), page);
};

for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write;
  stream.write = function (content, ...rest) {
    const shown = typeof content === "string" ? content.replace(/(https?:\/\/[^\s?]*)\?\S*/g, "$1") : content;
    return write.call(this, shown, ...rest);
  };
}
