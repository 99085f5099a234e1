"""The line before the answers: who waits, whose turn it is, and that it never stops."""

import asyncio
import threading
from collections.abc import Callable

import pytest

from ui.line import BusyError, LeftError, Line


async def stays() -> bool:
    return False


class Work:
    """Pieces of work that end when they are told to, and note their order."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.may_end = threading.Event()

    def piece(self, name: str) -> Callable[[], str]:
        def run() -> str:
            self.begun.append(name)
            assert self.may_end.wait(10)
            return name

        return run


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0.01)


def test_addresses_take_turns() -> None:
    async def run() -> list[str]:
        line, work = Line(at_once=1, most=10, each=5), Work()
        order = ["a1", "a2", "a3", "a4", "b1", "c1", "b2"]
        tasks = []
        for name in order:
            tasks.append(asyncio.create_task(line.run(name[0], work.piece(name), stays)))
            await asyncio.sleep(0)
        await settled()
        assert line.waiting == 6
        work.may_end.set()
        assert await asyncio.gather(*tasks) == order
        assert line.waiting == 0
        return work.begun

    assert asyncio.run(run()) == ["a1", "a2", "b1", "c1", "a3", "b2", "a4"]


def test_too_many_are_told_when_to_come_again() -> None:
    async def run() -> None:
        line, work = Line(at_once=1, most=3, each=2), Work()
        tasks = [asyncio.create_task(line.run("a", work.piece("a"), stays)) for _ in range(3)]
        await settled()
        with pytest.raises(BusyError) as refused:
            await line.run("a", work.piece("a"), stays)
        assert refused.value.retry_after >= 1
        tasks.append(asyncio.create_task(line.run("b", work.piece("b"), stays)))
        await settled()
        with pytest.raises(BusyError):
            await line.run("c", work.piece("c"), stays)
        work.may_end.set()
        assert sorted(await asyncio.gather(*tasks)) == ["a", "a", "a", "b"]
        assert await line.run("c", work.piece("c"), stays) == "c"

    asyncio.run(run())


def test_who_leaves_leaves_nothing_behind() -> None:
    async def run() -> None:
        line, work = Line(at_once=1, most=5, each=5), Work()
        first = asyncio.create_task(line.run("a", work.piece("first"), stays))
        await settled()

        async def gone() -> bool:
            return True

        with pytest.raises(LeftError):
            await line.run("b", work.piece("left"), gone)
        cancelled = asyncio.create_task(line.run("c", work.piece("cancelled"), stays))
        await settled()
        cancelled.cancel()
        await asyncio.gather(cancelled, return_exceptions=True)
        assert (line.waiting, line._waiting) == (0, {})
        first.cancel()  # in mid-work: its place is free only when the work has ended
        await asyncio.gather(first, return_exceptions=True)
        waiting = asyncio.create_task(line.run("d", work.piece("d"), stays))
        await settled()
        assert work.begun == ["first"]
        work.may_end.set()
        assert await waiting == "d"
        assert work.begun == ["first", "d"]

    asyncio.run(run())


def test_work_that_fails_does_not_stop_the_line() -> None:
    async def run() -> None:
        line = Line(at_once=2, most=100, each=100)

        def fails() -> str:
            raise KeyError("lost")

        async def ask(i: int) -> str:
            try:
                return await line.run(str(i % 7), fails if i % 2 else (lambda: "done"), stays)
            except KeyError:
                return "failed"

        told = await asyncio.gather(*(ask(i) for i in range(80)))
        assert told == ["done", "failed"] * 40
        assert (line.waiting, line._free) == (0, 2)

    asyncio.run(run())
