"""Find the columns of a page, and its tables, from the words on each baseline.

A gutter is a strip down the page in which no word stands. What is at its sides is read one side
after the other if it is running text or a letterhead, and row by row if it is a table.
"""

import re
import statistics
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from rag.ingest.extract import clean

__all__ = ["Group", "Row", "Word", "cells_of", "groups_of"]

_CELL_GAP = 0.9  # of the size: wider may be a gutter
_MANY_ROWS = 6  # all of which leave no strip free by chance
_NARROW_GAP = 0.6  # of the size: between the cells of so many rows
_MIN_SIDE = 0.15  # of the width of the text: a narrower side holds numbers of a list, not text
_FULL = 0.6  # of a column's width: lines of running text fill more
_LOOK_AHEAD = 12  # rows in which a gutter may show that those before leave free
_MAX_CANDIDATES = 24
_ROW_STEP = 1.2  # of the step from line to line in a cell: the step from row to row
_FAR = 2.2  # of the size: a step from line to line that parts what is below from a table
_MAX_ROWS_BESIDE = 12  # of cells side by side: a letterhead, signatures
_STATIONERY = re.compile(
    r"c[ộô]ng h(?:òa|oà|oa) x|độc lập|n[ơo]i nh[ậa]n|\btm\.|\bkt\.|\btl\.", re.I
)


class Word(NamedTuple):
    """A word: from x0 to x1 on a baseline y, in type of a size, of so many characters."""

    text: str
    x0: float
    x1: float
    size: float
    bold: bool
    letters: int
    y: float


Row = list[Word]
_Gap = tuple[float, float]


