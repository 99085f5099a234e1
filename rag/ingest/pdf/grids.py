"""Tables whose cells are ruled: the words stand where the rules say."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from rag.ingest.pdf.layout import Glyph, Line, reading_order

__all__ = [
    "Grid",
    "Rule",
    "grids_of",
    "reading_order_with_grids",
    "same_columns",
    "without_running_headers",
]

_TOUCHING_POINTS = 2.0  # points: rules that touch, or stand at one place
_MAX_DOT_GAP_POINTS = 3.5  # points: between the dots of a rule
_MIN_BAR_POINTS = 5.0  # points: rules that are no sides of cells
_MIN_OPEN_SIDE_POINTS = 8.0  # points by which rules stand out where a table has no side
_MAX_BARS = 400  # of a direction
_MAX_SLOTS = 5_000
_MAX_GRIDS = 50  # on a page
_SAME_COLUMN_POINTS = 3.0  # points: columns of one table on two pages
_PAGE_EDGE_SHARE = 0.15  # of the page's height: a grid within may be a running header


class Rule(NamedTuple):
    """A line from one point to another, level or upright."""

    x0: float
    y0: float
    x1: float
    y1: float


class _Bar(NamedTuple):
    """A rule in one direction, of which the place in the other is known."""

    position: float
    start: float
    end: float

    def covers(self, coordinate: float) -> bool:
        return self.start - _TOUCHING_POINTS <= coordinate <= self.end + _TOUCHING_POINTS


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
    down = _bars(
        [(rule.x0, rule.y0, rule.y1) for rule in rules if rule.x1 - rule.x0 < _TOUCHING_POINTS]
    )
    across = _bars(
        [(rule.y0, rule.x0, rule.x1) for rule in rules if rule.y1 - rule.y0 < _TOUCHING_POINTS]
    )
    if max(len(down), len(across)) > _MAX_BARS:
        return []
    grids: list[Grid] = []
    candidates = [
        grid for part in _connected_parts(down, across) if (grid := _grid(*part)) is not None
    ]
    if len(candidates) > _MAX_GRIDS:
        return []
    for grid in sorted(candidates, key=lambda grid: grid.rows[-1] - grid.rows[0]):
        if all(_are_apart(grid, outer) for outer in grids) and _is_table(grid, glyphs):
            grids.append(grid)
    return sorted(grids, key=lambda grid: -grid.rows[0])


def _are_apart(grid: Grid, other_grid: Grid) -> bool:
    return (
        grid.rows[0] <= other_grid.rows[-1] + _TOUCHING_POINTS
        or grid.rows[-1] >= other_grid.rows[0] - _TOUCHING_POINTS
    )


def _is_table(grid: Grid, glyphs: Sequence[Glyph]) -> bool:
    beside = [glyph for glyph in glyphs if not glyph.text.isspace() and grid.is_beside(glyph)]
    filled = {grid.cell(glyph) for glyph in beside}
    if None in filled:
        return False
    columns = range(len(grid.cells[0]))
    return sum(any(row[column] in filled for row in grid.cells) for column in columns) > 1


def _bars(lines: Sequence[tuple[float, float, float]]) -> list[_Bar]:
    """Put the pieces of rules together."""
    groups: list[list[_Bar]] = []
    for bar in sorted(_Bar(*line) for line in lines):
        if groups and bar.position - groups[-1][0].position <= _TOUCHING_POINTS:
            groups[-1].append(bar)
        else:
            groups.append([bar])
    bars: list[_Bar] = []
    for group in groups:
        position = group[0].position
        start, end = group[0].start, group[0].start
        for bar in sorted(group, key=lambda bar: bar.start):
            if bar.start - end > _MAX_DOT_GAP_POINTS:
                bars.append(_Bar(position, start, end))
                start = bar.start
            end = max(end, bar.end)
        bars.append(_Bar(position, start, end))
    return [bar for bar in bars if bar.end - bar.start > _MIN_BAR_POINTS]


class _DisjointSets:
    """Numbers that are put together into sets."""

    def __init__(self, count: int) -> None:
        self._parents = list(range(count))

    def find(self, number: int) -> int:
        while self._parents[number] != number:
            self._parents[number] = self._parents[self._parents[number]]
            number = self._parents[number]
        return number

    def union(self, number: int, other_number: int) -> None:
        low, high = sorted((self.find(number), self.find(other_number)))
        self._parents[high] = low


def _connected_parts(down: list[_Bar], across: list[_Bar]) -> list[tuple[list[_Bar], list[_Bar]]]:
    """Return the rules that hang together."""
    sets = _DisjointSets(len(down) + len(across))
    for upright_number, upright in enumerate(down):
        for level_number, level in enumerate(across, len(down)):
            if level.covers(upright.position) and upright.covers(level.position):
                sets.union(upright_number, level_number)
    parts: dict[int, tuple[list[_Bar], list[_Bar]]] = {}
    for number, bar in enumerate([*down, *across]):
        parts.setdefault(sets.find(number), ([], []))[number >= len(down)].append(bar)
    return [part for part in parts.values() if all(part)]


def _grid(down: list[_Bar], across: list[_Bar]) -> Grid | None:
    columns = _edges(down, across)
    rows = _edges(across, down)[::-1]
    width, height = len(columns) - 1, len(rows) - 1
    if width < 2 or height < 1 or width * height > _MAX_SLOTS:
        return None
    sets = _DisjointSets(width * height)
    for row, (top, bottom) in enumerate(pairwise(rows)):
        for column, (left, right) in enumerate(pairwise(columns)):
            slot = row * width + column
            if column + 1 < width and not _is_closed(down, right, (top + bottom) / 2):
                sets.union(slot, slot + 1)
            if row + 1 < height and not _is_closed(across, bottom, (left + right) / 2):
                sets.union(slot, slot + width)
    cells = (
        tuple(sets.find(row * width + column) for column in range(width)) for row in range(height)
    )
    return Grid(columns, rows, tuple(cells))


def _edges(bars: list[_Bar], crossing_bars: list[_Bar]) -> tuple[float, ...]:
    """Return where rows or columns begin and end; the table may be open at its sides."""
    places = sorted(bar.position for bar in bars)
    low, high = min(bar.start for bar in crossing_bars), max(bar.end for bar in crossing_bars)
    if places[0] - low > _MIN_OPEN_SIDE_POINTS:
        places.insert(0, low)
    if high - places[-1] > _MIN_OPEN_SIDE_POINTS:
        places.append(high)
    edges = places[:1]
    edges.extend(
        place for previous, place in pairwise(places) if place - previous > _TOUCHING_POINTS
    )
    return tuple(edges)


def _is_closed(bars: list[_Bar], position: float, coordinate: float) -> bool:
    return any(
        abs(bar.position - position) <= _TOUCHING_POINTS and bar.covers(coordinate) for bar in bars
    )


def same_columns(columns: Sequence[float], other_columns: Sequence[float]) -> bool:
    """Tell whether columns begin and end at the same places."""
    pairs = zip(columns, other_columns, strict=False)
    return len(columns) == len(other_columns) and all(
        abs(edge - other_edge) < _SAME_COLUMN_POINTS for edge, other_edge in pairs
    )


def without_running_headers(
    pages: Sequence[list[Grid]], glyphs: Sequence[Sequence[Glyph]], heights: Sequence[float]
) -> list[list[Grid]]:
    """Leave out running headers in frames, and single rows that no other page goes on with."""
    keys: list[list[tuple[str, int] | None]] = []
    for grids, page_glyphs, height in zip(pages, glyphs, heights, strict=True):
        keys.append([_running_key(grid, page_glyphs, height) for grid in grids])
    counts = Counter(key for page_keys in keys for key in page_keys if key)
    kept: list[list[Grid]] = []
    for index, (grids, page_keys) in enumerate(zip(pages, keys, strict=True)):
        before = pages[index - 1][-1:] if index else []
        beside = before + [grid for page in pages[index + 1 : index + 2] for grid in page]
        kept.append(
            [
                grid
                for grid, key in zip(grids, page_keys, strict=True)
                if (key is None or counts[key] < 2)
                and (len(grid.rows) > 2 or _is_continued(grid, beside))
            ]
        )
    return kept


def _is_continued(grid: Grid, neighbours: Sequence[Grid]) -> bool:
    return any(same_columns(grid.columns, neighbour.columns) for neighbour in neighbours)


def _running_key(grid: Grid, glyphs: Sequence[Glyph], height: float) -> tuple[str, int] | None:
    """Return what a grid at the edge of its page says, without numbers."""
    if grid.rows[-1] < (1 - _PAGE_EDGE_SHARE) * height and grid.rows[0] > _PAGE_EDGE_SHARE * height:
        return None
    text = "".join(glyph.text for glyph in glyphs if grid.is_beside(glyph))
    return re.sub(r"\d+", "#", text), round(grid.rows[0] / 3)


def reading_order_with_grids(glyphs: Sequence[Glyph], grids: Sequence[Grid]) -> list[Line]:
    """Return a page's lines in the order in which they are read, the rows of grids as such."""
    lines: list[Line] = []
    rest = list(glyphs)
    for grid in grids:
        above = [glyph for glyph in rest if glyph.y + 0.3 * glyph.size > grid.rows[0]]
        inside = [glyph for glyph in rest if grid.cell(glyph) is not None]
        rest = [glyph for glyph in rest if glyph.y + 0.3 * glyph.size < grid.rows[-1]]
        for ordered_lines in (reading_order(above), _row_lines(grid, inside)):
            lines.extend(_numbered_on(lines, ordered_lines))
    lines.extend(_numbered_on(lines, reading_order(rest)))
    whole = [line for line in lines if line.whole]
    if not grids or not whole:
        return lines
    left, right = min(line.left for line in whole), max(line.right for line in whole)
    return [replace(line, left=left, right=right) if line.whole else line for line in lines]


