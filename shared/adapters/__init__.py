"""The store and the sender over Azure's SDKs, and what else reaches outside. Must not know rules."""
