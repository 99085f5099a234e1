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
from rag.ingest.extract import Extract, Part, called, clean, left_out
from rag.ingest.pdf import ocr
from rag.ingest.pdf.grids import Grid, Rule, grids_of, ruled_order, without_headers
from rag.ingest.pdf.layout import Glyph, Line, rows_of
from rag.ingest.pdf.paragraphs import Page, extract_of
from rag.ingest.pdf.rules import rules_of
from rag.ingest.pdf.running import running_lines, without_torn_tops
from rag.ingest.pdf.visibility import unseen_on

__all__ = ["PdfLoader"]

_MAX_PIXELS = 20_000_000  # of a page that is rendered: A4 at 300 dpi has 8.7 million
_MIN_LETTERS = 10  # on a page; fewer over a picture are a stamp on a scan
_MAX_GARBAGE = 0.3  # of the characters; more, and the text layer has no meaning
_HYPHENS = "\x02\ufffe"  # how pdfium shows hyphens at the ends of lines
_SQUEEZED = 0.05  # of its proper width: letters that are narrower are strokes side by side
_BLEED = 2.0  # points by which letters may stand out of a page
_MIN_PICTURE = 0.5  # of a page's area: it is a scan
_FORCE_BOLD = 1 << 18  # flag of a font descriptor, PDF 1.7, table 123
_BOLD = re.compile(rb"bold|black|heavy|demi", re.I)
_NO_TITLE = re.compile(
    r"untitled|không tên|\(?anonymous\)?|unknown|unspecified"
    r"|(?:document|slide|presentation|book|sheet|tài liệu)\s*\d*"
    r"|microsoft (?:word|excel|powerpoint)\b.*"
    r"|.*\.(?:docx?|pdf|rtf|odt|xlsx?|pptx?|html?|txt|indd|tex|dvi)"
    r"|(?:https?|file):.*|about:blank|\W*|[\d\W_]+|(?:scan|img|doc|image|cv|tt|qd|nd)[\W_]*\d*",
    re.I,
)

_Style = tuple[float, bool, int | None]  # size, bold, quarter turns to the left; None if slanted


class _Sheet(NamedTuple):
    """What is on a page: characters and rules, the height in which they stand; what is not seen."""

    glyphs: list[Glyph]
    rules: list[Rule]
    height: float
    unseen: str


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
                    raise _too_long(count, self._max_pages)
                return _read(document, path, self._on_page)
        except (DocumentError, MemoryError):
            raise
        except OSError as error:
            raise DocumentError(
                "document.not_opened",
                error=error.strerror or error,
            ) from error
        except Exception as error:  # what pdfium and its wrapper raise on damage is not listed
            raise _damaged() from error


def _opened(path: Path) -> pypdfium2.PdfDocument:
    with path.open("rb"):
        pass  # so that the system says why a file cannot be opened
    try:
        return pypdfium2.PdfDocument(path)
    except pypdfium2.PdfiumError as error:
        if error.err_code in (raw.FPDF_ERR_PASSWORD, raw.FPDF_ERR_SECURITY):
            raise DocumentError(
                "pdf.protected_by_password_save",
            ) from error
        raise _damaged() from error


def _damaged() -> DocumentError:
    return DocumentError(
        "pdf.damaged_or_no_pdf",
    )


def _too_long(count: int, limit: int) -> DocumentError:
    return DocumentError(
        "pdf.has_pages_limit_split",
        count=count,
        limit=limit,
    )


def _read(document: pypdfium2.PdfDocument, path: Path, on_page: Callable[[], None]) -> Extract:
    sheets: list[_Sheet] = []
    scanned: dict[int, list[Line]] = {}
    unread: list[int] = []
    for number in range(len(document)):
        page = document[number]
        sheet = _sheet(page)
        if _is_without_text(sheet.glyphs, page):
            sheet = sheet._replace(glyphs=[], rules=[])
            drawn = _has_content(page)
            if drawn and ocr.available():
                scanned[number] = ocr.read_page(*_rendered(page))
                on_page()
            elif drawn:
                unread.append(number + 1)
        sheets.append(sheet)
        page.close()
    if len(unread) > len(sheets) / 2:
        raise _scan()
    if not any(sheet.glyphs for sheet in sheets) and not any(scanned.values()):
        raise DocumentError(
            "pdf.has_no_text_put",
        )
    hidden = [(at, sheet.unseen) for at, sheet in enumerate(sheets, 1)]
    extract = extract_of(_pages(sheets, scanned))
    return replace(
        extract,
        metadata=_metadata(document, path),
        parts=(*_unread(unread), *left_out(hidden)),
    )


def _unread(pages: list[int]) -> Iterator[Part]:
    """Yield what is to be said of scanned pages among others, that cannot be read here."""
    if pages:
        reason = _scan()
        yield Part(name=called(pages), message=reason.message)


