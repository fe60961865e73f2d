"""The history of a chat: saving, changing, reading, searching and exporting messages; reactions; unread counts."""
