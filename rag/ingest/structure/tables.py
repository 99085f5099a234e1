"""Linearise a table: its rows one by one, each with the names of its columns."""

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from rag.ingest.extract import clean

__all__ = ["header_depth", "table_rows"]

_MAX_NAME_CHARACTERS = 150  # of a column's name
_MAX_HEADER_ROWS = 4
_MAX_SECTION_CHARACTERS = 150  # a longer line across the table stands once, not with every row
_MAX_KEY_CHARACTERS = 60
_MAX_MEAN_CELL_CHARACTERS = 300  # of cells; longer ones are a page laid out in columns
_MAX_MEAN_CELL_CHARACTERS_STATED = 1000  # the same for a table that says which row is its header
_MAX_SIGNATURE_ROWS = 8

_LETTER = re.compile(r"[^\W\d_]")
_NUMBER = re.compile(
    r"[-+(]?\s*+[$€]?\s*+\d[\d.,\s]*+(?:%|‰|đ|₫|đồng|vnđ|vnd|usd|triệu|tỷ|nghìn)?\)?", re.I
)
_YEAR = re.compile(r"(?:(?:năm|year)\s+)?(?:19|20)\d\d(?:\s*[-–/]\s*\d{2,4})?", re.I)
_ORDINAL_COLUMN_NAME = re.compile(
    r"(?:s(?:ố)?\s*+\.?\s*+)?t\.?t\.?(?:\s*no\.?)?|stt|số thứ tự|no\.?|#|ord(?:er)?\.?", re.I
)
_ORDINAL = re.compile(r"\(?(?:\d+(?:\.\d+)*|[ivxlc]+|[a-zđ])[.)]?", re.I)
_BARE_MARK = re.compile(r"\(?(?P<roman>[IVXLC]+)?(?P<letter>[A-ZĐ])?[.)]?")
_LEADING_MARK = re.compile(
    r"(?:(?P<roman>[IVXLC]+)|(?P<letter>[A-ZĐ])|(?P<digit>\d+(?:\.\d+)*))[.)/]\s"
)
_DIVISION = re.compile(r"(?:phần|chương|mục|nhóm|phụ lục|part|chapter|section)\s+\w+\b", re.I)
_COLUMN_NUMBER = re.compile(r"[\[(]?\s*(\d{1,2}|[A-ZĐa-z])\s*[\])]?")
_COLUMN_FORMULA = re.compile(r"[\[(]?\s*+\d{1,2}\s*+[\])]?\s*+=[\s\d()\[\]+\-–x×*/:%.,]+")
_LETTERHEAD = re.compile(
    r"CỘNG H(?:ÒA|OÀ) XÃ HỘI CHỦ NGHĨA VIỆT NAM|SOCIALIST REPUBLIC OF VIET ?NAM"
    r"|ĐẢNG CỘNG SẢN VIỆT NAM|(?i:độc lập\s*[-–]\s*tự do)"
)
_SIGNATURE = re.compile(
    r"\s*(?:nơi nhận|recipients?)\s*:|\(?\s*ký,?\s+(?:và\s+)?(?:ghi\s+rõ|họ|tên|đóng)"
    r"|(?:KT|TM|TL|TUQ)\.\s*(?-i:[A-ZĐ])",
    re.I,
)

_Row = tuple[str, ...]


def table_rows(
    rows: Sequence[Sequence[str]], *, header: bool | None = None
) -> tuple[str, ...] | None:
    """Return what each row of a table says, as "Column: value; Column: value".

    A row's label, which stands in a first column without a name or across the first columns,
    comes before a dash: "Tổng cộng — Mức thu: 50.000". So does the line across the table under
    which a row stands ("I. Xe máy — STT: 1; …"), which is said alone only where no row follows.
    Names over several columns are joined to those below by a dash ("Mức thu – Lần đầu"). Rows
    that repeat the header, or number the columns, are left out. A table of two columns without
    header is read as "Name: value", a wider one with numbers in it as "value; value".

    Args:
        rows: The cells, left to right. A cell that spans several may be repeated, or be followed
            by empty ones.
        header: Whether the first row is surely the header, or surely none; None: judge by form.

    Returns:
        The words of the rows in order, every value just as `clean` leaves it on one line; or None
        if the table only lays out a page, so that its cells should be added as paragraphs.
    """
    grid = _grid(rows)
    titles: list[str] = []
    while len(grid) > 2 and len(grid[0]) > 1 and len(set(grid[0])) == 1 and not any(titles[3:]):
        titles.append(grid[0][0])
        grid = _grid(grid[1:])
    if len(grid) < 2 or len(grid[0]) < 2 or _is_layout(grid, stated=header is True):
        return None
    keyed = not header and _is_key_value(grid)
    depth = 0 if keyed or header is False else header_depth(grid)
    if depth and (header or _is_header(grid, depth)):
        names, body = _names_and_body(grid, depth)
        return (*titles, *_RowLineariser(names).linearise(body)) if body else None
    if header is None and not keyed and not _has_number_column(grid):
        return None
    return (*titles, *(_headerless_row(row, keyed=len(grid[0]) == 2) for row in grid))


