"""The history of a chat: keeping, changing, reading, searching and exporting messages; reactions; what is unread."""
