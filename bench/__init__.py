"""Benchmarks: ratios measured side by side in one run. Never a test, because machines differ."""
