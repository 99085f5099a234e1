"""Recognise where a question points: "Điều 12 khoản 3", "Article 12(3)(b)"."""

import re
from itertools import groupby

from rag.domain.documents import Division
from rag.domain.query import LegalReference
from rag.language.lexicon import LEXICON, any_of
from rag.language.numerals import arabic
from rag.language.vietnamese import fold, nfc, words
from rag.law.lexicon import LAW_LEXICON

__all__ = ["find_reference"]

_NUMBER = r"(?P<number>\d{1,4}[a-z]?(?:\.\d{1,3})*)"
_ANY_NUMBER = r"(?P<number>\d{1,3}(?:\.\d{1,3})*|[ivxlc]{1,7}|[a-h])"
_LETTER = r"(?P<number>[a-zđ]\d?)"
_NUMBERS = {
    Division.ARTICLE: _NUMBER,
    Division.CLAUSE: _NUMBER,
    Division.POINT: rf"\(?{_LETTER}\)?",
    Division.CHAPTER: _ANY_NUMBER,
    Division.SECTION: _ANY_NUMBER,
    Division.PART: _ANY_NUMBER,
    Division.ANNEX: _ANY_NUMBER,
}
_NAMES = {
    kind: any_of(LAW_LEXICON.table("divisions")["references"][kind], space=r"\s+")
    for kind in _NUMBERS
}
_PATTERNS = {
    kind: re.compile(rf"(?<![\w])(?:{_NAMES[kind]})\s+(?:thu\s+|so\s+|no\.?\s+)?{number}(?!\w)")
    for kind, number in _NUMBERS.items()
}
# "Article 12(3)(b)", as is written in English.
_BRACKETED = re.compile(
    r"(?:article|art\.|section|sec\.)\s+\d{1,4}[a-z]?\s*\((?P<clause>\d{1,3}[a-z]?)\)"
    r"(?:\s*\((?P<point>[a-z])\))?"
)
_KINDS = LAW_LEXICON.table("kinds")
_ASKED_OF = any_of(map(fold, _KINDS["asked_of"] + _KINDS["asked_of_by_number"]))
_REGULATION = re.compile(
    rf"(?:(?:{_ASKED_OF})\s+(?:so\s+|no\.?\s*)?\d++"
    r"|(?<!\d)\d++/\d++(?:/[a-z][\w&]*(?:-[\w&]+)*)?)(?![\w/])"
)
# What a question that only asks for the wording is made of, besides.
_FILLERS = LEXICON.words("question_fillers") | LAW_LEXICON.words(
    "wording_fillers.vi", "wording_fillers.en"
)


def find_reference(question: str) -> LegalReference | None:
    """Return where a question points, None if it names no division."""
    text = nfc(question).lower()
    folded = "".join(character if character == "đ" else fold(character) for character in text)
    bare = folded.replace("đ", "d")
    numbers: dict[Division, str] = {}
    spans = []
    for kind, pattern in _PATTERNS.items():
        # The name of a division may be typed without marks; the letter of a point may not.
        match = pattern.search(bare)
        if match:
            number = folded[match.start("number") : match.end("number")]
            numbers[kind] = number if kind is Division.POINT else arabic(number)
            spans.append(match.span())
    bracketed = _BRACKETED.search(bare)
    if bracketed:
        numbers[Division.CLAUSE] = bracketed["clause"]
        if bracketed["point"]:
            numbers[Division.POINT] = bracketed["point"]
        spans.append(bracketed.span())
    if not numbers:
        return None
    left = list(text)
    for start, end in spans:
        left[start:end] = " " * (end - start)
    others = words("".join(left))
    telling = groupby(others, key=lambda word: fold(word) not in _FILLERS)
    return LegalReference(
        numbers=numbers,
        rest=tuple(word for word in others if fold(word) not in _FILLERS),
        regulations=tuple(_REGULATION.findall(bare)),
        runs=tuple(tuple(map(fold, run)) for tells, run in telling if tells),
    )
