"""Benchmarks, which measure alternatives side by side in one run. They are not tests, because machines differ."""
