"""Read spreadsheets: .xlsx and .xlsm with openpyxl, .csv and .tsv."""

import csv
import io
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any
from zipfile import ZipFile

import openpyxl
from lxml import etree
from openpyxl.cell.rich_text import CellRichText
from openpyxl.utils import range_boundaries

from rag.errors import DocumentError
from rag.ingest.extract import Extract, ExtractBuilder
from rag.ingest.files import check_size, read_bytes
from rag.ingest.office.archive import OfficeArchive, check_archive, damage_reported
from rag.ingest.office.cell_formats import CellValue, format_value
from rag.ingest.office.properties import read_properties
from rag.ingest.office.sheet_visibility import Area, SheetVisibility, table_areas
from rag.ingest.structure.tables import header_depth, table_rows
from rag.ingest.text.encodings import decode
from rag.language.vietnamese import has_vietnamese_marks, words

__all__ = ["DelimitedLoader", "SheetLoader"]

_MAX_ROWS = 200_000
_MAX_CELLS = 4_000_000  # with the empty ones between
_LAST_INDEX = 1 << 20  # row or column, of areas that go on to the end
_MIN_ROW_POINTS = 1.0  # points: a row that is lower is hidden
_MIN_COLUMN_CHARACTERS = 0.1  # characters: a column that is narrower is hidden
_MAX_CELL_CHARACTERS = 60  # a longer text alone in the last rows is a note below the table
_SAMPLE_CHARACTERS = 20_000  # characters by which the delimiter is judged
_MAX_COLUMN_NAME_CHARACTERS = 80

_DEFAULT_SHEET_NAME = re.compile(r"(?:sheet|trang tính|trang_tính|bảng|table)\s*\d*", re.I)
_NOTE_START = re.compile(r"\s*(?:ghi chú|lưu ý|nguồn|note|source|\(?\*|\()", re.I)
_OFFICIAL_HEAD = re.compile(
    r"CỘNG H(?:ÒA|OÀ) XÃ HỘI|(?i:độc lập\s*[-–]\s*tự do)|^\s*(?i:số)\s*:\s*\S*/"
)
_NUMBER_CELL = re.compile(r"[-+]?\d[\d.,\s]*%?")
_YEAR = re.compile(r"(?:19|20)\d\d")

_Grid = list[list[str]]


class SheetLoader:
    """Reads the visible sheets of a workbook; formulas by the values that were last computed."""

    suffixes = frozenset({".xlsx", ".xlsm"})

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes

    def load(self, path: Path) -> Extract:
        """Return the sheets' tables row by row, and the words around them.

        Raises:
            DocumentError: If it is no workbook, has a password, or too many rows.
        """
        check_size(path, self._max_bytes)
        check_archive(path, "Excel")
        with damage_reported("Excel"), warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of charts and rules, which hold no words
            return _read_workbook(path)


class DelimitedLoader:
    """Reads tables whose cells are divided by commas, semicolons, tabs or bars."""

    suffixes = frozenset({".csv", ".tsv"})

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes

    def load(self, path: Path) -> Extract:
        """Return the table row by row.

        Raises:
            DocumentError: If it is no text, or has too many rows.
        """
        text = decode(read_bytes(path, self._max_bytes)).text.removeprefix("\ufeff")
        if "\0" in text:
            raise DocumentError(
                "office.table_is_binary",
            )
        delimiter = "\t" if path.suffix.lower() == ".tsv" else None
        first, _, rest = text.partition("\n")
        if stated := re.fullmatch(r"sep=(.)\r?", first):  # what Excel writes for itself
            delimiter, text = stated[1], rest
        grid: _Grid = []
        csv.field_size_limit(max(len(text), csv.field_size_limit()))
        lines = io.StringIO(text.replace("\r\n", "\n").replace("\r", "\n"), newline="")
        for row in csv.reader(
            lines, delimiter=delimiter or _delimiter(text), skipinitialspace=True
        ):
            grid.append(row)
            if len(grid) > _MAX_ROWS:
                raise _too_long_error(text.count("\n"))
        builder = ExtractBuilder()
        _add_grid(builder, grid, stated=True)
        return builder.build()


def _delimiter(text: str) -> str:
    """Return the delimiter that divides most lines into one and the same number of cells."""
    sample = text[:_SAMPLE_CHARACTERS]
    best, best_score = ",", 0.0
    for delimiter in (",", ";", "\t", "|"):
        rows = list(islice(csv.reader(io.StringIO(sample), delimiter=delimiter), 100))
        sizes = [len(row) for row in rows if row]
        usual = max(set(sizes), key=sizes.count, default=1)
        score = sizes.count(usual) / len(sizes) * min(usual, 4) if usual > 1 else 0.0
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _too_long_error(rows: int) -> DocumentError:
    return DocumentError("office.too_many_rows", rows=rows, limit=_MAX_ROWS)


