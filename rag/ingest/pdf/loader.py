"""Read PDF files: their text layer, or scanned pages by OCR."""

import ctypes
import math
import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import pypdfium2
from PIL.Image import Image
from pypdfium2 import raw

from rag.errors import DocumentError
from rag.ingest.extract import Extract, Part, clean, hidden_text_parts, page_names
from rag.ingest.pdf import ocr
from rag.ingest.pdf.grids import (
    Grid,
    Rule,
    grids_of,
    reading_order_with_grids,
    without_running_headers,
)
from rag.ingest.pdf.layout import Glyph, Line, rows_of
from rag.ingest.pdf.paragraphs import Page, extract_of
from rag.ingest.pdf.rules import rules_of
from rag.ingest.pdf.running import running_lines, without_torn_tops
from rag.ingest.pdf.visibility import hidden_characters

__all__ = ["PdfLoader"]

_MAX_OCR_PIXELS = 20_000_000  # of a page that is rendered: A4 at 300 dpi has 8.7 million
_MIN_PAGE_LETTERS = 10  # on a page; fewer over a picture are a stamp on a scan
_MAX_GARBAGE_SHARE = 0.3  # of the characters; more, and the text layer has no meaning
_LINE_END_HYPHENS = "\x02\ufffe"  # how pdfium shows hyphens at the ends of lines
_MIN_WIDTH_RATIO = 0.05  # of its proper width: letters that are narrower are strokes side by side
_BLEED_POINTS = 2.0  # points by which letters may stand out of a page
_MIN_SCAN_SHARE = 0.5  # of a page's area: it is a scan
_FORCE_BOLD_FLAG = 1 << 18  # flag of a font descriptor, PDF 1.7, table 123
_BOLD_FONT_NAME = re.compile(rb"bold|black|heavy|demi", re.I)
_MADE_UP_TITLE = re.compile(
    r"untitled|không tên|\(?anonymous\)?|unknown|unspecified"
    r"|(?:document|slide|presentation|book|sheet|tài liệu)\s*\d*"
    r"|microsoft (?:word|excel|powerpoint)\b.*"
    r"|.*\.(?:docx?|pdf|rtf|odt|xlsx?|pptx?|html?|txt|indd|tex|dvi)"
    r"|(?:https?|file):.*|about:blank|\W*|[\d\W_]+|(?:scan|img|doc|image|cv|tt|qd|nd)[\W_]*\d*",
    re.I,
)

_Style = tuple[float, bool, int | None]  # size, bold, quarter turns to the left; None if slanted


class _PageContent(NamedTuple):
    """What is on a page: characters and rules, the height in which they stand; hidden text."""

    glyphs: list[Glyph]
    rules: list[Rule]
    height: float
    hidden_text: str


class PdfLoader:
    """Reads PDF files; a scan is read by OCR where Tesseract is installed."""

    suffixes = frozenset({".pdf"})

    def __init__(self, max_pages: int, on_page: Callable[[], None] | None = None) -> None:
        self._max_pages = max_pages
        self._on_page = on_page or (lambda: None)

    def load(self, path: Path) -> Extract:
        """Return the text of a file, with its pages.

        Raises:
            DocumentError: If it cannot be opened, needs a password, has too many pages, or is a
                scan that cannot be read here.
        """
        try:
            with _opened(path) as document:
                count = len(document)
                if count > self._max_pages:
                    raise _too_long_error(count, self._max_pages)
                return _read(document, path, self._on_page)
        except (DocumentError, MemoryError):
            raise
        except OSError as error:
            raise DocumentError(
                "document.not_opened",
                error=error.strerror or error,
            ) from error
        except Exception as error:  # what pdfium and its wrapper raise on damage is not listed
            raise _damaged_error() from error


def _opened(path: Path) -> pypdfium2.PdfDocument:
    with path.open("rb"):
        pass  # so that the system says why a file cannot be opened
    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise DocumentError(
                "pdf.password",
            ) from error
        raise _damaged_error() from error


def _damaged_error() -> DocumentError:
    return DocumentError(
        "pdf.damaged",
    )


def _too_long_error(count: int, limit: int) -> DocumentError:
    return DocumentError(
        "pdf.too_many_pages",
        count=count,
        limit=limit,
    )


def _read(document: pypdfium2.PdfDocument, path: Path, on_page: Callable[[], None]) -> Extract:
    contents: list[_PageContent] = []
    ocr_lines: dict[int, list[Line]] = {}
    unread_pages: list[int] = []
    for index in range(len(document)):
        page = document[index]
        content = _page_content(page)
        if _is_without_text(content.glyphs, page):
            content = content._replace(glyphs=[], rules=[])
            has_content = _has_content(page)
            if has_content and ocr.available():
                ocr_lines[index] = ocr.read_page(*_rendered(page))
                on_page()
            elif has_content:
                unread_pages.append(index + 1)
        contents.append(content)
        page.close()
    if len(unread_pages) > len(contents) / 2:
        raise _scan_error()
    if not any(content.glyphs for content in contents) and not any(ocr_lines.values()):
        raise DocumentError(
            "pdf.no_text",
        )
    hidden_texts = [
        (page_number, content.hidden_text) for page_number, content in enumerate(contents, 1)
    ]
    extract = extract_of(_pages(contents, ocr_lines))
    return replace(
        extract,
        metadata=_metadata(document, path),
        parts=(*_unread_part(unread_pages), *hidden_text_parts(hidden_texts)),
    )


