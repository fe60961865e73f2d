"""The rules of chat: functions that take a ``Backend`` and an ``Actor`` and return the answer to the sender.

They reach storage and Web PubSub only through ``ports/``, so each can be tested without a network.
"""