def _grid(rows: Sequence[Sequence[str]]) -> list[_Row]:
    """Return the cells as a rectangle, each on one line, without empty or doubled columns."""
    width = max(map(len, rows), default=0)
    cleaned = [
        tuple(clean(cell).replace("\n", " ") for cell in row) + ("",) * (width - len(row))
        for row in rows
    ]
    cleaned = [row for row in cleaned if any(row)]
    columns = list(zip(*cleaned, strict=True))
    kept = [
        column
        for position, column in enumerate(columns)
        if any(column) and (position == 0 or column != columns[position - 1])
    ]
    return list(zip(*kept, strict=True))


def _is_layout(grid: Sequence[_Row], *, stated: bool) -> bool:
    cells = [cell for row in grid for cell in row if cell]
    head_cells = [cell for row in grid[:3] for cell in row]
    if any(map(_LETTERHEAD.search, head_cells)):
        return True
    if len(grid) <= _MAX_SIGNATURE_ROWS and any(map(_SIGNATURE.match, cells)):
        return True
    max_mean = _MAX_MEAN_CELL_CHARACTERS_STATED if stated else _MAX_MEAN_CELL_CHARACTERS
    return sum(map(len, cells)) > max_mean * len(cells)


def _is_number(cell: str) -> bool:
    return _NUMBER.fullmatch(cell) is not None


def _spans(row: Sequence[str]) -> list[int]:
    """Return, for each cell, the column in which the cell over it begins."""
    starts: list[int] = []
    for column, cell in enumerate(row):
        goes_on = column > 0 and (not cell or cell == row[column - 1]) and row[starts[-1]]
        starts.append(starts[-1] if goes_on else column)
    return starts


def header_depth(grid: Sequence[Sequence[str]]) -> int:
    """Return of how many rows the header is, if the first row is one."""
    depth = 1
    while depth < min(_MAX_HEADER_ROWS, len(grid) - 1) and _divides(grid[depth - 1], grid[depth]):
        depth += 1
    return depth


def _divides(upper: Sequence[str], lower: Sequence[str]) -> bool:
    """Tell whether a row names the parts of the columns that the row above spans."""
    starts = _spans(upper)
    spanned = {start for column, start in enumerate(starts) if start != column}
    divided = False
    for column, start in enumerate(starts):
        below = lower[column]
        if start in spanned and below != upper[start]:
            if _is_number(below) and not _YEAR.fullmatch(below):
                return False
            divided = divided or bool(below)
        elif start not in spanned and below not in ("", upper[column]):
            return False
    return divided


