// Every operation of the JavaScript service SDK that a backend uses, against the stand-in named by the first argument.
import assert from "node:assert/strict";
import { WebPubSubServiceClient, odata } from "@azure/web-pubsub";
import { WebPubSubClient } from "@azure/web-pubsub-client";

const service = new WebPubSubServiceClient(process.argv[2], "chat", { allowInsecureConnection: true });

const received = [];
let arrived = () => {};
const client = new WebPubSubClient({
  getClientAccessUrl: async () => (await service.getClientAccessToken({ userId: "it's u1" })).url,
});
client.on("server-message", (e) => {
  received.push(e.message.data);
  arrived();
});
client.on("group-message", (e) => {
  received.push([e.message.group, e.message.data]);
  arrived();
});

async function next() {
  while (received.length === 0) await new Promise((resolve) => (arrived = resolve));
  return received.shift();
}

const connected = new Promise((resolve) => client.on("connected", (e) => resolve(e.connectionId)));
await client.start();
const id = await connected;

await service.sendToAll({ n: 1 });
assert.deepEqual(await next(), { n: 1 });
await service.sendToAll("plain", { contentType: "text/plain" });
assert.equal(await next(), "plain");
await service.sendToAll({ n: 2 }, { filter: odata`userId eq ${"it's u1"}` });
assert.deepEqual(await next(), { n: 2 });
await service.sendToUser("it's u1", { n: 3 });
assert.deepEqual(await next(), { n: 3 });
await service.sendToConnection(id, { n: 4 });
assert.deepEqual(await next(), { n: 4 });

const group = service.group("a group");
await group.addConnection(id);
await group.sendToAll({ n: 5 });
assert.deepEqual(await next(), ["a group", { n: 5 }]);
const members = [];
for await (const member of await group.listConnections()) members.push(member.connectionId);
assert.deepEqual(members, [id]);
await group.removeConnection(id);
assert.equal(await service.groupExists("a group"), false);
await group.addUser("it's u1");
assert.equal(await service.groupExists("a group"), true);
await service.removeUserFromAllGroups("it's u1");
await service.addConnectionsToGroups(["x", "y"], odata`connectionId eq ${id}`);
assert.equal(await service.groupExists("y"), true);
await service.removeConnectionFromAllGroups(id);
assert.equal(await service.groupExists("y"), false);

await service.grantPermission(id, "sendToGroup", { targetName: "a group" });
assert.equal(await service.hasPermission(id, "sendToGroup", { targetName: "a group" }), true);
await service.revokePermission(id, "sendToGroup", { targetName: "a group" });
assert.equal(await service.hasPermission(id, "sendToGroup", { targetName: "a group" }), false);

assert.equal(await service.userExists("it's u1"), true);
assert.equal(await service.connectionExists("nobody"), false);
await assert.rejects(service.group("g").addConnection("nobody"), (error) => error.statusCode === 404);
await assert.rejects(service.group("g").addUser("nobody"), (error) => error.code === "Warning.User.NotExisted");
for (const refused of [
  () => service.sendToAll({}, { filter: "invalid filter" }),
  () => service.addConnectionsToGroups(["g"], "invalid filter"),
]) {
  await assert.rejects(refused(), (error) => {
    const said = "Invalid syntax for 'invalid filter': Syntax error at position 14 in 'invalid filter'. (Parameter 'filter')";
    assert.equal(error.statusCode, 400);
    // As the SDK's own tests read it.
    assert.equal(JSON.parse(error.message).message, said);
    return true;
  });
}

client.stop();
console.log("done");
// The SDK leaves a timer of 40 seconds behind.
process.exit(0);
