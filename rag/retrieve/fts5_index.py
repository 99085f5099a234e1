"""Passages by the words they share with a question: BM25 in SQLite's full-text index (FTS5).

Each passage is indexed twice: by its words as they are written, and without any diacritics.
The score is BM25 (Robertson and Zaragoza, 2009) as a share of what the question could reach at
most, so that it fades by itself where few of its words occur at all, as it does for a question
in the other language.
"""

import json
import math
import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from rag.language.vietnamese import fold, syllable_key, words

__all__ = ["Fts5Index", "Terms", "terms_of"]

_K1 = 1.2  # fixed in FTS5
_SCHEMA = """
CREATE VIRTUAL TABLE passages USING fts5(
    written, folded, content='', tokenize="unicode61 remove_diacritics 0 tokenchars './-'"
);
CREATE VIRTUAL TABLE terms USING fts5vocab(passages, col);
"""


@dataclass(frozen=True, slots=True)
class Terms:
    """The words of a text as they are indexed, with spaces between.

    Attributes:
        written: With their diacritics, in one spelling.
        folded: Without.
    """

    written: str
    folded: str


class Fts5Index:
    """A full-text index of texts, each known by its position among them.

    Args:
        path: Where `build` wrote it.
    """

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        self._count = self._counted()

    @classmethod
    def build(cls, path: Path | None, texts: Iterable[Terms]) -> "Fts5Index":
        """Write the index of some texts.

        Args:
            path: A new file; None for memory.
            texts: The terms of each, in their order.
        """
        index = cls.__new__(cls)
        index._connection = sqlite3.connect(path or ":memory:", check_same_thread=False)
        with index._connection as connection:
            connection.executescript(_SCHEMA)
            connection.executemany(
                "INSERT INTO passages(rowid, written, folded) VALUES (?, ?, ?)",
                ((position, terms.written, terms.folded) for position, terms in enumerate(texts)),
            )
            connection.execute("INSERT INTO passages(passages) VALUES ('optimize')")
        index._count = index._counted()
        return index

    def _counted(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM passages").fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def search(
        self,
        text: str,
        *,
        folded: bool,
        limit: int,
        admitted: npt.NDArray[np.bool_] | None = None,
    ) -> dict[int, float]:
        """Return the best texts by position, and their scores, from 0 to 1.

        Args:
            text: The question.
            folded: Whether diacritics are to be ignored.
            limit: The most that are returned.
            admitted: Of each text, whether it may be found, shape (texts,); all by default.
        """
        column = "folded" if folded else "written"
        terms = sorted(set(_terms(text, folded=folded)))
        most = sum(self._inverse_frequency(term, column) for term in terms) * (_K1 + 1)
        if not terms or most <= 0:
            return {}
        values = [f"{column} : ({' OR '.join(_quoted(term) for term in terms)})"]
        condition = ""
        if admitted is not None:
            condition = " AND rowid IN (SELECT value FROM json_each(?))"
            values.append(json.dumps(np.flatnonzero(admitted).tolist()))
        rows = self._connection.execute(
            f"SELECT rowid, bm25(passages) FROM passages WHERE passages MATCH ?{condition}"
            " ORDER BY bm25(passages) LIMIT ?",
            (*values, limit),
        )
        return {int(position): -float(score) / most for position, score in rows}

    def _inverse_frequency(self, term: str, column: str) -> float:
        """Return FTS5's own weight of a term (https://sqlite.org/fts5.html, section 5.1.1)."""
        row = self._connection.execute(
            "SELECT doc FROM terms WHERE term = ? AND col = ?", (term, column)
        ).fetchone()
        having = int(row[0]) if row else 0
        return max(1e-6, math.log((self._count - having + 0.5) / (having + 0.5)))


def terms_of(text: str) -> Terms:
    """Return the terms by which a text is found."""
    return Terms(" ".join(_terms(text)), " ".join(_terms(text, folded=True)))


def _terms(text: str, *, folded: bool = False) -> list[str]:
    return [
        fold(word) if folded else syllable_key(word) for word in words(text.replace("\u00ad", ""))
    ]


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'
