"""The backend: settings, identity, events and the rules of chat, over a store and a sender that are passed in.

Must not know the HTTP server, the emulator or the local stack. ``docs/architecture.md`` shows how the modules fit.
"""