def _scan() -> DocumentError:
    return DocumentError(
        "pdf.scan_without_text_install",
    )


def _pages(sheets: Sequence[_Sheet], scanned: dict[int, list[Line]]) -> list[Page]:
    """Return the pages' lines without running headers, footers and page numbers."""
    sizes = [line.size for lines in scanned.values() for line in lines]
    size = statistics.median(sizes) if sizes else 0  # one for all: OCR does not tell it
    scanned = {at: [replace(one, size=size) for one in lines] for at, lines in scanned.items()}
    heights = [sheet.height for sheet in sheets]
    glyphs = [sheet.glyphs for sheet in sheets]
    found = [grids_of(sheet.rules, sheet.glyphs) for sheet in sheets]
    grids = without_headers(found, glyphs, heights)
    around = [
        [glyph for glyph in sheet.glyphs if not any(grid.is_beside(glyph) for grid in tables)]
        for sheet, tables in zip(sheets, grids, strict=True)
    ]
    rows = [scanned.get(at) or rows_of(found) for at, found in enumerate(around)]
    removed = running_lines(
        [[*lines, *map(_stand_in, tables)] for lines, tables in zip(rows, grids, strict=True)],
        heights,
    )
    kept = []
    for all_glyphs, outside, lines, out in zip(glyphs, around, rows, removed, strict=True):
        cut = [(line.y, line.size) for line in lines if line.y in out]
        gone = {g for g in outside if any(abs(g.y - y) <= 0.45 * size for y, size in cut)}
        kept.append([glyph for glyph in all_glyphs if glyph not in gone])
    pages = []
    for at, (left, tables) in enumerate(zip(without_torn_tops(kept), grids, strict=True)):
        if at in scanned:
            lines = [line for line in scanned[at] if line.y not in removed[at]]
        else:
            lines = ruled_order(left, tables)
        pages.append(Page(lines=lines, scanned=at in scanned))
    return pages


def _stand_in(grid: Grid) -> Line:
    """Return a line without text for a table, which is no running header, but not nothing."""
    left, right, middle = grid.columns[0], grid.columns[-1], (grid.rows[0] + grid.rows[-1]) / 2
    return Line(text="", x0=left, x1=right, y=middle, size=1)


def _sheet(page: pypdfium2.PdfPage) -> _Sheet:
    """Return what is written on a page, upright, and what is ruled."""
    textpage = page.get_textpage()
    try:
        found, hidden = _turned(textpage, unseen_on(page, textpage))
    finally:
        textpage.close()
    counts = Counter({angle: len(glyphs) for angle, glyphs in found.items()})
    angle = counts.most_common(1)[0][0] if counts else 0
    left, bottom, right, top = page.get_bbox()
    along, up = {
        0: ((left, right), (bottom, top)),
        1: ((bottom, top), (-right, -left)),
        2: ((-right, -left), (-top, -bottom)),
        3: ((-top, -bottom), (left, right)),
    }[angle]
    seen = []
    for glyph in found.get(angle, []):
        if _is_within((glyph.x0 + glyph.x1) / 2, along) and _is_within(glyph.y, up):
            seen.append(glyph._replace(y=glyph.y - up[0]))
        else:
            hidden += glyph.text
    rules = [r._replace(y0=r.y0 - up[0], y1=r.y1 - up[0]) for r in rules_of(page, angle)]
    return _Sheet(seen, rules, up[1] - up[0], hidden)


def _is_within(place: float, edges: tuple[float, float]) -> bool:
    return edges[0] - _BLEED <= place <= edges[1] + _BLEED


def _turned(
    textpage: pypdfium2.PdfTextPage, unseen: Set[int]
) -> tuple[dict[int, list[Glyph]], str]:
    """Return the characters by the quarter turns at which they stand; slanted ones are left out.

    And what those say that are not seen: at the positions that are known, or too small.
    """
    handle = textpage.raw
    box, matrix = raw.FS_RECTF(), raw.FS_MATRIX()
    x, y = ctypes.c_double(), ctypes.c_double()
    at_box, at_matrix = ctypes.byref(box), ctypes.byref(matrix)
    at_x, at_y = ctypes.byref(x), ctypes.byref(y)
    found: dict[int, list[Glyph]] = {}
    hidden: list[tuple[int, str]] = []
    style: _Style = (0, False, 0)
    fresh, spaced, baseline = True, False, 0.0
    for at in range(textpage.count_chars()):
        code = raw.FPDFText_GetUnicode(handle, at)
        # pdfium puts in spaces and line breaks by its own reckoning, in the order of drawing.
        if code in (0, 10, 13) or (code == 32 and raw.FPDFText_IsGenerated(handle, at) == 1):
            fresh = True
            spaced = spaced or code == 32
            continue
        if at in unseen:
            fresh = True
            hidden.append((at, chr(code)))
            continue
        raw.FPDFText_GetLooseCharBox(handle, at, at_box)
        raw.FPDFText_GetCharOrigin(handle, at, at_x, at_y)
        if fresh or y.value != baseline:
            raw.FPDFText_GetMatrix(handle, at, at_matrix)
            style = _style(handle, at, matrix)
            fresh, baseline = False, y.value
        size, bold, turn = style
        fresh = fresh or code == 32
        if turn is None or size < 1:
            if turn is not None:
                hidden.append((at, chr(code)))
            continue
        mark = 0x300 <= code <= 0x36F
        if mark:
            # The box of the mark itself: its letter is where it is seen, not where it is set.
            _tight(handle, at, box)
        x0, x1, base = _upright(turn, box, x.value, y.value)
        glyphs = found.setdefault(turn, [])
        if mark and glyphs and glyphs[-1].y == base and abs(x0 - glyphs[-1].x1) < 0.02 * size:
            # One glyph for a letter and its marks: pdfium parts the box between them.
            glyphs[-1] = glyphs[-1]._replace(text=glyphs[-1].text + chr(code), x1=x1)
        else:
            glyphs.append(Glyph(chr(code), x0, x1, base, size, bold, spaced))
            spaced = False
    return found, _text_of(hidden)


