"""Authentication: users' identities, guest cookies, the webhook's credentials, and revocation (signing out)."""
