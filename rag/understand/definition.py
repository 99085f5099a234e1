"""Questions for what a word means: "Hàng hóa quá cảnh là gì?", "What is transit?"."""

import re

from rag.language.lexicon import LEXICON, any_of
from rag.language.vietnamese import nfc

__all__ = ["defined_term"]

_WORDS = LEXICON.table("definition_questions")
_ASKED = re.compile(
    rf"(?:(?:{any_of(_WORDS['before_the_term'])}) )?(?P<term>.{{2,60}}?) "
    rf"(?:nghĩa )?(?:{any_of(_WORDS['after_the_term'])})"
    rf"|(?:{any_of(_WORDS['before_la'])}) là (?P<after>.{{2,60}}?)"
    rf"|(?:{any_of(_WORDS['english_beginnings'])}) (?:an? |the )?"
    r"(?P<english>.{2,60}?)"
    r"|what (?:does|do) (?:an? |the )?(?P<meaning>.{2,60}?) mean",
    re.I,
)
_SIGNS_AROUND = re.compile(r"\A\W+|(?<!\W)\W+\Z")


def defined_term(question: str) -> str:
    """Return the term whose meaning is asked for, in lower case; "" if none is."""
    match = _ASKED.fullmatch(_SIGNS_AROUND.sub("", " ".join(nfc(question).split())))
    if match is None:
        return ""
    term: str = match["term"] or match["after"] or match["english"] or match["meaning"]
    return term.strip().lower()
