"""A module whose import never comes to an end."""

# Python ignores exceptions in finalizers, which run, for example, at the end of each import. The sleeps are short: if
# a signal comes just before one begins, it is handled only after it.
BLOCKS = """
import time
def block():
    for _ in range(9900):
        time.sleep(0.01)
class Ending:
    def __del__(self):
        print("importing", flush=True)
        block()
Ending()
block()
"""
