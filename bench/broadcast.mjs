// The baseline, as a Node.js developer would write it: a server that sends each message to all connections of the
// sender's group. The group is the URL's path.
import { createRequire } from "node:module";

const require = createRequire(new URL("../tests/emulator/javascript/package.json", import.meta.url));
const { WebSocketServer } = require("ws");

const groups = new Map();
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false }, () => {
  console.log(`listening on ${server.address().port}`);
});
server.on("connection", (socket, request) => {
  const members = groups.get(request.url) ?? new Set();
  groups.set(request.url, members.add(socket));
  socket.on("message", (data) => {
    for (const member of members) member.send(data, { binary: false });
  });
  socket.on("close", () => members.delete(socket));
});
process.on("SIGTERM", () => process.exit(0));