def _text_of(characters: Sequence[tuple[int, str]]) -> str:
    """Return what characters say, with a space wherever others stand between them."""
    before = -1
    text = []
    for at, character in characters:
        text.append(character if at == before + 1 else " " + character)
        before = at
    return "".join(text)


def _tight(handle: raw.FPDF_TEXTPAGE, at: int, box: raw.FS_RECTF) -> None:
    """Fill in the box of a character's ink."""
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    if raw.FPDFText_GetCharBox(handle, at, left, right, bottom, top):
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


def _style(handle: raw.FPDF_TEXTPAGE, at: int, matrix: raw.FS_MATRIX) -> _Style:
    """Return a character's size, whether it is bold, and its quarter turns to the left."""
    size = raw.FPDFText_GetFontSize(handle, at) * math.hypot(matrix.c, matrix.d)
    if math.hypot(matrix.a, matrix.b) < _SQUEEZED * math.hypot(matrix.c, matrix.d):
        size = 0
    name, flags = ctypes.create_string_buffer(128), ctypes.c_int()
    raw.FPDFText_GetFontInfo(handle, at, name, 128, ctypes.byref(flags))
    bold = bool(flags.value & _FORCE_BOLD) or _BOLD.search(name.value) is not None
    turns = math.atan2(matrix.b, matrix.a) / (math.pi / 2)
    whole = round(turns)
    return size, bold, whole % 4 if abs(turns - whole) < 0.06 else None


def _is_without_text(glyphs: list[Glyph], page: pypdfium2.PdfPage) -> bool:
    """Tell whether a page has no text that means anything."""
    seen = [glyph.text[0] for glyph in glyphs if not glyph.text.isspace()]
    letters = sum(map(str.isalnum, seen))
    garbage = sum(text not in _HYPHENS and _is_garbage(text) for text in seen)
    if not letters or garbage > _MAX_GARBAGE * len(seen):
        return True
    return letters < _MIN_LETTERS and _is_scan(page)


def _is_garbage(character: str) -> bool:
    """Tell whether a character has no meaning: control, for private use, or unknown."""
    return unicodedata.category(character) in ("Cc", "Co", "Cn") or character == "\ufffd"


def _is_scan(page: pypdfium2.PdfPage) -> bool:
    """Tell whether a picture covers most of a page."""
    area = page.get_width() * page.get_height()
    for image in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
        left, bottom, right, top = image.get_bounds()
        if (right - left) * (top - bottom) > _MIN_PICTURE * area:
            return True
    return False


def _has_content(page: pypdfium2.PdfPage) -> bool:
    return next(iter(page.get_objects(max_depth=1)), None) is not None


def _rendered(page: pypdfium2.PdfPage) -> tuple[Image, float]:
    """Return a page as a grey picture, and its dots per inch."""
    area = page.get_width() * page.get_height()
    scale = min(ocr.DPI / 72, math.sqrt(_MAX_PIXELS / max(area, 1)))
    bitmap = page.render(scale=scale, grayscale=True)
    try:
        return bitmap.to_pil().copy(), scale * 72
    finally:
        bitmap.close()


def _metadata(document: pypdfium2.PdfDocument, path: Path) -> dict[str, str]:
    """Return the title if it is a real one; dates and authors are those of the file."""
    title = clean(document.get_metadata_value("Title").replace("\n", " "))
    known = {re.sub(r"[\W_]+", "", name).casefold() for name in (path.name, path.stem)}
    bare = re.sub(r"[\W_]+", "", title).casefold()
    if not title or bare in known or _NO_TITLE.fullmatch(title) or "\ufffd" in title:
        return {}
    return {"title": title}
