// Loaded into the Static Web Apps CLI before it starts, to mend three things that differ from the service:
// 1. The service drops identity headers that a browser sends and writes its own; the CLI only writes its own, so that
//    anybody could sign in as anybody.
// 2. The CLI's sign-in page loads its scripts and styles from a public server and does not work without it; here they
//    come from this machine.
// 3. The CLI logs addresses with their queries, in which secrets and what people search for stand.
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

const emit = http.Server.prototype.emit;
http.Server.prototype.emit = function (event, request, response, ...rest) {
  if (event !== "request") return emit.call(this, event, request, response, ...rest);
  for (const name of Object.keys(request.headers)) {
    if (name.startsWith("x-ms-client-principal")) delete request.headers[name];
  }
  const asset = ASSETS[request.url];
  if (!asset) return emit.call(this, event, request, response, ...rest);
  response.setHeader("Content-Type", asset[1]);
  fs.createReadStream(asset[0]).pipe(response);
  return true;
};

const readFile = fs.promises.readFile;
fs.promises.readFile = async function (path, ...options) {
  const content = await readFile.call(this, path, ...options);
  if (typeof content !== "string" || !/[\\/]public[\\/]auth\.html$/.test(String(path))) return content;
  return content.replace(REMOTE, '/.auth/assets/$1.$2"').replace(PICTURES, "");
};

for (const stream of [process.stdout, process.stderr]) {
  const write = stream.write;
  stream.write = function (content, ...rest) {
    const shown = typeof content === "string" ? content.replace(/(https?:\/\/[^\s?]*)\?\S*/g, "$1") : content;
    return write.call(this, shown, ...rest);
  };
}
