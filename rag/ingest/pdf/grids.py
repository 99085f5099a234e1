"""Tables whose cells are ruled: the words stand where the rules say."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from rag.ingest.pdf.layout import Glyph, Line, reading_order

__all__ = ["Grid", "Rule", "grids_of", "ruled_order", "same_columns", "without_headers"]

_NEAR = 2.0  # points: rules that touch, or stand at one place
_GAP = 3.5  # points: between the dots of a rule
_SHORT = 5.0  # points: rules that are no sides of cells
_OPEN = 8.0  # points by which rules stand out where a table has no side
_MAX_BARS = 400  # of a direction
_MAX_SLOTS = 5_000
_MAX_GRIDS = 50  # on a page
_SAME = 3.0  # points: columns of one table on two pages
_EDGE = 0.15  # of the page's height: a grid within may be a running header


class Rule(NamedTuple):
    """A line from one point to another, level or upright."""

    x0: float
    y0: float
    x1: float
    y1: float


class _Bar(NamedTuple):
    """A rule in one direction, of which the place in the other is known."""

    at: float
    start: float
    end: float

    def covers(self, place: float) -> bool:
        return self.start - _NEAR <= place <= self.end + _NEAR


@dataclass(frozen=True, slots=True)
class Grid:
    """The cells of a table.

    Attributes:
        columns: Where they begin and end, from the left.
        rows: Where they begin and end, from the top.
        cells: For each row and column the number of the cell; one may fill several.
    """

    columns: tuple[float, ...]
    rows: tuple[float, ...]
    cells: tuple[tuple[int, ...], ...]

    def cell(self, glyph: Glyph) -> int | None:
        """Return in which cell a character stands, None if in none."""
        middle, height = (glyph.x0 + glyph.x1) / 2, glyph.y + 0.3 * glyph.size
        if not self.columns[0] <= middle <= self.columns[-1] or not self.is_beside(glyph):
            return None
        column = sum(middle > edge for edge in self.columns[1:-1])
        return self.cells[sum(height < edge for edge in self.rows[1:-1])][column]

    def is_beside(self, glyph: Glyph) -> bool:
        """Tell whether a character stands as high as the grid."""
        return self.rows[-1] <= glyph.y + 0.3 * glyph.size <= self.rows[0]


def grids_of(rules: Sequence[Rule], glyphs: Sequence[Glyph]) -> list[Grid]:
    """Return the tables that are ruled, from the top of the page, without what is inside others.

    What has text at its sides, or in only one column, is none.
    """
    down = _bars([(rule.x0, rule.y0, rule.y1) for rule in rules if rule.x1 - rule.x0 < _NEAR])
    across = _bars([(rule.y0, rule.x0, rule.x1) for rule in rules if rule.y1 - rule.y0 < _NEAR])
    if max(len(down), len(across)) > _MAX_BARS:
        return []
    found: list[Grid] = []
    drawn = [grid for part in _parts(down, across) if (grid := _grid(*part)) is not None]
    if len(drawn) > _MAX_GRIDS:
        return []
    for grid in sorted(drawn, key=lambda grid: grid.rows[-1] - grid.rows[0]):
        if all(_apart(grid, other) for other in found) and _is_table(grid, glyphs):
            found.append(grid)
    return sorted(found, key=lambda grid: -grid.rows[0])


def _apart(one: Grid, other: Grid) -> bool:
    return one.rows[0] <= other.rows[-1] + _NEAR or one.rows[-1] >= other.rows[0] - _NEAR


def _is_table(grid: Grid, glyphs: Sequence[Glyph]) -> bool:
    level = [one for one in glyphs if not one.text.isspace() and grid.is_beside(one)]
    filled = {grid.cell(glyph) for glyph in level}
    if None in filled:
        return False
    return sum(any(row[at] in filled for row in grid.cells) for at in range(len(grid.cells[0]))) > 1


def _bars(lines: Sequence[tuple[float, float, float]]) -> list[_Bar]:
    """Put the pieces of rules together."""
    places: list[list[_Bar]] = []
    for bar in sorted(_Bar(*line) for line in lines):
        if places and bar.at - places[-1][0].at <= _NEAR:
            places[-1].append(bar)
        else:
            places.append([bar])
    found: list[_Bar] = []
    for place in places:
        at = place[0].at
        start, end = place[0].start, place[0].start
        for bar in sorted(place, key=lambda bar: bar.start):
            if bar.start - end > _GAP:
                found.append(_Bar(at, start, end))
                start = bar.start
            end = max(end, bar.end)
        found.append(_Bar(at, start, end))
    return [bar for bar in found if bar.end - bar.start > _SHORT]


class _Sets:
    """Numbers that are put together into sets."""

    def __init__(self, count: int) -> None:
        self._above = list(range(count))

    def of(self, number: int) -> int:
        while self._above[number] != number:
            self._above[number] = self._above[self._above[number]]
            number = self._above[number]
        return number

    def join(self, one: int, other: int) -> None:
        low, high = sorted((self.of(one), self.of(other)))
        self._above[high] = low


def _parts(down: list[_Bar], across: list[_Bar]) -> list[tuple[list[_Bar], list[_Bar]]]:
    """Return the rules that hang together."""
    sets = _Sets(len(down) + len(across))
    for one, upright in enumerate(down):
        for other, level in enumerate(across, len(down)):
            if level.covers(upright.at) and upright.covers(level.at):
                sets.join(one, other)
    parts: dict[int, tuple[list[_Bar], list[_Bar]]] = {}
    for number, bar in enumerate([*down, *across]):
        parts.setdefault(sets.of(number), ([], []))[number >= len(down)].append(bar)
    return [part for part in parts.values() if all(part)]


def _grid(down: list[_Bar], across: list[_Bar]) -> Grid | None:
    columns = _edges(down, across)
    rows = _edges(across, down)[::-1]
    width, height = len(columns) - 1, len(rows) - 1
    if width < 2 or height < 1 or width * height > _MAX_SLOTS:
        return None
    sets = _Sets(width * height)
    for row, (top, bottom) in enumerate(pairwise(rows)):
        for column, (left, right) in enumerate(pairwise(columns)):
            slot = row * width + column
            if column + 1 < width and not _is_closed(down, right, (top + bottom) / 2):
                sets.join(slot, slot + 1)
            if row + 1 < height and not _is_closed(across, bottom, (left + right) / 2):
                sets.join(slot, slot + width)
    cells = (
        tuple(sets.of(row * width + column) for column in range(width)) for row in range(height)
    )
    return Grid(columns, rows, tuple(cells))


def _edges(bars: list[_Bar], others: list[_Bar]) -> tuple[float, ...]:
    """Return where rows or columns begin and end; the table may be open at its sides."""
    places = sorted(bar.at for bar in bars)
    low, high = min(bar.start for bar in others), max(bar.end for bar in others)
    if places[0] - low > _OPEN:
        places.insert(0, low)
    if high - places[-1] > _OPEN:
        places.append(high)
    edges = places[:1]
    edges.extend(other for one, other in pairwise(places) if other - one > _NEAR)
    return tuple(edges)


def _is_closed(bars: list[_Bar], at: float, place: float) -> bool:
    return any(abs(bar.at - at) <= _NEAR and bar.covers(place) for bar in bars)


def same_columns(one: Sequence[float], other: Sequence[float]) -> bool:
    """Tell whether columns begin and end at the same places."""
    pairs = zip(one, other, strict=False)
    return len(one) == len(other) and all(abs(a - b) < _SAME for a, b in pairs)


def without_headers(
    pages: Sequence[list[Grid]], glyphs: Sequence[Sequence[Glyph]], heights: Sequence[float]
) -> list[list[Grid]]:
    """Leave out running headers in frames, and single rows that no other page goes on with."""
    keys: list[list[tuple[str, int] | None]] = []
    for grids, found, height in zip(pages, glyphs, heights, strict=True):
        keys.append([_running_key(grid, found, height) for grid in grids])
    counts = Counter(key for page in keys for key in page if key)
    kept: list[list[Grid]] = []
    for at, (grids, page) in enumerate(zip(pages, keys, strict=True)):
        beside = (pages[at - 1][-1:] if at else []) + [g for p in pages[at + 1 : at + 2] for g in p]
        kept.append(
            [
                grid
                for grid, key in zip(grids, page, strict=True)
                if (key is None or counts[key] < 2)
                and (len(grid.rows) > 2 or _goes_on(grid, beside))
            ]
        )
    return kept


def _goes_on(grid: Grid, others: Sequence[Grid]) -> bool:
    return any(same_columns(grid.columns, other.columns) for other in others)


def _running_key(grid: Grid, glyphs: Sequence[Glyph], height: float) -> tuple[str, int] | None:
    """Return what a grid at the edge of its page says, without numbers."""
    if grid.rows[-1] < (1 - _EDGE) * height and grid.rows[0] > _EDGE * height:
        return None
    text = "".join(glyph.text for glyph in glyphs if grid.is_beside(glyph))
    return re.sub(r"\d+", "#", text), round(grid.rows[0] / 3)


def ruled_order(glyphs: Sequence[Glyph], grids: Sequence[Grid]) -> list[Line]:
    """Return a page's lines in the order in which they are read, the rows of grids as such."""
    lines: list[Line] = []
    rest = list(glyphs)
    for grid in grids:
        above = [glyph for glyph in rest if glyph.y + 0.3 * glyph.size > grid.rows[0]]
        inside = [glyph for glyph in rest if grid.cell(glyph) is not None]
        rest = [glyph for glyph in rest if glyph.y + 0.3 * glyph.size < grid.rows[-1]]
        for found in (reading_order(above), _rows(grid, inside)):
            lines.extend(_after(lines, found))
    lines.extend(_after(lines, reading_order(rest)))
    whole = [line for line in lines if line.whole]
    if not grids or not whole:
        return lines
    left, right = min(line.left for line in whole), max(line.right for line in whole)
    return [replace(one, left=left, right=right) if one.whole else one for one in lines]


