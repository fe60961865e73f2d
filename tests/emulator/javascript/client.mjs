// The JavaScript client SDK's everyday path: arguments are a client URL and the sub-protocol, a key of "protocols".
import assert from "node:assert/strict";
import { WebPubSubClient, WebPubSubJsonProtocol, WebPubSubJsonReliableProtocol } from "@azure/web-pubsub-client";
import { protobufProtocol } from "./protobuf.mjs";

const [url, kind] = process.argv.slice(2);
const protocols = {
  plain: WebPubSubJsonProtocol(),
  reliable: WebPubSubJsonReliableProtocol(),
  protobuf: protobufProtocol(false),
  "reliable protobuf": protobufProtocol(true),
};
const protocol = protocols[kind];
// There is no place for the sender in a protobuf message.
const sender = kind.endsWith("protobuf") ? undefined : "u1";
// Refused messages are tried again; the pauses need not be the default second.
const options = { protocol, messageRetryOptions: { retryDelayInMs: 10 } };
const [one, other] = [new WebPubSubClient(url, options), new WebPubSubClient(url, options)];

function inbox(client, name) {
  const messages = [];
  let arrived = () => {};
  client.on(name, (e) => {
    messages.push(e.message);
    arrived();
  });
  return async () => {
    while (messages.length === 0) await new Promise((resolve) => (arrived = resolve));
    return messages.shift();
  };
}

const heardByOther = inbox(other, "group-message");
const heardByOne = inbox(one, "group-message");
await one.start();
await other.start();
await one.joinGroup("g");
await other.joinGroup("g");
await one.sendToGroup("g", "text", "text", { noEcho: true });
await one.sendToGroup("g", { a: 1 }, "json");
await one.sendToGroup("g", new Uint8Array([0, 255]).buffer, "binary", { fireAndForget: true });

const text = await heardByOther();
assert.deepEqual([text.group, text.fromUserId, text.dataType, text.data], ["g", sender, "text", "text"]);
assert.deepEqual((await heardByOther()).data, { a: 1 });
assert.deepEqual([...new Uint8Array((await heardByOther()).data)], [0, 255]);
assert.deepEqual((await heardByOne()).data, { a: 1 });

await assert.rejects(one.joinGroup("forbidden"), (error) => error.errorDetail.name === "Forbidden");
await assert.rejects(one.sendEvent("nobody", 1, "json"), (error) => error.errorDetail.name === "InternalServerError");
const result = await one.sendToGroup("g", 1, "json", { ackId: 77, noEcho: true });
assert.equal(result.isDuplicated, false);
assert.equal((await one.sendToGroup("g", 1, "json", { ackId: 77 })).isDuplicated, true);

const stopped = new Promise((resolve) => one.on("stopped", resolve));
one.stop();
other.stop();
await stopped;
console.log("done");
// The SDK leaves a timer of 40 seconds behind.
process.exit(0);
