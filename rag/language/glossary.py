"""The words of a question, how the other language says them, and what abbreviations stand for.

A glossary lists words and phrases of both languages that mean the same. It lets a question in
one language be held against a sentence in the other word by word, where vectors alone cannot
tell "adopted" from "discussed". Three go together: the one that is shipped, what the texts say
of their abbreviations, and `glossary.tsv` in the folder of the documents, which their owner edits.
A line is one of

    customs; customs service <tab> hải quan
    TCHQ = Tổng cục Hải quan
    # a comment
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, lru_cache

from rag.domain.documents import Language
from rag.language.lexicon import LEXICON
from rag.language.vietnamese import fold, words
from rag.resources import read_shipped

__all__ = ["GLOSSARY_FILE", "Glossary", "Phrase", "Term", "check_line", "phrases_of"]

GLOSSARY_FILE = "glossary.tsv"
"""What the owner's glossary is called, in the folder of the documents."""

Phrase = tuple[str, ...]
"""Words in lower case without diacritics, in order."""

Term = frozenset[Phrase]
"""Phrases any of which says the same thing."""

_MOST_PHRASE_WORDS = 4
_SHIPPED = ("glossary.tsv", "territories.tsv")
_ABBREVIATION = re.compile(r"\s*([^\s=]{2,12})\s*=\s*(\S.*)")
_WORD = re.compile(r"[^\W_]+")
_STOP_WORDS = {
    Language.ENGLISH: LEXICON.words("function_words.en", "stop_words.en"),
    Language.VIETNAMESE: LEXICON.words("function_words.vi", "stop_words.vi"),
}


class Glossary:
    """Translations of words and phrases, and abbreviations.

    Args:
        lines: As described above; what cannot be understood is left out.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._translations: Mapping[Language, defaultdict[Phrase, set[Phrase]]] = {
            language: defaultdict(set) for language in Language
        }
        self._long_forms: dict[str, str] = {}
        self._same: defaultdict[Phrase, set[Phrase]] = defaultdict(set)
        for line in lines:
            if line.startswith("#"):
                continue
            english, tab, vietnamese = line.partition("\t")
            if tab:
                self._add_translations(_alternatives(english), _alternatives(vietnamese))
            elif match := _ABBREVIATION.fullmatch(line):
                self._add_abbreviation(match[1], match[2].strip())

    @classmethod
    @cache
    def default(cls) -> "Glossary":
        """Return the glossary that is shipped with the program."""
        return cls(shipped_lines())

    @classmethod
    def with_lines(cls, lines: Iterable[str]) -> "Glossary":
        """Return the shipped glossary with lines added, which go before its own."""
        return cls([*shipped_lines(), *lines])

    @property
    def abbreviations(self) -> frozenset[str]:
        """All abbreviations, in lower case."""
        return frozenset(self._long_forms)

    def _add_translations(self, english: list[Phrase], vietnamese: list[Phrase]) -> None:
        for phrase in english:
            self._translations[Language.ENGLISH][phrase].update(vietnamese)
        for phrase in vietnamese:
            self._translations[Language.VIETNAMESE][phrase].update(english)

    def _add_abbreviation(self, short: str, long: str) -> None:
        self._long_forms[short.lower()] = long
        short_words, long_words = tuple(_folded_words(short)), tuple(_folded_words(long))
        self._same[short_words].add(long_words)
        self._same[long_words].add(short_words)

    def knows(self, word: str) -> bool:
        """Tell whether an English word, in lower case, is a term of its own."""
        return (word,) in self._translations[Language.ENGLISH]

    def expand(self, text: str, count: Callable[[str], float]) -> str:
        """Return a text with its abbreviations written out as the documents write them.

        Args:
            text: A question.
            count: How often a word or phrase occurs in the documents. An abbreviation that
                occurs there more often than what it stands for is left as it is.
        """

        @cache
        def written_out(word: str) -> str:
            long = self._long_forms.get(word.lower())
            if long is None or not (word.isupper() or word.islower()):
                return word
            return long if count(long) > count(word) else word

        return _WORD.sub(lambda match: written_out(match[0]), text)

    def terms(self, text: str, language: Language, target: Language) -> list[Term]:
        """Return what a question asks about, as it may be said in the target language.

        In one language these are its words, without those that only frame a question, and, for
        Vietnamese, whose words are mostly two syllables, its pairs of syllables. Across languages
        they are the longest phrases that the glossary knows and the words that it does not.
        """
        asked_words = _folded_words(text)
        if language is not target:
            return list(self._translated(asked_words, language))
        stop = _STOP_WORDS[language]
        terms: list[Term] = [
            frozenset({(word,)} | self._same.get((word,), set()))
            for word in asked_words
            if word not in stop
        ]
        if language is Language.VIETNAMESE:
            terms += [
                frozenset([(first, second)])
                for first, second in itertools.pairwise(asked_words)
                if first not in stop and second not in stop
            ]
        return terms

    def _translated(self, asked_words: list[str], language: Language) -> Iterator[Term]:
        translations = self._translations[language]
        stop = _STOP_WORDS[language]
        position = 0
        while position < len(asked_words):
            longest = next(
                (
                    length
                    for length in range(_MOST_PHRASE_WORDS, 0, -1)
                    if tuple(asked_words[position : position + length]) in translations
                ),
                0,
            )
            phrase = tuple(asked_words[position : position + max(longest, 1)])
            if longest or phrase[0] not in stop:
                others = translations.get(phrase, set()) | self._same.get(phrase, set())
                yield frozenset(others | {phrase})
            position += len(phrase)


def shipped_lines() -> list[str]:
    """Return the lines of the glossaries that are shipped with the program."""
    return [line for name in _SHIPPED for line in read_shipped(name).decode().splitlines()]


def check_line(line: str) -> bool:
    """Tell whether a line of a glossary can be understood."""
    if not line.strip() or line.startswith("#"):
        return True
    english, tab, vietnamese = line.partition("\t")
    if tab:
        return bool(_alternatives(english) and _alternatives(vietnamese))
    return _ABBREVIATION.fullmatch(line) is not None


@lru_cache(maxsize=20_000)
def phrases_of(text: str) -> frozenset[Phrase]:
    """Return all phrases of up to four words in a text."""
    text_words = _folded_words(text)
    return frozenset(
        tuple(text_words[first : first + length])
        for length in range(1, _MOST_PHRASE_WORDS + 1)
        for first in range(len(text_words) - length + 1)
    )


def _alternatives(text: str) -> list[Phrase]:
    return [tuple(_folded_words(phrase)) for phrase in text.split(";") if phrase.strip()]


def _folded_words(text: str) -> list[str]:
    return words(fold(text).replace("-", " ").replace("–", " "))
