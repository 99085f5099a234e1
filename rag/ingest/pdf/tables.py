"""Tables that are read from pages: which lines are one, what it says, and where pages begin."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.ingest.extract import clean
from rag.ingest.pdf.grids import same_columns
from rag.ingest.pdf.layout import Line
from rag.ingest.structure.tables import table_rows

__all__ = ["TableRow", "page_starts", "said_of", "tables_of", "without_cuts"]

_MAX_KEY = 60  # characters
_NUMBERS = re.compile(r"[\d(+–-]")  # what begins a cell that holds a number


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table, what its cells say, and the number of its page from 0."""

    line: Line
    cells: tuple[str, ...]
    page: int


def tables_of(rows: Sequence[TableRow]) -> Iterator[list[TableRow]]:
    """Divide rows that follow each other into tables; one that is ruled goes on over pages."""
    table: list[TableRow] = []
    for row in rows:
        if table and not _is_one(table[-1], row):
            yield table
            table = []
        table.append(row)
    if table:
        yield table


def _is_one(last: TableRow, row: TableRow) -> bool:
    one, other = last.line, row.line
    if not one.columns or not other.columns:
        return not one.columns and not other.columns
    if last.page == row.page:
        return one.region == other.region
    return last.page + 1 == row.page and same_columns(one.columns, other.columns)


def without_cuts(table: Sequence[TableRow]) -> list[TableRow]:
    """Put rows together that the end of a page cuts; the first of the page's has no name then."""
    rows: list[TableRow] = []
    header = 0  # rows of it that are repeated so far
    for row in table:
        begins = bool(rows) and rows[-1].page != row.page
        header = 0 if begins else header
        if (begins or header) and header < len(rows) and row.cells == rows[header].cells:
            header += 1
            continue
        named = all(other.cells[0] for other in rows)
        if rows and rows[-1].page < row.page and named and not row.cells[0]:
            rows[-1] = _joined(rows[-1], row)
            continue
        rows.append(row)
    return rows


def _joined(one: TableRow, other: TableRow) -> TableRow:
    cells = zip(one.cells, other.cells, strict=True)
    return TableRow(one.line, tuple(" ".join(filter(None, pair)) for pair in cells), one.page)


def page_starts(rows: Sequence[TableRow], said: Sequence[str]) -> dict[int, list[int]]:
    """Return before which of the rows that are said pages begin."""
    starts: dict[int, list[int]] = {}
    at = 0
    page = -1
    for row in rows:
        if row.page == page:
            continue
        cells = [clean(cell) for cell in row.cells if cell]
        found = [n for n in range(at, len(said)) if all(cell in said[n] for cell in cells)]
        if page < 0 or found:
            at = found[0] if page >= 0 else 0
            starts.setdefault(at, []).append(row.page)
            page = row.page
    return starts


def said_of(rows: Sequence[TableRow]) -> tuple[str, ...] | None:
    """Return what the rows of a table say, None if it is none of data."""
    lines = [row.line for row in rows]
    cells = [row.cells for row in rows]
    if not lines[0].columns:
        return table_rows(cells) if _has_header(lines) else None
    said = table_rows(cells)
    if said is None or len(cells[0]) != 2 or _names_two(lines, cells):
        return said
    # Names and values at their side look like names of columns, too.
    keyed = all(0 < len(cell[0]) <= _MAX_KEY for cell in cells)
    return table_rows(cells, header=False) if keyed else None


def _names_two(lines: Sequence[Line], cells: Sequence[tuple[str, ...]]) -> bool:
    """Tell whether the first row of a table of two columns surely names them."""
    bold = lines[0].bold and not any(line.bold for line in lines[1:])
    return bold or any(
        not _NUMBERS.match(name) and all(map(_NUMBERS.match, values))
        for name, *values in zip(*cells, strict=True)
    )


def _has_header(lines: Sequence[Line]) -> bool:
    """Tell whether the first row of a whole table without rules surely names its columns."""
    header, *rows = lines
    cells = [line.cells for line in lines]
    if len(rows) < 2 or len(header.cells) < 3 or not all(cell for row in cells for cell in row):
        return False
    if len({len(row) for row in cells}) > 1 or any(_NUMBERS.match(cell) for cell in header.cells):
        return False
    numbers = any(all(map(_NUMBERS.match, column)) for column in zip(*cells[1:], strict=True))
    return numbers or (header.bold and not any(line.bold for line in rows))
