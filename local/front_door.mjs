// Loaded into the Static Web Apps CLI before it starts, to mend what differs from the service:
// 1. The service drops identity headers that a browser sends and writes its own; the CLI only writes its own, so that
//    anybody could sign in as anybody.
// 2. The CLI's sign-in page loads its scripts and styles from a public server and does not work without it; here they
//    come from this machine. It also writes names as Latin-1, which the CLI reads as UTF-8, fails at any other letter,
//    and misses what was pasted by mouse.
// 3. The CLI logs addresses with their queries, in which secrets and what people search for stand.
// 4. The CLI ends when it cannot read a request: its address, its host, or its sign-in cookie. Here an address or a host
//    that cannot be read is answered with 400, and such a cookie counts as none.
// 5. The service has no WebSockets; the CLI takes the upgrade, and never answers nor lets go of the connection.
// 6. The service answers by its own names only; the CLI by any, also one that a site on the internet makes point here.
// 7. The CLI lets pages of any site read who is signed in (CORS, with credentials); the service lets none.
// Besides, it shows the backend that a call came this way, where FRONT_DOOR_SECRET is set (shared/http/origin.py).
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
// What the page's own script does, and what it ought to do.
const SCRIPT = [
  ["btoa(data)", "btoa(String.fromCharCode(...new TextEncoder().encode(data)))"],
  ['form.on("keyup",', 'form.on("input",'],
];
const PASS = "x-chatr-front-door";
const UNREADABLE = "The address of the request, or its host, cannot be read.";
const UNKNOWN = "This machine is not known by that name; --allowed-hosts or CHATR_ALLOWED_HOSTS says so.";
const SIGN_IN_COOKIES = /StaticWebAppsAuthCookie[^=;]*=([^;]*);?/g;

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

// What the CLI fails at all the same is answered with 500, as Node.js does when told to catch it.
events.captureRejections = true;
const fail = http.Server.prototype[events.captureRejectionSymbol];
http.Server.prototype[events.captureRejectionSymbol] = function (error, ...rest) {
  console.error(`A request failed: ${error.code ?? error.name}`);
  return fail.call(this, error, ...rest);
};

/** Lets no answer say that another site's page may read it. */
function keepFromOtherSites(response) {
  const setHeader = response.setHeader;
  response.setHeader = function (name, value) {
    return /^access-control-/i.test(name) ? this : setHeader.call(this, name, value);
  };
}

/** Whether address and host can be read, decoded. */
function isAddress(request) {
  try {
    decodeURIComponent(new URL(request.url, `http://${request.headers.host}`).pathname);
    return true;
  } catch {
    return false;
  }
}

/** Whether each sign-in cookie is what the CLI's sign-in page makes: JSON in base64, with a list of roles. */
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