def _is_header(grid: Sequence[_Row], depth: int) -> bool:
    """Tell whether the first rows have the form of column names above data."""
    names, body = _names_and_body(grid, depth)
    named = [name for name in names if name]
    if not body or len(named) < max(len(names) - max(1, len(names) // 4), 1):
        return False
    if any(len(name) > _MAX_NAME_CHARACTERS or name.endswith((".", ";", ":")) for name in named):
        return False
    if len(names) == 2 and not all(names) and not _YEAR.fullmatch(named[0]):
        return False
    if sum(1 for name in named if _LETTER.search(name) or _YEAR.fullmatch(name)) * 2 <= len(named):
        return False
    return not any(
        _is_number(name) and not _YEAR.fullmatch(name) and _mostly(_is_number, column)
        for name, column in zip(names, zip(*body, strict=True), strict=True)
    )


def _mostly(test: Callable[[str], bool], cells: Sequence[str]) -> bool:
    filled = [cell for cell in cells if cell]
    return bool(filled) and sum(map(test, filled)) * 2 > len(filled)


def _has_number_column(grid: Sequence[_Row]) -> bool:
    return any(_mostly(_is_number, column) for column in zip(*grid, strict=True))


def _is_key_value(grid: Sequence[_Row]) -> bool:
    """Tell whether a table of two columns gives in each row a name and its value."""
    if len(grid[0]) != 2:
        return False
    keys = [row[0] for row in grid]
    short = all(0 < len(key) <= _MAX_KEY_CHARACTERS for key in keys)
    return short and sum(key.endswith(":") for key in keys) * 2 > len(keys)


def _headerless_row(row: _Row, *, keyed: bool) -> str:
    filled = [cell for cell in row if cell]
    if keyed and len(filled) == 2:
        return f"{filled[0].rstrip(': ') or filled[0]}: {filled[1]}"
    return "; ".join(filled)


def _names_and_body(grid: Sequence[_Row], depth: int) -> tuple[list[str], list[_Row]]:
    """Return the columns' names, and the rows below that are not about the columns."""
    levels: list[list[str]] = [[] for _ in grid[0]]
    for number, row in enumerate(grid[:depth]):
        last = number == depth - 1
        for column, start in enumerate(_spans(row)):
            # An empty cell of the last row has no name of its own: the cell left of it has.
            name = row[column] if last else row[start]
            if name and name not in levels[column]:
                levels[column].append(name)
    names = [" – ".join(parts).rstrip(": ") or "".join(parts) for parts in levels]
    header = set(grid[:depth])
    body = [row for row in grid[depth:] if row not in header]
    if body and _is_column_numbering(body[0]):
        if any(map(_COLUMN_FORMULA.fullmatch, body[0])):
            marks = [mark if mark[0] in "([" else f"({mark})" for mark in body[0]]
            names = [f"{name} {mark}".strip() for name, mark in zip(names, marks, strict=True)]
        body = body[1:]
    return names, body


def _is_column_numbering(row: _Row) -> bool:
    """Tell whether a row only counts the columns: "(1) (2) (3)", "A B 1 2 3=1+2"."""
    plain_marks = [match[1] for match in map(_COLUMN_NUMBER.fullmatch, row) if match]
    formulas = sum(1 for cell in row if _COLUMN_FORMULA.fullmatch(cell))
    if len(plain_marks) + formulas < len(row) or len(row) < 3 or not plain_marks:
        return False
    digits = [int(mark) for mark in plain_marks if mark.isdigit()]
    letters = [mark for mark in plain_marks if not mark.isdigit()]
    has_numbers = not formulas or len(digits) > 1
    return (
        has_numbers
        and letters == sorted(set(letters))
        and all(later == earlier + 1 for earlier, later in pairwise(digits))
        and (not digits or digits[0] in (0, 1, 2))
    )


class _RowLineariser:
    """Writes the rows below a header in turn, and remembers under which sections they stand."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self._has_ordinals = _ORDINAL_COLUMN_NAME.fullmatch(names[0]) is not None
        self._sections: list[tuple[str, str]] = []  # kind of mark, words
        self._pending: list[str] = []  # sections that no row has named yet
        self._lines: list[str] = []

    def linearise(self, body: Sequence[_Row]) -> tuple[str, ...]:
        for row in body:
            section = self._section_text(row)
            if section is None:
                if any(map(_is_total, row)):  # of which section is not said
                    self._flush_pending()
                    above = []
                else:
                    above = [text for _, text in self._sections]
                self._lines.append(" — ".join([*above, self._row_text(row)]))
                self._pending.clear()
            elif len(section) > _MAX_SECTION_CHARACTERS:
                self._lines.append(section)
            else:
                self._open_section(section)
        self._flush_pending()
        return tuple(self._lines)

    def _open_section(self, section: str) -> None:
        match = _LEADING_MARK.match(section)
        kind = (match.lastgroup if match else "") or ""
        for position, (open_kind, _) in enumerate(self._sections):
            if open_kind == kind:
                closed_sections = {text for _, text in self._sections[position:]}
                if closed_sections & set(self._pending):
                    self._flush_pending()
                del self._sections[position:]
                break
        self._sections.append((kind, section))
        self._pending.append(section)

    def _flush_pending(self) -> None:
        self._lines.extend(self._pending)
        self._pending.clear()

    def _section_text(self, row: _Row) -> str | None:
        """Return the words of a line across the table, None of a row with values."""
        filled = [cell for cell in row if cell]
        if len(set(row)) == 1 and _LETTER.search(row[0]):
            return row[0]
        if len(row) < 3:
            return None
        if len(filled) == 1 and _LETTER.search(filled[0]) and row[0] and not _is_total(row[0]):
            is_set_apart = self._has_ordinals and not _ORDINAL.fullmatch(row[0])
            is_marked = _LEADING_MARK.match(row[0]) or _DIVISION.match(row[0]) or row[0].isupper()
            return row[0] if is_set_apart or is_marked else None
        rest = {cell for cell in row[1:] if cell}
        marker = _BARE_MARK.fullmatch(row[0]) if row[0] else None
        is_spanning = len(rest) == 1 and ((row[1] and not any(row[2:])) or len(set(row[1:])) == 1)
        if marker and is_spanning and self._has_ordinals:
            return f"{row[0].rstrip('.)')}. {row[1]}" if row[0][0] != "(" else f"{row[0]} {row[1]}"
        return None

    def _row_text(self, row: _Row) -> str:
        label_end = self._label_end(row)
        values = [
            f"{name}: {cell}" if name else cell
            for name, cell in zip(self._names[label_end:], row[label_end:], strict=True)
            if cell
        ]
        label = row[0] if label_end else ""
        return " — ".join(piece for piece in (label, "; ".join(values)) if piece)

    def _label_end(self, row: _Row) -> int:
        """Return how many columns the row's label fills; 0 if it has none."""
        if not row[0]:
            return 0
        if not self._names[0]:
            return 1
        if not _LETTER.search(row[0]):
            return 0
        label_end = next((column for column, cell in enumerate(row) if cell != row[0]), len(row))
        if label_end > 1 and len(row) > 2:
            return label_end
        return 1 if self._has_ordinals and not _ORDINAL.fullmatch(row[0]) else 0


def _is_total(cell: str) -> bool:
    return re.match(r"(?:tổng|cộng|total|sum)\b", cell, re.I) is not None
