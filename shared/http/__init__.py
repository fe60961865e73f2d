"""The HTTP side of the backend: requests in, rules called, answers out. Must not know storage or SDKs."""
