"""A connection from its opening to its end: how many a user may have, and which rights each starts with."""
