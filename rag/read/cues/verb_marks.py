"""Find what a sentence says was done: "được chính thức thông qua", "was adopted".

The same word may tell what was done or only how: "thông qua" is to adopt, and also through. A word
after a mark of tense or passive is the verb.
"""

import re

from rag.domain.documents import Language
from rag.language.glossary import Phrase
from rag.language.lexicon import LEXICON
from rag.language.vietnamese import fold

__all__ = ["asserted_phrases"]

_WORD = re.compile(r"[^\W_]+")
_MARKS = {
    Language.VIETNAMESE: LEXICON.words("verb_marks.vi"),
    Language.ENGLISH: LEXICON.words("verb_marks.en"),
}
_MOST_WORDS_BETWEEN = 2  # words that may stand between, as "chính thức" does
_MOST_VERB_WORDS = 3  # words of a verb


def asserted_phrases(text: str, language: Language) -> frozenset[Phrase]:
    """Return the phrases, folded, that stand as verbs after a mark of tense or passive.

    Right after the mark a phrase may be of any length; further on only longer ones are taken,
    since a single word there is mostly something else.
    """
    words = _WORD.findall(text.lower())
    folded = [fold(word) for word in words]
    marks = _MARKS[language]
    phrases = set()
    for position, word in enumerate(words):
        if word in marks:
            for begin in range(position + 1, position + 2 + _MOST_WORDS_BETWEEN):
                shortest = 1 if begin == position + 1 or language is Language.ENGLISH else 2
                longest = min(_MOST_VERB_WORDS, len(folded) - begin)
                for length in range(shortest, longest + 1):
                    phrases.add(tuple(folded[begin : begin + length]))
    return frozenset(phrases)
