"""What texts and names may be made of, and when two of them count as the same. Pure."""
