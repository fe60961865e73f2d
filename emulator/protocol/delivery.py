"""One message on its way to many connections: each encoding is made once, whoever asks first.

A new sub-protocol adds a property here; nothing else on the fan-out path changes.
"""

from functools import cached_property

from emulator.protocol import frames, json_codec
from emulator.protocol.messages import Message


class Delivery:
    """A message and the frames that carry it."""

    def __init__(self, message: Message) -> None:
        self.message = message

    @cached_property
    def json_text(self) -> bytes:
        """The plain JSON text."""
        return json_codec.message(self.message)

    @cached_property
    def json_frame(self) -> bytes:
        """The frame that every plain JSON connection gets."""
        return frames.frame(frames.TEXT, self.json_text)

    def reliable_json_frame(self, sequence_id: int) -> bytes:
        """The frame of one reliable connection; only the sequence id differs between them."""
        return frames.frame(frames.TEXT, json_codec.with_sequence_id(self.json_text, sequence_id))