def _after(lines: Sequence[Line], found: Sequence[Line]) -> list[Line]:
    """Number regions on."""
    first = lines[-1].region + 1 if lines else 0
    return [replace(line, region=line.region + first) for line in found]


def _rows(grid: Grid, glyphs: Sequence[Glyph]) -> list[Line]:
    within: dict[int, list[Glyph]] = {}
    for glyph in glyphs:
        number = grid.cell(glyph)
        if number is not None:
            within.setdefault(number, []).append(glyph)
    width = len(grid.columns) - 1
    parts: dict[int, tuple[Line, ...]] = {}
    for number, found in within.items():
        right = max(
            grid.columns[column + 1]
            for row in grid.cells
            for column in range(width)
            if row[column] == number
        )
        parts[number] = _cell(found, grid.columns[number % width], right)
    lines: list[Line] = []
    for cells, (top, bottom) in zip(grid.cells, pairwise(grid.rows), strict=True):
        row = [parts.get(number, ()) for number in cells]
        pieces = [piece for piece in _split(row) if any(piece)]
        lines += [_row(piece, grid.columns, (top + bottom) / 2) for piece in pieces]
    return lines


def _cell(glyphs: Sequence[Glyph], left: float, right: float) -> tuple[Line, ...]:
    """Return the lines of a cell, whose text can be as wide as its sides leave room for."""
    lines = reading_order(glyphs)
    if not lines:
        return ()
    padding = min(max(min(line.x0 for line in lines) - left, 0), lines[0].size)
    return tuple(replace(line, right=max(line.right, right - padding)) for line in lines)


