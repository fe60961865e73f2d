"""One message on its way to many connections: each encoding is made once, whoever asks first.

A new sub-protocol adds a property here; nothing else on the fan-out path changes.
"""

from functools import cached_property
from typing import Literal

from . import frames, json_responses
from .messages import Message
from .protobuf_frames import data_frame


class Delivery:
    """A message, when it was published (seconds of a monotonic clock), and the frames that carry it."""

    def __init__(self, message: Message, published_at: float = 0) -> None:
        self.message = message
        self.published_at = published_at

    def expired(self, now: float) -> bool:
        """Whether the message has outlived its ``ttl_seconds``."""
        ttl = self.message.ttl_seconds
        return ttl > 0 and now - self.published_at >= ttl

    @cached_property
    def json_text(self) -> bytes:
        """The plain JSON text."""
        return json_responses.message(self.message)

    @cached_property
    def json_frame(self) -> bytes:
        """The frame that every plain JSON connection gets."""
        return frames.frame(frames.TEXT, self.json_text)

    @cached_property
    def raw_frame(self) -> bytes:
        """The frame that every simple client gets: the data and nothing else."""
        content = self.message.content
        opcode = frames.TEXT if content.data_type in ("json", "text") else frames.BINARY
        return frames.frame(opcode, content.payload)

    @cached_property
    def protobuf_body(self) -> bytes:
        """The serialized ``DataMessage``, JSON as text, as the service documents."""
        return self._data_message("text_data")

    @cached_property
    def protobuf_frame(self) -> bytes:
        """The frame that every plain protobuf connection gets."""
        return data_frame(self.protobuf_body)

    @cached_property
    def protobuf_json_body(self) -> bytes:
        """The serialized ``DataMessage``, JSON as JSON, as the official clients understand it too."""
        return self._data_message("json_data")

    @cached_property
    def protobuf_json_frame(self) -> bytes:
        """The frame of that."""
        return data_frame(self.protobuf_json_body)

    def _data_message(self, json_as: Literal["text_data", "json_data"]) -> bytes:
        # Imported where the first protobuf client is, for nobody else should wait for the runtime.
        from .protobuf_responses import data_message

        return data_message(self.message, json_as)
