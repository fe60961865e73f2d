"""``python -m local``: answers a stop from the first moment on, and runs the command that was asked for."""

import os
import signal
import sys

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    """Runs the command on the command line; returns the exit code, which is 0 after a stop."""
    for number in STOP_SIGNALS:
        signal.signal(number, stop)
    try:
        # This alone takes a second.
        from local import commands

        return commands.run(sys.argv[1:])
    finally:
        # An event loop has given the signals back, and what is over cannot be stopped.
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)


def stop(*_: object) -> None:
    """Ends the process; a command that has something to end takes the signals over.

    At once, because an exception gets lost where it meets the end of an import's lock.
    """
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
