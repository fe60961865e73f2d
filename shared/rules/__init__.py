"""What chat is. Rules are functions that take a ``Backend`` and an ``Actor`` and return what the sender hears.

They see storage and Web PubSub through ``ports/`` only, so each is tested without a network.
"""
