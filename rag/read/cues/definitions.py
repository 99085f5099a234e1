"""Questions for what a word means, and sentences that define it."""

import re

from rag.language.vietnamese import nfc

__all__ = ["defined_term", "defines"]

_ASKED = re.compile(
    r"(?:(?:khái niệm|thuật ngữ|từ|cụm từ) )?(?P<term>.{2,60}?) "
    r"(?:nghĩa )?(?:là (?:gì|như thế nào|thế nào)|có nghĩa (?:là )?gì|nghĩa là gì"
    r"|được (?:hiểu|định nghĩa) (?:là (?:gì|như thế nào|thế nào)|như thế nào|ra sao|thế nào))"
    r"|(?:thế nào|như thế nào|sao gọi) là (?P<after>.{2,60}?)"
    r"|(?:what (?:is|are)(?: meant by)?|what does|define) (?:an? |the )?"
    r"(?P<english>.{2,60}?)(?: mean)?",
    re.I,
)
_SIGNS_AROUND = re.compile(r"\A\W+|(?<!\W)\W+\Z")
_MARK = re.compile(r"^[\s“\"*_]*(?:\(?(?:\d{1,3}|[a-zđ]{1,2}\d?)\\?[.)/-]\s+)?[“\"*_]*", re.I)
_SAYS = re.compile(
    r"[”\"*_]*\s*(?:\([^)]{1,60}\)\s*)?"
    r"(?:là|được hiểu là|gồm|bao gồm|nghĩa là|is|are|means?|refers? to|includes?)\b",
    re.I,
)


def defined_term(question: str) -> str:
    """Return the term whose meaning is asked for, in lower case; "" if none is."""
    match = _ASKED.fullmatch(_SIGNS_AROUND.sub("", " ".join(nfc(question).split())))
    if match is None:
        return ""
    term: str = match["term"] or match["after"] or match["english"]
    return term.strip().lower()


def defines(term: str, sentence: str) -> bool:
    """Tell whether a sentence begins with a term and says what it is."""
    mark = _MARK.match(sentence)
    rest = sentence[mark.end() if mark else 0 :]
    said = " ".join(rest[: len(term) + 1].lower().split())
    return bool(term) and said.startswith(term) and _SAYS.match(rest[len(term) :]) is not None
