"""Several instances of the backend over one store, with different clocks; calls go to them in turn."""

import itertools
from contextvars import ContextVar
from dataclasses import replace

from shared.backend import Backend
from shared.clients import process
from shared.flow import rate_limit
from shared.flow.admission import Admission
from shared.flow.locks import Locks
from shared.flow.rate_limit import Buckets
from shared.model.clock import SECOND

# How far each instance's clock is ahead of that of the play.
AHEAD_SECONDS = (0, 4, -4)
# A play reads everything again and again.
CALLS_PER_MINUTE = 60_000

_serving: ContextVar[int] = ContextVar("serving", default=0)


class Instances:
    """Serves each call with the next instance, so that consecutive calls rarely reach the same one."""

    def __init__(self, backend: Backend) -> None:
        self._backends = [_instance(backend, ahead * SECOND) for ahead in AHEAD_SECONDS]
        self._turns = itertools.cycle(range(len(self._backends)))

    def begin(self) -> None:
        """Replaces the backend of the process."""
        process.use(self._backends[0])
        process.backend = lambda: self._backends[_serving.get()]  # type: ignore[method-assign]

    def end(self) -> None:
        """Restores the backend of the process."""
        del process.backend

    def next(self) -> None:
        """Sends the calls of this task, and of tasks it starts, to the next instance from now on."""
        _serving.set(next(self._turns))


def _instance(backend: Backend, ahead: int) -> Backend:
    return replace(
        backend,
        clock=lambda: backend.clock() + ahead,
        locks=Locks(),
        user_buckets=Buckets(rate_limit.USER),
        admission=Admission(CALLS_PER_MINUTE),
    )
