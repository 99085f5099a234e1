"""Sentences that say what a word means."""

import re

from rag.language.lexicon import LEXICON, any_of

__all__ = ["defines"]

_MARK = re.compile(r"^[\s“\"*_]*(?:\(?(?:\d{1,3}|[a-zđ]{1,2}\d?)\\?[.)/-]\s+)?[“\"*_]*", re.I)
_SAYS = re.compile(
    r"[”\"*_]*\s*(?:\([^)]{1,60}\)\s*)?"
    rf"(?:{any_of(LEXICON.phrases('says_what_it_is'))})\b",
    re.I,
)


def defines(term: str, sentence: str) -> bool:
    """Tell whether a sentence begins with a term and says what it is."""
    mark = _MARK.match(sentence)
    rest = sentence[mark.end() if mark else 0 :]
    begins_with = " ".join(rest[: len(term) + 1].lower().split())
    return (
        bool(term) and begins_with.startswith(term) and _SAYS.match(rest[len(term) :]) is not None
    )
