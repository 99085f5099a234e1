"""How often an address may do something."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

__all__ = ["Rate"]

_MOST_ADDRESSES = 10_000


class Rate:
    """A budget for each address that is spent at once or little by little, and fills up again.

    A token bucket. Safe to use from several threads. Of no more than 10,000 addresses anything is
    kept; forgotten first are those that were quiet longest.

    Args:
        burst: How often an address may do it at once.
        per_second: How many times more it may each second.
        clock: Returns seconds.
    """

    def __init__(
        self, *, burst: int, per_second: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._burst = burst
        self._per_second = per_second
        self._clock = clock
        self._lock = threading.Lock()
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> bool:
        """Spend one of an address's budget; return whether there was any left."""
        now = self._clock()
        with self._lock:
            left, since = self._left.pop(address, (float(self._burst), now))
            left = min(self._burst, left + (now - since) * self._per_second)
            allowed = left >= 1
            self._left[address] = (left - 1 if allowed else left, now)
            if len(self._left) > _MOST_ADDRESSES:
                self._left.popitem(last=False)
        return allowed

    @property
    def retry_after(self) -> int:
        """In how many seconds an address that has spent all may do it again."""
        return max(1, round(1 / self._per_second))
