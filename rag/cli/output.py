"""What commands print: lines that a terminal does not obey, JSON, and how far something is."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rag.language.visible import visible, visible_json
from rag.service.indexing.progress import Progress, no_progress

__all__ = ["counted", "line", "print_json", "progress_bar", "tell"]


def print_json(value: object) -> None:
    """Print a value as JSON, at once."""
    print(visible_json(value), flush=True)


def counted(number: int, thing: str) -> str:
    """Return a number of things: "1 document", "2,000 documents"."""
    return f"{number:,} {thing}" + ("" if number == 1 else "s")


def tell(text: str) -> None:
    """Say something beside the output."""
    print(f"trichdan: {line(text)}", file=sys.stderr, flush=True)


def line(text: object) -> str:
    """Return what a document or its owner wrote as one line that a terminal does not obey."""
    return visible(str(text)).replace("\n", " ").replace("\t", " ")


class _Bar:
    """A progress bar with rate and remaining time."""

    def __init__(self, name: str, unit: str) -> None:
        self._name = name
        self._unit = unit
        self._bar: Any = None

    def __call__(self, done: int, total: int) -> None:
        """Show how far it is."""
        if self._bar is None or self._bar.total != total:
            self.close()
            from tqdm import tqdm

            self._bar = tqdm(
                total=total,
                unit=self._unit,
                desc=self._name,
                ncols=min(100, shutil.get_terminal_size().columns),
                leave=False,
                delay=0.5,
            )
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Take it from the terminal."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


@contextmanager
def progress_bar(name: str, unit: str) -> Iterator[Progress]:
    """Give what shows progress on a terminal, and says nothing elsewhere."""
    if not sys.stderr.isatty():
        yield no_progress
        return
    bar = _Bar(name, unit)
    try:
        yield bar
    finally:
        bar.close()
