"""The clean-up: removes what is of no use any more, beside a live system. Run it with ``python -m shared.cleanup``.

A module per kind says what is to go, ``run`` how much of it at a time. Nothing else imports this package, and nothing
else may scan whole tables (``shared/ports/sweep.py``).
"""
