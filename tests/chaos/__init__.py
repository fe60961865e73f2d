"""Chaos test: people talk while parts are killed and networks fail; afterwards the state must match what was acked.

``python -m tests.chaos --seconds 600``. It uses the backend only over its public interfaces.
"""
