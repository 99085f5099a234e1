"""The documents and passages of a generation, in a SQLite file."""

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from rag.domain.documents import Division, Document, Metadata, Passage
from rag.domain.permissions import Access
from rag.domain.serialise import document_from_json, document_to_json, metadata_from_json, read_json
from rag.errors import IndexDamagedError
from rag.language.vietnamese import fold, words

__all__ = ["CorpusStore", "division_of", "title_key"]

_T = TypeVar("_T")

_SCHEMA = """
CREATE TABLE documents (source TEXT PRIMARY KEY, sha256 TEXT NOT NULL, division TEXT NOT NULL,
    metadata TEXT NOT NULL, collection TEXT NOT NULL, access TEXT NOT NULL, value TEXT NOT NULL);
CREATE TABLE passages (position INTEGER PRIMARY KEY, source TEXT NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, content_sha256 TEXT NOT NULL);
CREATE TABLE sections (kind TEXT NOT NULL, number TEXT NOT NULL, title TEXT NOT NULL,
    source TEXT NOT NULL, position INTEGER NOT NULL);
CREATE INDEX sections_by_number ON sections (kind, number);
CREATE INDEX sections_by_title ON sections (title);
"""

# Words that tell nothing of what a title is about, or only ask.
_SMALL = frozenset(
    """
    cac nhung cua ve va la gi co thi o theo trong tai nay duoc nhu the nao ra sao gom bao quy dinh
    cho biet xin hoi toi a an and are do does for have in is of on the to what which
    """.split()
)


class CorpusStore:
    """The documents and passages of a generation, in a SQLite file opened for reading."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        self.document = lru_cache(maxsize=256)(self._document)

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
                "INSERT INTO passages VALUES (?, ?, ?, ?, ?)",
                (
                    (position, passage.source, passage.start, passage.end, content)
                    for position, (passage, content) in enumerate(
                        zip(passages, contents, strict=True)
                    )
                ),
            )

    def passages(self) -> tuple[Passage, ...]:
        """Return all passages in the order in which they were embedded."""
        rows = self._connection.execute("SELECT source, start, end FROM passages ORDER BY position")
        return tuple(Passage(source=row[0], start=row[1], end=row[2]) for row in rows)

    def contents(self) -> list[str]:
        """Return the hash of what was embedded of each passage, in the same order."""
        rows = self._connection.execute("SELECT content_sha256 FROM passages ORDER BY position")
        return [str(row[0]) for row in rows]

    def sources(self) -> tuple[str, ...]:
        """Return what the documents are called by, in order."""
        rows = self._connection.execute("SELECT source FROM documents ORDER BY source")
        return tuple(str(row[0]) for row in rows)

    def metadata(self) -> dict[str, Metadata]:
        """Return what is known of each document, by source."""
        rows = self._connection.execute("SELECT source, metadata FROM documents ORDER BY source")
        return {str(row[0]): _read(row[0], row[1], metadata_from_json) for row in rows}

    def permissions(self) -> dict[str, tuple[str, Access]]:
        """Return of each document, by source, its collection and who may read it."""
        rows = self._connection.execute("SELECT source, collection, access FROM documents")
        return {
            str(source): (str(collection), _read(source, access, _access_from_json))
            for source, collection, access in rows
        }

    def hashes(self) -> dict[str, str]:
        """Return the hash of each document's text, by source, in order."""
        rows = self._connection.execute("SELECT source, sha256 FROM documents ORDER BY source")
        return {str(source): str(sha256) for source, sha256 in rows}

    def divisions(self) -> dict[str, str]:
        """Return of each way in which a document was divided (see `division_of`) one source."""
        rows = self._connection.execute("SELECT division, source FROM documents")
        return {str(division): str(source) for division, source in rows}

    def sections(self, kind: Division, number: str) -> list[tuple[str, int]]:
        """Return the sections of a kind and number: source, and position in that document."""
        rows = self._connection.execute(
            "SELECT source, position FROM sections WHERE kind = ? AND number = ? ORDER BY rowid",
            (kind.value, number),
        )
        return [(str(source), int(position)) for source, position in rows]

    def titled(self, title: str) -> list[tuple[str, int]]:
        """Return the articles of a title by its key: source, and position there."""
        rows = self._connection.execute(
            "SELECT source, position FROM sections WHERE title = ? AND kind = ? ORDER BY rowid",
            (title, Division.ARTICLE.value),
        )
        return [(str(source), int(position)) for source, position in rows]

    def _document(self, source: str) -> Document:
        """Return a document, and check that its text is the one that was indexed.

        Raises:
            IndexDamagedError: If it is not.
        """
        try:
            row = self._connection.execute(
                "SELECT value, sha256 FROM documents WHERE source = ?", (source,)
            ).fetchone()
        except sqlite3.DatabaseError as error:
            raise IndexDamagedError(
                f"the index cannot be read ({error}); build it again with: trichdan index"
            ) from error
        if row is None:
            raise IndexDamagedError(f"the index has no document {source!r}; build it again")
        document = _read(source, row[0], document_from_json)
        if document.sha256 != row[1]:
            raise IndexDamagedError(f"the stored text of {source!r} has changed; build it again")
        return document


def _read(source: str, data: str, make: Callable[[Any], _T]) -> _T:
    """Return what was stored of a document as JSON.

    Raises:
        IndexDamagedError: If it cannot be understood.
    """
    try:
        return make(read_json(data))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise IndexDamagedError(
            f"what the index has of {str(source)!r} is damaged; build it again with: trichdan index"
        ) from error


def _access_from_json(value: Any) -> Access:
    return tuple(map(tuple, value))


def title_key(title: str) -> str:
    """Return what is the same for a title however it is typed, and for a question that asks it.

    "Nghĩa vụ của khách du lịch" and "khach du lich co nghia vu gi" have the same telling words.
    """
    return " ".join(sorted({fold(word) for word in words(title)} - _SMALL))


def division_of(document: Document) -> str:
    """Return a hash of all that tells how a document is divided into passages and embedded."""
    known = (document.sha256, document.metadata.title, document.language.value)
    return hashlib.sha256(repr(known).encode()).hexdigest()


def _row(document: Document) -> tuple[str, ...]:
    value = document_to_json(document)
    return (
        document.source,
        document.sha256,
        division_of(document),
        json.dumps(value["metadata"], ensure_ascii=False),
        document.collection,
        json.dumps(document.access, ensure_ascii=False),
        json.dumps(value),
    )
