"""Passages by the words they share with a question: BM25 in SQLite's full-text index (FTS5).

Each passage is indexed twice: by its words as they are written, and without any diacritics.
The score is BM25 (Robertson and Zaragoza, 2009) as a share of what the question could reach at
most, so that it fades by itself where few of its words occur at all, as it does for a question
in the other language.
"""

import itertools
import math
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rag.language.vietnamese import fold, syllable_key, words

__all__ = ["LexicalIndex", "SqliteLexicalIndex"]

_K1 = 1.2  # fixed in FTS5
_SCHEMA = """
CREATE VIRTUAL TABLE passages USING fts5(
    written, folded, content='', tokenize="unicode61 remove_diacritics 0 tokenchars './-'"
);
CREATE VIRTUAL TABLE terms USING fts5vocab(passages, col);
"""


class LexicalIndex(Protocol):
    """Finds passages by words."""

    def search(
        self,
        text: str,
        *,
        folded: bool,
        limit: int,
        allowed: npt.NDArray[np.bool_] | None = None,
    ) -> dict[int, float]:
        """Return the best passages that are allowed and their scores, from 0 to 1."""
        ...


class SqliteLexicalIndex:
    """A full-text index in a SQLite file, opened for reading."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        row = self._connection.execute("SELECT count(*) FROM passages").fetchone()
        self._count = int(row[0])

    @staticmethod
    def build(path: Path, texts: Iterable[str]) -> None:
        """Write the index of passages, given in their order."""
        connection = sqlite3.connect(path)
        with connection:
            connection.executescript(_SCHEMA)
            connection.executemany(
                "INSERT INTO passages(rowid, written, folded) VALUES (?, ?, ?)",
                (
                    (position, " ".join(_terms(text)), " ".join(_terms(text, folded=True)))
                    for position, text in enumerate(texts)
                ),
            )
            connection.execute("INSERT INTO passages(passages) VALUES ('optimize')")
        connection.close()

    def search(
        self,
        text: str,
        *,
        folded: bool,
        limit: int,
        allowed: npt.NDArray[np.bool_] | None = None,
    ) -> dict[int, float]:
        """Return the best passages and their scores, from 0 to 1.

        Args:
            text: The question.
            folded: Whether diacritics are to be ignored.
            limit: The most passages returned.
            allowed: Of each passage, whether it may be found; all by default.
        """
        column = "folded" if folded else "written"
        terms = sorted(set(_terms(text, folded=folded)))
        most = sum(self._inverse_frequency(term, column) for term in terms) * (_K1 + 1)
        if not terms or most <= 0:
            return {}
        expression = f"{column} : ({' OR '.join(_quoted(term) for term in terms)})"
        rows = self._connection.execute(
            "SELECT rowid, bm25(passages) FROM passages WHERE passages MATCH ?"
            " ORDER BY bm25(passages)" + (" LIMIT ?" if allowed is None else ""),
            (expression, limit) if allowed is None else (expression,),
        )
        found = (row for row in rows if allowed is None or allowed[row[0]])
        return {
            int(position): -float(score) / most
            for position, score in itertools.islice(found, limit)
        }

    def _inverse_frequency(self, term: str, column: str) -> float:
        """Return FTS5's own weight of a term (https://sqlite.org/fts5.html, section 5.1.1)."""
        row = self._connection.execute(
            "SELECT doc FROM terms WHERE term = ? AND col = ?", (term, column)
        ).fetchone()
        found = int(row[0]) if row else 0
        return max(1e-6, math.log((self._count - found + 0.5) / (found + 0.5)))


def _terms(text: str, *, folded: bool = False) -> list[str]:
    return [
        fold(word) if folded else syllable_key(word) for word in words(text.replace("\u00ad", ""))
    ]


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'
