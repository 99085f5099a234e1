"""Divide a document into passages that a model can read, along its own structure."""

from bisect import bisect_right
from collections.abc import Callable, Iterator

from langchain_text_splitters import RecursiveCharacterTextSplitter

from rag.documents import Block, BlockKind, Division, Document, Passage

__all__ = ["CHUNKING_VERSION", "context_of", "divide", "readable_text"]

CHUNKING_VERSION = 2
"""Raise it when the same documents would be divided otherwise: indexes are then built anew."""

_LONGEST_CONTEXT = 400  # characters
_LONGEST_LEAD = 240  # characters of what a clause says before its points

# Characters to mark where a text may be divided; any that no text contains would do, and those
# that a text does contain are not used for it.
_PRIVATE_USE = range(0xE000, 0xF8FF)


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
    article, section, paragraph, sentence = _unused_characters(document.text)
    drop = str.maketrans("", "", article + section + paragraph + sentence)
    splitter = RecursiveCharacterTextSplitter(
        separators=[section, paragraph, sentence, " ", ""],
        keep_separator="end",
        chunk_size=max_tokens,
        chunk_overlap=0,
        length_function=lambda text: count_tokens(text.translate(drop)),
        strip_whitespace=False,
    )
    marked = _mark(document, article, section, paragraph, sentence)
    passages = []
    start = 0
    for chunk in (chunk for piece in marked.split(article) for chunk in splitter.split_text(piece)):
        text = chunk.translate(drop)
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
            end = min(section.lead_end, passage.start)
            parts.append(document.text[section.start : end][:_LONGEST_LEAD])
    parts.append(_head_of_table(document.text, passage.start))
    context = "\n".join(" ".join(part.split()) for part in parts if part.strip())
    return context[:_LONGEST_CONTEXT]


def _head_of_table(text: str, position: int) -> str:
    """Return the first line of a table in Markdown that goes on at a position, "" if none does."""
    if not text.startswith("|", position):
        return ""
    first = position
    while first and text.startswith("|", before := text.rfind("\n", 0, first - 1) + 1):
        first = before
        if not before:
            break
    return text[first : text.index("\n", first)] if first < position else ""


def readable_text(document: Document, start: int, end: int) -> str:
    """Return a slice of a document as a model should read it, character for character.

    What is neither prose nor heading is blanked out with spaces, so that positions hold.
    """
    text = list(document.text[start:end])
    first = bisect_right(document.blocks, start, key=lambda block: block.end)
    for block in document.blocks[first:]:
        if block.start >= end:
            break
        if block.kind not in (BlockKind.PROSE, BlockKind.ROW, BlockKind.HEADING):
            low, high = max(block.start, start) - start, min(block.end, end) - start
            if low < high:
                text[low:high] = " " * (high - low)
    return "".join(text)


def _unused_characters(text: str) -> tuple[str, str, str, str]:
    used = set(text)
    unused = (chr(code) for code in _PRIVATE_USE if chr(code) not in used)
    return next(unused), next(unused), next(unused), next(unused)


def _mark(document: Document, article: str, section: str, paragraph: str, sentence: str) -> str:
    """Return the text with a mark wherever it may be divided."""
    marks = dict(_boundaries(document, section, paragraph, sentence))
    marks |= dict.fromkeys(_article_starts(document), article)
    pieces = []
    start = 0
    for position in sorted(marks):
        pieces += [document.text[start:position], marks[position]]
        start = position
    return "".join([*pieces, document.text[start:]])


def _boundaries(
    document: Document, section: str, paragraph: str, sentence: str
) -> Iterator[tuple[int, str]]:
    """Yield where a division may be, and of what kind; of two at one place the last counts."""
    for found in document.sentences:
        yield found.start, sentence
    clauses = {one.start for one in document.sections if one.kind is Division.CLAUSE}
    previous: Block | None = None
    for block in document.blocks:
        # A heading stays with what follows it.
        if previous is None or previous.kind is not BlockKind.HEADING:
            begins = block.kind is BlockKind.HEADING or block.start in clauses
            yield block.start, section if begins else paragraph
        previous = block


def _article_starts(document: Document) -> Iterator[int]:
    """Yield where the articles of a law begin, with the headings of chapters just above."""
    starts = {
        one.start
        for one in document.sections
        if one.kind not in (Division.HEADING, Division.CLAUSE, Division.POINT)
    }
    articles = {one.start for one in document.sections if one.kind is Division.ARTICLE}
    above: int | None = None  # where the headings begin that stand right above
    for block in document.blocks:
        if block.start in starts:
            yield block.start if above is None else above
        if block.kind is not BlockKind.HEADING or block.start in articles:
            above = None
        elif above is None:
            above = block.start
