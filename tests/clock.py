"""How long something takes, and whether that grows faster than the text it is done with.

Only this thread's own time counts, so that a busy machine is no reason to fail.
"""

import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from tests.hostile import Hostile

__all__ = ["LIMIT", "SIZES", "STEADY", "seconds", "slowest"]

SIZES = (3_125, 12_500, 100_000)
"""For how many characters it is tried."""

LIMIT = 1.0
"""The most seconds that the most of them may take."""

STEADY = 6
"""How much longer four times the text takes at most, if it takes proportionately longer."""

_PATIENCE = 3.0  # seconds after which trying is broken off


def slowest(work: Callable[[str], object], text: Hostile, sizes: Sequence[int] = SIZES) -> str:
    """Return for what length a text takes too long, "" if it does not.

    What takes so little at a shorter length that even its square would do is not tried at a longer.
    """
    before = 0.0
    for size in sizes:
        longer = sizes[-1] / size
        spent = seconds(work, text.of(size))
        if spent * longer > LIMIT:  # perhaps the machine was busy
            spent = min(spent, seconds(work, text.of(size)))
        if spent * longer > LIMIT:
            return f"{spent:.2f} s for {size:,} characters: {text}"
        proportionate = spent < STEADY * before and spent * longer < LIMIT / 2
        if proportionate or spent * longer**2 < LIMIT:
            return ""
        before = spent
    return ""


def seconds(work: Callable[[str], object], text: str) -> float:
    """Return how long something takes with a text."""
    begun = time.thread_time()
    with _broken_off():
        work(text)
    return time.thread_time() - begun


class _TooLongError(Exception):
    pass


@contextmanager
def _broken_off() -> Iterator[None]:
    """Break off what takes too long to wait for."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise _TooLongError

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, _PATIENCE)
    try:
        yield
    except _TooLongError:
        pass
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
