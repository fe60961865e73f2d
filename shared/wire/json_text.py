"""The errors that can occur when untrusted bytes are decoded as JSON."""

import msgspec

# Deep nesting raises RecursionError, and invalid UTF-8 raises UnicodeDecodeError (a ValueError).
NOT_JSON = (msgspec.DecodeError, ValueError, RecursionError)
