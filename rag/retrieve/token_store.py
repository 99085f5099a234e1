"""Compare a question with a passage token by token.

Late interaction (Khattab and Zaharia, 2020): each token of the question is compared with every
token of the passage, and what counts is its best match. The passages' token vectors are stored
in a FAISS file as 8-bit numbers, a quarter of the size, which changes a cosine by about .001, and
are mapped into memory, so that only those that are compared are read.
"""

import errno
import sqlite3
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

__all__ = [
    "TokenStore",
    "TokenStoreBuilder",
    "decode_tokens",
    "encode_tokens",
    "weigh_tokens",
]

_SCALE = 254.0  # a code is the number times this; beyond ±.5 it is cut off, which is rare
_LARGEST_CODE = 127
_SMALLEST_WEIGHT = 0.01
_SCHEMA = """
CREATE TABLE passages (position INTEGER PRIMARY KEY, first INTEGER NOT NULL,
    count INTEGER NOT NULL, spans BLOB NOT NULL);
"""

FloatArray = npt.NDArray[np.float32]
Spans = npt.NDArray[np.int32]


class TokenStoreBuilder:
    """Takes the token vectors of passages in their order, and writes them.

    Args:
        dimension: Of the vectors.
    """

    def __init__(self, dimension: int) -> None:
        kind = faiss.ScalarQuantizer.QT_8bit_direct_signed
        self._index: Any = faiss.IndexScalarQuantizer(dimension, kind, faiss.METRIC_INNER_PRODUCT)
        self._rows: list[tuple[int, int, int, bytes]] = []

    def add(self, tokens: FloatArray, spans: Spans) -> None:
        """Add a passage.

        Args:
            tokens: Its vectors, of length 1, shape (tokens, dimension).
            spans: Where they stand in the document, shape (tokens, 2).
        """
        first = int(self._index.ntotal)
        self._index.add(np.ascontiguousarray(encode_tokens(tokens), dtype=np.float32))
        blob = np.ascontiguousarray(spans, dtype="<i4").tobytes()
        self._rows.append((len(self._rows), first, len(tokens), blob))

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

    def spans(self, passage: int) -> Spans:
        """Return where the passage's tokens stand in its document, shape (tokens, 2)."""
        row = self._connection.execute(
            "SELECT spans FROM passages WHERE position = ?", (passage,)
        ).fetchone()
        return np.frombuffer(row[0], dtype="<i4").reshape(-1, 2).astype(np.int32)

    def tokens(self, passage: int) -> FloatArray:
        """Return the passage's token vectors, shape (tokens, dimension)."""
        first, count = self._places[passage]
        codes = self._index.reconstruct_n(first, count)
        return decode_tokens(codes)


def encode_tokens(tokens: FloatArray) -> npt.NDArray[np.int8]:
    """Return token vectors as 8-bit numbers; what `decode_tokens` gives encodes to the same."""
    codes = np.clip(np.rint(tokens * _SCALE), -_LARGEST_CODE, _LARGEST_CODE)
    return np.asarray(codes, dtype=np.int8)


def decode_tokens(codes: npt.NDArray[Any]) -> FloatArray:
    """Return the token vectors that 8-bit numbers stand for."""
    vectors: FloatArray = np.asarray(codes, dtype=np.float32) / np.float32(_SCALE)
    return vectors


def weigh_tokens(matches: FloatArray) -> FloatArray:
    """Return how much each token of a question should count; the weights sum to 1.

    A token that every passage matches as well as the best one, such as a question mark,
    tells nothing: its weight is how far the best passage stands out from the mean.

    Args:
        matches: Each candidate's best cosine with each token, shape (candidates, query tokens).
    """
    weights = matches.max(axis=0) - matches.mean(axis=0) + _SMALLEST_WEIGHT
    normalised: FloatArray = weights / weights.sum()
    return normalised
