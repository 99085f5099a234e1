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

_MIN_GUTTER_EMS = 0.9  # of the size: wider may be a gutter
_MIN_ROWS_FOR_NARROW_GUTTER = 6  # all of which leave no strip free by chance
_MIN_NARROW_GUTTER_EMS = 0.6  # of the size: between the cells of so many rows
_MIN_COLUMN_SHARE = 0.15  # of the text's width: a narrower side holds a list's numbers
_MIN_RUNNING_FILL_SHARE = 0.6  # of a column's width: lines of running text fill more
_LOOK_AHEAD_ROWS = 12  # rows in which a gutter may show that those before leave free
_MAX_GUTTER_CANDIDATES = 24
_MIN_ROW_STEP_RATIO = 1.2  # of the step from line to line in a cell: the step from row to row
_MAX_TABLE_STEP_EMS = 2.2  # of the size: what stands further below a line is no part of a table
_MAX_LETTERHEAD_ROWS = 12  # of cells side by side: a letterhead, signatures
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
    return [
        group
        for band in _bands(rows)
        for group in _column_groups(rows[band.start : band.end], band)
    ]


def _bands(rows: list[Row]) -> list[_Band]:
    """Divide the rows into those with gutters and those without."""
    bands: list[_Band] = []
    gaps = [_gaps(rows, row_index) for row_index in range(len(rows))]
    plain_start = row_index = 0
    while row_index < len(rows):
        band = _longest_band(rows, row_index, gaps)
        if band is None:
            row_index += 1
            continue
        if plain_start < band.start:
            bands.append(_Band(plain_start, band.start))
        bands.append(band)
        plain_start = row_index = band.end
    if plain_start < len(rows):
        bands.append(_Band(plain_start, len(rows)))
    return bands


def _longest_band(rows: list[Row], first_row: int, gaps: list[list[_Gap]]) -> _Band | None:
    """Return the longest band from a row on that is set in columns."""
    nearby = {gap for row in gaps[first_row : first_row + _LOOK_AHEAD_ROWS] for gap in row}
    candidates = sorted(nearby, key=lambda gap: gap[0] - gap[1])[:_MAX_GUTTER_CANDIDATES]
    # Headings are set in larger type than the gutter is for.
    min_width = _MIN_GUTTER_EMS * statistics.median(row[0].size for row in rows)
    reached: list[tuple[int, _Gap]] = []
    for low, high in candidates:
        stop = first_row
        for row in rows[first_row:]:
            narrowed = _narrowed(row, low, high, min_width)
            if narrowed is None:
                break
            low, high = narrowed
            stop += 1
        reached.append((stop, (low, high)))
    for stop, gutter in sorted(set(reached), reverse=True):
        start, end = _trimmed(rows, first_row, stop, gutter)
        if start != first_row:
            continue
        table = _table_in(rows, start, end, gutter)
        if table is None and _are_columns(rows[start:end], gutter):
            return _Band(start, end, _all_gutters(rows[start:end]) or (gutter,))
        if table is not None and table.start == first_row:
            return table
    return None


def _table_in(rows: list[Row], start: int, end: int, gutter: _Gap) -> _Band | None:
    """Return the part of a band that has more gutters than one, without what is around it."""
    middle = (gutter[0] + gutter[1]) / 2
    full_rows = [
        index for index in range(start, end) if rows[index][0].x0 < middle < rows[index][-1].x0
    ]
    if len(full_rows) < 2:
        return None
    first, last = full_rows[0], full_rows[-1] + 1
    gutters = _all_gutters(rows[first:last])
    several = len(gutters) > 1 and _are_aligned(_halves(rows[first:last], gutter)[1])
    if not several or (len(full_rows) < 3 and not _are_columns(rows[first:last], gutter)):
        return None
    while (
        last < end and rows[last][0].x0 >= gutters[0][1] - 1 and _leaves_free(rows[last], gutters)
    ):
        last += 1
    return _Band(first, last, gutters)


def _are_aligned(rows: list[Row]) -> bool:
    """Tell whether most rows begin, end or have their middle at one place."""
    size = statistics.median(row[0].size for row in rows)
    starts_ends_middles = zip(
        *((row[0].x0, row[-1].x1, (row[0].x0 + row[-1].x1) / 2) for row in rows), strict=True
    )
    return any(
        sum(abs(x - statistics.median(xs)) < 0.7 * size for x in xs) >= 0.5 * len(rows)
        for xs in starts_ends_middles
    )


def _leaves_free(row: Row, gutters: tuple[_Gap, ...]) -> bool:
    return all(word.x1 <= low + 1 or word.x0 >= high - 1 for word in row for low, high in gutters)


def _trimmed(rows: list[Row], start: int, end: int, gutter: _Gap) -> tuple[int, int]:
    """Return a band without what only stands above or below it, at one side, further off."""
    middle = (gutter[0] + gutter[1]) / 2
    right_rows = [index for index in range(start, end) if rows[index][-1].x0 > middle]
    left_rows = [index for index in range(start, end) if rows[index][0].x0 < middle]
    if not right_rows or not left_rows:
        return start, start
    first, last = max(right_rows[0], left_rows[0]), min(right_rows[-1], left_rows[-1])
    for index in range(last, end - 1):
        if rows[index][0].y - rows[index + 1][0].y > _MAX_TABLE_STEP_EMS * rows[index][0].size:
            end = index + 1
            break
    for index in range(first, start, -1):
        if rows[index - 1][0].y - rows[index][0].y > _MAX_TABLE_STEP_EMS * rows[index][0].size:
            return index, end
    return start, end