def _numbered_on(lines: Sequence[Line], added: Sequence[Line]) -> list[Line]:
    """Number regions on."""
    first = lines[-1].region + 1 if lines else 0
    return [replace(line, region=line.region + first) for line in added]


def _row_lines(grid: Grid, glyphs: Sequence[Glyph]) -> list[Line]:
    glyphs_by_cell: dict[int, list[Glyph]] = {}
    for glyph in glyphs:
        cell_number = grid.cell(glyph)
        if cell_number is not None:
            glyphs_by_cell.setdefault(cell_number, []).append(glyph)
    width = len(grid.columns) - 1
    parts: dict[int, tuple[Line, ...]] = {}
    for cell_number, cell_glyphs in glyphs_by_cell.items():
        right = max(
            grid.columns[column + 1]
            for row in grid.cells
            for column in range(width)
            if row[column] == cell_number
        )
        parts[cell_number] = _cell_lines(cell_glyphs, grid.columns[cell_number % width], right)
    lines: list[Line] = []
    for cells, (top, bottom) in zip(grid.cells, pairwise(grid.rows), strict=True):
        row = [parts.get(cell_number, ()) for cell_number in cells]
        pieces = [piece for piece in _split(row) if any(piece)]
        lines += [_row_line(piece, grid.columns, (top + bottom) / 2) for piece in pieces]
    return lines


def _cell_lines(glyphs: Sequence[Glyph], left: float, right: float) -> tuple[Line, ...]:
    """Return the lines of a cell, whose text can be as wide as its sides leave room for."""
    lines = reading_order(glyphs)
    if not lines:
        return ()
    padding = min(max(min(line.x0 for line in lines) - left, 0), lines[0].size)
    return tuple(replace(line, right=max(line.right, right - padding)) for line in lines)


def _row_line(parts: Sequence[tuple[Line, ...]], columns: tuple[float, ...], y: float) -> Line:
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
    if not counted or any(int(later) - int(earlier) != 1 for earlier, later in pairwise(numbers)):
        return [row]
    tops = [line.y + 0.5 * line.size for line in row[0]]
    if any(line.y > tops[0] for part in row for line in part):
        return [row]
    ends = [*tops[1:], float("-inf")]
    return [
        [tuple(line for line in part if end < line.y <= top) for part in row]
        for top, end in zip(tops, ends, strict=True)
    ]
