"""Tables that are read from pages: which rows are one, their text, and where pages begin."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.ingest.extract import clean
from rag.ingest.pdf.grids import same_columns
from rag.ingest.pdf.layout import Line
from rag.ingest.structure.tables import table_rows

__all__ = ["TableRow", "join_cut_rows", "page_starts", "row_texts", "tables_of"]

_MAX_KEY_CHARACTERS = 60  # characters
_NUMBER_START = re.compile(r"[\d(+–-]")  # what begins a cell that holds a number


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
        if table and not _are_in_one_table(table[-1], row):
            yield table
            table = []
        table.append(row)
    if table:
        yield table


def _are_in_one_table(last: TableRow, row: TableRow) -> bool:
    last_line, line = last.line, row.line
    if not last_line.columns or not line.columns:
        return not last_line.columns and not line.columns
    if last.page == row.page:
        return last_line.region == line.region
    return last.page + 1 == row.page and same_columns(last_line.columns, line.columns)


def join_cut_rows(table: Sequence[TableRow]) -> list[TableRow]:
    """Put rows together that the end of a page cuts; the first of the page's has no name then."""
    rows: list[TableRow] = []
    header_rows = 0  # rows of it that are repeated so far
    for row in table:
        page_begins = bool(rows) and rows[-1].page != row.page
        header_rows = 0 if page_begins else header_rows
        if (
            (page_begins or header_rows)
            and header_rows < len(rows)
            and row.cells == rows[header_rows].cells
        ):
            header_rows += 1
            continue
        all_named = all(earlier.cells[0] for earlier in rows)
        if rows and rows[-1].page < row.page and all_named and not row.cells[0]:
            rows[-1] = _join_rows(rows[-1], row)
            continue
        rows.append(row)
    return rows


def _join_rows(row: TableRow, continuation: TableRow) -> TableRow:
    cells = zip(row.cells, continuation.cells, strict=True)
    return TableRow(row.line, tuple(" ".join(filter(None, pair)) for pair in cells), row.page)


def page_starts(rows: Sequence[TableRow], texts: Sequence[str]) -> dict[int, list[int]]:
    """Return before which of the rows' texts pages begin, by the texts' indices."""
    starts: dict[int, list[int]] = {}
    start = 0
    page = -1
    for row in rows:
        if row.page == page:
            continue
        cells = [clean(cell) for cell in row.cells if cell]
        matches = [
            index
            for index in range(start, len(texts))
            if all(cell in texts[index] for cell in cells)
        ]
        if page < 0 or matches:
            start = matches[0] if page >= 0 else 0
            starts.setdefault(start, []).append(row.page)
            page = row.page
    return starts


def row_texts(rows: Sequence[TableRow]) -> tuple[str, ...] | None:
    """Return the text of each row of a table, None if it is none of data."""
    lines = [row.line for row in rows]
    cells = [row.cells for row in rows]
    if not lines[0].columns:
        return table_rows(cells) if _has_header(lines) else None
    texts = table_rows(cells)
    if texts is None or len(cells[0]) != 2 or _names_two(lines, cells):
        return texts
    # Names and values at their side look like names of columns, too.
    keyed = all(0 < len(cell[0]) <= _MAX_KEY_CHARACTERS for cell in cells)
    return table_rows(cells, header=False) if keyed else None


def _names_two(lines: Sequence[Line], cells: Sequence[tuple[str, ...]]) -> bool:
    """Tell whether the first row of a table of two columns surely names them."""
    bold = lines[0].bold and not any(line.bold for line in lines[1:])
    return bold or any(
        not _NUMBER_START.match(name) and all(map(_NUMBER_START.match, values))
        for name, *values in zip(*cells, strict=True)
    )


def _has_header(lines: Sequence[Line]) -> bool:
    """Tell whether the first row of a whole table without rules surely names its columns."""
    header, *rows = lines
    cells = [line.cells for line in lines]
    if len(rows) < 2 or len(header.cells) < 3 or not all(cell for row in cells for cell in row):
        return False
    if len({len(row) for row in cells}) > 1 or any(
        _NUMBER_START.match(cell) for cell in header.cells
    ):
        return False
    numbers = any(all(map(_NUMBER_START.match, column)) for column in zip(*cells[1:], strict=True))
    return numbers or (header.bold and not any(line.bold for line in rows))
