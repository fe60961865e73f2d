"""The clean-up: removes data that is no longer needed, while the system is live. Run ``python -m shared.cleanup``.

There is a module for each kind of data; ``run`` removes it up to a limit. Nothing else imports this package, and
nothing else may scan whole tables (``shared/ports/sweep.py``).
"""
