"""Recognise how regulations are called in a text: "Thông tư số 39/2018/TT-BTC"."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from rag.language.lexicon import any_of
from rag.law.lexicon import LAW_LEXICON

__all__ = ["CODE", "ENGLISH_KINDS", "KINDS", "Citation", "citations", "kind_of_code"]

_WORDS = LAW_LEXICON.table("kinds")
_FORMAL = any_of(_WORDS["formal"])
_EVERYDAY = any_of(_WORDS["everyday"])

KINDS = any_of(_WORDS["formal"] + _WORDS["everyday"])
"""The kinds of Vietnamese documents, as alternatives of a regular expression."""

ENGLISH_KINDS = any_of(_WORDS["english"])
"""What they are called in English."""

CODE = r"\d{1,5}(?:/\d{4})?/[A-ZĐ][A-ZĐa-z0-9&]*(?:-[A-ZĐa-z0-9&]+)*"
"""A number as regulations have them: "39/2018/TT-BTC"."""

# "Thông tư số 39/2018/TT-BTC", "Luật Cư trú số 81/2006/QH11", "Decree No. 8/2015/NĐ-CP", and in a
# list "các Thông tư: số 10/2015/TT-BTC, số 11/2016/TT-BTC".
_CITED = re.compile(
    rf"\b(?P<kind>{_FORMAL}|{ENGLISH_KINDS})\b"
    rf"(?:(?:\s+(?!số\b|No\b)[^\s\d;:]+){{0,14}}?\s+(?:số:?|No\.?)\s*|\s+)(?P<code>{CODE})"
    rf"|\b(?P<loose>{_EVERYDAY})\s+(?:số:?\s*)?(?P<its_code>{CODE})"
    rf"|\b(?:số:?|No\.?)\s*(?P<bare>{CODE})",
    re.I,
)
_KIND = re.compile(rf"\b(?:{_FORMAL}|{ENGLISH_KINDS})s?\b", re.I)
_KIND_OF_NUMBER: Mapping[str, str] = _WORDS["of_number"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A place in a line that names a regulation.

    Attributes:
        code: Its number alone: "39/2018/TT-BTC".
        label: Its kind and number.
    """

    code: str
    label: str
    start: int
    end: int


def citations(line: str, low: int, high: int) -> Iterator[Citation]:
    """Yield the regulations that a stretch of a line names."""
    named = ""  # the kind that was named last
    for match in _CITED.finditer(line, low, high):
        for kind_named in _KIND.finditer(line, low, match.start()):
            named = kind_named[0]
        low = match.start()
        code = match["code"] or match["its_code"] or match["bare"]
        kind = match["kind"] or match["loose"]
        if not kind:
            # A law's number does not tell its kind, the others' do.
            told_by_code = "" if "/QH" in code.upper() and named else kind_of_code(code)
            kind = told_by_code or named.removesuffix("s")
        yield Citation(
            code=code,
            label=f"{kind.capitalize()} {code}".strip(),
            start=match.start(),
            end=match.end(),
        )


def kind_of_code(code: str) -> str:
    """Return the kind of document that a number states, "" if it states none."""
    letters = re.search(r"/([A-ZĐ]+)", code.upper())
    return _KIND_OF_NUMBER.get(letters[1], "") if letters else ""
