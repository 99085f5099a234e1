"""A word list of two languages, learnt from parallel sentences.

IBM model 1 (Brown et al. 1993, "The Mathematics of Statistical Machine Translation") in both
directions; a pair is kept when each is a likely translation of the other. Vietnamese syllables
that mostly stand together are joined to words first.
"""

import itertools
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

__all__ = ["Lexicon", "learn_lexicon"]

_WORD = re.compile(r"[^\W_]+")
_COMPOUND_NPMI = 0.45  # normalised pointwise mutual information from which two syllables are a word
_LEAST_COUNT = 3
_ITERATIONS = 6
_LEAST_PROBABILITY = 0.06  # product of both directions' probabilities

Lexicon = dict[str, list[str]]
"""Translations of each word, likeliest first, in lower case."""

Pairs = Sequence[tuple[list[str], list[str]]]


def learn_lexicon(pairs: Iterable[tuple[str, str]]) -> tuple[Lexicon, Lexicon]:
    """Return English to Vietnamese and Vietnamese to English, from (English, Vietnamese) pairs."""
    split = [(_words(english), _words(vietnamese)) for english, vietnamese in pairs]
    compounds = _compounds([right for _, right in split])
    joined = [(left, join_compounds(right, compounds)) for left, right in split]
    forward = _model_1(joined)
    backward = _model_1([(right, left) for left, right in joined])
    to_vietnamese: defaultdict[str, dict[str, float]] = defaultdict(dict)
    to_english: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for (english, vietnamese), probability in forward.items():
        both = probability * backward.get((vietnamese, english), 0.0)
        if both >= _LEAST_PROBABILITY and not english.isdigit():
            to_vietnamese[english][vietnamese] = both
            to_english[vietnamese][english] = both
    return _ranked(to_vietnamese), _ranked(to_english)


def join_compounds(syllables: list[str], compounds: set[tuple[str, str]]) -> list[str]:
    """Return words: syllables joined by a space where two of them make a compound."""
    joined: list[str] = []
    position = 0
    while position < len(syllables):
        pair = tuple(syllables[position : position + 2])
        if pair in compounds:
            joined.append(" ".join(pair))
            position += 2
        else:
            joined.append(syllables[position])
            position += 1
    return joined


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _compounds(sentences: Iterable[list[str]]) -> set[tuple[str, str]]:
    unigrams: Counter[str] = Counter()
    bigrams: Counter[tuple[str, str]] = Counter()
    for sentence in sentences:
        unigrams.update(sentence)
        bigrams.update(itertools.pairwise(sentence))
    total = sum(unigrams.values())
    compounds = set()
    for (first, second), count in bigrams.items():
        if count >= _LEAST_COUNT and not (first.isdigit() or second.isdigit()):
            pmi = math.log(count * total / (unigrams[first] * unigrams[second]))
            if pmi / -math.log(count / total) >= _COMPOUND_NPMI:
                compounds.add((first, second))
    return compounds


def _model_1(pairs: Pairs) -> dict[tuple[str, str], float]:
    """Return the probability of each target word given a source word."""
    table: dict[tuple[str, str], float] = {}
    for left, right in pairs:
        for source in left:
            for target in right:
                table[source, target] = 1.0
    for _ in range(_ITERATIONS):
        counts: defaultdict[tuple[str, str], float] = defaultdict(float)
        totals: defaultdict[str, float] = defaultdict(float)
        for left, right in pairs:
            for target in right:
                norm = sum(table[source, target] for source in left) + 1e-9
                for source in left:
                    share = table[source, target] / norm
                    counts[source, target] += share
                    totals[source] += share
        table = {
            pair: count / (totals[pair[0]] + 0.3)  # rare words prove little
            for pair, count in counts.items()
            if count > 0.01
        }
        table = defaultdict(float, table)
    return dict(table)


def _ranked(table: dict[str, dict[str, float]]) -> Lexicon:
    return {
        word: sorted(translations, key=lambda translation: -translations[translation])[:3]
        for word, translations in table.items()
    }
