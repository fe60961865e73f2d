"""Who is asking, and whether to believe it: identities, guests, the webhook's proofs, and their revocation."""