def _gaps(rows: list[Row], index: int) -> list[_Gap]:
    """Return the wide gaps in a row, and the one between it and the next if they are level."""
    row = rows[index]
    gaps = [
        (word.x1, next_word.x0)
        for word, next_word in pairwise(row)
        if next_word.x0 - word.x1 > _MIN_GUTTER_EMS * max(word.size, next_word.size)
    ]
    if index + 1 < len(rows):
        below = rows[index + 1]
        left, right = (row, below) if row[0].x0 < below[0].x0 else (below, row)
        size = min(row[0].size, below[0].size)
        if (
            row[0].y - below[0].y < 0.9 * size
            and right[0].x0 - left[-1].x1 > _MIN_GUTTER_EMS * size
        ):
            gaps.append((left[-1].x1, right[0].x0))
    return gaps


def _narrowed(row: Row, low: float, high: float, min_width: float) -> _Gap | None:
    """Return what a row leaves free of a gutter, None if it runs across."""
    left_edges = [word.x1 for word in row if word.x1 < (low + high) / 2]
    right_edges = [word.x0 for word in row if word.x0 > (low + high) / 2]
    if len(left_edges) + len(right_edges) < len(row):
        for word in row:  # a word over the middle may still leave enough at one side
            if word.x0 < (low + high) / 2 <= word.x1:
                if high - word.x1 >= min_width:
                    left_edges.append(word.x1)
                elif word.x0 - low >= min_width:
                    right_edges.append(word.x0)
                else:
                    return None
    low, high = max([low, *left_edges]), min([high, *right_edges])
    return (low, high) if high - low >= min_width else None


def _are_columns(rows: list[Row], gutter: _Gap) -> bool:
    """Tell whether there is text at both sides of a gutter, set as columns are."""
    left, right = _halves(rows, gutter)
    if len(left) < 2 or len(right) < 2:
        return False
    size = statistics.median(row[0].size for row in rows)
    starts = [min(row[0].x0 for row in side) for side in (left, right)]
    ends = [max(row[-1].x1 for row in side) for side in (left, right)]
    widths = [end - start for start, end in zip(starts, ends, strict=True)]
    if min(widths) < _MIN_COLUMN_SHARE * (ends[1] - starts[0]):
        return False
    aligned = sum(abs(row[0].x0 - starts[1]) < 0.5 * size for row in right)
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
    min_width = size * (
        _MIN_GUTTER_EMS if len(rows) < _MIN_ROWS_FOR_NARROW_GUTTER else _MIN_NARROW_GUTTER_EMS
    )
    gutters = []
    reach = spans[0][1]
    for start, end in spans:
        if start - reach >= min_width:
            gutters.append((reach, start))
        reach = max(reach, end)
    return tuple(gutters)


def _column_groups(rows: list[Row], band: _Band) -> list[Group]:
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
    beside = len(rows) <= _MAX_LETTERHEAD_ROWS and len(columns) == 2
    if beside and _STATIONERY.search(text):
        return [Group(column, apart=True) for column in columns]
    if all(_is_running(column) for column in columns):
        return [Group(column) for column in columns]
    return _table_groups(rows, band.gutters)


def _table_groups(rows: list[Row], gutters: tuple[_Gap, ...]) -> list[Group]:
    """Return the rows of a table, and apart from them the lines around it."""
    wide_rows = [
        index for index, row in enumerate(rows) if sum(map(bool, cells_of(row, gutters))) > 1
    ]
    if not wide_rows:
        return [Group(rows, whole=True)]
    start, end = wide_rows[0], wide_rows[-1] + 1
    while end < len(rows) and not cells_of(rows[end], gutters)[0]:
        end += 1
    body = Group(_continued(_merged(rows[start:end]), gutters), gutters)
    groups = (Group(rows[:start], whole=True), body, Group(rows[end:], whole=True))
    return [group for group in groups if group.rows]


def _merged(rows: list[Row]) -> list[Row]:
    """Put the lines of one row together where the rows stand further apart than its lines."""
    steps = [upper[0].y - lower[0].y for upper, lower in pairwise(rows)]
    if not steps or max(steps) < _MIN_ROW_STEP_RATIO * min(steps):
        return rows
    merged = [list(rows[0])]
    for step, row in zip(steps, rows[1:], strict=True):
        if step < _MIN_ROW_STEP_RATIO * min(steps):
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
    first_texts: tuple[str, ...] = ()
    for row, texts in zip(rows, cells, strict=True):
        if texts[0]:
            merged.append(list(row))
            first_texts = texts
        elif any(
            text and first[0].islower() for text, first in zip(texts, first_texts, strict=True)
        ):
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
    return filled > _MIN_RUNNING_FILL_SHARE and words > 3


def cells_of(row: Row, gutters: tuple[_Gap, ...]) -> tuple[str, ...]:
    """Return the text in each column of a row."""
    cells: list[list[str]] = [[] for _ in range(len(gutters) + 1)]
    for word in row:
        cells[sum(word.x0 > (low + high) / 2 for low, high in gutters)].append(word.text)
    return tuple(clean(" ".join(cell)) for cell in cells)
