"""Put the marks back on Vietnamese that was typed without them.

Each syllable is replaced by one that folds to it, so that the whole question is the most
likely one under a bigram model (Viterbi). The counts come from the corpus that is asked,
whose own words count most, and from a background of general Vietnamese, which knows the
words of questions that documents seldom use (rag/data/README.md).
"""

import gzip
import math
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from importlib import resources
from pathlib import Path

from rag.vietnamese import fold, has_vietnamese_marks, nfc, syllable_key

__all__ = ["DiacriticRestorer", "SyllableCounts", "count_syllables", "lacks_marks"]

_SYLLABLE = re.compile(r"[^\W\d_]+|\d+")
_SENTENCE_END = re.compile(r"[.!?;:…\n]+")
_START = "^"  # stands before the first syllable of a sentence
_NUMBER = "#"  # stands for any number
_CORPUS_WEIGHT = 5.0  # how many times a syllable of the corpus counts against the background
_BIGRAM_TRUST = 2.0  # occurrences of a syllable at which its bigrams outweigh its own frequency
_SMOOTHING = 0.1
_BACKGROUND = "syllables.vi.txt.gz"
_SCHEMA = """
CREATE TABLE counts (first TEXT NOT NULL, second TEXT NOT NULL, count INTEGER NOT NULL,
    folded TEXT NOT NULL, PRIMARY KEY (first, second)) WITHOUT ROWID;
CREATE INDEX by_folded ON counts (folded);
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
                "INSERT INTO counts VALUES (?, ?, ?, ?)",
                ((a, b, count, fold(b)) for (a, b), count in self.pairs.items()),
            )
        connection.close()


def count_syllables(texts: Iterable[str]) -> SyllableCounts:
    """Count the syllables and pairs of syllables of texts, in lower case and NFC."""
    counts: SyllableCounts = SyllableCounts()
    for text in texts:
        for sentence in _SENTENCE_END.split(nfc(text).lower()):
            previous = _START
            for found in _SYLLABLE.findall(sentence):
                syllable = _NUMBER if found.isdigit() else found
                counts.pairs["", syllable] += 1
                counts.pairs[previous, syllable] += 1
                previous = syllable
    return counts


def lacks_marks(text: str) -> bool:
    """Tell whether a text was typed without any marks."""
    return not has_vietnamese_marks(text)


@cache
def _background() -> tuple[Mapping[tuple[str, str], int], Mapping[str, frozenset[str]]]:
    """Return the counts shipped with the program, and the syllables by how they fold."""
    data = (resources.files("rag") / "data" / _BACKGROUND).read_bytes()
    pairs: dict[tuple[str, str], int] = {}
    by_fold: defaultdict[str, set[str]] = defaultdict(set)
    for line in gzip.decompress(data).decode("utf-8").splitlines():
        first, second, count = line.split("\t")
        pairs[first, second] = int(count)
        if not first:
            by_fold[fold(second)].add(second)
    return pairs, {key: frozenset(values) for key, values in by_fold.items()}


class DiacriticRestorer:
    """Restores the marks of questions to one corpus.

    Args:
        path: The counts of the corpus, as `SyllableCounts.write` wrote them.
    """

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        row = self._connection.execute(
            "SELECT total(count) FROM counts WHERE first = ''"
        ).fetchone()
        self._corpus_size = float(row[0])
        pairs, _ = _background()
        self._background_size = sum(count for (first, _), count in pairs.items() if not first)

    def restore(self, text: str) -> str:
        """Return the text with its marks restored; all but letters stays as it is."""
        matches = list(_SYLLABLE.finditer(text))
        typed = [_NUMBER if match[0].isdigit() else match[0].lower() for match in matches]
        pieces = []
        position = 0
        for match, syllable in zip(matches, self._most_likely(typed), strict=True):
            restored = match[0] if syllable == _NUMBER else _with_case_of(match[0], syllable)
            pieces += [text[position : match.start()], restored]
            position = match.end()
        return "".join([*pieces, text[position:]])

    def _most_likely(self, typed: list[str]) -> list[str]:
        """Return the most likely syllables for what was typed, by Viterbi's algorithm."""
        paths: dict[str, tuple[float, list[str]]] = {_START: (0.0, [])}
        for syllable in typed:
            following: dict[str, tuple[float, list[str]]] = {}
            for candidate in self._candidates(syllable):
                following[candidate] = max(
                    (score + self._log_probability(previous, candidate), [*path, candidate])
                    for previous, (score, path) in paths.items()
                )
            paths = following
        return max(paths.values())[1]

    def _candidates(self, typed: str) -> list[str]:
        if not typed.isascii():
            return [typed]
        _, by_fold = _background()
        rows = self._connection.execute(
            "SELECT second FROM counts WHERE folded = ? AND first = ''", (typed,)
        )
        known = {str(row[0]) for row in rows} | by_fold.get(typed, frozenset())
        return list(_one_spelling(sorted(known, key=self._count))) or [typed]

    def _count(self, syllable: str) -> float:
        return self._pair("", syllable)

    def _pair(self, first: str, second: str) -> float:
        row = self._connection.execute(
            "SELECT count FROM counts WHERE first = ? AND second = ?", (first, second)
        ).fetchone()
        background = _background()[0].get((first, second), 0)
        return _CORPUS_WEIGHT * (row[0] if row else 0) + background

    def _log_probability(self, previous: str, syllable: str) -> float:
        """Return log P(syllable | previous), the bigrams interpolated with the syllable's own."""
        size = _CORPUS_WEIGHT * self._corpus_size + self._background_size
        alone = (self._count(syllable) + _SMOOTHING) / (size + 1)
        seen = self._count(previous) if previous != _START else size / 20
        trust = seen / (seen + _BIGRAM_TRUST)
        follows = self._pair(previous, syllable) / seen if seen else 0.0
        return math.log(trust * follows + (1 - trust) * alone + _SMOOTHING * alone)


def _one_spelling(syllables: Iterable[str]) -> Iterator[str]:
    """Yield one of each set of spellings that differ in the place of the tone mark: the last."""
    yield from {syllable_key(syllable): syllable for syllable in syllables}.values()


def _with_case_of(typed: str, syllable: str) -> str:
    if len(typed) != len(syllable):
        return syllable
    return "".join(b.upper() if a.isupper() else b for a, b in zip(typed, syllable, strict=True))
