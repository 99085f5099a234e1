"""A task to try runners with."""

from collections.abc import Callable

from rag.domain.work import Limits, Task
from rag.errors import DocumentError

__all__ = ["DOUBLE"]


def _double(number: int, limits: Limits, at_work: Callable[[], None]) -> int:
    del limits
    at_work()
    if number < 0:
        raise DocumentError("document.empty")
    return 2 * number


DOUBLE = Task(
    name=f"{__name__}:DOUBLE",
    run=_double,
    item_to_json=int,
    item_from_json=int,
    value_to_json=int,
    value_from_json=int,
)
"""Doubles a number; for one below 0 it raises the error that a file is empty."""
