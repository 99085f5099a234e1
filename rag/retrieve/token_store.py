"""The vectors of each passage's tokens, on disk.

They are stored in a FAISS file as 8-bit numbers (see `rag.domain.vectors`) and mapped into memory,
so that only those that are compared are read.
"""

import errno
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

from rag.domain.vectors import FloatArray, SpanArray, TokenMatrix, decode_tokens

__all__ = ["TokenStore", "TokenStoreBuilder"]

_MOST_VALUES = 900  # in one SQL statement
_SCHEMA = """
CREATE TABLE passages (position INTEGER PRIMARY KEY, first INTEGER NOT NULL,
    count INTEGER NOT NULL, spans BLOB NOT NULL);
"""


class TokenStoreBuilder:
    """Takes the token vectors of passages in their order, and writes them.

    Args:
        dimension: Of the vectors.
    """

    def __init__(self, dimension: int) -> None:
        kind = faiss.ScalarQuantizer.QT_8bit_direct_signed
        self._index: Any = faiss.IndexScalarQuantizer(dimension, kind, faiss.METRIC_INNER_PRODUCT)
        self._rows: list[tuple[int, int, int, bytes]] = []

    def add(self, codes: npt.NDArray[np.int8], spans: SpanArray) -> None:
        """Add a passage.

        Args:
            codes: Its vectors as `encode_tokens` returns them, shape (tokens, dimension).
            spans: Where they stand in the document, shape (tokens, 2).
        """
        first = int(self._index.ntotal)
        self._index.add(np.ascontiguousarray(codes, dtype=np.float32))
        blob = np.ascontiguousarray(spans, dtype="<i4").tobytes()
        self._rows.append((len(self._rows), first, len(codes), blob))

    def save(self, vectors: Path, spans: Path) -> None:
        """Write the vectors as a FAISS file, and where they stand as a SQLite file.

        Raises:
            OSError: If the vectors cannot be written in full.
        """
        try:
            faiss.write_index(self._index, str(vectors))
        except RuntimeError as error:  # what FAISS makes of an error in writing
            raise OSError(errno.EIO, "not all of it could be written; is the disk full?") from error
        connection = sqlite3.connect(spans)
        with connection:
            connection.executescript(_SCHEMA)
            connection.executemany("INSERT INTO passages VALUES (?, ?, ?, ?)", self._rows)
        connection.close()


class TokenStore:
    """The token vectors of all passages, as `TokenStoreBuilder.save` wrote them."""

    def __init__(self, vectors: Path, spans: Path) -> None:
        self._index: Any = faiss.read_index(str(vectors), faiss.IO_FLAG_MMAP_IFC)
        self._connection = sqlite3.connect(
            f"{spans.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        rows = self._connection.execute("SELECT first, count FROM passages ORDER BY position")
        self._places = [(int(first), int(count)) for first, count in rows]

    def matrices(self, positions: Sequence[int]) -> list[TokenMatrix]:
        """Return the tokens of passages, in the order of their positions."""
        spans: dict[int, SpanArray] = {}
        for first in range(0, len(positions), _MOST_VALUES):
            some = positions[first : first + _MOST_VALUES]
            rows = self._connection.execute(
                "SELECT position, spans FROM passages WHERE position IN "
                f"({','.join('?' * len(some))})",
                [int(position) for position in some],
            )
            for position, blob in rows:
                read = np.frombuffer(blob, dtype="<i4").reshape(-1, 2)
                spans[int(position)] = read.astype(np.int32)
        return [TokenMatrix(self._vectors(position), spans[position]) for position in positions]

    def close(self) -> None:
        """Close the file of spans; the vectors are unmapped with the last who holds them."""
        self._connection.close()

    def _vectors(self, position: int) -> FloatArray:
        first, count = self._places[position]
        return decode_tokens(self._index.reconstruct_n(first, count))
