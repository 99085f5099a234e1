"""The text of a PDF file from its paragraphs, with headings, rows of tables and pages."""

import re
from collections import Counter
from collections.abc import Sequence

from rag.domain.documents import Block, BlockKind
from rag.ingest.extract import Extract, clean
from rag.ingest.pdf.layout import Line
from rag.ingest.pdf.paragraphs import Page, Paragraph, Typography, join_lines, paragraphs_of
from rag.ingest.pdf.tables import TableRow, join_cut_rows, page_starts, row_texts, tables_of

__all__ = ["extract_of"]

_ENDS_IN_HYPHEN = re.compile(r"\w[-\u2010]$")
_ENDS_IN_SLASH = re.compile(r"\w/$")
_MIN_HEADING_SIZE_RATIO = 1.15  # of the size of the body: headings
_MAX_HEADING_CHARACTERS = 150
_MAX_HEADING_LEVEL = 4


def extract_of(pages: Sequence[Page]) -> Extract:
    """Return the text of pages, with headings, rows of tables and the beginnings of pages."""
    paragraphs, typography = paragraphs_of(pages)
    scanned_pages = frozenset(index for index, page in enumerate(pages) if page.scanned)
    return _Writer(typography, paragraphs, len(pages), scanned_pages).write()


class _Writer:
    """Writes paragraphs down, and notes where pages, headings and rows begin."""

    def __init__(
        self,
        typography: Typography,
        paragraphs: list[Paragraph],
        pages: int,
        scanned: frozenset[int],
    ) -> None:
        self._scanned = scanned
        self._typography = typography
        self._paragraphs = paragraphs
        self._starts: dict[int, int] = {}
        self._count = pages
        self._text: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []
        text = " ".join(line.text for paragraph in paragraphs for line in paragraph.lines)
        self._words = frozenset(re.findall(r"[\w-]+", text))
        heading_sizes = Counter(
            round(paragraph.lines[0].size)
            for paragraph in paragraphs
            if self._is_heading(paragraph)
        )
        largest_first = sorted(heading_sizes, reverse=True)
        self._levels = {size: rank + 1 for rank, size in enumerate(largest_first)}

    def write(self) -> Extract:
        index = 0
        while index < len(self._paragraphs):
            end = index
            while end < len(self._paragraphs) and self._paragraphs[end].lines[0].cells:
                end += 1
            if end > index:
                self._tables(self._paragraphs[index:end])
                index = end
            else:
                self._paragraph(self._paragraphs[index])
                index += 1
        text = "".join(self._text)
        return Extract(text=text, blocks=tuple(self._blocks), pages=self._pages(len(text)))

    def _pages(self, length: int) -> tuple[int, ...]:
        """Return where each page begins; one without text begins where the next does."""
        starts = []
        following = length
        for page in range(self._count - 1, -1, -1):
            following = min(self._starts.get(page, following), following)
            starts.append(following)
        return (0, *starts[::-1][1:])

    def _paragraph(self, paragraph: Paragraph, *, inside: bool = False) -> None:
        """Write a paragraph down; what is inside a cell is no heading, whatever its size."""
        pieces = ""
        for line, page in zip(paragraph.lines, paragraph.pages, strict=True):
            pieces = self._joined(pieces, line.text)
            self._starts.setdefault(page, self._length + len(pieces) - len(line.text))
        if not inside and self._is_heading(paragraph):
            level = min(self._levels[round(paragraph.lines[0].size)], _MAX_HEADING_LEVEL)
            self._add(pieces, BlockKind.HEADING, level)
        else:
            self._add(pieces)

    def _tables(self, paragraphs: list[Paragraph]) -> None:
        """Write tables' rows: with the names of the columns if these are known."""
        for table in tables_of(
            [self._row(paragraph.lines[0], paragraph.pages[0]) for paragraph in paragraphs]
        ):
            ruled = bool(table[0].line.columns)
            rows = join_cut_rows(table) if ruled else table
            texts = row_texts(rows)
            if texts:
                starts = page_starts(rows, texts)
                for index, text in enumerate(texts):
                    for page in starts.get(index, ()):
                        self._starts.setdefault(page, self._length)
                    self._add(clean(text), BlockKind.ROW)
            elif ruled:
                self._cells(table)
            else:
                for row in rows:
                    self._starts.setdefault(row.page, self._length)
                    self._add(row.line.text)

    def _row(self, line: Line, page: int) -> TableRow:
        if not line.columns:
            return TableRow(line, line.cells, page)
        cells = []
        for part in line.parts:
            text = ""
            for piece in part:
                text = self._joined(text, piece.text)
            cells.append(text)
        return TableRow(line, tuple(cells), page)

    def _cells(self, table: list[TableRow]) -> None:
        """Write down the cells of a table that lays out a page, one after the other."""
        parts_above: tuple[tuple[Line, ...], ...] = ()
        for row in table:
            written_parts = list(parts_above)
            for part in row.line.parts:
                if not any(part is written_part for written_part in written_parts):
                    paragraphs: list[Paragraph] = []
                    join_lines(paragraphs, part, row.page, self._typography)
                    for paragraph in paragraphs:
                        self._paragraph(paragraph, inside=True)
                written_parts.append(part)
            parts_above = row.line.parts

    def _joined(self, before: str, text: str) -> str:
        if not before:
            return text
        if _ENDS_IN_SLASH.search(before):
            return before + text
        if not _ENDS_IN_HYPHEN.search(before):
            return f"{before} {text}"
        head = re.split(r"\s", before)[-1].lstrip("\"'“‘([")
        tail = re.split(r"[^\w-]", text)[0]
        if not tail or not (tail[0].islower() and head[:-1].isalpha() and head[:-1].isascii()):
            return before + text
        whole, hyphened = head[:-1] + tail, head + tail
        if hyphened in self._words and whole not in self._words:
            return before + text
        return before[:-1] + text

    def _is_heading(self, paragraph: Paragraph) -> bool:
        text = " ".join(line.text for line in paragraph.lines)
        return (
            paragraph.lines[0].size >= _MIN_HEADING_SIZE_RATIO * self._typography.size
            and paragraph.pages[0] not in self._scanned
            and len(text) <= _MAX_HEADING_CHARACTERS
            and not paragraph.lines[0].cells
            and any(character.isalpha() for character in text)
        )

    def _add(self, text: str, kind: BlockKind | None = None, level: int = 0) -> None:
        if not text:
            return
        if kind is not None:
            end = self._length + len(text)
            self._blocks.append(Block(start=self._length, end=end, kind=kind, level=level))
        self._text.append(text + "\n\n")
        self._length += len(text) + 2
