"""The initial rights of a connection, and the limit on connections per user."""
