"""Everything goes wrong at once while people talk, and then it is counted what is not as it was acknowledged.

``python -m tests.chaos --seconds 600``. Must not know the backend's code, but through its own doors.
"""
