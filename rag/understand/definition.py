"""Questions for what a word means: "Hàng hóa quá cảnh là gì?", "What is transit?"."""

import re

from rag.language.vietnamese import nfc

__all__ = ["defined_term"]

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


def defined_term(question: str) -> str:
    """Return the term whose meaning is asked for, in lower case; "" if none is."""
    match = _ASKED.fullmatch(_SIGNS_AROUND.sub("", " ".join(nfc(question).split())))
    if match is None:
        return ""
    term: str = match["term"] or match["after"] or match["english"]
    return term.strip().lower()
