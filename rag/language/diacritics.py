"""Understand Vietnamese as it is typed: without marks, with some or wrong ones, with slips.

Each word may have been meant to be one of several syllables: one that is typed like it without
marks, one that its Telex or VNI keystrokes stand for, one with other marks, one a slip of the
finger away. The question is read as the likeliest of all: by a bigram model of syllables, and by
how likely people mistype so (a noisy channel; Viterbi's algorithm).
"""

import math
import re
from collections.abc import Iterator

from rag.language.english import is_english
from rag.language.keystrokes import telex_key, vni_key
from rag.language.syllables import NUMBER, START, SyllableModel
from rag.language.vietnamese import fold, has_vietnamese_marks, syllable_key, tone_key

__all__ = ["DiacriticRestorer"]

_WORD = re.compile(r"[^\W_]+")
_LETTERS = "abcdeghiklmnopqrstuvxy"
# Log probabilities of what was typed, given what was meant; 0 where anything may be meant.
_MARKS_LEFT_OUT = -10.0  # in a question whose other words have their marks
_FULLY_MARKED_FROM = 1.0  # share of words with marks from which a question counts as fully marked
_OTHER_MARKS = -9.0
_HOOK_FOR_TILDE = -6.0  # hỏi and ngã sound alike to many
_UNKNOWN_MARKS = -2.0  # what was typed is no syllable
_KEYSTROKES = -1.0
_KEYSTROKES_OF_WORD = -7.0  # what was typed is a word as it stands
_SLIP_OF_THE_FINGER = -8.0
_FEWEST_LETTERS_SLIPPED = 3  # letters
_MOST_LETTERS_SLIPPED = 12  # no syllable has more than seven


class DiacriticRestorer:
    """Reads questions to one corpus as they were meant.

    Args:
        model: The syllables of the corpus.
        keep: Words that are left as they are, in lower case: abbreviations.
    """

    def __init__(self, model: SyllableModel, keep: frozenset[str] = frozenset()) -> None:
        self._model = model
        self._keep = keep

    def restore(self, text: str) -> str:
        """Return a Vietnamese text as it was meant; all but words stays as it is."""
        matches = list(_WORD.finditer(text))
        typed = [match[0] for match in matches]
        without = self._cost_of_leaving_out(typed)
        pieces = []
        position = 0
        for match, meant in zip(matches, self._most_likely(typed, without), strict=True):
            pieces += [text[position : match.start()], _written(match[0], meant)]
            position = match.end()
        return "".join([*pieces, text[position:]])

    def _cost_of_leaving_out(self, typed: list[str]) -> float:
        """Return the log probability of typing a syllable without its marks in this question."""
        words = [word for word in typed if word.isalpha() and not word.isupper()]
        marked = sum(has_vietnamese_marks(word) for word in words)
        return _MARKS_LEFT_OUT * min(1.0, marked / max(1, len(words)) / _FULLY_MARKED_FROM)

    def _most_likely(self, typed: list[str], without: float) -> list[str]:
        """Return the likeliest syllables for what was typed, by Viterbi's algorithm."""
        scores = {START: 0.0}
        steps: list[dict[str, str]] = []  # for each word what goes before each candidate
        for word in typed:
            following: dict[str, float] = {}
            before: dict[str, str] = {}
            for candidate, cost in self._candidates(word, without).items():
                score, before[candidate] = max(
                    (score + self._model.log_probability(previous, candidate), previous)
                    for previous, score in scores.items()
                )
                following[candidate] = score + cost
            scores = following
            steps.append(before)
        last = max(scores, key=lambda candidate: (scores[candidate], candidate))
        path = []
        for before in reversed(steps):
            path.append(last)
            last = before[last]
        return path[::-1]

    def _candidates(self, typed: str, without: float) -> dict[str, float]:
        """Return what a word may have been meant to be, with log probabilities."""
        if typed.isdigit():
            return {NUMBER: 0.0}
        word = typed.lower()
        if word in self._keep and (typed.isupper() or word not in self._model.by_fold):
            return {word: 0.0}
        costs: dict[str, float] = {}

        def offer(syllable: str, cost: float) -> None:
            costs[syllable] = max(cost, costs.get(syllable, -math.inf))

        for syllable, cost in self._meant(typed, word, without):
            offer(syllable, cost)
        return costs or {word: 0.0}

    def _meant(self, typed: str, word: str, without: float) -> Iterator[tuple[str, float]]:
        if not word.isascii():
            yield from self._with_other_marks(word)
            return
        alike = self._model.by_fold.get(word, [])
        for syllable in alike:
            yield syllable, without if syllable != word else 0.0
        if alike and without:
            yield word, 0.0
        is_word = bool(alike) or is_english(word)
        keys = set() if typed.isupper() else {telex_key(word), vni_key(word)}
        meant = [self._model.by_key[key] for key in keys if key in self._model.by_key]
        if meant and not alike:
            yield word, _KEYSTROKES_OF_WORD
        for syllable in meant:
            yield syllable, _KEYSTROKES_OF_WORD if is_word else _KEYSTROKES
        if not is_word and not meant and word.isalpha() and not typed[1:].isupper():
            yield word, 0.0
            yield from self._slipped(word)

    def _with_other_marks(self, word: str) -> Iterator[tuple[str, float]]:
        key = tone_key(word)
        same = self._model.by_key.get(key, word)
        is_syllable = self._model.count(same) > 0
        yield same, 0.0
        alike = self._model.by_fold.get(fold(word), [])
        if not is_syllable and not alike:
            yield from self._slipped(fold(word))
        for syllable in alike:
            if syllable == same:
                continue
            other = syllable_key(syllable)
            if not is_syllable:
                yield syllable, _UNKNOWN_MARKS
            elif key[:-1] == other[:-1] and {key[-1], other[-1]} == {"r", "x"}:
                yield syllable, _HOOK_FOR_TILDE
            else:
                yield syllable, _OTHER_MARKS

    def _slipped(self, word: str) -> Iterator[tuple[str, float]]:
        """Yield the syllables that a word is one slip of the finger away from."""
        if not _FEWEST_LETTERS_SLIPPED <= len(word) <= _MOST_LETTERS_SLIPPED:
            return
        for near in _one_slip_away(word):
            for syllable in self._model.by_fold.get(near, []):
                yield syllable, _SLIP_OF_THE_FINGER


def _one_slip_away(word: str) -> set[str]:
    """Return what a letter left out, added, changed or two exchanged make of a word."""
    splits = [(word[:i], word[i:]) for i in range(len(word) + 1)]
    left_out = {head + tail[1:] for head, tail in splits if tail}
    exchanged = {head + tail[1] + tail[0] + tail[2:] for head, tail in splits if len(tail) > 1}
    changed = {head + letter + tail[1:] for head, tail in splits if tail for letter in _LETTERS}
    added = {head + letter + tail for head, tail in splits for letter in _LETTERS}
    return (left_out | exchanged | changed | added) - {word}


def _written(typed: str, meant: str) -> str:
    """Return a syllable in the capitals of what was typed."""
    if meant == NUMBER or meant == typed.lower():
        return typed
    if syllable_key(typed.lower()) == syllable_key(meant) and typed.islower():
        return meant
    if typed.isupper() and len(typed) > 1:
        return meant.upper()
    return meant.capitalize() if typed[0].isupper() else meant
