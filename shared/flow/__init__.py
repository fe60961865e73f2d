"""Flow control inside one process: concurrency limits, rate limits, locks, time-outs and retries.

It protects the process, and callers from each other. Anything that has to hold across instances lies in storage.
"""
