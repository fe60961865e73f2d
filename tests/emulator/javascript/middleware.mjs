// An event handler made with the express middleware; prints its port, and each event it is told of.
import express from "express";
import { WebPubSubEventHandler } from "@azure/web-pubsub-express";

const handler = new WebPubSubEventHandler("chat", {
  path: "/api/hook",
  handleConnect: (request, response) => {
    if (request.queries.refuse) return response.fail(401, "refused");
    response.setState("count", 1);
    response.success({ userId: `${request.context.userId}!`, groups: ["from-connect"] });
  },
  onConnected: (request) => console.log(`connected ${request.context.userId} ${request.context.states.count}`),
  onDisconnected: (request) => console.log(`disconnected ${request.context.userId}`),
  handleUserEvent: (request, response) => {
    const { eventName, states } = request.context;
    if (eventName === "fail") return response.fail(500, "failed");
    const { count } = states;
    response.setState("count", count + 1);
    if (request.dataType === "text") return response.success(`${eventName}: ${request.data}`, "text");
    response.success(JSON.stringify({ eventName, data: request.data, count }), "json");
  },
});

const app = express();
app.use(handler.getMiddleware());
const server = app.listen(0, "127.0.0.1", () => console.log(`port ${server.address().port}`));
process.on("SIGTERM", () => process.exit(0));
