"""The documents and passages of a generation, in a SQLite file."""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeVar

from rag.domain.documents import (
    Division,
    Document,
    Metadata,
    Passage,
    PassageId,
    SectionRef,
    passage_id,
)
from rag.domain.permissions import Access
from rag.domain.serialise import document_from_json, document_to_json, metadata_from_json, read_json
from rag.errors import IndexDamagedError
from rag.law.titles import title_key

__all__ = ["SqliteDocuments", "division_key"]

_T = TypeVar("_T")

_MOST_KEPT_DOCUMENTS = 256  # that are kept once they were read
_SCHEMA = """
CREATE TABLE documents (source TEXT PRIMARY KEY, sha256 TEXT NOT NULL, division TEXT NOT NULL,
    metadata TEXT NOT NULL, collection TEXT NOT NULL, access TEXT NOT NULL, value TEXT NOT NULL);
CREATE TABLE passages (position INTEGER PRIMARY KEY, id TEXT NOT NULL, source TEXT NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, content_sha256 TEXT NOT NULL);
CREATE TABLE sections (kind TEXT NOT NULL, number TEXT NOT NULL, title TEXT NOT NULL,
    source TEXT NOT NULL, position INTEGER NOT NULL);
CREATE INDEX sections_by_number ON sections (kind, number);
CREATE INDEX sections_by_title ON sections (title);
"""


class SqliteDocuments:
    """The documents and passages of a generation, in a SQLite file opened for reading.

    They never change, so what is known of all documents is read once, when it is first asked for.

    Args:
        path: The file that `build` wrote.
        generation: What its generation is called.
    """

    def __init__(self, path: Path, generation: str = "") -> None:
        self.generation = generation
        self._connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        self._document = lru_cache(maxsize=_MOST_KEPT_DOCUMENTS)(self._read_document)

    @staticmethod
    def build(
        path: Path,
        documents: Iterable[Document],
        passages: Sequence[Passage],
        contents: Sequence[str],
    ) -> None:
        """Write documents and passages; `contents` are hashes of what was embedded."""
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.executescript(_SCHEMA)
            for document in documents:
                connection.execute(
                    "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?)", _row(document)
                )
                connection.executemany(
                    "INSERT INTO sections VALUES (?, ?, ?, ?, ?)",
                    (
                        (
                            section.kind.value,
                            section.number,
                            title_key(document.title_of(position)),
                            document.source,
                            position,
                        )
                        for position, section in enumerate(document.sections)
                        if section.number
                    ),
                )
            connection.executemany(
                "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?)",
                (
                    (
                        position,
                        passage_id(passage.source, passage.start, content),
                        passage.source,
                        passage.start,
                        passage.end,
                        content,
                    )
                    for position, (passage, content) in enumerate(
                        zip(passages, contents, strict=True)
                    )
                ),
            )

    def passages(self) -> dict[PassageId, Passage]:
        """Return all passages in the order in which they were embedded."""
        rows = self._connection.execute(
            "SELECT id, source, start, end FROM passages ORDER BY position"
        )
        return {
            PassageId(identifier): Passage(source=source, start=start, end=end)
            for identifier, source, start, end in rows
        }

    def contents(self) -> list[str]:
        """Return the hash of what was embedded of each passage, in the same order."""
        rows = self._connection.execute("SELECT content_sha256 FROM passages ORDER BY position")
        return [str(row[0]) for row in rows]

    def sources(self) -> tuple[str, ...]:
        """Return what the documents are called by, in order."""
        rows = self._connection.execute("SELECT source FROM documents ORDER BY source")
        return tuple(str(row[0]) for row in rows)

    def metadata(self) -> Mapping[str, Metadata]:
        """Return what is known of each document, by source, in order."""
        return self._metadata

    def permissions(self) -> Mapping[str, tuple[str, Access]]:
        """Return of each document, by source, its collection and who may read it."""
        return self._permissions

    def hashes(self) -> Mapping[str, str]:
        """Return the hash of each document's text, by source, in order."""
        return self._hashes

    def divisions(self) -> dict[str, str]:
        """Return of each way in which a document was divided (see `division_key`) one source."""
        rows = self._connection.execute("SELECT division, source FROM documents")
        return {str(division): str(source) for division, source in rows}

    def sections(self, kind: Division, number: str) -> list[SectionRef]:
        """Return the sections of a kind and number."""
        rows = self._connection.execute(
            "SELECT source, position FROM sections WHERE kind = ? AND number = ? ORDER BY rowid",
            (kind.value, number),
        )
        return [SectionRef(source=source, position=position) for source, position in rows]

    def titled(self, key: str) -> list[SectionRef]:
        """Return the articles of a title, by its `title_key`."""
        rows = self._connection.execute(
            "SELECT source, position FROM sections WHERE title = ? AND kind = ? ORDER BY rowid",
            (key, Division.ARTICLE.value),
        )
        return [SectionRef(source=source, position=position) for source, position in rows]

    def document(self, source: str) -> Document:
        """Return a document, and check that its text is the one that was indexed.

        Raises:
            IndexDamagedError: If it is not.
        """
        return self._document(source)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    @cached_property
    def _metadata(self) -> dict[str, Metadata]:
        rows = self._connection.execute("SELECT source, metadata FROM documents ORDER BY source")
        return {str(row[0]): _read(row[0], row[1], metadata_from_json) for row in rows}

    @cached_property
    def _permissions(self) -> dict[str, tuple[str, Access]]:
        rows = self._connection.execute("SELECT source, collection, access FROM documents")
        return {
            str(source): (str(collection), _read(source, access, _access_from_json))
            for source, collection, access in rows
        }

    @cached_property
    def _hashes(self) -> dict[str, str]:
        rows = self._connection.execute("SELECT source, sha256 FROM documents ORDER BY source")
        return {str(source): str(sha256) for source, sha256 in rows}

    def _read_document(self, source: str) -> Document:
        try:
            row = self._connection.execute(
                "SELECT value, sha256 FROM documents WHERE source = ?", (source,)
            ).fetchone()
        except sqlite3.DatabaseError as error:
            raise IndexDamagedError("index.not_read", error=error) from error
        if row is None:
            raise IndexDamagedError("index.no_such_document", source=source)
        document = _read(source, row[0], document_from_json)
        if document.sha256 != row[1]:
            raise IndexDamagedError("index.text_changed", source=source)
        return document


def _read(source: str, data: str, make: Callable[[Any], _T]) -> _T:
    """Return what was stored of a document as JSON.

    Raises:
        IndexDamagedError: If it cannot be understood.
    """
    try:
        return make(read_json(data))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise IndexDamagedError("index.document_damaged", source=str(source)) from error


def _access_from_json(value: Any) -> Access:
    return tuple(map(tuple, value))


def division_key(document: Document) -> str:
    """Return a hash of all that tells how a document is divided into passages and embedded."""
    dividing = (document.sha256, document.metadata.title, document.language.value)
    return hashlib.sha256(repr(dividing).encode()).hexdigest()


def _row(document: Document) -> tuple[str, ...]:
    value = document_to_json(document)
    return (
        document.source,
        document.sha256,
        division_key(document),
        json.dumps(value["metadata"], ensure_ascii=False),
        document.collection,
        json.dumps(document.access, ensure_ascii=False),
        json.dumps(value),
    )
