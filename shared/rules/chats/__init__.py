"""What people do with chats: create, join, leave and delete them, invite and remove each other, block each other.

A module per act, each with the event's rule at its top, and one per list of chats or members.
"""
