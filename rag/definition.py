"""Questions for what a word means, and sentences that define it."""

import re

from rag.vietnamese import nfc

__all__ = ["defined_term", "defines"]

_ASKED = re.compile(
    r"^\W*(?:(?:khái niệm|thuật ngữ|từ|cụm từ)\s+)?(?P<term>.{2,60}?)\s+"
    r"(?:nghĩa\s+)?(?:là\s+(?:gì|như thế nào|thế nào)|có nghĩa\s+(?:là\s+)?gì|nghĩa là gì"
    r"|được\s+(?:hiểu|định nghĩa)\s+(?:là\s+(?:gì|như thế nào|thế nào)|như thế nào|ra sao|thế nào))"
    r"\W*$"
    r"|^\W*(?:thế nào|như thế nào|sao gọi)\s+là\s+(?P<after>.{2,60}?)\W*$"
    r"|^\W*(?:what\s+(?:is|are)(?:\s+meant\s+by)?|what\s+does|define)\s+(?:an?\s+|the\s+)?"
    r"(?P<english>.{2,60}?)(?:\s+mean)?\W*$",
    re.I,
)
_MARK = re.compile(r"^[\s“\"*_]*(?:\(?(?:\d{1,3}|[a-zđ]{1,2}\d?)\\?[.)/-]\s+)?[“\"*_]*", re.I)
_SAYS = re.compile(
    r"[”\"*_]*\s*(?:\([^)]{1,60}\)\s*)?"
    r"(?:là|được hiểu là|gồm|bao gồm|nghĩa là|is|are|means?|refers? to|includes?)\b",
    re.I,
)


def defined_term(question: str) -> str:
    """Return the term whose meaning is asked for, in lower case; "" if none is."""
    match = _ASKED.match(nfc(question))
    if match is None:
        return ""
    term = match["term"] or match["after"] or match["english"]
    return " ".join(term.lower().split())


def defines(term: str, sentence: str) -> bool:
    """Tell whether a sentence begins with a term and says what it is."""
    mark = _MARK.match(sentence)
    rest = sentence[mark.end() if mark else 0 :]
    said = " ".join(rest[: len(term) + 1].lower().split())
    return bool(term) and said.startswith(term) and _SAYS.match(rest[len(term) :]) is not None
