"""The codec of ``protobuf.webpubsub.azure.v1`` and ``protobuf.reliable.webpubsub.azure.v1``: binary frames.

Import it only when a protobuf client is there: loading the protobuf runtime takes a moment.
"""

from collections.abc import Callable
from operator import attrgetter

from . import frames, protobuf_requests, protobuf_responses
from .delivery import Delivery
from .messages import ClientMessage, Malformed
from .notices import Notice
from .protobuf_frames import numbered_frame
from .protobuf_responses import JsonAs


class ProtobufCodec:
    """A ``Codec``. ``json_as``: the field in which clients get JSON."""

    acknowledges = True
    carries_streams = False

    def __init__(self, json_as: JsonAs) -> None:
        documented = json_as == "text_data"
        self.frame: Callable[[Delivery], bytes] = attrgetter("protobuf_frame" if documented else "protobuf_json_frame")
        self._body: Callable[[Delivery], bytes] = attrgetter("protobuf_body" if documented else "protobuf_json_body")

    def size(self, delivery: Delivery) -> int:
        """The length of the message without a sequence id."""
        return len(self._body(delivery))

    def numbered(self, delivery: Delivery, sequence_id: int) -> bytes:
        """The shared message with the sequence id appended."""
        return numbered_frame(self._body(delivery), sequence_id)

    def decode(self, opcode: int, payload: bytes) -> ClientMessage:
        """Reads one ``UpstreamMessage``."""
        if opcode != frames.BINARY:
            raise Malformed("a protobuf message must be a binary frame", frames.UNSUPPORTED_DATA)
        return protobuf_requests.decode(payload)

    def encode(self, notice: Notice) -> bytes:
        """One ``DownstreamMessage``."""
        return frames.frame(frames.BINARY, protobuf_responses.downstream(notice).SerializeToString())
