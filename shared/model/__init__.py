"""Values that know nothing of the rest: what is remembered, the limits on it, and everything that can go wrong.

Pure. Nothing here reads a setting, a clock of its own accord, storage or the network.
"""
