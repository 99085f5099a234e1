"""Recognise where a question points: "Điều 12 khoản 3", "Article 12(3)(b)"."""

import re
from itertools import groupby

from rag.domain.documents import Division
from rag.domain.query import LegalReference
from rag.language.numerals import arabic
from rag.language.vietnamese import fold, nfc, words

__all__ = ["find_reference"]

_NUMBER = r"(?P<number>\d{1,4}[a-z]?(?:\.\d{1,3})*)"
_ANY_NUMBER = r"(?P<number>\d{1,3}(?:\.\d{1,3})*|[ivxlc]{1,7}|[a-h])"
_LETTER = r"(?P<number>[a-zđ]\d?)"
_PATTERNS = tuple(
    (kind, re.compile(rf"(?<![\w])(?:{names})\s+(?:thu\s+|so\s+|no\.?\s+)?{number}(?!\w)"))
    for kind, names, number in (
        (Division.ARTICLE, r"dieu|articles?|art\.", _NUMBER),
        (Division.CLAUSE, r"khoan|clause|paragraph|para\.?", _NUMBER),
        (Division.POINT, r"diem|points?|letter|item", rf"\(?{_LETTER}\)?"),
        (Division.CHAPTER, r"chuong|chapter", _ANY_NUMBER),
        (Division.SECTION, r"muc|section|sec\.", _ANY_NUMBER),
        (Division.PART, r"phan|part", _ANY_NUMBER),
        (Division.ANNEX, r"phu\s+luc|annex|appendix|schedule", _ANY_NUMBER),
    )
)
# "Article 12(3)(b)", as is written in English.
_BRACKETED = re.compile(
    r"(?:article|art\.|section|sec\.)\s+\d{1,4}[a-z]?\s*\((?P<clause>\d{1,3}[a-z]?)\)"
    r"(?:\s*\((?P<point>[a-z])\))?"
)
_REGULATION = re.compile(
    r"(?:(?:bo luat|luat|nghi dinh|nghi quyet|thong tu|quyet dinh|phap lenh|chi thi|circular|decree"
    r"|decision|law)\s+(?:so\s+|no\.?\s*)?\d++|(?<!\d)\d++/\d++(?:/[a-z][\w&]*(?:-[\w&]+)*)?)(?![\w/])"
)
# What a question that only asks for the wording is made of, besides.
_FILLERS = frozenset(
    """
    quy dinh gi nhung noi dung la ve cua trong theo tai thi hay cho biet xin hoi nhu the nao ra sao
    co cac nay do va duoc viet ghi dieu khoan diem chuong muc phan phu luc van ban luat bo nghi
    thong tu quyet toan van con thi sao day du doc xem trich dan neu ro cu ban giup toi minh voi a
    o so nam
    what does do say says said is are the of in on about under according to and a an tell me show
    please quote text wording content contents provide provides state states stipulate stipulates
    stipulated regulate regulates regulation regulations law circular decree read give full article
    articles clause paragraph point section chapter part annex appendix for which that it
    """.split()
)


def find_reference(question: str) -> LegalReference | None:
    """Return where a question points, None if it names no division."""
    text = nfc(question).lower()
    folded = "".join(c if c == "đ" else fold(c) for c in text)
    bare = folded.replace("đ", "d")
    found: dict[Division, str] = {}
    spans = []
    for kind, pattern in _PATTERNS:
        # The name of a division may be typed without marks; the letter of a point may not.
        match = pattern.search(bare)
        if match:
            number = folded[match.start("number") : match.end("number")]
            found[kind] = number if kind is Division.POINT else arabic(number)
            spans.append(match.span())
    bracketed = _BRACKETED.search(bare)
    if bracketed:
        found[Division.CLAUSE] = bracketed["clause"]
        if bracketed["point"]:
            found[Division.POINT] = bracketed["point"]
        spans.append(bracketed.span())
    if not found:
        return None
    left = list(text)
    for start, end in spans:
        left[start:end] = " " * (end - start)
    others = words("".join(left))
    telling = groupby(others, key=lambda word: fold(word) not in _FILLERS)
    return LegalReference(
        numbers=found,
        rest=tuple(word for word in others if fold(word) not in _FILLERS),
        regulations=tuple(_REGULATION.findall(bare)),
        runs=tuple(tuple(map(fold, run)) for tells, run in telling if tells),
    )
