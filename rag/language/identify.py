"""Tell Vietnamese from English, also where Vietnamese is typed without its marks."""

import re

from rag.domain.documents import Language
from rag.language.english import is_english
from rag.language.keystrokes import telex_key, vni_key
from rag.language.lexicon import LEXICON
from rag.language.vietnamese import fold, has_vietnamese_marks, words

__all__ = ["guess_language", "is_syllable_shaped"]

# What a Vietnamese syllable can be when its marks are gone: onset, vowels, coda.
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|[bcdghklmnpqrstvx])?"
    r"(?:uye|uya|uyu|oai|oay|oeo|uay|uoi|uou|ieu|yeu|iu|ia|ie|oa|oe|oi|oo|ua|uo|ue|ui|uu|uy|ai|ao"
    r"|au|ay|eo|eu|ye|[aeiouy])"
    r"(?:ng|nh|ch|[cmnpt])?$"
)
_ENGLISH_CUES = LEXICON.words("function_words.en", "language_cues.en")
_IN_BOTH_LANGUAGES = LEXICON.words("in_both_languages")
_VIETNAMESE_CUES = LEXICON.words("function_words.vi", "language_cues.vi")


def guess_language(text: str) -> Language:
    """Return the language that most words of a text speak for; English if none speaks."""
    votes = [_vote(word) for word in words(text)]
    vietnamese, english = (sum(vote[side] for vote in votes) for side in (0, 1))
    return Language.VIETNAMESE if vietnamese > english else Language.ENGLISH


def _vote(word: str) -> tuple[float, float]:
    """Return how much a word, in lower case, speaks for Vietnamese and for English."""
    if has_vietnamese_marks(word):
        return 2, 0
    for speaking_words, vote in (
        (_IN_BOTH_LANGUAGES, (0.5, 0.5)),
        (_ENGLISH_CUES, (0.0, 2.0)),
        (_VIETNAMESE_CUES, (1.5, 0.0)),
    ):
        if word in speaking_words:
            return vote
    if len(word) > 1 and _is_keyed(vni_key(word)):
        return 2, 0
    if len(word) == 1 or not word.isalpha() or not any(letter in "aeiouy" for letter in word):
        return 0, 0
    if _SYLLABLE.match(word):
        return 0.5, 0
    if _is_keyed(telex_key(word)):
        return (0.5, 0.5) if is_english(word) else (1.5, 0)
    return 0, 1


def is_syllable_shaped(word: str) -> bool:
    """Tell whether a word, in lower case, could be a Vietnamese syllable by its letters."""
    return _SYLLABLE.match(fold(word)) is not None


def _is_keyed(key: str | None) -> bool:
    """Tell whether keystrokes of Telex or VNI stand for something like a syllable."""
    if key is None:
        return False
    bare = fold(key)
    toned = bare[-1] in "sfrxj"
    return bool(_SYLLABLE.match(bare) or (toned and _SYLLABLE.match(bare[:-1])))
