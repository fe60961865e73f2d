// The JavaScript client over a cut connection: prints each number it hears; ends when it hears 0. Argument: a client URL.
import { WebPubSubClient } from "@azure/web-pubsub-client";

const client = new WebPubSubClient(process.argv[2]);
client.on("group-message", (e) => {
  console.log(`heard ${e.message.data}`);
  if (e.message.data === 0) client.stop();
});
client.on("disconnected", () => console.log("disconnected"));
// The SDK leaves a timer of 40 seconds behind.
client.on("stopped", () => process.exit(0));
await client.start();
await client.joinGroup("g");
console.log("joined");
