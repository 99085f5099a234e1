"""Make a document of what was read out of a file."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.domain.documents import Block, BlockKind, Document, Sentence
from rag.ingest.extract import Extract
from rag.ingest.structure.blocks import find_blocks
from rag.ingest.structure.metadata import Entry, infer_metadata, stated_language, with_entry
from rag.ingest.structure.sections import find_sections
from rag.ingest.structure.sentences import find_sentences
from rag.language.identify import guess_language
from rag.language.vietnamese import nfc
from rag.law.divisions import article_mark, item_mark

__all__ = ["make_document"]

_LANGUAGE_SAMPLE_CHARACTERS = 20_000
_SURROGATE = re.compile("[\ud800-\udfff]")
_NUMBERED_HEADING = re.compile(r"[#*_\s]*(?:[IVXL]{1,6}|\d{1,3}(?:\.\d{1,3})*)[.)]\s")


def make_document(source: str, extract: Extract | str, entry: Entry | None = None) -> Document:
    """Make a document of what was read out of a file: its blocks, sections and sentences.

    Args:
        source: What the document is called by.
        extract: What was read, or plain text.
        entry: What the owner says of it, if anything.
    """
    if isinstance(extract, str):
        extract = Extract(text=nfc(extract))
    text = _SURROGATE.sub("\ufffd", extract.text)  # half a character, which no file can hold
    blocks = find_blocks(text, extract.blocks)
    title = next((block for block in blocks if block.kind is not BlockKind.NOISE), None)
    properties, front_matter = (
        {name: _SURROGATE.sub("\ufffd", value) for name, value in stated.items()}
        for stated in (extract.metadata, extract.front_matter)
    )
    metadata = infer_metadata(text, blocks, properties, front_matter)
    if title and not _is_title(text, blocks[blocks.index(title) :], metadata.title):
        title = None
    language = stated_language({**extract.metadata, **extract.front_matter}, entry)
    document = Document(
        source=source,
        text=text,
        metadata=with_entry(metadata, entry),
        language=language or guess_language(text[:_LANGUAGE_SAMPLE_CHARACTERS]),
        blocks=blocks,
        sentences=(),
        sections=find_sections(text, blocks, title),
        pages=extract.pages,
    )
    return replace(document, sentences=tuple(_sentences(document)))


def _sentences(document: Document) -> Iterator[Sentence]:
    text = document.text
    addresses: dict[int, str] = {}
    for block in document.blocks:
        section = document.section_at(block.start)
        if section not in addresses:
            addresses[section] = document.address_of(section)
        address = addresses[section]
        if block.kind is BlockKind.ROW:
            yield Sentence(start=block.start, end=block.end, section=address)
        elif block.kind is BlockKind.PROSE:
            sentence_start = block.start
            for start, end in find_sentences(text, _start_after_mark(text, block), block.end):
                yield Sentence(start=min(sentence_start, start), end=end, section=address)
                sentence_start = len(text)


def _start_after_mark(text: str, block: Block) -> int:
    """Return where what a block says begins: the full stop in "Điều 5. Luật này …" ends nothing."""
    line = text[block.start : block.end]
    quote_length = line[:1] in '“"«'
    mark = article_mark(line[quote_length:]) or item_mark(line[quote_length:])
    has_words = mark is not None and line[quote_length + mark.end :].strip()
    return block.start + quote_length + mark.end if mark and has_words else block.start


def _is_title(text: str, blocks: Sequence[Block], title: str) -> bool:
    """Tell whether the first heading names the document, and not a section of it."""
    first_block = blocks[0]
    if first_block.kind is not BlockKind.HEADING:
        return False
    line = text[first_block.start : first_block.end]
    if article_mark(line) or _NUMBERED_HEADING.match(line):
        return False
    if line.strip("#*_ ") == title:
        return True
    levels = [block.level for block in blocks if block.kind is BlockKind.HEADING and block.level]
    is_highest = (
        first_block.level > 0
        and levels.count(first_block.level) == 1
        and min(levels) == first_block.level
    )
    has_subheading = any(block.kind is BlockKind.HEADING for block in blocks[1:3])
    if is_highest and len(levels) > 1:
        return True
    return has_subheading and (not first_block.level or len(levels) < 2)
