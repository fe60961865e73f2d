"""The protobuf wire format by hand, for tests: nothing of the runtime that the stand-in uses, no schema but numbers.

A message is a dictionary from field number to value: an int, a string or bytes, another dictionary, or a list of these
for a repeated field.
"""

from typing import Any

VARINT, LENGTH = 0, 2
TEXT, BINARY, ANY, JSON = 1, 2, 3, 4


def varint(number: int) -> bytes:
    """``number`` in base 128, lowest group first."""
    low, rest = number & 0x7F, number >> 7
    return bytes([low]) if not rest else bytes([low | 0x80]) + varint(rest)


def encode(message: dict[int, Any]) -> bytes:
    """The bytes of a message; a field that is None is left out."""
    written = b""
    for number, value in message.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, int):
                written += varint(number << 3 | VARINT) + varint(item)
            elif item is not None:
                data = encode(item) if isinstance(item, dict) else item.encode() if isinstance(item, str) else item
                written += varint(number << 3 | LENGTH) + varint(len(data)) + data
    return written


def decode(data: bytes) -> dict[int, Any]:
    """The fields of a message: ints, and bytes to be decoded further; the last one of a field counts."""
    fields: dict[int, Any] = {}
    while data:
        tag, data = _varint(data)
        number, data = _varint(data)
        if tag & 7 == LENGTH:
            assert len(data) >= number
            fields[tag >> 3], data = data[:number], data[number:]
        else:
            assert tag & 7 == VARINT
            fields[tag >> 3] = number
    return fields


def _varint(data: bytes) -> tuple[int, bytes]:
    number = 0
    for index, byte in enumerate(data):
        number |= (byte & 0x7F) << (7 * index)
        if byte < 0x80:
            return number, data[index + 1 :]
    raise AssertionError("the number has no end")


def request(message: dict[str, Any]) -> bytes:
    """An ``UpstreamMessage``, given in the words of the JSON protocol."""
    ack_id, group = message.get("ackId"), message.get("group")
    match message["type"]:
        case "joinGroup":
            return encode({6: {1: group, 2: ack_id}})
        case "leaveGroup":
            return encode({7: {1: group, 2: ack_id}})
        case "sendToGroup":
            metadata = [{1: key, 2: value} for key, value in message.get("metadata", {}).items()]
            options = {4: message.get("noEcho"), 5: message.get("ttlSeconds"), 6: metadata, 7: message.get("stream")}
            return encode({1: {1: group, 2: ack_id, 3: _data(message), **options}})
        case "event":
            return encode({5: {1: message["event"], 2: _data(message), 3: ack_id}})
        case "sequenceAck":
            return encode({8: {1: message["sequenceId"]}})
    assert message["type"] == "ping"
    return encode({9: {}})


def _data(message: dict[str, Any]) -> dict[int, Any] | None:
    """A ``MessageData``: text, bytes, the bytes of an ``Any``, or JSON text."""
    kinds = {"text": TEXT, "binary": BINARY, "protobuf": ANY, "json": JSON}
    return {kinds[message["dataType"]]: message["data"]} if "data" in message else None


def read(frame: bytes) -> dict[str, Any]:
    """A ``DownstreamMessage`` in the words of the JSON protocol, so that tests read alike."""
    ((kind, body),) = decode(frame).items()
    fields = decode(body)
    if kind == 1:
        error = decode(fields[3]) if 3 in fields else {}
        told = {"error": {"name": error[1].decode(), "message": error[2].decode()}} if error else {}
        return {"type": "ack", "ackId": fields.get(1, 0), "success": bool(fields.get(2)), **told}
    if kind == 2:
        return _message(fields)
    if kind == 3:
        ((event, inner),) = fields.items()
        about = decode(inner)
        if event == 2:
            return {"type": "system", "event": "disconnected", "message": about.get(2, b"").decode()}
        names = {1: "connectionId", 2: "userId", 3: "reconnectionToken"}
        return {"type": "system", "event": "connected", **{names[n]: value.decode() for n, value in about.items()}}
    assert (kind, body) == (4, b"")
    return {"type": "pong"}


def _message(fields: dict[int, Any]) -> dict[str, Any]:
    told: dict[str, Any] = {"type": "message", "from": fields[1].decode()}
    if 2 in fields:
        told["group"] = fields[2].decode()
    ((kind, data),) = decode(fields[3]).items()
    told["dataType"] = {TEXT: "text", BINARY: "binary", ANY: "protobuf", JSON: "json"}[kind]
    told["data"] = data.decode() if kind in (TEXT, JSON) else data
    if 4 in fields:
        told["sequenceId"] = fields[4]
    if 5 in fields:
        entry = decode(fields[5])
        told["metadata"] = {entry[1].decode(): entry[2].decode()}
    return told
