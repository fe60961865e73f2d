"""``python -m shared.revocation``: the command that signs a user out everywhere. Nothing imports it."""
