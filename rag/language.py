"""Tell Vietnamese from English, also where Vietnamese is typed without its marks."""

import re

from rag.documents import Language
from rag.vietnamese import fold, has_vietnamese_marks, words

__all__ = ["guess_language"]

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
    vietnamese = english = 0.0
    for word in words(text):
        if has_vietnamese_marks(word):
            vietnamese += 2
        elif word in _AMBIGUOUS:
            vietnamese += 0.5
            english += 0.5
        elif word in _ENGLISH:
            english += 2
        elif word in _VIETNAMESE:
            vietnamese += 1.5
        elif word.isalpha():
            if _SYLLABLE.match(fold(word)):
                vietnamese += 0.5
            else:
                english += 1
    return Language.VIETNAMESE if vietnamese > english else Language.ENGLISH