def _row(parts: Sequence[tuple[Line, ...]], columns: tuple[float, ...], y: float) -> Line:
    texts = tuple(" ".join(line.text for line in part) for part in parts)
    first = next(part[0] for part in parts if part)
    return Line(
        text=" ".join(dict.fromkeys(text for text in texts if text)),
        x0=columns[0],
        x1=columns[-1],
        y=y,
        size=first.size,
        bold=all(line.bold for part in parts for line in part),
        left=columns[0],
        right=columns[-1],
        cells=texts,
        parts=tuple(parts),
        columns=columns,
    )


def _split(row: list[tuple[Line, ...]]) -> list[list[tuple[Line, ...]]]:
    """Return the rows that stand in one because no rule parts them, if they are numbered."""
    numbers = [line.text.rstrip(".)") for line in row[0]]
    counted = len(numbers) > 1 and all(number.isdecimal() for number in numbers)
    if not counted or any(int(other) - int(one) != 1 for one, other in pairwise(numbers)):
        return [row]
    tops = [line.y + 0.5 * line.size for line in row[0]]
    if any(line.y > tops[0] for part in row for line in part):
        return [row]
    ends = [*tops[1:], float("-inf")]
    return [
        [tuple(line for line in part if end < line.y <= top) for part in row]
        for top, end in zip(tops, ends, strict=True)
    ]
