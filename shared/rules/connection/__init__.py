"""What a connection may do from the start, and how many a user may have."""
