"""Documents in JSON, as they are kept on disk and handed from one process to another."""

import json
from dataclasses import asdict
from typing import Any

from rag.domain.documents import (
    Block,
    BlockKind,
    Division,
    Document,
    Language,
    Metadata,
    Section,
    Sentence,
)

__all__ = [
    "blocks_from_json",
    "blocks_to_json",
    "document_from_json",
    "document_to_json",
    "metadata_from_json",
    "read_json",
]

Json = dict[str, Any]


def read_json(data: bytes | str) -> Any:
    """Return a value that was written as JSON.

    Raises:
        ValueError: If it is not that, however it is damaged.
    """
    try:
        return json.loads(data)
    except RecursionError as error:  # such as of 100,000 brackets
        raise ValueError("it goes deeper than anything that is written here") from error


def document_to_json(document: Document) -> Json:
    """Return a document as a value that JSON can hold."""
    return {
        "source": document.source,
        "text": document.text,
        "metadata": asdict(document.metadata),
        "language": document.language.value,
        "blocks": blocks_to_json(document.blocks),
        "sentences": [
            (sentence.start, sentence.end, sentence.section) for sentence in document.sentences
        ],
        "sections": [
            (
                section.kind.value,
                section.number,
                section.label,
                section.start,
                section.end,
                section.lead_end,
                section.parent,
            )
            for section in document.sections
        ],
        "pages": document.pages,
        "collection": document.collection,
        "access": document.access,
    }


def document_from_json(value: Json) -> Document:
    """Return the document that `document_to_json` was given.

    Raises:
        KeyError, TypeError or ValueError: If the value is nothing of the kind.
    """
    return Document(
        source=value["source"],
        text=value["text"],
        metadata=metadata_from_json(value["metadata"]),
        language=Language(value["language"]),
        blocks=blocks_from_json(value["blocks"]),
        sentences=tuple(
            Sentence(start=start, end=end, section=section)
            for start, end, section in value["sentences"]
        ),
        sections=tuple(
            Section(
                kind=Division(kind),
                number=number,
                label=label,
                start=start,
                end=end,
                lead_end=lead_end,
                parent=parent,
            )
            for kind, number, label, start, end, lead_end, parent in value["sections"]
        ),
        pages=tuple(value["pages"]),
        collection=value["collection"],
        access=tuple(map(tuple, value["access"])),
    )


def metadata_from_json(value: Json) -> Metadata:
    """Return the metadata that a document's value has."""
    fields: Json = {
        name: tuple(stored) if isinstance(stored, list) else stored
        for name, stored in value.items()
    }
    return Metadata(**fields)


def blocks_to_json(blocks: tuple[Block, ...]) -> list[tuple[int, int, str, int]]:
    """Return blocks as values that JSON can hold."""
    return [(block.start, block.end, block.kind.value, block.level) for block in blocks]


def blocks_from_json(value: list[tuple[int, int, str, int]]) -> tuple[Block, ...]:
    """Return the blocks that `blocks_to_json` was given."""
    return tuple(
        Block(start=start, end=end, kind=BlockKind(kind), level=level)
        for start, end, kind, level in value
    )
