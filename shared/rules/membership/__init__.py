"""What a membership is: who may access a chat, which rights follow, how many chats one may be in, how it changes.

``settling`` has the protocol by which every membership changes, ``recovery`` what finishes it when a call was cut off.
Why somebody comes or goes is decided in ``chats/``.
"""
