"""Everything that is said over the network, each declared once: events, routes, and the shapes of what they carry.

Reads bytes into these types and writes them. Knows nothing of what follows from them.
"""
