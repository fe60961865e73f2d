"""The local stack: everything Azure would run, started on this machine by one command.

Owns starting and stopping the parts, and a small Functions host for machines without Core Tools. Knows no chat rules.
"""
