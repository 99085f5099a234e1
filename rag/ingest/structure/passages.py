"""Divide a document into passages that a model can read, along its own structure."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import lru_cache

from langchain_text_splitters import RecursiveCharacterTextSplitter

from rag.domain.documents import Block, BlockKind, Division, Document, Passage

__all__ = ["context_of", "divide"]

_MAX_CONTEXT_CHARACTERS = 400
_MAX_LEAD_CHARACTERS = 240  # of what a clause says before its points
_MAX_PART_CHARACTERS = 4 * _MAX_CONTEXT_CHARACTERS  # of a title or a table's head, spaces and all
_MARKDOWN_TABLE = re.compile(r"^\|[^\n]*+(?:\n\|[^\n]*+)*+", re.M)

# Characters that mark where a text may be divided. Unicode has set them aside for use within a
# program; where a text contains them all the same, another stands for them while it is divided.
_ARTICLE_MARK = "\ufdd0"
_SECTION_MARK = "\ufdd1"
_PARAGRAPH_MARK = "\ufdd2"
_SENTENCE_MARK = "\ufdd3"
_MARKS = _ARTICLE_MARK + _SECTION_MARK + _PARAGRAPH_MARK + _SENTENCE_MARK
_WITHOUT_MARKS = str.maketrans("", "", _MARKS)
_MARKS_REPLACED = dict.fromkeys(map(ord, _MARKS), "\ufffd")


def divide(
    document: Document, *, max_tokens: int, count_tokens: Callable[[str], int]
) -> tuple[Passage, ...]:
    """Return the passages of a document in order; together they cover all its text.

    No passage has parts of two articles of a law. Otherwise it ends where a section, a paragraph or
    at least a sentence ends, the first of these that keeps it within the limit. Only a sentence
    that alone is too long is divided, at a space.

    Args:
        document: What to divide.
        max_tokens: The most tokens a passage may have.
        count_tokens: Returns the number of tokens of a text.
    """

    def length(text: str) -> int:
        # What has no tokens counts as well: the splitter would say it twice, and in no time.
        text_without_marks = text.translate(_WITHOUT_MARKS)
        return max(1, count_tokens(text_without_marks)) if text_without_marks else 0

    splitter = RecursiveCharacterTextSplitter(
        separators=[_SECTION_MARK, _PARAGRAPH_MARK, _SENTENCE_MARK, " ", ""],
        keep_separator="end",
        chunk_size=max_tokens,
        chunk_overlap=0,
        length_function=length,
        strip_whitespace=False,
    )
    passages = []
    start = 0
    pieces = _text_with_marks(document).split(_ARTICLE_MARK)
    for chunk in (chunk for piece in pieces for chunk in splitter.split_text(piece)):
        text = chunk.translate(_WITHOUT_MARKS)
        end = start + len(text)
        if text.strip():
            passages.append(
                Passage(
                    source=document.source,
                    start=start + len(text) - len(text.lstrip()),
                    end=start + len(text.rstrip()),
                )
            )
        start = end
    return tuple(passages)


def context_of(document: Document, passage: Passage) -> str:
    """Return what a passage is to be understood by: title, article, and what announces its points.

    Only what does not stand in the passage itself is told again; for a row of a table written in
    Markdown, the table's first row is.
    """
    parts = [document.metadata.title]
    for section in document.path_to(document.section_at(passage.start)):
        if section.kind in (Division.ARTICLE, Division.CLAUSE) and section.start < passage.start:
            end = min(section.lead_end, passage.start, section.start + _MAX_LEAD_CHARACTERS)
            parts.append(document.text[section.start : end])
    parts.append(_table_header(document.text, passage.start))
    collapsed = (" ".join(part[:_MAX_PART_CHARACTERS].split()) for part in parts)
    return "\n".join(part for part in collapsed if part)[:_MAX_CONTEXT_CHARACTERS]


def _table_header(text: str, position: int) -> str:
    """Return the first line of a table in Markdown that goes on at a position, "" if none does."""
    if not text.startswith("|", position):
        return ""
    spans = _table_spans(text)
    last = bisect_right(spans, position, key=lambda span: span[0]) - 1
    start, end = spans[last] if last >= 0 else (position, position)
    if not start < position < end:
        return ""
    line_end = text.find("\n", start, end)
    return text[start : line_end if line_end >= 0 else end]


@lru_cache(maxsize=1)  # the passages of a document come one after the other
def _table_spans(text: str) -> tuple[tuple[int, int], ...]:
    """Return where the tables of a text that are written in Markdown begin and end."""
    return tuple(match.span() for match in _MARKDOWN_TABLE.finditer(text))


def _text_with_marks(document: Document) -> str:
    """Return the text with a mark wherever it may be divided, character for character otherwise."""
    text = document.text.translate(_MARKS_REPLACED)
    marks = dict(_boundaries(document))
    marks |= dict.fromkeys(_article_starts(document), _ARTICLE_MARK)
    pieces = []
    start = 0
    for position in sorted(marks):
        pieces += [text[start:position], marks[position]]
        start = position
    return "".join([*pieces, text[start:]])


def _boundaries(document: Document) -> Iterator[tuple[int, str]]:
    """Yield where a division may be, and of what kind; of two at one place the last counts."""
    for sentence in document.sentences:
        yield sentence.start, _SENTENCE_MARK
    clauses = {section.start for section in document.sections if section.kind is Division.CLAUSE}
    previous: Block | None = None
    for block in document.blocks:
        # A heading stays with what follows it.
        if previous is None or previous.kind is not BlockKind.HEADING:
            begins_section = block.kind is BlockKind.HEADING or block.start in clauses
            yield block.start, _SECTION_MARK if begins_section else _PARAGRAPH_MARK
        previous = block


def _article_starts(document: Document) -> Iterator[int]:
    """Yield where the articles of a law begin, with the headings of chapters just above."""
    division_starts = {
        section.start
        for section in document.sections
        if section.kind not in (Division.HEADING, Division.CLAUSE, Division.POINT)
    }
    article_starts = {
        section.start for section in document.sections if section.kind is Division.ARTICLE
    }
    first_heading: int | None = None  # where the headings begin that stand right above
    for block in document.blocks:
        if block.start in division_starts:
            yield block.start if first_heading is None else first_heading
        if block.kind is not BlockKind.HEADING or block.start in article_starts:
            first_heading = None
        elif first_heading is None:
            first_heading = block.start
