"""The REST data plane: each operation is a function from a call to a reply; ``endpoint`` serves them over HTTP."""
