"""The command ``python -m shared.revocation``, which signs a user out everywhere. Nothing imports it."""