def _read_workbook(path: Path) -> Extract:
    workbook = openpyxl.load_workbook(
        path, read_only=True, data_only=True, keep_links=False, rich_text=True
    )
    try:
        sheets = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
        visibility = SheetVisibility(workbook)
        grids = [_grid(path, sheet, visibility) for sheet in sheets]
    finally:
        workbook.close()
    titled_grids = [
        (sheet.title, grid)
        for sheet, grid in zip(sheets, grids, strict=True)
        if any(map(any, grid))
    ]
    builder = ExtractBuilder()
    for title, grid in titled_grids:
        if len(titled_grids) > 1 or not _DEFAULT_SHEET_NAME.fullmatch(title.strip()):
            builder.heading(title, 2)
        _add_grid(builder, grid)
    builder.unseen(" ".join(visibility.unseen))
    with OfficeArchive(path) as archive:
        return builder.build(read_properties(archive, path))


class _SheetLayout:
    """What a sheet hides, and which of its cells are merged; read-only sheets do not know it.

    Rows that a filter hides are no secret: the person who saved the sheet was looking for others.

    Attributes:
        coloured: The areas whose cells a rule or a table's style may colour; None: all.
        pieces: The words of cells that are written in the sheet itself, in several fonts, by
            the cell's name; openpyxl only knows the fonts of those that are kept elsewhere.
    """

    _TAGS = (
        "{*}row", "{*}col", "{*}mergeCell", "{*}filterColumn", "{*}conditionalFormatting",
        "{*}picture", "{*}is",
    )  # fmt: skip

    def __init__(self, path: Path, part: str) -> None:
        self.hidden_rows: set[int] = set()
        self.hidden_columns: list[tuple[int, int]] = []
        self.merged: list[Area] = []
        self.coloured: list[Area] | None = []
        self.pieces: dict[str, list[Any]] = {}
        flat: set[int] = set()
        filtered = False
        with ZipFile(path) as archive, archive.open(part) as file:
            for _, element in etree.iterparse(
                file, tag=self._TAGS, resolve_entities=False, no_network=True, huge_tree=True
            ):
                name = etree.QName(element).localname
                filtered = filtered or name == "filterColumn"
                if name == "is" and element.find("{*}r") is not None:
                    self._keep_pieces(element)
                self._note(name, element.attrib, flat)
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
        if filtered:
            self.hidden_rows.clear()
        self.hidden_rows |= flat
        if self.coloured is not None:
            self.coloured += map(_area, table_areas(path, part))

    def _keep_pieces(self, words: Any) -> None:
        cell = words.getparent()
        if cell is not None:
            self.pieces[cell.get("r", "")] = list(CellRichText.from_tree(words))

    def _note(self, name: str, attributes: Mapping[Any, Any], flat: set[int]) -> None:
        is_hidden = attributes.get("hidden") in ("1", "true")
        if name == "row" and "r" in attributes:
            if is_hidden:
                self.hidden_rows.add(int(attributes["r"]))
            if float(attributes.get("ht", 15)) < _MIN_ROW_POINTS:
                flat.add(int(attributes["r"]))
        elif name == "col" and (
            is_hidden or float(attributes.get("width", 8)) < _MIN_COLUMN_CHARACTERS
        ):
            self.hidden_columns.append((int(attributes["min"]), int(attributes["max"])))
        elif name == "mergeCell":
            self.merged.append(_area(attributes["ref"]))
        elif name == "conditionalFormatting" and self.coloured is not None:
            self.coloured += map(_area, attributes.get("sqref", "").split())
        elif name == "picture":
            self.coloured = None


def _area(reference: str) -> Area:
    left, top, right, bottom = range_boundaries(reference)
    return int(left or 1), int(top or 1), int(right or _LAST_INDEX), int(bottom or _LAST_INDEX)


def _grid(path: Path, sheet: Any, visibility: SheetVisibility) -> _Grid:
    """Return the visible cells of a sheet as they are shown, merged ones repeated."""
    layout = _SheetLayout(path, sheet._worksheet_path)
    sheet.reset_dimensions()  # what a file states of its size is often wrong
    values: list[list[tuple[CellValue, str]]] = []
    filled = cells = 0
    for row in sheet.iter_rows():
        values.append(
            [
                (visibility.visible_value(cell, layout.coloured, layout.pieces), cell.number_format)
                if cell.value is not None
                else (None, "")
                for cell in row
            ]
        )
        filled += any(value is not None for value, _ in values[-1])
        cells += len(row)
        if filled > _MAX_ROWS or cells > _MAX_CELLS:
            raise _too_long_error(max(sheet.max_row or 0, filled))
    strings = [value for row in values[:1000] for value, _ in row if isinstance(value, str)]
    vietnamese = any(has_vietnamese_marks(word) for text in strings for word in words(text))
    grid = [
        [format_value(value, code, vietnamese=vietnamese) for value, code in row] for row in values
    ]
    _repeat_merged(grid, layout.merged)
    return [
        _without_hidden(row, layout.hidden_columns)
        for number, row in enumerate(grid, 1)
        if number not in layout.hidden_rows
    ]


