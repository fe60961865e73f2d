"""A small Functions host, which serves ``function_app.py`` if Azure Functions Core Tools is not installed."""
