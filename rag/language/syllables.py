"""How often Vietnamese syllables occur and follow each other, in a corpus and in general."""

import gzip
import itertools
import math
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path

from rag.language.vietnamese import fold, nfc, syllable_key
from rag.resources import read_shipped

__all__ = ["NUMBER", "START", "SyllableCounts", "SyllableModel", "count_syllables"]

START = "^"
"""Stands before the first syllable of a sentence."""

NUMBER = "#"
"""Stands for any number."""

_SYLLABLE = re.compile(r"[^\W\d_]+|\d+")
_SENTENCE_END = re.compile(r"[.!?;:…\n]+")
_CORPUS_WEIGHT = 5.0  # how many times a syllable of the corpus counts against the background
_BIGRAM_TRUST = 2.0  # occurrences of a syllable at which its bigrams outweigh its own frequency
_SMOOTHING = 0.1
_BACKGROUND = "syllables.vi.txt.gz"
_SCHEMA = """
CREATE TABLE counts (first TEXT NOT NULL, second TEXT NOT NULL, count INTEGER NOT NULL,
    PRIMARY KEY (first, second)) WITHOUT ROWID;
"""


@dataclass(slots=True)
class SyllableCounts:
    """How often a syllable follows another; "" as the first stands for any."""

    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)

    def write(self, path: Path) -> None:
        """Write the counts as a SQLite file."""
        connection = sqlite3.connect(path)
        with connection:
            connection.executescript(_SCHEMA)
            connection.executemany(
                "INSERT INTO counts VALUES (?, ?, ?)",
                ((first, second, count) for (first, second), count in self.pairs.items()),
            )
        connection.close()


def count_syllables(texts: Iterable[str]) -> SyllableCounts:
    """Count the syllables and pairs of syllables of texts, in lower case and NFC."""
    counts: SyllableCounts = SyllableCounts()
    for text in texts:
        for sentence in _SENTENCE_END.split(nfc(text).lower()):
            previous = START
            for written in _SYLLABLE.findall(sentence):
                syllable = NUMBER if written.isdigit() else written
                counts.pairs["", syllable] += 1
                counts.pairs[previous, syllable] += 1
                previous = syllable
    return counts


@cache
def _background() -> Mapping[tuple[str, str], int]:
    """Return the counts shipped with the program (rag/data/README.md)."""
    data = read_shipped(_BACKGROUND)
    pairs: dict[tuple[str, str], int] = {}
    for line in gzip.decompress(data).decode("utf-8").splitlines():
        first, second, count = line.split("\t")
        pairs[first, second] = int(count)
    return pairs


class SyllableModel:
    """A bigram model of a corpus, whose own syllables count most, over general Vietnamese.

    Args:
        path: The counts of the corpus, as `SyllableCounts.write` wrote them.

    Attributes:
        by_fold: The known syllables by how they are typed without marks.
        by_key: The commonest spelling of each syllable by `vietnamese.syllable_key`.
        log_probability: Returns log P(syllable | previous), of both in this order.
    """

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        rows = self._connection.execute("SELECT second, count FROM counts WHERE first = ''")
        self._corpus = {str(syllable): int(count) for syllable, count in rows}
        general = {second: count for (first, second), count in _background().items() if not first}
        self._size = _CORPUS_WEIGHT * sum(self._corpus.values()) + sum(general.values())
        self.by_key: dict[str, str] = {}
        for syllable in sorted(self._corpus.keys() | general.keys(), key=self.count):
            self.by_key[syllable_key(syllable)] = syllable
        self.by_fold: defaultdict[str, list[str]] = defaultdict(list)
        for syllable in self.by_key.values():
            self.by_fold[fold(syllable)].append(syllable)
        self.log_probability = lru_cache(maxsize=100_000)(self._log_probability)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def count(self, syllable: str) -> float:
        """Return how often a syllable occurs, the corpus's occurrences weighted."""
        return _CORPUS_WEIGHT * self._corpus.get(syllable, 0) + _background().get(("", syllable), 0)

    def in_corpus(self, phrase: str) -> int:
        """Return how often a word occurs in the corpus, and for a phrase at most how often."""
        if phrase.isalpha():
            return self._corpus.get(phrase.lower(), 0)
        syllables = _SYLLABLE.findall(phrase.lower())
        counts = [self._corpus.get(word, 0) for word in syllables]
        counts += [self._corpus_pair(*pair) for pair in itertools.pairwise(syllables)]
        return min(counts, default=0)

    def _pair(self, first: str, second: str) -> float:
        general = _background().get((first, second), 0)
        return _CORPUS_WEIGHT * self._corpus_pair(first, second) + general

    def _corpus_pair(self, first: str, second: str) -> int:
        row = self._connection.execute(
            "SELECT count FROM counts WHERE first = ? AND second = ?", (first, second)
        ).fetchone()
        return int(row[0]) if row else 0

    def _log_probability(self, previous: str, syllable: str) -> float:
        """Return log P(syllable | previous), the bigrams interpolated with the syllable's own."""
        alone = (self.count(syllable) + _SMOOTHING) / (self._size + 1)
        seen = self.count(previous) if previous != START else self._size / 20
        trust = seen / (seen + _BIGRAM_TRUST)
        follows = self._pair(previous, syllable) / seen if seen else 0.0
        return math.log(trust * follows + (1 - trust) * alone + _SMOOTHING * alone)
