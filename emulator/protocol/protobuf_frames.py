"""The parts of protobuf frames that differ between receivers, encoded by hand, so that the rest is encoded once.

It does not need the protobuf runtime. Source: the documentation of the wire format, which allows any order of fields.
"""

from . import frames

# The tags of DownstreamMessage.data_message and DataMessage.sequence_id: field number and wire type.
DATA_MESSAGE_TAG = bytes([2 << 3 | 2])
SEQUENCE_ID_TAG = bytes([4 << 3 | 0])


def varint(number: int) -> bytes:
    """An unsigned number in base 128, lowest group first."""
    written = bytearray()
    while number > 0x7F:
        written.append(number & 0x7F | 0x80)
        number >>= 7
    written.append(number)
    return bytes(written)


def data_frame(body: bytes) -> bytes:
    """The frame of a ``DownstreamMessage`` that holds a serialized ``DataMessage``."""
    return frames.frame(frames.BINARY, DATA_MESSAGE_TAG + varint(len(body)) + body)


def numbered_frame(body: bytes, sequence_id: int) -> bytes:
    """The same with a sequence id."""
    return data_frame(body + SEQUENCE_ID_TAG + varint(sequence_id))
