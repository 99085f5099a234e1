"""What has been embedded for a generation that is not finished yet.

Embedding is what takes long. Each batch is written here as soon as it is done, so that the next
run goes on where one was stopped, however it was stopped.
"""

import logging
import sqlite3
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from rag.domain.vectors import Encoded, decode_tokens, encode_tokens
from rag.errors import IndexDamagedError
from rag.store.rights import make_file, rights_in

__all__ = ["EmbeddingJournal"]

_logger = logging.getLogger(__name__)
_SCHEMA = """
CREATE TABLE IF NOT EXISTS recipe (text TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS embeddings (content TEXT PRIMARY KEY, vector BLOB NOT NULL,
    tokens BLOB NOT NULL, spans BLOB NOT NULL) WITHOUT ROWID;
"""
# A vector has 4 bytes a dimension, a token 1, and where it stands takes 8.
_SOUND = """
typeof(vector) = 'blob' AND typeof(tokens) = 'blob' AND typeof(spans) = 'blob'
AND length(vector) > 0 AND length(vector) % 4 = 0 AND length(tokens) % (length(vector) / 4) = 0
AND length(spans) = 8 * (length(tokens) / (length(vector) / 4))
"""


class EmbeddingJournal:
    """Vectors by the hash of what was embedded, in a SQLite file.

    Args:
        path: The file; one that is damaged, or was written with another recipe, is begun anew.
        recipe: With what is embedded.
    """

    def __init__(self, path: Path, recipe: str) -> None:
        self._path = path
        self._recipe = recipe
        try:
            self._connection = self._opened(recipe)
        except sqlite3.DatabaseError as error:
            self._begin_anew(error)

    def __enter__(self) -> "EmbeddingJournal":
        return self

    def __exit__(self, *exception: object) -> None:
        self._connection.close()

    def contents(self) -> frozenset[str]:
        """Return the hashes of all that is in it; what is damaged is dropped, or all is."""
        try:
            with self._connection:
                self._connection.execute(f"DELETE FROM embeddings WHERE NOT ({_SOUND})")
            rows = self._connection.execute("SELECT content FROM embeddings")
            return frozenset(str(row[0]) for row in rows)
        except sqlite3.DatabaseError as error:
            self._begin_anew(error)
            return frozenset()

    def encoded(self, content: str) -> Encoded:
        """Return the vectors of what has a hash; spans count from its beginning.

        Raises:
            IndexDamagedError: If they cannot be read; the file is begun anew.
        """
        try:
            vector, tokens, spans = self._connection.execute(
                "SELECT vector, tokens, spans FROM embeddings WHERE content = ?", (content,)
            ).fetchone()
        except sqlite3.DatabaseError as error:
            self._begin_anew(error)
            raise IndexDamagedError("index.journal_damaged", path=self._path) from error
        numbers = np.frombuffer(vector, dtype="<f4").astype(np.float32)
        return Encoded(
            vector=numbers,
            tokens=decode_tokens(np.frombuffer(tokens, dtype=np.int8).reshape(-1, len(numbers))),
            spans=np.frombuffer(spans, dtype="<i4").reshape(-1, 2).astype(np.int32),
        )

    def add(self, encoded: Mapping[str, Encoded]) -> None:
        """Write vectors by the hash of what was embedded; they are kept from here on."""
        with self._connection as connection:
            connection.execute("BEGIN")
            connection.executemany(
                "INSERT OR IGNORE INTO embeddings VALUES (?, ?, ?, ?)",
                (
                    (
                        content,
                        vectors.vector.astype("<f4").tobytes(),
                        encode_tokens(vectors.tokens).tobytes(),
                        np.ascontiguousarray(vectors.spans, dtype="<i4").tobytes(),
                    )
                    for content, vectors in encoded.items()
                ),
            )

    def remove(self) -> None:
        """Delete the file: all is in a generation now."""
        if hasattr(self, "_connection"):
            self._connection.close()
        for suffix in ("-wal", "-shm", ""):
            self._path.with_name(self._path.name + suffix).unlink(missing_ok=True)

    def _begin_anew(self, damage: sqlite3.DatabaseError) -> None:
        """Begin with an empty file.

        Raises:
            sqlite3.OperationalError: The error itself, if the file is not damaged but in use, or
                cannot be written.
        """
        if isinstance(damage, sqlite3.OperationalError):
            raise damage
        _logger.warning("%s is damaged and is begun anew", self._path)
        self.remove()
        self._connection = self._opened(self._recipe)

    def _opened(self, recipe: str) -> sqlite3.Connection:
        make_file(self._path, rights_in(self._path.parent))
        connection = sqlite3.connect(self._path, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.executescript(_SCHEMA)
            with connection:
                connection.execute("BEGIN IMMEDIATE")
                row = connection.execute("SELECT text FROM recipe").fetchone()
                if row is None or row[0] != recipe:
                    connection.execute("DELETE FROM embeddings")
                    connection.execute("DELETE FROM recipe")
                    connection.execute("INSERT INTO recipe VALUES (?)", (recipe,))
        except BaseException:
            connection.close()
            raise
        return connection
