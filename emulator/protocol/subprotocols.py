"""The sub-protocols that the service defines, and the codec behind each name. Names are compared in lower case."""

from .codec import ReliableCodec
from .json_codec import JsonCodec

JSON = "json.webpubsub.azure.v1"
RELIABLE_JSON = "json.reliable.webpubsub.azure.v1"
PROTOBUF = "protobuf.webpubsub.azure.v1"
RELIABLE_PROTOBUF = "protobuf.reliable.webpubsub.azure.v1"
DEFINED = (JSON, RELIABLE_JSON, PROTOBUF, RELIABLE_PROTOBUF)


def is_defined(name: str) -> bool:
    """Whether the service defines the sub-protocol; any other name is a simple client's own."""
    return name.lower() in DEFINED


def is_reliable(name: str) -> bool:
    """Whether its clients may come back after a lost socket."""
    return name.lower() in (RELIABLE_JSON, RELIABLE_PROTOBUF)


def codec_of(name: str, protobuf_json_data: bool) -> ReliableCodec:
    """The codec of a defined sub-protocol. ``protobuf_json_data``: JSON reaches protobuf clients as ``json_data``."""
    if name.lower() in (JSON, RELIABLE_JSON):
        return JsonCodec()
    # Imported where the first protobuf client is: the runtime takes a moment to load.
    from .protobuf_codec import ProtobufCodec

    return ProtobufCodec("json_data" if protobuf_json_data else "text_data")
