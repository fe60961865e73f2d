"""Rules on texts and names: which characters they may have, and which of them count as equal. Pure functions."""
