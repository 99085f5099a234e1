"""Find running headers and footers, and the numbers of pages."""

import re
import statistics
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise

from rag.ingest.pdf.layout import Glyph, Line
from rag.language.numerals import roman_value

__all__ = ["running_lines", "without_torn_tops"]

_MAX_EDGE_ROWS = 3  # that may be running headers or footers, at the top and at the bottom
_PAGE_EDGE_SHARE = 0.15  # of the page's height
_MIN_REPEATED_PAGES = 3
_MAX_RUNNING_CHARACTERS = 60  # characters of a running line whose numbers change
_MAX_NEXT_LINE_STEP_RATIO = 1.2  # of the usual step: what stands further down is no next line
_MAX_NEXT_LINE_STEP_EMS = 2.2  # of the size: lines that are set wide stand so far apart
_PAGE_NUMBER = re.compile(
    r"(?P<label>[-–—\s\[(]*(?:trang|page|tr\.|p\.)\s*|\s*[-–—\[]\s*)?"
    r"(?P<number>\d{1,4}|[ivxl]{1,6})(?P<of>\s*(?:/|of|trên)\s*\d{1,4})?"
    r"(?(label)[-–—\s.\])]*|[-–—\s\])]*)",
    re.I,
)
_MAX_TORN_GLYPHS = 2  # letters


def running_lines(pages: Sequence[Sequence[Line]], heights: Sequence[float]) -> list[set[float]]:
    """Return for each page the baselines of the running headers, footers and page numbers.

    Args:
        pages: The rows of each page from the top down.
        heights: Of the pages, in points.
    """
    edges = [_edges(rows, height) for rows, height in zip(pages, heights, strict=True)]
    counts = Counter(key for edge in edges for key in {_key(line) for line, _ in edge})
    repeats = {key: sum(counts[key[0], key[1] + step] for step in (-1, 0, 1)) for key in counts}
    min_repeats = min(_MIN_REPEATED_PAGES, len(pages)) if len(pages) > 1 else 2
    numbers = [
        {number for line, _ in edge for number in _page_number_values(line)} for edge in edges
    ]
    removed: list[set[float]] = []
    for page_index, (edge, rows) in enumerate(zip(edges, pages, strict=True)):
        baselines: set[float] = set()
        for line, outer_lines in edge:
            match = _PAGE_NUMBER.fullmatch(line.text)
            numbered = match and (match["label"] or _is_in_sequence(line, page_index, numbers))
            outer_removed = all(outer_line.y in baselines for outer_line in outer_lines)
            running = repeats[_key(line)] >= min_repeats or numbered
            if match and not match["label"] and _continues_paragraph(line, rows):
                running = False
            if outer_removed and running and len(baselines) < len(rows):
                baselines.add(line.y)
        removed.append(baselines)
    return removed


def _page_number_values(line: Line) -> tuple[int, ...]:
    """Return the number that a line is, none if it is something else."""
    match = _PAGE_NUMBER.fullmatch(line.text)
    if match is None:
        return ()
    if match["number"].isdigit():
        return (int(match["number"]),)
    value = roman_value(match["number"])
    return () if value is None else (value,)


def _is_in_sequence(line: Line, page_index: int, numbers: Sequence[set[int]]) -> bool:
    """Tell whether a line is its page's own number, or follows those of the pages beside."""
    neighbours = [
        (step, numbers[page_index + step])
        for step in (-1, 1)
        if 0 <= page_index + step < len(numbers)
    ]
    return any(
        number == page_index + 1
        or any(number + step in page_numbers for step, page_numbers in neighbours)
        for number in _page_number_values(line)
    )


def _continues_paragraph(line: Line, rows: Sequence[Line]) -> bool:
    """Tell whether a line stands below another as the lines of a paragraph do."""
    ordered = sorted(rows, key=lambda row: -row.y)
    steps = [upper.y - lower.y for upper, lower in pairwise(ordered)]
    above = next((row for row in reversed(ordered) if row.y > line.y), None)
    return (
        above is not None
        and abs(above.size - line.size) < 0.05 * line.size
        and abs(above.x0 - line.x0) < 0.5 * line.size
        and above.y - line.y
        <= min(
            _MAX_NEXT_LINE_STEP_RATIO * statistics.median(steps),
            _MAX_NEXT_LINE_STEP_EMS * line.size,
        )
    )


def _edges(rows: Sequence[Line], height: float) -> list[tuple[Line, Sequence[Line]]]:
    """Return the lines near the top and the bottom, each with those further out."""
    ordered = sorted(rows, key=lambda line: -line.y)
    top = [line for line in ordered[:_MAX_EDGE_ROWS] if line.y > (1 - _PAGE_EDGE_SHARE) * height]
    bottom = [line for line in ordered[::-1][:_MAX_EDGE_ROWS] if line.y < _PAGE_EDGE_SHARE * height]
    return [(line, side[:depth]) for side in (top, bottom) for depth, line in enumerate(side)]


def _key(line: Line) -> tuple[str, int]:
    """Return what is the same on every page; long lines with other numbers are footnotes."""
    text = line.text.casefold()
    if len(text) < _MAX_RUNNING_CHARACTERS:
        text = re.sub(r"\d+", "#", text)
    return text, round(line.y / 3)


def without_torn_tops(pages: Sequence[list[Glyph]]) -> list[list[Glyph]]:
    """Leave out the tops of letters that a page shows of the first line of the next.

    Browsers paint a line that reaches over the end of a page on both.
    """
    following_pages: list[list[Glyph]] = [*pages[1:], []]
    kept: list[list[Glyph]] = []
    for glyphs, next_glyphs in zip(pages, following_pages, strict=True):
        lowest_line = _extreme_line([glyph for glyph in glyphs if not glyph.text.isspace()], min)
        first_line = _extreme_line(
            [glyph for glyph in next_glyphs if not glyph.text.isspace()], max
        )
        torn = 0 < len(lowest_line) <= _MAX_TORN_GLYPHS < len(first_line) and all(
            any(
                glyph.text == next_glyph.text and abs(glyph.x0 - next_glyph.x0) < 1
                for next_glyph in first_line
            )
            and (glyph.text.isupper() or glyph.x0 > first_line[0].x0 + 2 * glyph.size)
            for glyph in lowest_line
        )
        kept.append([glyph for glyph in glyphs if glyph not in lowest_line] if torn else glyphs)
    return kept


def _extreme_line(
    glyphs: Sequence[Glyph], extreme: Callable[[Iterable[float]], float]
) -> list[Glyph]:
    """Return the lowest or highest line, from the left."""
    if not glyphs:
        return []
    y = extreme(glyph.y for glyph in glyphs)
    line_glyphs = (glyph for glyph in glyphs if abs(glyph.y - y) < 0.3 * glyph.size)
    return sorted(line_glyphs, key=lambda glyph: glyph.x0)
