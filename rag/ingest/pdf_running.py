"""Find running headers and footers, and the numbers of pages."""

import re
from collections import Counter
from collections.abc import Sequence

from rag.ingest.pdf_layout import Line

__all__ = ["running_lines"]

_EDGE_ROWS = 3  # that may be running headers or footers, at the top and at the bottom
_EDGE = 0.15  # of the page's height
_MIN_REPEATS = 3
_MAX_RUNNING = 60  # characters of a running line whose numbers change
_PAGE_NUMBER = re.compile(
    r"[-–—\s\[(]*(?:(?:trang|page|tr\.|p\.)\s*)?(\d{1,4}|[ivxl]{1,6})"
    r"(?:\s*(?:/|of|trên)\s*\d{1,4})?[-–—\s.\])]*$",
    re.I,
)


def running_lines(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> list[set[float]]:
    """Return for each page the baselines of the running headers, footers and page numbers.

    Args:
        pages: The rows of each page from the top down.
        heights: Of the pages, in points.
    """
    edges = [_edges(rows, height) for rows, height in zip(pages, heights, strict=True)]
    counts = Counter(key for edge in edges for key in {_key(line) for line, _ in edge})
    near = {key: sum(counts[key[0], key[1] + step] for step in (-1, 0, 1)) for key in counts}
    need = min(_MIN_REPEATS, len(pages)) if len(pages) > 1 else 2
    numbers = sum(any(_PAGE_NUMBER.match(line.text) for line, _ in edge) for edge in edges)
    removed: list[set[float]] = []
    for at, (edge, rows) in enumerate(zip(edges, pages, strict=True)):
        found: set[float] = set()
        for line, outer in edge:
            number = _PAGE_NUMBER.match(line.text)
            counted = number and (numbers >= need or not line.text.isdigit() or _is(number, at))
            peeled = all(other.y in found for other in outer)
            if peeled and (near[_key(line)] >= need or counted) and len(found) < len(rows):
                found.add(line.y)
        removed.append(found)
    return removed


def _is(number: re.Match[str], at: int) -> bool:
    return number[1] == str(at + 1)


def _edges(rows: Sequence[Line], height: float) -> list[tuple[Line, Sequence[Line]]]:
    """Return the lines near the top and the bottom, each with those further out."""
    ordered = sorted(rows, key=lambda line: -line.y)
    top = [line for line in ordered[:_EDGE_ROWS] if line.y > (1 - _EDGE) * height]
    bottom = [line for line in ordered[::-1][:_EDGE_ROWS] if line.y < _EDGE * height]
    return [(line, side[:at]) for side in (top, bottom) for at, line in enumerate(side)]


def _key(line: Line) -> tuple[str, int]:
    """Return what is the same on every page; long lines with other numbers are footnotes."""
    text = line.text.casefold()
    return re.sub(r"\d+", "#", text) if len(text) < _MAX_RUNNING else text, round(line.y / 3)
