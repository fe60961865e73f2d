"""Chats from their making to their end: public chats, groups and private chats, joining, leaving, invites, blocks."""
