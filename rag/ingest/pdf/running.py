"""Find running headers and footers, and the numbers of pages."""

import re
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from rag.ingest.pdf.layout import Glyph, Line
from rag.language.numerals import roman_value

__all__ = ["running_lines", "without_torn_tops"]

_EDGE_ROWS = 3  # that may be running headers or footers, at the top and at the bottom
_EDGE = 0.15  # of the page's height
_MIN_REPEATS = 3
_MAX_RUNNING = 60  # characters of a running line whose numbers change
_GOES_ON = 1.2  # of the step from line to line: what stands further down is no next line
_FAR = 2.2  # of the size: lines that are set wide stand so far apart
_PAGE_NUMBER = re.compile(
    r"(?P<said>[-–—\s\[(]*(?:trang|page|tr\.|p\.)\s*|\s*[-–—\[]\s*)?"
    r"(?P<number>\d{1,4}|[ivxl]{1,6})(?P<of>\s*(?:/|of|trên)\s*\d{1,4})?"
    r"(?(said)[-–—\s.\])]*|[-–—\s\])]*)",
    re.I,
)
_MAX_TORN = 2  # letters


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
    numbers = [{number for line, _ in edge for number in _number(line)} for edge in edges]
    removed: list[set[float]] = []
    for at, (edge, rows) in enumerate(zip(edges, pages, strict=True)):
        found: set[float] = set()
        for line, outer in edge:
            match = _PAGE_NUMBER.fullmatch(line.text)
            counted = match and (match["said"] or _is_in_sequence(line, at, numbers))
            peeled = all(other.y in found for other in outer)
            running = near[_key(line)] >= need or counted
            if match and not match["said"] and _goes_on(line, rows):
                running = False
            if peeled and running and len(found) < len(rows):
                found.add(line.y)
        removed.append(found)
    return removed


def _number(line: Line) -> tuple[int, ...]:
    """Return the number that a line is, none if it is something else."""
    match = _PAGE_NUMBER.fullmatch(line.text)
    if match is None:
        return ()
    if match["number"].isdigit():
        return (int(match["number"]),)
    value = roman_value(match["number"])
    return () if value is None else (value,)


def _is_in_sequence(line: Line, at: int, numbers: Sequence[set[int]]) -> bool:
    """Tell whether a line is its page's own number, or follows those of the pages beside."""
    beside = [(step, numbers[at + step]) for step in (-1, 1) if 0 <= at + step < len(numbers)]
    return any(
        number == at + 1 or any(number + step in found for step, found in beside)
        for number in _number(line)
    )


def _goes_on(line: Line, rows: Sequence[Line]) -> bool:
    """Tell whether a line stands below another as the lines of a paragraph do."""
    ordered = sorted(rows, key=lambda row: -row.y)
    steps = [one.y - other.y for one, other in pairwise(ordered)]
    above = next((row for row in reversed(ordered) if row.y > line.y), None)
    return (
        above is not None
        and abs(above.size - line.size) < 0.05 * line.size
        and abs(above.x0 - line.x0) < 0.5 * line.size
        and above.y - line.y <= min(_GOES_ON * statistics.median(steps), _FAR * line.size)
    )


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


def without_torn_tops(pages: Sequence[list[Glyph]]) -> list[list[Glyph]]:
    """Leave out the tops of letters that a page shows of the first line of the next.

    Browsers paint a line that reaches over the end of a page on both.
    """
    following: list[list[Glyph]] = [*pages[1:], []]
    kept: list[list[Glyph]] = []
    for glyphs, after in zip(pages, following, strict=True):
        lowest = _level([glyph for glyph in glyphs if not glyph.text.isspace()], min)
        first = _level([glyph for glyph in after if not glyph.text.isspace()], max)
        torn = 0 < len(lowest) <= _MAX_TORN < len(first) and all(
            any(glyph.text == other.text and abs(glyph.x0 - other.x0) < 1 for other in first)
            and (glyph.text.isupper() or glyph.x0 > first[0].x0 + 2 * glyph.size)
            for glyph in lowest
        )
        kept.append([glyph for glyph in glyphs if glyph not in lowest] if torn else glyphs)
    return kept


def _level(glyphs: Sequence[Glyph], end: Callable[[Iterable[float]], float]) -> list[Glyph]:
    """Return the lowest or highest line, from the left."""
    if not glyphs:
        return []
    y = end(glyph.y for glyph in glyphs)
    near = (glyph for glyph in glyphs if abs(glyph.y - y) < 0.3 * glyph.size)
    return sorted(near, key=lambda glyph: glyph.x0)
