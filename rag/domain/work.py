"""Work that another process may do: tasks, their limits, and what comes of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from rag.errors import TrichDanError

__all__ = ["Done", "Failed", "Limits", "Task"]

_Item = TypeVar("_Item")
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one item of work may take; of a file, how much of it is read.

    Attributes:
        max_bytes: The largest file.
        max_pages: The most pages of a file.
        seconds: Since the item was begun, or last said that it is at work.
        memory: Bytes that the process that does the work may use.
    """

    max_bytes: int = 50_000_000
    max_pages: int = 2_000
    seconds: float = 120.0
    memory: int = 2_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Generic[_Item, _Value]):
    """What is done with each item: a pure function, and how items and values are handed over.

    What goes from one process to another is JSON, since a process that was given a hostile file is
    not to be trusted with more.

    Attributes:
        name: Where the task itself stands, "module:NAME", for another process to find it.
        run: Takes an item, the limits, and what to call now and then while it is at work.
        item_to_json: Returns an item as a value that JSON can hold.
        item_from_json: Returns the item again.
        value_to_json: Returns what `run` returned as a value that JSON can hold.
        value_from_json: Returns that again; it raises a ValueError, TypeError, KeyError or
            AttributeError for anything else.
    """

    name: str
    run: Callable[[_Item, Limits, Callable[[], None]], _Value]
    item_to_json: Callable[[_Item], Any]
    item_from_json: Callable[[Any], _Item]
    value_to_json: Callable[[_Value], Any]
    value_from_json: Callable[[Any], _Value]


@dataclass(frozen=True, slots=True)
class Done(Generic[_Value]):
    """What came of an item."""

    value: _Value


@dataclass(frozen=True, slots=True)
class Failed:
    """An item of which nothing came.

    Attributes:
        error: Why; a `ReaderDiedError` if it may go well when tried again.
    """

    error: TrichDanError
