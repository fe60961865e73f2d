// The yardstick: what a Node.js developer would write, a server that sends every message to every connection.
import { createRequire } from "node:module";

const require = createRequire(new URL("../tests/emulator/javascript/package.json", import.meta.url));
const { WebSocketServer } = require("ws");

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false }, () => {
  console.log(`listening on ${server.address().port}`);
});
server.on("connection", (socket) => {
  socket.on("message", (data) => {
    for (const client of server.clients) client.send(data, { binary: false });
  });
});
process.on("SIGTERM", () => process.exit(0));
