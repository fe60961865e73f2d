"""A local stand-in for Azure Web PubSub: WebSocket clients, the REST data plane and event handler webhooks.

It is independent of the rest of this repository. docs/emulator.md is its manual.
"""
