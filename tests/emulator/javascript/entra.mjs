// The JavaScript service SDK with a token credential. Arguments: the stand-in's endpoint, a Microsoft Entra token.
import assert from "node:assert/strict";
import { WebPubSubServiceClient } from "@azure/web-pubsub";
import { WebPubSubClient } from "@azure/web-pubsub-client";

const [endpoint, token] = process.argv.slice(2);
const scopes = [];
const credential = {
  getToken: async (scope) => {
    scopes.push(scope);
    return { token, expiresOnTimestamp: Date.now() + 3_600_000 };
  },
};
// The SDK sends such tokens over TLS only: it is told https, and the last step of its pipeline takes that back.
const plain = {
  name: "plain",
  sendRequest: (request, next) => {
    request.url = request.url.replace(/^https:/, "http:");
    request.allowInsecureConnection = true;
    return next(request);
  },
};
const service = new WebPubSubServiceClient(endpoint.replace(/^http:/, "https:"), credential, "chat", {
  additionalPolicies: [{ policy: plain, position: "perRetry" }],
});

const options = { userId: "u1", groups: ["g"], roles: ["webpubsub.sendToGroup.g"], expirationTimeInMinutes: 5 };
const { url } = await service.getClientAccessToken(options);
assert.deepEqual(scopes, [["https://webpubsub.azure.com/.default"]]);
const client = new WebPubSubClient(url.replace(/^wss:/, "ws:"));
const heard = new Promise((resolve) => client.on("group-message", (e) => resolve(e.message)));
const connected = new Promise((resolve) => client.on("connected", (e) => resolve(e.userId)));
await client.start();
assert.equal(await connected, "u1");
await client.sendToGroup("g", { n: 1 }, "json");
assert.deepEqual((await heard).data, { n: 1 });
client.stop();
console.log("done");
process.exit(0);
