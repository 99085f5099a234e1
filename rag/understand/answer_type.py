"""What kind of words a question asks for: a figure, or a time."""

import re

from rag.domain.documents import Language
from rag.domain.query import AnswerType
from rag.language.lexicon import LEXICON, any_of

__all__ = ["expected_type"]

_VIETNAMESE = LEXICON.table("asked_for")["vi"]
_ENGLISH = LEXICON.table("asked_for")["en"]
_ASKING = {
    (Language.VIETNAMESE, AnswerType.TIME): re.compile(
        rf"\b(?:{any_of(_VIETNAMESE['time'])})\b", re.I
    ),
    (Language.VIETNAMESE, AnswerType.FIGURE): re.compile(
        rf"\b(?:{any_of(_VIETNAMESE['figure'])})\b", re.I
    ),
    (Language.ENGLISH, AnswerType.TIME): re.compile(
        rf"^(?:{any_of(_ENGLISH['time_begins_with'])})\b|\b(?:{any_of(_ENGLISH['time'])})\b", re.I
    ),
    (Language.ENGLISH, AnswerType.FIGURE): re.compile(
        rf"\b(?:{any_of(_ENGLISH['figure'])})\b"
        rf"|\bwhat(?:['’]s| is| are| was| were) the (?:(?!of\b)[a-z-]+ ){{0,2}}"
        rf"(?:{any_of(_ENGLISH['quantities'])})\b",
        re.I,
    ),
}


def expected_type(question: str, language: Language) -> AnswerType | None:
    """Return what an answer to a question must have, if that can be told."""
    for answer_type in (AnswerType.TIME, AnswerType.FIGURE):
        if _ASKING[language, answer_type].search(question):
            return answer_type
    return None
