"""Presence: who is online or idle. A user is online while any connection is open, and idle while all of them are idle.

Each change is announced once: a call claims the announcement in the user's row under optimistic concurrency, so only
one call can.
"""
