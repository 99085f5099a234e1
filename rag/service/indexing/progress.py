"""How far the indexing is."""

from collections.abc import Callable

__all__ = ["Progress", "no_progress"]

Progress = Callable[[int, int], None]
"""Is told how many files of how many are read, or how many passages are embedded."""


def no_progress(done: int, total: int) -> None:
    """Tell nobody how far it is."""
    del done, total
