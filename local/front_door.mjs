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
import events from "node:events";
import fs from "node:fs";
import http from "node:http";
import { createRequire } from "node:module";

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
  if (!isAddress(request)) return refuse(response);
  if (!isSignIn(request.headers.cookie)) request.headers.cookie = request.headers.cookie.replace(SIGN_IN_COOKIES, "");
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

function refuse(response) {
  const error = { code: "BadRequest", message: "The address of the request, or its host, cannot be read." };
  response.writeHead(400, { "Content-Type": "application/json" });
  response.end(JSON.stringify({ error }));
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
