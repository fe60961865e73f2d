// Loaded into the Static Web Apps CLI before it starts. The service drops identity headers that a browser sends and
// writes its own; the CLI only writes its own, so that anybody could sign in as anybody. This drops them as the
// service does.
import http from "node:http";

const emit = http.Server.prototype.emit;

http.Server.prototype.emit = function (event, request, ...rest) {
  if (event === "request" || event === "upgrade") {
    for (const name of Object.keys(request.headers)) {
      if (name.startsWith("x-ms-client-principal")) delete request.headers[name];
    }
  }
  return emit.call(this, event, request, ...rest);
};
