"""English words: which there are, and what a mistyped one was meant to be."""

import re
from collections.abc import Callable
from functools import cache

from spellchecker import SpellChecker

__all__ = ["correct_english", "is_english"]

_FEWEST_LETTERS = 4  # letters; shorter words are too like each other
_MOST_LETTERS = 24  # letters; few words have as many
_WELL_KNOWN_FROM = 2_000  # occurrences, of 1.6 billion, from which a word is well known


@cache
def _dictionary() -> SpellChecker:
    return SpellChecker(language="en", distance=1)


def is_english(word: str) -> bool:
    """Tell whether a word is a well-known English one."""
    return _dictionary().word_frequency[word.lower()] >= _WELL_KNOWN_FROM


def correct_english(word: str, weight: Callable[[str], float]) -> str:
    """Return what a word was meant to be: one slip of the finger away, or the word itself.

    Args:
        word: As it was typed. What has capitals beyond the first letter is taken for a name.
        weight: How much a word occurs in the documents and the glossary, 0 if not; such words
            go before all others.
    """
    lower = word.lower()
    if (
        not _FEWEST_LETTERS <= len(word) <= _MOST_LETTERS
        or not word.isascii()
        or not word.isalpha()
    ):
        return word
    if word[1:] != lower[1:]:
        return word
    frequency = _dictionary().word_frequency.dictionary
    british = [lower.replace("is", "iz"), lower.replace("our", "or"), re.sub("re$", "er", lower)]
    if weight(lower) or any(frequency.get(spelling) for spelling in (lower, *british)):
        return word
    candidates = [
        (weight(candidate), frequency.get(candidate, 0), candidate)
        for candidate in _dictionary().edit_distance_1(lower)
        if weight(candidate) or frequency.get(candidate, 0)
    ]
    best_weight, occurrences, best = max(candidates, default=(0, 0, lower))
    # A name that no document has is left alone.
    if word[0].isupper() and not best_weight:
        return word
    if not best_weight and occurrences < _WELL_KNOWN_FROM:
        return word
    return best.capitalize() if word[0].isupper() else best
