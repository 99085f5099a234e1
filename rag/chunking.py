"""Divide a document into passages that a model can read, along its own structure."""

from collections.abc import Callable, Iterator

from langchain_text_splitters import RecursiveCharacterTextSplitter

from rag.documents import Block, BlockKind, Document, Passage

__all__ = ["CHUNKING_VERSION", "divide", "readable_text"]

CHUNKING_VERSION = 1
"""Raise it when the same files would be read or divided otherwise: indexes are then built anew."""

# Characters to mark where a text may be divided; any that no text contains would do, and those
# that a text does contain are not used for it.
_PRIVATE_USE = range(0xE000, 0xF8FF)


def divide(
    document: Document, *, max_tokens: int, count_tokens: Callable[[str], int]
) -> tuple[Passage, ...]:
    """Return the passages of a document in order; together they cover all its text.

    A passage ends where a section, a paragraph or at least a sentence ends, the first of these
    that keeps it within the limit. Only a sentence that alone is too long is divided, at a space.

    Args:
        document: What to divide.
        max_tokens: The most tokens a passage may have.
        count_tokens: Returns the number of tokens of a text.
    """
    section, paragraph, sentence = _unused_characters(document.text)
    drop = str.maketrans("", "", section + paragraph + sentence)
    splitter = RecursiveCharacterTextSplitter(
        separators=[section, paragraph, sentence, " ", ""],
        keep_separator="end",
        chunk_size=max_tokens,
        chunk_overlap=0,
        length_function=lambda text: count_tokens(text.translate(drop)),
        strip_whitespace=False,
    )
    marked = _mark(document, section, paragraph, sentence)
    passages = []
    start = 0
    for chunk in splitter.split_text(marked):
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


def readable_text(document: Document, start: int, end: int) -> str:
    """Return a slice of a document as a model should read it, character for character.

    What is neither prose nor heading is blanked out with spaces, so that positions hold.
    """
    text = list(document.text[start:end])
    for block in document.blocks:
        if block.kind not in (BlockKind.PROSE, BlockKind.HEADING):
            low, high = max(block.start, start) - start, min(block.end, end) - start
            if low < high:
                text[low:high] = " " * (high - low)
    return "".join(text)


def _unused_characters(text: str) -> tuple[str, str, str]:
    used = set(text)
    unused = (chr(code) for code in _PRIVATE_USE if chr(code) not in used)
    return next(unused), next(unused), next(unused)


def _mark(document: Document, section: str, paragraph: str, sentence: str) -> str:
    """Return the text with a mark wherever it may be divided."""
    marks = dict(_boundaries(document, section, paragraph, sentence))
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
    previous: Block | None = None
    for block in document.blocks:
        # A heading stays with what follows it.
        if previous is None or previous.kind is not BlockKind.HEADING:
            yield block.start, section if block.kind is BlockKind.HEADING else paragraph
        previous = block
