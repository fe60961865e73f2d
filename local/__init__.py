"""The local stack: everything that Azure would run, started on this machine by one command.

It starts and stops the parts, and includes a small Functions host for machines without Core Tools.
"""
