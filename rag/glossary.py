"""The words of a question, and how the other language says them.

A glossary lists words and phrases of both languages that mean the same. It lets a question in
one language be held against a sentence in the other word by word, where vectors alone cannot
tell "adopted" from "discussed".
"""

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import resources

from rag.documents import Language
from rag.vietnamese import fold, words

__all__ = ["Glossary", "Phrase", "Term", "phrases_of"]

Phrase = tuple[str, ...]
"""Words in lower case without diacritics, in order."""

Term = frozenset[Phrase]
"""Phrases any of which says the same thing."""

_LONGEST_PHRASE = 4
_ENGLISH_STOP_WORDS = frozenset(
    """
    a about after all am an and any are as at be been before between both but by can could did
    do does doing each for from give had has have her his how i if in into is it its many may me
    more most much must my not of off on onto or our out over please put she should so some such
    tell than that the their them then there these they this those to under up us was we were
    what when where which while who whom whose why will with would you your
    """.split()
)
_VIETNAMESE_STOP_WORDS = frozenset(
    """
    ai bao bi boi cac can cho chua co con cua cung da dang dau de den do duoc gi gom hay hoac
    hoi khi khong kia la ma may mot nao nay nen neu nhieu nhu nhung o phai ra rang sao se tai
    the theo thi trong tu va van vay ve vi viec voi xin
    """.split()
)


class Glossary:
    """Translations of words and phrases.

    Args:
        lines: Each English, a tab, Vietnamese; alternatives divided by semicolons; "#" begins
            a comment.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._translations: Mapping[Language, defaultdict[Phrase, set[Phrase]]] = {
            language: defaultdict(set) for language in Language
        }
        for line in lines:
            english, tab, vietnamese = line.partition("\t")
            if not tab or line.startswith("#"):
                continue
            left, right = _alternatives(english), _alternatives(vietnamese)
            for one in left:
                self._translations[Language.ENGLISH][one].update(right)
            for one in right:
                self._translations[Language.VIETNAMESE][one].update(left)

    @classmethod
    @cache
    def default(cls) -> "Glossary":
        """Return the glossary that is shipped with the program."""
        file = resources.files("rag") / "data" / "glossary.tsv"
        return cls(file.read_text(encoding="utf-8").splitlines())

    def terms(self, text: str, language: Language, target: Language) -> list[Term]:
        """Return what a question asks about, as it may be said in the target language.

        In one language these are its words, without those that only frame a question, and, for
        Vietnamese, whose words are mostly two syllables, its pairs of syllables. Across languages
        they are the longest phrases that the glossary knows and the words that it does not.
        """
        found = _folded_words(text)
        if language is not target:
            return list(self._translated(found, language))
        stop = _stop_words(language)
        terms: list[Term] = [frozenset([(word,)]) for word in found if word not in stop]
        if language is Language.VIETNAMESE:
            terms += [
                frozenset([(first, second)])
                for first, second in itertools.pairwise(found)
                if first not in stop and second not in stop
            ]
        return terms

    def _translated(self, found: list[str], language: Language) -> Iterator[Term]:
        known = self._translations[language]
        stop = _stop_words(language)
        position = 0
        while position < len(found):
            longest = next(
                (
                    length
                    for length in range(_LONGEST_PHRASE, 0, -1)
                    if tuple(found[position : position + length]) in known
                ),
                0,
            )
            phrase = tuple(found[position : position + max(longest, 1)])
            if longest or phrase[0] not in stop:
                yield frozenset(known.get(phrase, set()) | {phrase})
            position += len(phrase)


def phrases_of(text: str) -> frozenset[Phrase]:
    """Return all phrases of up to four words in a text."""
    found = _folded_words(text)
    return frozenset(
        tuple(found[i : i + length])
        for length in range(1, _LONGEST_PHRASE + 1)
        for i in range(len(found) - length + 1)
    )


def _alternatives(text: str) -> list[Phrase]:
    return [tuple(_folded_words(one)) for one in text.split(";") if one.strip()]


def _folded_words(text: str) -> list[str]:
    return [fold(word) for word in words(text.replace("-", " ").replace("–", " "))]


def _stop_words(language: Language) -> frozenset[str]:
    return _ENGLISH_STOP_WORDS if language is Language.ENGLISH else _VIETNAMESE_STOP_WORDS
