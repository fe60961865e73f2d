"""A message on its way to many connections. Each encoding is made once, when it is first needed.

A new sub-protocol adds a property here; nothing else on the fan-out path changes.
"""

from functools import cached_property
from typing import Literal

from . import frames, json_responses
from .messages import Message
from .protobuf_frames import data_frame


class Delivery:
    """A message, the time it was published (seconds of a monotonic clock), and its frames."""

    def __init__(self, message: Message, published_at: float = 0) -> None:
        self.message = message
        self.published_at = published_at

    def expired(self, now: float) -> bool:
        """Whether the message's ``ttl_seconds`` are over."""
        ttl = self.message.ttl_seconds
        return ttl > 0 and now - self.published_at >= ttl

    @cached_property
    def json_text(self) -> bytes:
        """The plain JSON text."""
        return json_responses.message(self.message)

    @cached_property
    def json_frame(self) -> bytes:
        """The frame for plain JSON clients."""
        return frames.frame(frames.TEXT, self.json_text)

    @cached_property
    def raw_frame(self) -> bytes:
        """The frame for simple clients: the data and nothing else."""
        content = self.message.content
        opcode = frames.TEXT if content.data_type in ("json", "text") else frames.BINARY
        return frames.frame(opcode, content.payload)

    @cached_property
    def protobuf_body(self) -> bytes:
        """The serialized ``DataMessage`` with JSON in ``text_data``, as documented."""
        return self._data_message("text_data")

    @cached_property
    def protobuf_frame(self) -> bytes:
        """The frame for plain protobuf clients."""
        return data_frame(self.protobuf_body)

    @cached_property
    def protobuf_json_body(self) -> bytes:
        """The serialized ``DataMessage`` with JSON in ``json_data``, which official clients understand too."""
        return self._data_message("json_data")

    @cached_property
    def protobuf_json_frame(self) -> bytes:
        """The same as a frame."""
        return data_frame(self.protobuf_json_body)

    def _data_message(self, json_as: Literal["text_data", "json_data"]) -> bytes:
        # Imported late: only protobuf clients should wait for the protobuf runtime.
        from .protobuf_responses import data_message

        return data_message(self.message, json_as)
