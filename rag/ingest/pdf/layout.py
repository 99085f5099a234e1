"""The lines of a page in reading order, from where its characters stand.

What a PDF holds is glyphs at places: a producer may draw them in any order, leave spaces out,
or set marks apart from their letters. So only the places count. Units are points, y grows
upwards.
"""

import statistics
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import NamedTuple

from rag.ingest.extract import clean
from rag.ingest.pdf.columns import Row, Word, cells_of, groups_of
from rag.language.vietnamese import fold

__all__ = ["Glyph", "Line", "reading_order", "rows_of"]

_SPELLED_OUT = {
    chr(code): unicodedata.normalize("NFKC", chr(code)) for code in range(0xFB00, 0xFB07)
}
# How pdfium shows a hyphen at the end of a line.
_SPELLED_OUT["\x02"] = _SPELLED_OUT["\ufffe"] = "-"
_SUPERSCRIPTS = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")
# Symbol fonts, with which Word writes the marks of lists, have codes for private use.
_SPELLED_OUT |= {"\uf0b7": "•", "\uf0a7": "▪", "\uf02d": "-", "\uf0d8": "➢", "\uf0fc": "✓"}
_FIRST_COMBINING, _LAST_COMBINING = "\u0300", "\u036f"  # combining characters
_MAX_SCRIPT_GLYPHS = 12  # characters of a superscript, or of all that are on a line
_SAME_BASELINE_EMS = 0.3  # of the type's size
_MIN_WORD_GAP_EMS = 0.17  # of the size: wider is a space that was not written
_MIN_FONT_SPACE_EMS = 0.1  # of the size: wider is one where the widths of the type say so, too


