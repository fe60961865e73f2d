"""Emoji enough to reach every limit: one for each two letters."""

FLAGS = [chr(0x1F1E6 + one) + chr(0x1F1E6 + other) for one in range(26) for other in range(26)]
