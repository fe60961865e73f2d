"""Implementations of the ports over Azure's SDKs: storage, Web PubSub, and Entra's signing keys."""
