// The protobuf sub-protocols for the official JavaScript client, which takes any object that reads and writes messages.
// Microsoft's own package for it is not in the registry, so this one does the same with protobufjs.
import { fileURLToPath } from "node:url";
import protobuf from "protobufjs";

const schema = protobuf.loadSync(fileURLToPath(new URL("webpubsub.proto", import.meta.url)));
const Upstream = schema.lookupType("UpstreamMessage");
const Downstream = schema.lookupType("DownstreamMessage");

export function protobufProtocol(isReliableSubProtocol) {
  const name = `protobuf.${isReliableSubProtocol ? "reliable." : ""}webpubsub.azure.v1`;
  return { name, isReliableSubProtocol, parseMessages, writeMessage };
}

function parseMessages(input) {
  const decoded = Downstream.decode(new Uint8Array(input));
  const message = Downstream.toObject(decoded, { longs: Number, oneofs: true });
  const body = message[message.message];
  switch (message.message) {
    case "ackMessage":
      return { kind: "ack", ackId: 0, success: false, ...body };
    case "dataMessage":
      return { kind: body.from === "group" ? "groupData" : "serverData", ...body, ...readData(body.data) };
    case "pongMessage":
      return { kind: "pong" };
    case "systemMessage":
      return body.connectedMessage
        ? { kind: "connected", ...body.connectedMessage }
        : { kind: "disconnected", message: body.disconnectedMessage.reason };
  }
  return null;
}

function readData(data) {
  switch (data.data) {
    case "textData":
      return { dataType: "text", data: data.textData };
    case "jsonData":
      return { dataType: "json", data: JSON.parse(data.jsonData) };
    case "binaryData":
      return { dataType: "binary", data: new Uint8Array(data.binaryData).buffer };
    case "protobufData":
      return { dataType: "protobuf", data: data.protobufData };
  }
}

function writeMessage(message) {
  return Upstream.encode(Upstream.fromObject(upstream(message))).finish();
}

function upstream(message) {
  const { kind, group, event, ackId, noEcho, sequenceId } = message;
  switch (kind) {
    case "joinGroup":
      return { joinGroupMessage: { group, ackId } };
    case "leaveGroup":
      return { leaveGroupMessage: { group, ackId } };
    case "sendToGroup":
      return { sendToGroupMessage: { group, ackId, noEcho, data: writeData(message) } };
    case "sendEvent":
      return { eventMessage: { event, ackId, data: writeData(message) } };
    case "sequenceAck":
      return { sequenceAckMessage: { sequenceId } };
    case "ping":
      return { pingMessage: {} };
  }
  throw new Error(`no protobuf form of ${kind}`);
}

function writeData({ dataType, data }) {
  switch (dataType) {
    case "text":
      return { textData: data };
    case "json":
      return { jsonData: JSON.stringify(data) };
    case "binary":
      return { binaryData: new Uint8Array(data) };
    case "protobuf":
      return { protobufData: data };
  }
}
