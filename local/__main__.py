"""``python -m local``: runs a command, and handles stop signals from the very start."""

import os
import signal
import sys

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    """Runs the command and returns the exit code, which is 0 after a stop."""
    for number in STOP_SIGNALS:
        signal.signal(number, stop)
    try:
        # This import alone takes a second.
        from local import commands

        return commands.run(sys.argv[1:])
    finally:
        # The event loop has restored the default handlers, but there is nothing left to stop.
        for number in STOP_SIGNALS:
            signal.signal(number, signal.SIG_IGN)


def stop(*_: object) -> None:
    """Ends the process at once. A command with something to clean up installs its own handlers.

    It does not raise an exception, because that can get lost while an import's lock is released.
    """
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
