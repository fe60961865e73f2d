"""What a membership is: who may touch a chat, which rights follow, and how a change settles on both sides.

Knows nothing of why somebody comes or goes.
"""