@dataclass(frozen=True, slots=True)
class _Band:
    """Rows from start to end, with the gutters that run through all of them."""

    start: int
    end: int
    gutters: tuple[_Gap, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that are read one after the other.

    Attributes:
        gutters: Between the columns of a table.
        whole: They run over the width of the page, at no side of a gutter.
        apart: Each row stands for itself, as in a letterhead.
    """

    rows: list[Row]
    gutters: tuple[_Gap, ...] = ()
    whole: bool = False
    apart: bool = False


def groups_of(rows: list[Row]) -> list[Group]:
    """Return the rows of a page, columns and cells side by side one after the other."""
    return [group for band in _bands(rows) for group in _sides(rows[band.start : band.end], band)]


def _bands(rows: list[Row]) -> list[_Band]:
    """Divide the rows into those with gutters and those without."""
    bands: list[_Band] = []
    gaps = [_gaps(rows, at) for at in range(len(rows))]
    plain = at = 0
    while at < len(rows):
        found = _longest_band(rows, at, gaps)
        if found is None:
            at += 1
            continue
        if plain < found.start:
            bands.append(_Band(plain, found.start))
        bands.append(found)
        plain = at = found.end
    if plain < len(rows):
        bands.append(_Band(plain, len(rows)))
    return bands


def _longest_band(rows: list[Row], at: int, gaps: list[list[_Gap]]) -> _Band | None:
    """Return the longest band from a row on that is set in columns."""
    nearby = {gap for row in gaps[at : at + _LOOK_AHEAD] for gap in row}
    candidates = sorted(nearby, key=lambda gap: gap[0] - gap[1])[:_MAX_CANDIDATES]
    # Headings are set in larger type than the gutter is for.
    need = _CELL_GAP * statistics.median(row[0].size for row in rows)
    reached: list[tuple[int, _Gap]] = []
    for low, high in candidates:
        stop = at
        for row in rows[at:]:
            narrowed = _narrowed(row, low, high, need)
            if narrowed is None:
                break
            low, high = narrowed
            stop += 1
        reached.append((stop, (low, high)))
    for stop, gutter in sorted(set(reached), reverse=True):
        start, end = _trimmed(rows, at, stop, gutter)
        if start != at:
            continue
        table = _table_in(rows, start, end, gutter)
        if table is None and _are_columns(rows[start:end], gutter):
            return _Band(start, end, _all_gutters(rows[start:end]) or (gutter,))
        if table is not None and table.start == at:
            return table
    return None


def _table_in(rows: list[Row], start: int, end: int, gutter: _Gap) -> _Band | None:
    """Return the part of a band that has more gutters than one, without what is around it."""
    middle = (gutter[0] + gutter[1]) / 2
    both = [at for at in range(start, end) if rows[at][0].x0 < middle < rows[at][-1].x0]
    if len(both) < 2:
        return None
    first, last = both[0], both[-1] + 1
    gutters = _all_gutters(rows[first:last])
    several = len(gutters) > 1 and _are_aligned(_halves(rows[first:last], gutter)[1])
    if not several or (len(both) < 3 and not _are_columns(rows[first:last], gutter)):
        return None
    while last < end and rows[last][0].x0 >= gutters[0][1] - 1 and _keeps(rows[last], gutters):
        last += 1
    return _Band(first, last, gutters)


def _are_aligned(rows: list[Row]) -> bool:
    """Tell whether most rows begin, end or have their middle at one place."""
    size = statistics.median(row[0].size for row in rows)
    places = zip(
        *((row[0].x0, row[-1].x1, (row[0].x0 + row[-1].x1) / 2) for row in rows), strict=True
    )
    return any(
        sum(abs(place - statistics.median(found)) < 0.7 * size for place in found)
        >= 0.5 * len(rows)
        for found in places
    )


def _keeps(row: Row, gutters: tuple[_Gap, ...]) -> bool:
    return all(word.x1 <= low + 1 or word.x0 >= high - 1 for word in row for low, high in gutters)


def _trimmed(rows: list[Row], start: int, end: int, gutter: _Gap) -> tuple[int, int]:
    """Return a band without what only stands above or below it, at one side, further off."""
    middle = (gutter[0] + gutter[1]) / 2
    right = [at for at in range(start, end) if rows[at][-1].x0 > middle]
    left = [at for at in range(start, end) if rows[at][0].x0 < middle]
    if not right or not left:
        return start, start
    first, last = max(right[0], left[0]), min(right[-1], left[-1])
    for at in range(last, end - 1):
        if rows[at][0].y - rows[at + 1][0].y > _FAR * rows[at][0].size:
            end = at + 1
            break
    for at in range(first, start, -1):
        if rows[at - 1][0].y - rows[at][0].y > _FAR * rows[at][0].size:
            return at, end
    return start, end


def _gaps(rows: list[Row], at: int) -> list[_Gap]:
    """Return the wide gaps in a row, and the one between it and the next if they are level."""
    row = rows[at]
    found = [
        (one.x1, other.x0)
        for one, other in pairwise(row)
        if other.x0 - one.x1 > _CELL_GAP * max(one.size, other.size)
    ]
    if at + 1 < len(rows):
        below = rows[at + 1]
        left, right = (row, below) if row[0].x0 < below[0].x0 else (below, row)
        size = min(row[0].size, below[0].size)
        if row[0].y - below[0].y < 0.9 * size and right[0].x0 - left[-1].x1 > _CELL_GAP * size:
            found.append((left[-1].x1, right[0].x0))
    return found


def _narrowed(row: Row, low: float, high: float, need: float) -> _Gap | None:
    """Return what a row leaves free of a gutter, None if it runs across."""
    edges = [word.x1 for word in row if word.x1 < (low + high) / 2]
    starts = [word.x0 for word in row if word.x0 > (low + high) / 2]
    if len(edges) + len(starts) < len(row):
        for word in row:  # one runs over the middle; it may still leave enough at one side
            if word.x0 < (low + high) / 2 <= word.x1:
                if high - word.x1 >= need:
                    edges.append(word.x1)
                elif word.x0 - low >= need:
                    starts.append(word.x0)
                else:
                    return None
    low, high = max([low, *edges]), min([high, *starts])
    return (low, high) if high - low >= need else None


def _are_columns(rows: list[Row], gutter: _Gap) -> bool:
    """Tell whether there is text at both sides of a gutter, set as columns are."""
    left, right = _halves(rows, gutter)
    if len(left) < 2 or len(right) < 2:
        return False
    size = statistics.median(row[0].size for row in rows)
    edges = [min(row[0].x0 for row in side) for side in (left, right)]
    ends = [max(row[-1].x1 for row in side) for side in (left, right)]
    widths = [end - edge for edge, end in zip(edges, ends, strict=True)]
    if min(widths) < _MIN_SIDE * (ends[1] - edges[0]):
        return False
    aligned = sum(abs(row[0].x0 - edges[1]) < 0.5 * size for row in right)
    middles = [(row[0].x0 + row[-1].x1) / 2 for row in right]
    centred = sum(abs(middle - statistics.median(middles)) < 0.7 * size for middle in middles)
    if gutter[1] - gutter[0] < 2 * size and max(aligned, centred) < 3:
        return False
    return max(aligned, centred) >= 0.5 * len(right)


def _halves(rows: list[Row], gutter: _Gap) -> tuple[list[Row], list[Row]]:
    middle = (gutter[0] + gutter[1]) / 2
    left = [[word for word in row if word.x0 < middle] for row in rows]
    right = [[word for word in row if word.x0 >= middle] for row in rows]
    return [row for row in left if row], [row for row in right if row]


def _all_gutters(rows: list[Row]) -> tuple[_Gap, ...]:
    """Return the strips that no word of the rows stands in."""
    spans = sorted((word.x0, word.x1) for row in rows for word in row)
    size = statistics.median(row[0].size for row in rows)
    need = size * (_CELL_GAP if len(rows) < _MANY_ROWS else _NARROW_GAP)
    gutters = []
    reach = spans[0][1]
    for start, end in spans:
        if start - reach >= need:
            gutters.append((reach, start))
        reach = max(reach, end)
    return tuple(gutters)


def _sides(rows: list[Row], band: _Band) -> list[Group]:
    """Return the columns of a band, or its rows if it is a table."""
    if not band.gutters:
        return [Group(rows, whole=True)]
    columns: list[list[Row]] = []
    rest = rows
    for gutter in band.gutters:
        left, rest = _halves(rest, gutter)
        columns.append(left)
    columns.append(rest)
    text = " ".join(word.text for row in rows for word in row)
    beside = len(rows) <= _MAX_ROWS_BESIDE and len(columns) == 2
    if beside and _STATIONERY.search(text):
        return [Group(column, apart=True) for column in columns]
    if all(_is_running(column) for column in columns):
        return [Group(column) for column in columns]
    return _table(rows, band.gutters)


def _table(rows: list[Row], gutters: tuple[_Gap, ...]) -> list[Group]:
    """Return the rows of a table, and apart from them the lines around it."""
    wide = [at for at, row in enumerate(rows) if sum(map(bool, cells_of(row, gutters))) > 1]
    if not wide:
        return [Group(rows, whole=True)]
    start, end = wide[0], wide[-1] + 1
    while end < len(rows) and not cells_of(rows[end], gutters)[0]:
        end += 1
    body = Group(_continued(_merged(rows[start:end]), gutters), gutters)
    around = (Group(rows[:start], whole=True), body, Group(rows[end:], whole=True))
    return [group for group in around if group.rows]


def _merged(rows: list[Row]) -> list[Row]:
    """Put the lines of one row together where the rows stand further apart than its lines."""
    steps = [one[0].y - other[0].y for one, other in pairwise(rows)]
    if not steps or max(steps) < _ROW_STEP * min(steps):
        return rows
    merged = [list(rows[0])]
    for step, row in zip(steps, rows[1:], strict=True):
        if step < _ROW_STEP * min(steps):
            merged[-1] += row
        else:
            merged.append(list(row))
    return merged


def _continued(rows: list[Row], gutters: tuple[_Gap, ...]) -> list[Row]:
    """Put lines that go on in some columns of a row to it, if all rows begin at their top."""
    cells = [cells_of(row, gutters) for row in rows]
    if not all(all(row) or not row[0] for row in cells) or not all(cells[0]):
        return rows
    merged: list[Row] = []
    full: tuple[str, ...] = ()
    for row, texts in zip(rows, cells, strict=True):
        if texts[0]:
            merged.append(list(row))
            full = texts
        elif any(text and one[0].islower() for text, one in zip(texts, full, strict=True)):
            return rows  # the row's other cells stand at its middle, or this is another row
        else:
            merged[-1] += row
    return merged


def _is_running(column: list[Row]) -> bool:
    """Tell whether a column holds running text: most lines fill it."""
    left = min(row[0].x0 for row in column)
    width = max(row[-1].x1 for row in column) - left
    words = sum(map(len, column)) / len(column)
    filled = statistics.mean((row[-1].x1 - row[0].x0) / width for row in column)
    return filled > _FULL and words > 3


def cells_of(row: Row, gutters: tuple[_Gap, ...]) -> tuple[str, ...]:
    """Return the text in each column of a row."""
    cells: list[list[str]] = [[] for _ in range(len(gutters) + 1)]
    for word in row:
        cells[sum(word.x0 > (low + high) / 2 for low, high in gutters)].append(word.text)
    return tuple(clean(" ".join(cell)) for cell in cells)