def _repeat_merged(grid: _Grid, merged: Sequence[Area]) -> None:
    width = max(map(len, grid), default=0)
    for left, top, right, bottom in merged:
        if top > len(grid) or left > len(grid[top - 1]) or not grid[top - 1][left - 1]:
            continue
        value = grid[top - 1][left - 1]
        last = min(right, width)
        for row in grid[top - 1 : bottom]:
            row.extend([""] * (last - len(row)))
            row[left - 1 : last] = [value] * (last - left + 1)


def _without_hidden(row: list[str], hidden: Sequence[tuple[int, int]]) -> list[str]:
    if not hidden:
        return row
    return [
        cell
        for number, cell in enumerate(row, 1)
        if not any(first <= number <= last for first, last in hidden)
    ]


def _add_grid(builder: ExtractBuilder, grid: _Grid, *, stated: bool = False) -> None:
    """Add the tables of a sheet, which blank rows divide, and the words around them."""
    header: _Grid = []
    for chunk in _chunks(grid):
        first, last = _table_bounds(chunk)
        _add_cells(builder, chunk[:first])
        table = chunk[first:last]
        if table:
            goes_on = (
                header and _is_data(table[0]) and _filled_columns(table) <= _filled_columns(header)
            )
            rows = _rows([*header, *table] if goes_on else table, stated=stated or bool(goes_on))
            if rows is None:
                _add_cells(builder, table)
            else:
                for row in rows:
                    builder.row(row)
                if not goes_on:
                    header = [] if _is_data(table[0]) else table[: header_depth(table)]
        _add_cells(builder, chunk[last:])


def _rows(table: _Grid, *, stated: bool) -> tuple[str, ...] | None:
    names = [cell for cell in table[0] if cell]
    short = all(len(name) <= _MAX_COLUMN_NAME_CHARACTERS for name in names)
    plausible = short and not _is_data(table[0])
    rows = table_rows(table, header=True if stated and plausible else None)
    return table_rows(table, header=False) if rows is None and stated else rows


def _chunks(grid: _Grid) -> Iterator[_Grid]:
    """Yield the runs of rows between blank ones, all of one width."""
    width = max(map(len, grid), default=0)
    chunk: _Grid = []
    for row in [*grid, []]:
        if any(cell.strip() for cell in row):
            chunk.append([*row, *[""] * (width - len(row))])
        elif chunk:
            yield chunk
            chunk = []


def _table_bounds(chunk: _Grid) -> tuple[int, int]:
    """Return where the table in a chunk begins, below titles, and ends, above notes."""
    counts = [len({cell for cell in row if cell.strip()}) for row in chunk]
    counts_above_one = [count for count in counts if count > 1]
    if not counts_above_one:
        return 0, 0
    needed = max(2, 0.6 * median(counts_above_one))
    official_rows = [
        index for index, row in enumerate(chunk[:10]) if any(map(_OFFICIAL_HEAD.search, row))
    ]
    start = official_rows[-1] + 1 if official_rows else 0
    first = next(
        (index for index in range(start, len(chunk)) if counts[index] >= needed), len(chunk)
    )
    last = len(chunk)
    while last > first and counts[last - 1] == 1 and _is_note(chunk[last - 1]):
        last -= 1
    return first, last


def _is_note(row: list[str]) -> bool:
    text = next(cell for cell in row if cell.strip())
    return len(text) > _MAX_CELL_CHARACTERS or _NOTE_START.match(text) is not None


def _is_data(row: list[str]) -> bool:
    """Tell whether a row has numbers in it, as headers do not, years excepted."""
    filled = [cell.strip() for cell in row if cell.strip()]
    return any(_NUMBER_CELL.fullmatch(cell) and not _YEAR.fullmatch(cell) for cell in filled)


def _filled_columns(rows: _Grid) -> set[int]:
    return {number for row in rows for number, cell in enumerate(row) if cell.strip()}


def _add_cells(builder: ExtractBuilder, rows: _Grid) -> None:
    """Add the cells as paragraphs, merged ones once."""
    above: list[str] = []
    for row in rows:
        for column, cell in enumerate(row):
            left = row[column - 1] if column else ""
            upper = above[column] if column < len(above) else ""
            if cell not in (left, upper):
                builder.paragraph(cell)
        above = row
