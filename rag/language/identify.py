"""Tell Vietnamese from English, also where Vietnamese is typed without its marks."""

import re

from rag.domain.documents import Language
from rag.language.english import is_english
from rag.language.keystrokes import telex_key, vni_key
from rag.language.vietnamese import fold, has_vietnamese_marks, words

__all__ = ["guess_language", "is_syllable_shaped"]

# What a Vietnamese syllable can be when its marks are gone: onset, vowels, coda.
_SYLLABLE = re.compile(
    r"(?:ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|[bcdghklmnpqrstvx])?"
    r"(?:uye|uya|uyu|oai|oay|oeo|uay|uoi|uou|ieu|yeu|iu|ia|ie|oa|oe|oi|oo|ua|uo|ue|ui|uu|uy|ai|ao"
    r"|au|ay|eo|eu|ye|[aeiouy])"
    r"(?:ng|nh|ch|[cmnpt])?$"
)
# Words that carry a sentence in one language and hardly occur in the other.
_ENGLISH = frozenset(
    """
    a about after all am an and any are as at be been before between both but by can could did
    do does doing each explain find for from give had has have her his how i if in into is it
    its list many may me more most much must my name not of on or our out over please shall she
    should show some such tell than that the their them then there these they this those to
    under us was we were what when where which while who whom whose why will with would you your
    """.split()
)
_AMBIGUOUS = frozenset(
    """
    an can do in may me my on than them to
    """.split()
)
_VIETNAMESE = frozenset(
    """
    ai bang bao bi cac cai can cho chua co con cua cung da dau day de den di dieu do doi duoc gi
    giua hai hay hoac hoi khi khong la lam luat may mot nam nao nay neu ngay nghi nguoi nhieu
    nhung noi nuoc phai qua quan quy ra rang sao sau se tai theo thi trong truoc tu va vao ve vi
    viec viet voi
    """.split()
)


def guess_language(text: str) -> Language:
    """Return the language that most words of a text speak for; English if none speaks."""
    votes = [_vote(word) for word in words(text)]
    vietnamese, english = (sum(vote[side] for vote in votes) for side in (0, 1))
    return Language.VIETNAMESE if vietnamese > english else Language.ENGLISH


def _vote(word: str) -> tuple[float, float]:
    """Return how much a word, in lower case, speaks for Vietnamese and for English."""
    if has_vietnamese_marks(word):
        return 2, 0
    for known, vote in (
        (_AMBIGUOUS, (0.5, 0.5)),
        (_ENGLISH, (0.0, 2.0)),
        (_VIETNAMESE, (1.5, 0.0)),
    ):
        if word in known:
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
