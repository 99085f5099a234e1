"""Recognise where a question points: "Điều 12 khoản 3", "Article 12(3)(b)"."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby

from rag.domain.documents import Division
from rag.language.vietnamese import fold, nfc, words

__all__ = ["Address", "find_address"]

_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
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
_ROOTS = (Division.ARTICLE, Division.SECTION, Division.CHAPTER, Division.PART, Division.ANNEX)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """The numbers of the divisions that a question names.

    Attributes:
        numbers: In the form of `Section.number`, by the kind of division.
        rest: The words of the question that name neither a division nor nothing much.
        regulations: The numbers of regulations that it names, folded: "39/2018/tt-btc", or
            "thong tu 39".
        runs: The words of `rest`, folded, in stretches that stand together in the question.
    """

    numbers: Mapping[Division, str]
    rest: tuple[str, ...]
    regulations: tuple[str, ...] = ()
    runs: tuple[tuple[str, ...], ...] = ()

    @property
    def root(self) -> Division | None:
        """The division by which a section is looked up; None if only a clause or point is named."""
        return next((kind for kind in _ROOTS if kind in self.numbers), None)

    def without_detail(self) -> "Address":
        """Return the address without clause and point."""
        detail = (Division.CLAUSE, Division.POINT)
        kept = {kind: number for kind, number in self.numbers.items() if kind not in detail}
        return replace(self, numbers=kept)

    def within(self, earlier: "Address | None") -> "Address":
        """Return the address completed by that of an earlier question: "còn khoản 4?"."""
        if earlier is None or self.root is not None or not self.numbers:
            return self
        depth = [Division.CLAUSE, Division.POINT]
        kept = {
            kind: number
            for kind, number in earlier.numbers.items()
            if kind not in depth
            or (kind is Division.CLAUSE and Division.CLAUSE not in self.numbers)
        }
        return replace(
            self,
            numbers={**kept, **self.numbers},
            rest=(*earlier.rest, *self.rest),
            regulations=self.regulations or earlier.regulations,
            runs=(*earlier.runs, *self.runs),
        )


def find_address(question: str) -> Address | None:
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
            found[kind] = number if kind is Division.POINT else _plain(number)
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
    return Address(
        numbers=found,
        rest=tuple(word for word in others if fold(word) not in _FILLERS),
        regulations=tuple(_REGULATION.findall(bare)),
        runs=tuple(tuple(map(fold, run)) for tells, run in telling if tells),
    )


def _plain(number: str) -> str:
    """Return a Roman number as digits, and any other as it is."""
    if not number or not set(number) <= _ROMAN.keys():
        return number
    values = [_ROMAN[letter] for letter in number]
    following = [*values[1:], 0]
    return str(
        sum(-one if one < after else one for one, after in zip(values, following, strict=True))
    )
