"""The codec of ``json.webpubsub.azure.v1`` and ``json.reliable.webpubsub.azure.v1``: JSON in text frames."""

from operator import attrgetter

from . import frames, json_requests, json_responses
from .delivery import Delivery
from .messages import ClientMessage
from .notices import Notice


class JsonCodec:
    """A ``Codec``."""

    acknowledges = True
    carries_streams = True
    frame = attrgetter("json_frame")

    @staticmethod
    def size(delivery: Delivery) -> int:
        """The length of the text without a sequence id."""
        return len(delivery.json_text)

    def numbered(self, delivery: Delivery, sequence_id: int) -> bytes:
        """The shared text with the sequence id added."""
        return frames.frame(frames.TEXT, json_responses.with_sequence_id(delivery.json_text, sequence_id))

    def decode(self, opcode: int, payload: bytes) -> ClientMessage:
        """Reads one message. The documentation also allows JSON in binary frames."""
        return json_requests.decode(payload)

    def encode(self, notice: Notice) -> bytes:
        """A text frame."""
        return frames.frame(frames.TEXT, json_responses.notice(notice))
