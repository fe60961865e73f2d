"""The domain model: records, the limits on their fields, and the errors. It imports nothing else from the backend.

Everything but ``clock.now`` is pure: no settings, no storage, no network.
"""
