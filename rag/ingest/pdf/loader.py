"""Read PDF files: their text layer, or scanned pages by OCR."""

import math
import re
import statistics
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pypdfium2
from PIL.Image import Image
from pypdfium2 import raw

from rag.errors import DocumentError
from rag.ingest.extract import Extract, Part, clean, hidden_text_parts, page_names
from rag.ingest.pdf import ocr
from rag.ingest.pdf.grids import (
    Grid,
    grids_of,
    reading_order_with_grids,
    without_running_headers,
)
from rag.ingest.pdf.layout import Glyph, Line, rows_of
from rag.ingest.pdf.page_content import PageContent, page_content
from rag.ingest.pdf.paragraphs import Page
from rag.ingest.pdf.running import running_lines, without_torn_tops
from rag.ingest.pdf.writer import extract_of

__all__ = ["PdfLoader"]

_MAX_OCR_PIXELS = 20_000_000  # of a page that is rendered: A4 at 300 dpi has 8.7 million
_MIN_PAGE_LETTERS = 10  # on a page; fewer over a picture are a stamp on a scan
_MAX_GARBAGE_SHARE = 0.3  # of the characters; more, and the text layer has no meaning
_LINE_END_HYPHENS = "\x02\ufffe"  # how pdfium shows hyphens at the ends of lines
_MIN_SCAN_SHARE = 0.5  # of a page's area: it is a scan
_MADE_UP_TITLE = re.compile(
    r"untitled|không tên|\(?anonymous\)?|unknown|unspecified"
    r"|(?:document|slide|presentation|book|sheet|tài liệu)\s*\d*"
    r"|microsoft (?:word|excel|powerpoint)\b.*"
    r"|.*\.(?:docx?|pdf|rtf|odt|xlsx?|pptx?|html?|txt|indd|tex|dvi)"
    r"|(?:https?|file):.*|about:blank|\W*|[\d\W_]+|(?:scan|img|doc|image|cv|tt|qd|nd)[\W_]*\d*",
    re.I,
)


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
    contents: list[PageContent] = []
    ocr_lines: dict[int, list[Line]] = {}
    unread_pages: list[int] = []
    for index in range(len(document)):
        page = document[index]
        content = page_content(page)
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


def _pages(contents: Sequence[PageContent], ocr_lines: dict[int, list[Line]]) -> list[Page]:
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
