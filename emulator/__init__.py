"""A stand-in for Azure Web PubSub on one machine: WebSocket clients, REST data plane and event handler webhook.

Knows nothing of chat and imports nothing from the rest of this repository. docs/emulator.md is its manual.
"""
