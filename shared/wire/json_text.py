"""What can go wrong when a stranger's bytes are read as JSON, in one place. Must not know what they stand for."""

import msgspec

# Deep nesting ends in a RecursionError, bytes that are no UTF-8 in a UnicodeDecodeError (a ValueError).
NOT_JSON = (msgspec.DecodeError, ValueError, RecursionError)