def _unread_part(pages: list[int]) -> Iterator[Part]:
    """Yield the message about scanned pages among others, that cannot be read here."""
    if pages:
        reason = _scan_error()
        yield Part(name=page_names(pages), message=reason.message)


def _scan_error() -> DocumentError:
    return DocumentError(
        "pdf.scan_needs_tesseract",
    )


def _pages(contents: Sequence[_PageContent], ocr_lines: dict[int, list[Line]]) -> list[Page]:
    """Return the pages' lines without running headers, footers and page numbers."""
    sizes = [line.size for lines in ocr_lines.values() for line in lines]
    size = statistics.median(sizes) if sizes else 0  # one for all: OCR does not tell it
    ocr_lines = {
        index: [replace(line, size=size) for line in lines] for index, lines in ocr_lines.items()
    }
    heights = [content.height for content in contents]
    glyphs = [content.glyphs for content in contents]
    all_grids = [grids_of(content.rules, content.glyphs) for content in contents]
    grids = without_running_headers(all_grids, glyphs, heights)
    around = [
        [glyph for glyph in content.glyphs if not any(grid.is_beside(glyph) for grid in page_grids)]
        for content, page_grids in zip(contents, grids, strict=True)
    ]
    rows = [ocr_lines.get(index) or rows_of(outside) for index, outside in enumerate(around)]
    running_baselines = running_lines(
        [
            [*lines, *map(_placeholder_line, page_grids)]
            for lines, page_grids in zip(rows, grids, strict=True)
        ],
        heights,
    )
    kept = []
    for page_glyphs, outside, lines, baselines in zip(
        glyphs, around, rows, running_baselines, strict=True
    ):
        cut = [(line.y, line.size) for line in lines if line.y in baselines]
        running = {
            glyph for glyph in outside if any(abs(glyph.y - y) <= 0.45 * size for y, size in cut)
        }
        kept.append([glyph for glyph in page_glyphs if glyph not in running])
    pages = []
    for index, (page_glyphs, page_grids) in enumerate(
        zip(without_torn_tops(kept), grids, strict=True)
    ):
        if index in ocr_lines:
            lines = [line for line in ocr_lines[index] if line.y not in running_baselines[index]]
        else:
            lines = reading_order_with_grids(page_glyphs, page_grids)
        pages.append(Page(lines=lines, scanned=index in ocr_lines))
    return pages


def _placeholder_line(grid: Grid) -> Line:
    """Return a line without text for a table, which is no running header, but not nothing."""
    left, right, middle = grid.columns[0], grid.columns[-1], (grid.rows[0] + grid.rows[-1]) / 2
    return Line(text="", x0=left, x1=right, y=middle, size=1)


def _page_content(page: pypdfium2.PdfPage) -> _PageContent:
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
    return _PageContent(visible, rules, up[1] - up[0], hidden_text)


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


def _is_without_text(glyphs: list[Glyph], page: pypdfium2.PdfPage) -> bool:
    """Tell whether a page has no text that means anything."""
    characters = [glyph.text[0] for glyph in glyphs if not glyph.text.isspace()]
    letters = sum(map(str.isalnum, characters))
    garbage = sum(
        character not in _LINE_END_HYPHENS and _is_garbage(character) for character in characters
    )
    if not letters or garbage > _MAX_GARBAGE_SHARE * len(characters):
        return True
    return letters < _MIN_PAGE_LETTERS and _is_scan(page)


def _is_garbage(character: str) -> bool:
    """Tell whether a character has no meaning: control, for private use, or unknown."""
    return unicodedata.category(character) in ("Cc", "Co", "Cn") or character == "\ufffd"


def _is_scan(page: pypdfium2.PdfPage) -> bool:
    """Tell whether a picture covers most of a page."""
    area = page.get_width() * page.get_height()
    for image in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = image.get_bounds()
        if (right - left) * (top - bottom) > _MIN_SCAN_SHARE * area:
            return True
    return False


def _has_content(page: pypdfium2.PdfPage) -> bool:
    return next(iter(page.get_objects(max_depth=1)), None) is not None


def _rendered(page: pypdfium2.PdfPage) -> tuple[Image, float]:
    """Return a page as a grey picture, and its dots per inch."""
    area = page.get_width() * page.get_height()
    scale = min(ocr.DPI / 72, math.sqrt(_MAX_OCR_PIXELS / max(area, 1)))
    bitmap = page.render(scale=scale, grayscale=True)
    try:
        return bitmap.to_pil().copy(), scale * 72
    finally:
        bitmap.close()


def _metadata(document: pypdfium2.PdfDocument, path: Path) -> dict[str, str]:
    """Return the title if it is a real one; dates and authors are those of the file."""
    title = clean(document.get_metadata_value("Title").replace("\n", " "))
    file_names = {re.sub(r"[\W_]+", "", name).casefold() for name in (path.name, path.stem)}
    bare_title = re.sub(r"[\W_]+", "", title).casefold()
    if (
        not title
        or bare_title in file_names
        or _MADE_UP_TITLE.fullmatch(title)
        or "\ufffd" in title
    ):
        return {}
    return {"title": title}
