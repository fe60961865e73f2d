"""The events as an AsyncAPI 3.0 document, made from their declarations. https://www.asyncapi.com/docs/reference/specification/v3.0.0

The described application is the backend: it receives what browsers send over Web PubSub, and sends what they receive. A
message is a whole WebSocket frame.
"""

from typing import Any

from shared.descriptions import LICENSE, TITLE, VERSION
from shared.descriptions.schemas import Schema, components, properties, reference, sentence
from shared.model.text.names import SYSTEM_NAME
from shared.wire.chat_events import BETWEEN_BROWSERS, TO_BROWSER, BetweenBrowsers, GroupMessage, ToBrowser
from shared.wire.events import FROM_BROWSER, FromBrowser

SUBPROTOCOL = "json.reliable.webpubsub.azure.v1"
CONNECTION, CHAT = "#/channels/connection", "#/channels/chat"
ACK_ID: Schema = {
    "type": "integer",
    "minimum": 0,
    "description": "Requests an ack. A message with a repeated ackId is not processed twice.",
}


def document() -> dict[str, Any]:
    """The whole description."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": f"{TITLE} events",
            "version": VERSION,
            "description": "The messages between browsers and the backend over Web PubSub; see docs/protocol.md.",
            "license": LICENSE,
        },
        "defaultContentType": "application/json",
        "servers": {"pubsub": _server()},
        "channels": {"connection": _connection(), "chat": _chat()},
        "operations": {**_received(), **_sent()},
        "components": {
            "schemas": components([*FROM_BROWSER, *TO_BROWSER, *BETWEEN_BROWSERS]),
            "messages": {
                **{event.name: _from_browser(event) for event in FROM_BROWSER},
                **{event.chat_event: _to_browser(event) for event in TO_BROWSER},
                **{message.title: _between_browsers(message) for message in BETWEEN_BROWSERS},
            },
            "securitySchemes": {"token": {"type": "httpApiKey", "in": "query", "name": "access_token"}},
        },
    }


def _server() -> Schema:
    return {
        "host": "{service}.webpubsub.azure.com",
        "protocol": "wss",
        "description": "Azure Web PubSub. `GET /api/getToken` returns the whole URL, including the token.",
        "variables": {"service": {"description": "The name of the service."}},
        "security": [{"$ref": "#/components/securitySchemes/token"}],
    }


def _connection() -> Schema:
    names = [*(event.name for event in FROM_BROWSER), *(event.chat_event for event in TO_BROWSER)]
    query = {"type": "object", "properties": {"access_token": {"type": "string"}}, "required": ["access_token"]}
    protocol = {"type": "object", "properties": {"Sec-WebSocket-Protocol": {"const": SUBPROTOCOL}}}
    return {
        "address": "/client/hubs/{hub}",
        "description": f"A browser's WebSocket, with the subprotocol {SUBPROTOCOL}.",
        "parameters": {"hub": {"description": "PUBSUB_HUB", "default": "chat"}},
        "messages": _listed(names),
        "bindings": {"ws": {"query": query, "headers": protocol}},
    }


def _chat() -> Schema:
    return {
        "address": "{chatId}",
        "description": "The group of a chat. Its members send to it with `sendToGroup` and receive its messages.",
        "parameters": {"chatId": {"description": "The chat's id."}},
        "messages": _listed([message.title for message in BETWEEN_BROWSERS]),
    }


def _listed(names: list[str]) -> Schema:
    return {name: {"$ref": f"#/components/messages/{name}"} for name in names}


def _received() -> dict[str, Schema]:
    reply = {"channel": {"$ref": CONNECTION}}
    return {
        f"receive.{one.name}": {**_operation("receive", one.name, CONNECTION), "reply": reply} for one in FROM_BROWSER
    }


def _sent() -> dict[str, Schema]:
    relayed = {**_operation("send", GroupMessage.title, CHAT), "summary": "In a moderated chat, for the author."}
    told = {f"send.{event.chat_event}": _operation("send", event.chat_event, CONNECTION) for event in TO_BROWSER}
    return {**told, f"send.{GroupMessage.title}": relayed}


def _operation(action: str, name: str, channel: str) -> Schema:
    return {"action": action, "channel": {"$ref": channel}, "messages": [{"$ref": f"{channel}/messages/{name}"}]}


def _from_browser(event: type[FromBrowser]) -> Schema:
    text = event.text_field or event.ignores_data
    frame: dict[str, Schema] = {
        "type": {"const": "event"},
        "event": {"const": event.name},
        "dataType": {"enum": ["text", "json"] if text else ["json"]},
        "data": _data(event),
        "ackId": ACK_ID,
    }
    return _message(event.name, event, frame, ["type", "event", "dataType", "data"])


def _data(event: type[FromBrowser]) -> Schema:
    if event.ignores_data:
        return {"description": "Ignored."}
    if event.text_field:
        return next(schema for name, schema, _ in properties(event) if name == event.text_field)
    return reference(event)


def _to_browser(event: type[ToBrowser]) -> Schema:
    text: Schema = {"type": "string"}
    if not event.plain:
        text = {**text, "contentMediaType": "application/json", "contentSchema": reference(event)}
    said: dict[str, Schema] = {"chatEvent": {"const": event.chat_event}, "data": text}
    if event.words is not ToBrowser.words:
        said |= {"fromUserName": {"const": SYSTEM_NAME}, "message": {"type": "string"}}
    return _message(event.chat_event, event, _heard(_object(said, list(said))), ["type", "from", "data"])


def _between_browsers(message: type[BetweenBrowsers]) -> Schema:
    sender = {"fromUserId": {"type": "string", "description": "The sender, as authenticated by the service."}}
    return _message(message.title, message, {**_heard(reference(message)), **sender}, ["type", "from", "data"])


def _heard(data: Schema) -> dict[str, Schema]:
    return {
        "type": {"const": "message"},
        "from": {"enum": ["server", "group"]},
        "group": {"type": "string"},
        "dataType": {"const": "json"},
        "data": data,
    }


def _message(name: str, declared: type, frame: dict[str, Schema], required: list[str]) -> Schema:
    return {
        "name": name,
        "summary": sentence(declared.__doc__),
        "contentType": "application/json",
        "payload": _object(frame, required),
    }


def _object(fields: dict[str, Schema], required: list[str]) -> Schema:
    return {"type": "object", "properties": fields, "required": required}
