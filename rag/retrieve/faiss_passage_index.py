"""An index of passages in files: FAISS for vectors and tokens, SQLite's FTS5 for words.

What is on disk never changes. An index that is changed is kept in memory until it is saved into
another directory; a generation is written so, document by document.
"""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.domain.documents import Passage, PassageId
from rag.domain.hits import Recalled
from rag.domain.permissions import ANYWHERE, Access, Filter
from rag.domain.serialise import read_json
from rag.domain.vectors import (
    Encoded,
    EncodedQuery,
    IndexedPassage,
    SpanArray,
    TokenMatrix,
    decode_tokens,
    encode_tokens,
)
from rag.retrieve.faiss_index import FaissIndex
from rag.retrieve.fts5_index import Fts5Index, Terms, terms_of
from rag.retrieve.token_store import TokenStore, TokenStoreBuilder

__all__ = ["FILES", "FaissPassageIndex"]

_VECTORS = "vectors.faiss"
_TOKENS = "tokens.faiss"
_SPANS = "token_spans.sqlite"
_WORDS = "lexical.sqlite"
_ROWS = "rows.sqlite"

FILES = frozenset({_VECTORS, _TOKENS, _SPANS, _WORDS, _ROWS})
"""The names of the files that an index is saved in."""

_FILTERS = 256  # of which it is remembered which passages they admit
_SCHEMA = """
CREATE TABLE rows (position INTEGER PRIMARY KEY, id TEXT NOT NULL, source TEXT NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, content TEXT NOT NULL,
    collection TEXT NOT NULL, access TEXT NOT NULL, written TEXT NOT NULL, folded TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    """What is known of a passage beside its vectors; its position is the row number."""

    id: PassageId
    passage: Passage
    content: str
    collection: str
    access: Access


@dataclass(frozen=True, slots=True, kw_only=True)
class _Staged:
    """A passage in memory, its tokens as 8-bit numbers."""

    row: _Row
    terms: Terms
    vector: npt.NDArray[np.float32]
    codes: npt.NDArray[np.int8]
    spans: SpanArray


class _Searched:
    """What is searched: rows, and for each row a vector and words.

    Args:
        rows: In the order of vectors and words.
        vectors: Finds rows by vectors.
        words: Finds rows by words.
    """

    def __init__(self, rows: Sequence[_Row], vectors: FaissIndex, words: Fts5Index) -> None:
        self.rows = rows
        self.vectors = vectors
        self.words = words
        self.positions = {row.id: position for position, row in enumerate(rows)}
        self.admitted = lru_cache(maxsize=_FILTERS)(self._admitted)
        self._sources = {row.passage.source: row for row in rows}
        numbers = {source: number for number, source in enumerate(self._sources)}
        self._source_of = np.array([numbers[row.passage.source] for row in rows], dtype=np.int64)

    def _admitted(self, where: Filter) -> npt.NDArray[np.bool_] | None:
        """Return of each row whether a filter admits it, shape (rows,); None if it admits all."""
        within = None if where.spans is None else {span.source for span in where.spans}
        by_source = np.array(
            [
                (within is None or source in within)
                and where.admits_document(source, row.collection, row.access)
                for source, row in self._sources.items()
            ],
            dtype=bool,
        )
        admitted = by_source[self._source_of] if len(self.rows) else np.zeros(0, dtype=bool)
        if where.spans is not None:
            for position in np.flatnonzero(admitted).tolist():
                row = self.rows[position]
                admitted[position] = where.admits(row.passage, row.collection, row.access)
        return None if admitted.all() else admitted


class FaissPassageIndex:
    """A `PassageIndex` in files, or in memory until it is saved.

    Args:
        dimension: Of the vectors.
    """

    def __init__(self, dimension: int) -> None:
        self._dimension = dimension
        self._staged: dict[str, list[_Staged]] | None = {}  # None while all is in files
        self._searched: _Searched | None = None
        self._tokens: TokenStore | None = None
        self._directory: Path | None = None

    @classmethod
    def open(cls, directory: Path) -> "FaissPassageIndex":
        """Open what `save` wrote."""
        rows = _read_rows(directory / _ROWS)
        vectors = FaissIndex.load(directory / _VECTORS)
        index = cls(vectors.dimension)
        index._staged = None
        index._directory = directory
        index._tokens = TokenStore(directory / _TOKENS, directory / _SPANS)
        index._searched = _Searched(rows, vectors, Fts5Index(directory / _WORDS))
        return index

    def close(self) -> None:
        """Give back the files that are held open."""
        if self._tokens:
            self._tokens.close()
        if self._searched:
            self._searched.words.close()

    def search(
        self, query: EncodedQuery, where: Filter = ANYWHERE, *, limit: int
    ) -> list[Recalled]:
        """Return the passages nearest by vector and those best by words; see `PassageIndex`."""
        searched = self._ready()
        admitted = searched.admitted(where)
        by_words = searched.words.search(
            query.text, folded=query.folded, limit=limit, admitted=admitted
        )
        by_vector = dict(searched.vectors.search(query.vector, limit, admitted))
        return [
            Recalled(
                id=searched.rows[position].id,
                dense=by_vector.get(position),
                bm25=by_words.get(position, 0.0),
            )
            for position in sorted(by_vector.keys() | by_words.keys())
        ]

    def tokens(self, ids: Sequence[PassageId]) -> list[TokenMatrix]:
        """Return the tokens of passages, in the order of their ids."""
        searched = self._ready()
        positions = [searched.positions[wanted] for wanted in ids]
        if self._tokens is not None:
            return self._tokens.matrices(positions)
        staged = self._in_order()
        return [
            TokenMatrix(decode_tokens(staged[position].codes), staged[position].spans)
            for position in positions
        ]

    def replace(self, source: str, passages: Sequence[IndexedPassage]) -> None:
        """Put the passages of a document in the place of those that it had."""
        self._stage()[source] = [
            _Staged(
                row=_Row(
                    id=passage.id,
                    passage=passage.passage,
                    content=passage.content,
                    collection=passage.collection,
                    access=passage.access,
                ),
                terms=terms_of(passage.text),
                vector=passage.encoded.vector,
                codes=encode_tokens(passage.encoded.tokens),
                spans=passage.encoded.spans,
            )
            for passage in passages
        ]

    def remove(self, sources: Sequence[str]) -> None:
        """Take out the passages of documents; those that are not there are passed over."""
        staged = self._stage()
        for source in sources:
            staged.pop(source, None)

    def save(self, directory: Path) -> None:
        """Write the index into a directory; what an attempt before left there is replaced.

        Raises:
            OSError: If it cannot be written in full.
        """
        staged = self._in_order(self._stage())
        for name in FILES:
            (directory / name).unlink(missing_ok=True)
        _vectors_of(staged, self._dimension).save(directory / _VECTORS)
        tokens = TokenStoreBuilder(self._dimension)
        for passage in staged:
            tokens.add(passage.codes, passage.spans)
        tokens.save(directory / _TOKENS, directory / _SPANS)
        Fts5Index.build(directory / _WORDS, (passage.terms for passage in staged)).close()
        _write_rows(directory / _ROWS, staged)

    def contents(self) -> Mapping[str, PassageId]:
        """Return one passage for each hash of what was embedded."""
        return {row.content: row.id for row in self._ready().rows}

    def encoded(self, wanted: PassageId) -> Encoded:
        """Return the vectors of a passage as they were put in, its spans from its beginning."""
        searched = self._ready()
        position = searched.positions[wanted]
        tokens = self.tokens([wanted])[0]
        return Encoded(
            vector=searched.vectors.vector(position),
            tokens=tokens.vectors,
            spans=tokens.spans - searched.rows[position].passage.start,
        )

    def _stage(self) -> dict[str, list[_Staged]]:
        """Return what is in memory, which may then be changed; first all is read into it."""
        if self._staged is None:
            assert self._searched and self._tokens and self._directory
            terms = _read_terms(self._directory / _ROWS)
            matrices = self._tokens.matrices(range(len(terms)))
            self._staged = {}
            for position, row in enumerate(self._searched.rows):
                self._staged.setdefault(row.passage.source, []).append(
                    _Staged(
                        row=row,
                        terms=terms[position],
                        vector=self._searched.vectors.vector(position),
                        codes=encode_tokens(matrices[position].vectors),
                        spans=matrices[position].spans,
                    )
                )
            self.close()
            self._tokens = None
        elif self._searched:
            self._searched.words.close()
        self._searched = None
        return self._staged

    def _in_order(self, staged: Mapping[str, Sequence[_Staged]] | None = None) -> list[_Staged]:
        by_source = self._staged if staged is None else staged
        return [passage for passages in (by_source or {}).values() for passage in passages]

    def _ready(self) -> _Searched:
        """Return what is searched, made of what is in memory if that has changed."""
        if self._searched is None:
            staged = self._in_order()
            self._searched = _Searched(
                [passage.row for passage in staged],
                _vectors_of(staged, self._dimension),
                Fts5Index.build(None, (passage.terms for passage in staged)),
            )
        return self._searched


def _vectors_of(staged: Sequence[_Staged], dimension: int) -> FaissIndex:
    vectors = np.empty((len(staged), dimension), dtype=np.float32)
    for position, passage in enumerate(staged):
        vectors[position] = passage.vector
    return FaissIndex(vectors)


def _write_rows(path: Path, staged: Sequence[_Staged]) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(_SCHEMA)
        connection.executemany(
            "INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (
                    position,
                    passage.row.id,
                    passage.row.passage.source,
                    passage.row.passage.start,
                    passage.row.passage.end,
                    passage.row.content,
                    passage.row.collection,
                    json.dumps(passage.row.access),
                    passage.terms.written,
                    passage.terms.folded,
                )
                for position, passage in enumerate(staged)
            ),
        )


def _read_rows(path: Path) -> list[_Row]:
    with closing(_opened(path)) as connection:
        rows = connection.execute(
            "SELECT id, source, start, end, content, collection, access FROM rows ORDER BY position"
        ).fetchall()
    return [
        _Row(
            id=PassageId(known),
            passage=Passage(source=source, start=start, end=end),
            content=content,
            collection=collection,
            access=tuple(map(tuple, read_json(access))),
        )
        for known, source, start, end, content, collection, access in rows
    ]


def _read_terms(path: Path) -> list[Terms]:
    with closing(_opened(path)) as connection:
        rows = connection.execute("SELECT written, folded FROM rows ORDER BY position")
        return [Terms(written, folded) for written, folded in rows]


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True)
