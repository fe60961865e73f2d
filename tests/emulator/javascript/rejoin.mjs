// The JavaScript client after its connection was ended or lost for good: prints each user it connects as, its tokens
// being made afresh each time, and each number it hears; ends when it hears 0.
// Arguments: a connection string, the base URL to connect through, and the sub-protocol, "plain" or "reliable".
import { WebPubSubServiceClient } from "@azure/web-pubsub";
import { WebPubSubClient, WebPubSubJsonProtocol, WebPubSubJsonReliableProtocol } from "@azure/web-pubsub-client";

const [connectionString, via, kind] = process.argv.slice(2);
const service = new WebPubSubServiceClient(connectionString, "chat", { allowInsecureConnection: true });
let tokens = 0;

async function getClientAccessUrl() {
  tokens += 1;
  const roles = ["webpubsub.joinLeaveGroup", "webpubsub.sendToGroup"];
  const { token } = await service.getClientAccessToken({ userId: `u${tokens}`, roles });
  return `${via.replace("http", "ws")}/client/hubs/chat?access_token=${token}`;
}

const protocol = kind === "plain" ? WebPubSubJsonProtocol() : WebPubSubJsonReliableProtocol();
const client = new WebPubSubClient({ getClientAccessUrl }, { protocol, reconnectRetryOptions: { retryDelayInMs: 10 } });
client.on("connected", (e) => console.log(`connected ${e.userId}`));
client.on("group-message", (e) => {
  console.log(`heard ${e.message.data}`);
  if (e.message.data === 0) client.stop();
});
// The SDK leaves a timer of 40 seconds behind.
client.on("stopped", () => process.exit(0));
await client.start();
await client.joinGroup("g");
console.log("joined");
