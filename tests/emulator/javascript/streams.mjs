// Streams and invocations of the JavaScript client. Arguments: a client URL and the sub-protocol, "plain" or "reliable".
// Prints what the test waits for; a line "cut" asks it to cut the connection.
import assert from "node:assert/strict";
import { WebPubSubClient, WebPubSubJsonProtocol, WebPubSubJsonReliableProtocol } from "@azure/web-pubsub-client";

const [publisherUrl, subscriberUrl, kind] = process.argv.slice(2);
const protocol = kind === "plain" ? WebPubSubJsonProtocol : WebPubSubJsonReliableProtocol;
const publisher = new WebPubSubClient(publisherUrl, { protocol: protocol() });
const subscriber = new WebPubSubClient(subscriberUrl, { protocol: protocol() });

const received = [];
let arrived = () => {};
subscriber.onGroupStream(
  async (stream) => {
    const parts = [];
    try {
      for await (const { dataType, data, fromUserId } of stream) {
        parts.push(dataType === "binary" ? [...new Uint8Array(data)] : data);
        assert.equal(fromUserId, "u1");
      }
      received.push([stream.groupName, parts]);
    } catch (error) {
      received.push([stream.groupName, parts, error.name, error.userErrorCode]);
    }
    arrived();
  },
  { handleFromStart: true },
);

async function next() {
  while (received.length === 0) await new Promise((resolve) => (arrived = resolve));
  return received.shift();
}

await subscriber.start();
await subscriber.joinGroup("g");
await publisher.start();

const whole = await publisher.openGroupStream("g");
await whole.write("hello ", "text");
await whole.write({ n: 1 }, "json");
await whole.write(new Uint8Array([0, 255]).buffer, "binary");
await whole.end();
assert.deepEqual(await next(), ["g", ["hello ", { n: 1 }, [0, 255]]]);

const broken = await publisher.openGroupStream("g", { streamId: "mine" });
await broken.write("part", "text");
await broken.abort({ message: "given up", userErrorCode: "E1" });
assert.deepEqual(await next(), ["g", ["part"], "UserError", "E1"]);

const idle = await publisher.openGroupStream("g", { idleTimeoutInMs: 500 });
const failed = new Promise((resolve) => idle.onError((error) => resolve(error.name)));
await idle.write("late", "text");
assert.equal(await failed, "IdleTimeout");
assert.deepEqual(await next(), ["g", ["late"], "IdleTimeout", undefined]);

await assert.rejects(publisher.openGroupStream("forbidden"), { name: "Forbidden" });

const answer = await publisher.invokeEvent("add", [1, 2], "json");
assert.deepEqual([answer.dataType, answer.data], ["json", 3]);
const text = await publisher.invokeEvent("echo", "hi", "text");
assert.deepEqual([text.dataType, text.data], ["text", "hi"]);
assert.equal((await publisher.invokeEvent("silent", "hi", "text")).data, undefined);
await assert.rejects(publisher.invokeEvent("fail", "hi", "text"), (error) => error.errorDetail.name !== "");

if (kind === "reliable") {
  const over = await publisher.openGroupStream("g");
  await over.write("before", "text");
  console.log("cut");
  await new Promise((resolve) => process.stdin.once("data", resolve));
  for (let n = 0; n < 50; n++) await over.write(n, "json");
  await over.end();
  assert.deepEqual(await next(), ["g", ["before", ...Array(50).keys()]]);
}
console.log("done");
// The SDK leaves a timer of 40 seconds behind.
process.exit(0);
