"""Who is online and who is away: counting connections, announcing each change once, finding ghosts.

A user is online while any connection is open, and idle while all of them are. Only ``audience`` knows chats, because
the PRESENCE setting may show people only to those who share a chat with them.
"""
