"""What is on a page of a PDF file: the characters that are seen, and the rules, upright."""

import ctypes
import math
import re
from collections import Counter
from collections.abc import Sequence, Set
from typing import NamedTuple

import pypdfium2
from pypdfium2 import raw

from rag.ingest.pdf.grids import Rule
from rag.ingest.pdf.layout import Glyph
from rag.ingest.pdf.rules import rules_of
from rag.ingest.pdf.visibility import hidden_characters

__all__ = ["PageContent", "page_content"]

_MIN_WIDTH_RATIO = 0.05  # of its proper width: letters that are narrower are strokes side by side
_BLEED_POINTS = 2.0  # points by which letters may stand out of a page
_FORCE_BOLD_FLAG = 1 << 18  # flag of a font descriptor, PDF 1.7, table 123
_BOLD_FONT_NAME = re.compile(rb"bold|black|heavy|demi", re.I)

_Style = tuple[float, bool, int | None]  # size, bold, quarter turns to the left; None if slanted


class PageContent(NamedTuple):
    """What is on a page: characters and rules, the height in which they stand; hidden text."""

    glyphs: list[Glyph]
    rules: list[Rule]
    height: float
    hidden_text: str


def page_content(page: pypdfium2.PdfPage) -> PageContent:
    """Return what is written on a page, upright, and what is ruled."""
    textpage = page.get_textpage()
    try:
        glyphs_by_turn, hidden_text = _glyphs_by_turn(textpage, hidden_characters(page, textpage))
    finally:
        textpage.close()
    counts = Counter({turn: len(glyphs) for turn, glyphs in glyphs_by_turn.items()})
    turn = counts.most_common(1)[0][0] if counts else 0
    left, bottom, right, top = page.get_bbox()
    along, up = {
        0: ((left, right), (bottom, top)),
        1: ((bottom, top), (-right, -left)),
        2: ((-right, -left), (-top, -bottom)),
        3: ((-top, -bottom), (left, right)),
    }[turn]
    visible = []
    for glyph in glyphs_by_turn.get(turn, []):
        if _is_within((glyph.x0 + glyph.x1) / 2, along) and _is_within(glyph.y, up):
            visible.append(glyph._replace(y=glyph.y - up[0]))
        else:
            hidden_text += glyph.text
    rules = [rule._replace(y0=rule.y0 - up[0], y1=rule.y1 - up[0]) for rule in rules_of(page, turn)]
    return PageContent(visible, rules, up[1] - up[0], hidden_text)


def _is_within(coordinate: float, edges: tuple[float, float]) -> bool:
    return edges[0] - _BLEED_POINTS <= coordinate <= edges[1] + _BLEED_POINTS


def _glyphs_by_turn(
    textpage: pypdfium2.PdfTextPage, hidden_indices: Set[int]
) -> tuple[dict[int, list[Glyph]], str]:
    """Return the characters by the quarter turns at which they stand; slanted ones are left out.

    And the text of those that are not seen: at the indices that are given, or too small.
    """
    handle = textpage.raw
    box, matrix = raw.FS_RECTF(), raw.FS_MATRIX()
    x, y = ctypes.c_double(), ctypes.c_double()
    box_pointer, matrix_pointer = ctypes.byref(box), ctypes.byref(matrix)
    x_pointer, y_pointer = ctypes.byref(x), ctypes.byref(y)
    glyphs_by_turn: dict[int, list[Glyph]] = {}
    hidden: list[tuple[int, str]] = []
    style: _Style = (0, False, 0)
    style_unknown, spaced, baseline = True, False, 0.0
    for index in range(textpage.count_chars()):
        code = raw.FPDFText_GetUnicode(handle, index)
        # pdfium puts in spaces and line breaks by its own reckoning, in the order of drawing.
        if code in (0, 10, 13) or (code == 32 and raw.FPDFText_IsGenerated(handle, index) == 1):
            style_unknown = True
            spaced = spaced or code == 32
            continue
        if index in hidden_indices:
            style_unknown = True
            hidden.append((index, chr(code)))
            continue
        raw.FPDFText_GetLooseCharBox(handle, index, box_pointer)
        raw.FPDFText_GetCharOrigin(handle, index, x_pointer, y_pointer)
        if style_unknown or y.value != baseline:
            raw.FPDFText_GetMatrix(handle, index, matrix_pointer)
            style = _style(handle, index, matrix)
            style_unknown, baseline = False, y.value
        size, bold, turn = style
        style_unknown = style_unknown or code == 32
        if turn is None or size < 1:
            if turn is not None:
                hidden.append((index, chr(code)))
            continue
        is_mark = 0x300 <= code <= 0x36F
        if is_mark:
            # The box of the mark itself: its letter is where it is seen, not where it is set.
            _fill_ink_box(handle, index, box)
        x0, x1, base = _upright(turn, box, x.value, y.value)
        glyphs = glyphs_by_turn.setdefault(turn, [])
        if is_mark and glyphs and glyphs[-1].y == base and abs(x0 - glyphs[-1].x1) < 0.02 * size:
            # One glyph for a letter and its marks: pdfium parts the box between them.
            glyphs[-1] = glyphs[-1]._replace(text=glyphs[-1].text + chr(code), x1=x1)
        else:
            glyphs.append(Glyph(chr(code), x0, x1, base, size, bold, spaced))
            spaced = False
    return glyphs_by_turn, _text_of(hidden)


def _text_of(characters: Sequence[tuple[int, str]]) -> str:
    """Return what characters say, with a space wherever others stand between them."""
    previous = -1
    pieces = []
    for index, character in characters:
        pieces.append(character if index == previous + 1 else " " + character)
        previous = index
    return "".join(pieces)


def _fill_ink_box(handle: raw.FPDF_TEXTPAGE, index: int, box: raw.FS_RECTF) -> None:
    """Fill in the box of a character's ink."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    if raw.FPDFText_GetCharBox(handle, index, left, right, bottom, top):
        box.left, box.right = left.value, right.value
        box.bottom, box.top = bottom.value, top.value


def _upright(turn: int, box: raw.FS_RECTF, x: float, y: float) -> tuple[float, float, float]:
    """Return the edges and the baseline of a character, turned back."""
    if turn == 0:
        return box.left, box.right, y
    if turn == 1:
        return box.bottom, box.top, -x
    if turn == 2:
        return -box.right, -box.left, -y
    return -box.top, -box.bottom, x


def _style(handle: raw.FPDF_TEXTPAGE, index: int, matrix: raw.FS_MATRIX) -> _Style:
    """Return a character's size, whether it is bold, and its quarter turns to the left."""
    size = raw.FPDFText_GetFontSize(handle, index) * math.hypot(matrix.c, matrix.d)
    if math.hypot(matrix.a, matrix.b) < _MIN_WIDTH_RATIO * math.hypot(matrix.c, matrix.d):
        size = 0
    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    raw.FPDFText_GetFontInfo(handle, index, name, 128, ctypes.byref(flags))
    bold = bool(flags.value & _FORCE_BOLD_FLAG) or _BOLD_FONT_NAME.search(name.value) is not None
    turns = math.atan2(matrix.b, matrix.a) / (math.pi / 2)
    whole = round(turns)
    return size, bold, whole % 4 if abs(turns - whole) < 0.06 else None
