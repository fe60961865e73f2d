"""The HTTP layer: reads requests, calls the rules, and writes responses."""
