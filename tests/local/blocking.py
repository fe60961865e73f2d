"""A module whose import never comes to an end."""

# Python ignores exceptions in finalizers, which run, for example, at the end of each import.
BLOCKS = """
import time
class Ending:
    def __del__(self):
        print("importing", flush=True)
        time.sleep(99)
Ending()
time.sleep(99)
"""
