// The JavaScript client over a cut connection: prints each number it hears; ends when it hears 0.
// Arguments: a client URL and the reliable sub-protocol, "json" or "protobuf".
import { WebPubSubClient, WebPubSubJsonReliableProtocol } from "@azure/web-pubsub-client";
import { protobufProtocol } from "./protobuf.mjs";

const [url, kind] = process.argv.slice(2);
const protocol = kind === "json" ? WebPubSubJsonReliableProtocol() : protobufProtocol(true);
const client = new WebPubSubClient(url, { protocol });
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
