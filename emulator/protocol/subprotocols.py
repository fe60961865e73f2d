"""The sub-protocols that the service defines, and the codec for each. Names are case-insensitive."""

from .codec import ReliableCodec
from .json_codec import JsonCodec

JSON = "json.webpubsub.azure.v1"
RELIABLE_JSON = "json.reliable.webpubsub.azure.v1"
PROTOBUF = "protobuf.webpubsub.azure.v1"
RELIABLE_PROTOBUF = "protobuf.reliable.webpubsub.azure.v1"
DEFINED = (JSON, RELIABLE_JSON, PROTOBUF, RELIABLE_PROTOBUF)


def is_defined(name: str) -> bool:
    """Whether the service defines the sub-protocol. Other names are simple clients' own."""
    return name.lower() in DEFINED


def is_reliable(name: str) -> bool:
    """Whether clients of the sub-protocol may recover after losing their socket."""
    return name.lower() in (RELIABLE_JSON, RELIABLE_PROTOBUF)


def codec_of(name: str, protobuf_json_data: bool) -> ReliableCodec:
    """The codec of a defined sub-protocol. ``protobuf_json_data``: protobuf clients get JSON as ``json_data``."""
    if name.lower() in (JSON, RELIABLE_JSON):
        return JsonCodec()
    # Imported late: only protobuf clients should wait for the protobuf runtime.
    from .protobuf_codec import ProtobufCodec

    return ProtobufCodec("json_data" if protobuf_json_data else "text_data")
