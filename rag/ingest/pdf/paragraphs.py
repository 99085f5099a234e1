"""Paragraphs from the lines of pages: what runs over a line or a page is put together again."""

import re
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from rag.ingest.pdf.layout import Line

__all__ = ["Page", "Paragraph", "Typography", "join_lines", "paragraphs_of"]

_ITEM_MARKER = re.compile(
    r"(?:(?:điều|chương|mục|tiểu mục|phần|phụ lục|article|chapter|section)\s+(?:\d+|[ivxlc]+)\b"
    r"|\(?\d{1,3}(?:\.\d{1,3})*[.)]\s|\(?[a-zđ]{1,2}\)\s|[-–—•+*▪◦●○]\s)",
    re.I,
)
_SENTENCE_END = re.compile(r"[.!?…:;][\"'”’»)\]]*$")
_BROKEN_STATE_NAME = re.compile(r"CHỦ NGHĨA$")  # the name of the state, broken in a narrow cell
_MIN_PAGE_LINES = 6  # among which one reaches the edge
_PARAGRAPH_STEP_RATIO = 1.15  # of the pitch of lines: paragraphs stand further apart
_MAX_FLUSH_EMS = 0.35  # of the size: lines that end as near to the edge are justified
_MIN_INDENT_EMS = 0.8  # of the size
_MIN_BODY_SIZE_RATIO = 0.93  # of the size of the body: footnotes


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The lines of a page in reading order.

    Attributes:
        scanned: They were read by OCR, which does not tell the size of type.
    """

    lines: Sequence[Line]
    scanned: bool = False


@dataclass(slots=True)
class Paragraph:
    """Lines with the page of each."""

    lines: list[Line] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)

    def add(self, line: Line, page: int) -> None:
        """Add the next line."""
        self.lines.append(line)
        self.pages.append(page)


@dataclass(frozen=True, slots=True)
class Typography:
    """How a document is set: the size of its type, the pitch of its lines, whether it indents."""

    size: float
    pitch: float  # of the size
    indents: bool
    justified: bool


def paragraphs_of(pages: Sequence[Page]) -> tuple[list[Paragraph], Typography]:
    """Return the paragraphs of a document in reading order, and how it is set."""
    pages = _widened(pages)
    typography = _typography(pages)
    paragraphs: list[Paragraph] = []
    for page_index, page in enumerate(pages):
        body, notes = _without_notes(page.lines, typography)
        count_before = len(paragraphs)
        join_lines(paragraphs, body, page_index, typography)
        if notes:
            note_paragraphs: list[Paragraph] = []
            join_lines(note_paragraphs, notes, page_index, typography)
            _place_notes(
                paragraphs, note_paragraphs, pages[page_index + 1 :], typography, count_before
            )
    return paragraphs, typography


def _widened(pages: Sequence[Page]) -> Sequence[Page]:
    """Give pages of few lines, which may all be short, the edge that the others have."""
    whole_lines = [[line for line in page.lines if line.whole] for page in pages]
    edges = [
        (lines[0].left, lines[0].right) for lines in whole_lines if len(lines) >= _MIN_PAGE_LINES
    ]
    if not edges:
        return pages
    left, right = (statistics.median(side) for side in zip(*edges, strict=True))
    return [
        replace(
            page,
            lines=[
                replace(line, right=max(line.right, right))
                if line.whole and abs(line.left - left) < 2 * line.size
                else line
                for line in page.lines
            ],
        )
        if len(lines) < _MIN_PAGE_LINES
        else page
        for page, lines in zip(pages, whole_lines, strict=True)
    ]


def _typography(pages: Sequence[Page]) -> Typography:
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            sizes[line.size] += len(line.text)
    size = sizes.most_common(1)[0][0] if sizes else 10.0
    steps = []
    indented_lines = short_lines = flush_lines = full_lines = 0
    for page in pages:
        for line, below in pairwise(page.lines):
            if line.region != below.region or abs(below.size - size) > 0.5 or line.y <= below.y:
                continue
            if line.columns:  # it fills its table, not a line of text
                continue
            full = line.right - line.x1 < 2 * size
            if (
                full
                and below.x0 - below.left < _MIN_INDENT_EMS * size
                and abs(line.size - size) < 0.5
            ):
                steps.append((line.y - below.y) / size)
            short_lines += not full
            full_lines += full
            flush_lines += line.right - line.x1 < _MAX_FLUSH_EMS * size
            indented_lines += not full and below.x0 - below.left > _MIN_INDENT_EMS * size
    pitch = statistics.median(steps) if steps else 1.3
    indents = short_lines > 2 and indented_lines > 0.5 * short_lines
    return Typography(size, pitch, indents, flush_lines > 0.8 * full_lines)


def _without_notes(
    lines: Sequence[Line], typography: Typography
) -> tuple[Sequence[Line], Sequence[Line]]:
    """Return the lines of a page, and apart from them the footnotes at its end."""
    if not lines:
        return lines, ()
    limit = _MIN_BODY_SIZE_RATIO * typography.size
    body = [line for line in lines if line.size >= limit and not line.cells]
    if not body:
        return lines, ()
    lowest = min(line.y for line in body)
    notes = [line for line in lines if line.size < limit and line.y < lowest and not line.cells]
    return [line for line in lines if line not in notes], notes


def _place_notes(
    paragraphs: list[Paragraph],
    notes: list[Paragraph],
    following: Sequence[Page],
    typography: Typography,
    count_before: int,
) -> None:
    """Put footnotes behind the page's text, or before a paragraph that runs on over the page."""
    next_line = next((page.lines[0] for page in following if page.lines), None)
    open_end = (
        next_line is not None
        and len(paragraphs) > count_before
        and _runs_on(paragraphs[-1].lines, next_line, typography)
    )
    position = len(paragraphs) - 1 if open_end else len(paragraphs)
    paragraphs[position:position] = notes


