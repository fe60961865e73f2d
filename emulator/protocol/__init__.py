"""The client protocols as state machines: they take decoded input and return effects as values.

Nothing in this package may import asyncio, sockets or an HTTP library; ``tests/emulator/test_walls.py`` asserts it.
"""
