"""Who waits for an answer, and whose turn it is."""

import asyncio
import math
import time
from collections import OrderedDict, deque
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["BusyError", "LeftError", "Line"]

_LOOK_S = 1.0  # after which it is seen whether who waits is still there
_FIRST_GUESS_S = 0.5  # how long a piece of work takes, before any was done
_NEWEST = 0.2  # how much the newest piece of work counts in the mean duration

T = TypeVar("T")


class BusyError(Exception):
    """Too many are waiting already.

    Attributes:
        retry_after: In how many seconds there should be room.
    """

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many are waiting; room in about {retry_after} s")
        self.retry_after = retry_after


class LeftError(Exception):
    """Who waited has left; his work was not done."""


class Line:
    """Does work in threads, a few pieces at a time; who comes then waits in line.

    Addresses take turns, so that who asks much waits for himself and not others for him. Nothing is
    kept of who was served or has left. To be used from one event loop.

    Args:
        at_once: How many pieces of work are done at a time.
        most: How many may wait.
        each: How many of one address may wait.
    """

    def __init__(self, *, at_once: int, most: int, each: int) -> None:
        self._pool = ThreadPoolExecutor(at_once, thread_name_prefix="line")
        self._at_once = at_once
        self._free = at_once
        self._most = most
        self._each = each
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self._duration = _FIRST_GUESS_S

    @property
    def waiting(self) -> int:
        """How many wait for their turn."""
        return sum(map(len, self._waiting.values()))

    async def run(
        self, address: str, work: Callable[[], T], gone: Callable[[], Awaitable[bool]]
    ) -> T:
        """Return what a piece of work returns, once it was its turn.

        Args:
            address: Whose work it is.
            work: Is called in another thread; what it raises is raised here.
            gone: Tells whether who waits has left; then his work is not done.

        Raises:
            BusyError: If too many are waiting.
            LeftError: If who waited has left.
        """
        await self._turn(address, gone)
        done = asyncio.get_running_loop().run_in_executor(self._pool, self._timed, work)
        done.add_done_callback(self._is_done)
        # Who leaves now does not end the work: its place is free only when it has ended.
        return await asyncio.shield(done)

    async def _turn(self, address: str, gone: Callable[[], Awaitable[bool]]) -> None:
        if self._free:
            self._free -= 1
            return
        own = self._waiting.get(address, deque())
        if self.waiting >= self._most or len(own) >= self._each:
            raise BusyError(self._wait_s())
        turn = asyncio.get_running_loop().create_future()
        own.append(turn)
        self._waiting[address] = own
        try:
            while not turn.done():
                await asyncio.wait({turn}, timeout=_LOOK_S)
                if not turn.done() and await gone():
                    raise LeftError
        except BaseException:
            if turn.done():  # it was this one's turn in the same moment
                self._next()
            else:
                self._leave(address, turn)
            raise

    def _wait_s(self) -> int:
        return max(1, math.ceil(self.waiting * self._duration / self._at_once))

    def _leave(self, address: str, turn: asyncio.Future[None]) -> None:
        own = self._waiting.get(address)
        if own and turn in own:
            own.remove(turn)
            if not own:
                del self._waiting[address]

    def _timed(self, work: Callable[[], T]) -> T:
        begun = time.monotonic()
        try:
            return work()
        finally:
            took = time.monotonic() - begun
            self._duration += _NEWEST * (took - self._duration)

    def _is_done(self, done: "asyncio.Future[T]") -> None:
        if not done.cancelled():
            done.exception()  # who asked may have left; it is logged where it was raised
        self._next()

    def _next(self) -> None:
        """Give a free place to the next address in turn, or keep it free."""
        if not self._waiting:
            self._free += 1
            return
        address, own = self._waiting.popitem(last=False)
        own.popleft().set_result(None)
        if own:
            self._waiting[address] = own  # at the end