class Glyph(NamedTuple):
    """A character: from x0 to x1 on a baseline y, in type of a size.

    Attributes:
        spaced: By the widths of its font, there is a space before it.
    """

    text: str
    x0: float
    x1: float
    y: float
    size: float
    bold: bool
    spaced: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A piece of a line of text.

    Attributes:
        first: The width of its first word.
        second: Where its second word begins, at its end if it has none.
        bold: All of it is.
        region: Pieces of the same number stand below each other in one column; rows of a table
            have a region each.
        left: Where the text of its region begins.
        right: Where the text of its region ends.
        whole: Its region runs over the width of the page.
        apart: It stands for itself, as in a letterhead, unless the next begins in lower case.
        cells: Of the row of a table, what stands in its columns.
        columns: Of the row of a table that is ruled, where these begin and end.
        parts: The lines in them; what fills several is the same object in each.
    """

    text: str
    x0: float
    x1: float
    y: float
    size: float
    first: float = 0
    second: float = 0
    bold: bool = False
    region: int = 0
    left: float = 0
    right: float = 0
    whole: bool = False
    apart: bool = False
    cells: tuple[str, ...] = ()
    columns: tuple[float, ...] = ()
    parts: "tuple[tuple[Line, ...], ...]" = ()


def rows_of(glyphs: Sequence[Glyph]) -> list[Line]:
    """Return what stands on one baseline as one line, from the top of the page down."""
    return [_line(row) for row in _rows(glyphs)]


def reading_order(glyphs: Sequence[Glyph]) -> list[Line]:
    """Return a page's lines in the order in which they are read.

    Columns are read one after the other, and so are cells side by side as in a letterhead;
    tables are read row by row.
    """
    rows = _rows(glyphs)
    if not rows:
        return []
    lines: list[Line] = []
    region = 0
    groups = groups_of(rows)
    across = [word for group in groups if group.whole for row in group.rows for word in row]
    for group in groups:
        group_lines = [_line(row) for row in group.rows]
        words = across if group.whole else [word for row in group.rows for word in row]
        left, right = min(word.x0 for word in words), max(word.x1 for word in words)
        for line, row in zip(group_lines, group.rows, strict=True):
            cells = cells_of(row, group.gutters) if group.gutters else ()
            region += bool(cells)
            placed = replace(line, region=region, left=left, right=right, whole=group.whole)
            lines.append(replace(placed, apart=group.apart, cells=cells))
        region += 1
    return lines


def _rows(glyphs: Sequence[Glyph]) -> list[Row]:
    """Return the words on each baseline from left to right, the highest baseline first."""
    rows: list[list[Glyph]] = []
    for glyph in sorted(glyphs, key=lambda glyph: -glyph.y):
        tolerance = _SAME_BASELINE_EMS * glyph.size
        if rows and rows[-1][0].y - glyph.y <= tolerance:
            rows[-1].append(glyph)
        else:
            rows.append([glyph])
    words = [_words(row) for row in _with_raised(rows)]
    return [row for row in words if row]


def _with_raised(rows: list[list[Glyph]]) -> list[list[Glyph]]:
    """Put superscripts and subscripts into the line they belong to."""
    kept: list[list[Glyph]] = []
    pending: list[Glyph] = []
    for index, row in enumerate(rows):
        size = max(glyph.size for glyph in row)
        if kept and len(row) < _MAX_SCRIPT_GLYPHS and _are_script(row, kept[-1]):
            kept[-1].extend(row)
            continue
        for glyph in pending:
            is_raised = glyph.y - row[0].y < 0.6 * size and glyph.size < 0.8 * size
            digit = glyph.text.translate(_SUPERSCRIPTS) if is_raised else glyph.text
            row.append(glyph._replace(text=digit))
        pending = []
        all_digits = len(row) < _MAX_SCRIPT_GLYPHS and all(_is_digit(glyph) for glyph in row)
        if all_digits and index + 1 < len(rows) and _are_script(row, rows[index + 1]):
            pending = [glyph for glyph in row if not glyph.text.isspace()]
            continue
        kept.append(row)
    return kept


def _are_script(row: list[Glyph], beside: list[Glyph]) -> bool:
    small = row[0].size < 0.8 * max(glyph.size for glyph in beside)
    return small and all(_is_script(glyph, beside) for glyph in row)


def _is_digit(glyph: Glyph) -> bool:
    return glyph.text.isdigit() or glyph.text.isspace()


def _is_script(glyph: Glyph, row: list[Glyph]) -> bool:
    """Tell whether a glyph is a small one beside one of a row, a little higher or lower."""
    return any(
        glyph.size < 0.8 * neighbour.size
        and abs(glyph.y - neighbour.y) < 0.6 * neighbour.size
        and -0.1 * neighbour.size
        <= max(glyph.x0 - neighbour.x1, neighbour.x0 - glyph.x1)
        <= 1.5 * glyph.size
        for neighbour in row
        if not neighbour.text.isspace()
    )


def _words(row: list[Glyph]) -> Row:
    """Return the words of a row; where no space is written, a gap between boxes is one."""
    row = _with_marks(sorted(row, key=lambda glyph: glyph.x0))
    narrow = _narrow_gap(row)
    words: Row = []
    letters: list[Glyph] = []
    for glyph in row:
        if letters:
            gap = glyph.x0 - letters[-1].x1
            need = narrow if glyph.spaced else _MIN_WORD_GAP_EMS
            if glyph.text.isspace() or gap > need * max(glyph.size, letters[-1].size):
                words.append(_word(letters))
                letters = []
        if not glyph.text.isspace():
            letters.append(glyph)
    if letters:
        words.append(_word(letters))
    return [word for word in words if word.text]


def _narrow_gap(row: list[Glyph]) -> float:
    """Return of the size how wide a narrow space is at least; letters may be spaced out."""
    if not any(glyph.spaced for glyph in row):
        return _MIN_WORD_GAP_EMS
    gaps = [(right.x0 - left.x1) / right.size for left, right in pairwise(row)]
    if not gaps:
        return _MIN_WORD_GAP_EMS
    return min(_MIN_FONT_SPACE_EMS + max(statistics.median(gaps), 0), _MIN_WORD_GAP_EMS)


def _with_marks(row: list[Glyph]) -> list[Glyph]:
    """Put marks that are set apart behind the letter over or under which they stand."""
    marks = [glyph for glyph in row if _FIRST_COMBINING <= glyph.text <= _LAST_COMBINING]
    if not marks:
        return row
    bases = [glyph for glyph in row if not _FIRST_COMBINING <= glyph.text <= _LAST_COMBINING]
    letter_indices = [index for index, glyph in enumerate(bases) if glyph.text.isalpha()]
    vowel_indices = [index for index in letter_indices if fold(bases[index].text)[:1] in "aeiouy"]
    for mark in marks:
        candidates = [
            index for index in vowel_indices if _distance(bases[index], mark)[0] < 0.3 * mark.size
        ] or letter_indices
        if candidates:
            best_index = min(candidates, key=lambda index: _distance(bases[index], mark))
            base = bases[best_index]
            edge = max(base.x1, mark.x1) if mark.x0 - base.x1 < 0.1 * base.size else base.x1
            bases[best_index] = base._replace(text=base.text + mark.text, x1=edge)
    return bases


def _distance(base: Glyph, mark: Glyph) -> tuple[float, float]:
    """Return how far a mark is from a letter; of those it touches the one that it covers wins."""
    overlap = min(base.x1, mark.x1) - max(base.x0, mark.x0)
    return max(0, -round(overlap, 2)), -overlap


def _word(glyphs: list[Glyph]) -> Word:
    text = "".join(_SPELLED_OUT.get(glyph.text, glyph.text) for glyph in glyphs)
    if any("\ud800" <= character <= "\udfff" for character in text):
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    largest = max(glyphs, key=lambda glyph: glyph.size)
    bold = sum(glyph.bold for glyph in glyphs) * 2 > len(glyphs)
    return Word(text, glyphs[0].x0, glyphs[-1].x1, largest.size, bold, len(glyphs), largest.y)


def _line(row: Row) -> Line:
    sizes: dict[float, int] = {}
    for word in row:
        sizes[round(word.size, 1)] = sizes.get(round(word.size, 1), 0) + word.letters
    return Line(
        text=clean(" ".join(word.text for word in row)),
        x0=row[0].x0,
        x1=row[-1].x1,
        y=statistics.median(word.y for word in row),
        size=max(sizes, key=lambda size: sizes[size]),
        first=row[0].x1 - row[0].x0,
        second=row[1].x0 if len(row) > 1 else row[0].x1,
        bold=all(word.bold for word in row if any(map(str.isalnum, word.text))),
    )