def join_lines(
    paragraphs: list[Paragraph], lines: Sequence[Line], page: int, typography: Typography
) -> None:
    """Add the lines of a page to paragraphs: to the last one, or as new ones."""
    for index, line in enumerate(lines):
        below = lines[index + 1] if index + 1 < len(lines) else None
        if paragraphs and _belongs(paragraphs[-1], line, page, typography, below):
            paragraphs[-1].add(line, page)
        else:
            paragraphs.append(Paragraph([line], [page]))


def _belongs(
    paragraph: Paragraph, line: Line, page: int, typography: Typography, below: Line | None
) -> bool:
    last = paragraph.lines[-1]
    if last.cells or line.cells or abs(last.size - line.size) > 0.1 * max(last.size, line.size):
        return False
    if last.apart or line.apart:
        follows = last.region == line.region and last.y > line.y
        return follows and (
            line.text[:1].islower() or _BROKEN_STATE_NAME.search(last.text) is not None
        )
    if paragraph.pages[-1] != page or last.region != line.region or line.y >= last.y:
        return _runs_on(paragraph.lines, line, typography)
    if last.y - line.y > max(
        _PARAGRAPH_STEP_RATIO * typography.pitch * line.size, 1.1 * _pitch_in(paragraph)
    ):
        return False
    return not (_is_indented(paragraph.lines, line, below) or _is_ended(last, line, typography))


def _pitch_in(paragraph: Paragraph) -> float:
    """Return the largest step within a paragraph so far."""
    pairs = pairwise(paragraph.lines)
    return max((upper.y - lower.y for upper, lower in pairs), default=0)


def _is_indented(lines: Sequence[Line], line: Line, below: Line | None) -> bool:
    """Tell whether a line begins further right or left than the lines of its paragraph do."""
    step = line.x0 - lines[-1].x0
    size = _MIN_INDENT_EMS * line.size
    if _is_centred(line) and _is_centred(lines[-1]):
        return False
    if step > size:
        # The text of an item hangs behind its number: there the next line is as far in.
        hangs = len(lines) == 1 and _ITEM_MARKER.match(lines[0].text + " ")
        behind = (
            below is None or min(abs(below.x0 - line.x0), abs(lines[0].second - line.x0)) < size
        )
        return not (hangs and behind)
    if len(lines) == 1 and abs(step) < size < line.x0 - line.left:
        # Two first lines, if the one after them is further left again.
        return below is not None and line.x0 - below.x0 > size and below.region == line.region
    return step < -size and len(lines) > 1 and abs(lines[-1].x0 - lines[-2].x0) < size


def _is_centred(line: Line) -> bool:
    before, after = line.x0 - line.left, line.right - line.x1
    return before > _MAX_FLUSH_EMS * line.size and abs(before - after) < line.size


def _is_ended(last: Line, line: Line, typography: Typography) -> bool:
    """Tell whether a line would have held the next one's first word, had there been one."""
    need = line.first + 0.2 * line.size
    room = last.right - last.x1
    width = last.right - last.left
    marker = _ITEM_MARKER.match(line.text) is not None
    terminal = _SENTENCE_END.search(last.text) is not None
    if marker and terminal:
        return True
    if _is_centred(last):
        room += last.x0 - last.left
    elif typography.justified and not line.text[:1].islower() and room > _MAX_FLUSH_EMS * last.size:
        return True
    if terminal or marker or last.bold != line.bold:
        return room > need
    if line.text[:1].isupper():
        return room > need + 0.1 * width
    return room > max(need, 0.25 * width)


def _runs_on(lines: Sequence[Line], line: Line, typography: Typography) -> bool:
    """Tell whether a paragraph goes on in the next column or on the next page."""
    last = lines[-1]
    if last.cells or line.cells or last.bold != line.bold:
        return False
    if abs(last.size - line.size) > 0.1 * line.size or _is_ended(last, line, typography):
        return False
    if line.text[:1].islower() and not _ITEM_MARKER.match(line.text):
        return True
    if _SENTENCE_END.search(last.text):
        indented = line.x0 - line.left > _MIN_INDENT_EMS * line.size
        flush = typography.justified and last.right - last.x1 < _MAX_FLUSH_EMS * last.size
        return (flush or typography.indents) and not indented and not _ITEM_MARKER.match(line.text)
    return True
