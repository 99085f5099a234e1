"""Whether a text has a figure or a time, such as a question asks for."""

import re

from rag.domain.query import AnswerType
from rag.language.lexicon import LEXICON, any_of
from rag.law.lexicon import LAW_LEXICON

__all__ = ["satisfies"]

_DIGIT = re.compile(r"\d")
_CITED = LAW_LEXICON.table("divisions")["cited"]
_CITED_IN_TEXT = [*_CITED, *LAW_LEXICON.table("divisions")["cited_in_text"]]
# Numbers that count nothing: of a clause, of the articles and regulations that a text refers to.
_NAMES_A_PLACE = re.compile(
    rf"^[^\w\n]*(?:(?:{any_of(_CITED)})\s+)?\d{{1,3}}[a-zđ]?(?:\.\d{{1,3}})*[.):]+(?:\s|$)"
    rf"|\b(?:{any_of(_CITED_IN_TEXT)})\s+(?:số\s+|no\.?\s+)?\d{{1,4}}[a-zđ]?\b"
    r"|\b\d{1,5}(?:/\d{4})?/[^\W\d_][\w&]{0,20}(?:-[\w&]{1,20}){0,5}",
    re.I | re.M,
)
_FIGURE_WORD = re.compile(rf"\b(?:{any_of(LEXICON.phrases('figure_words'))})\b", re.I)
_TIME_WORD = re.compile(rf"\b(?:{any_of(LEXICON.phrases('time_words', 'months.en'))})\b", re.I)


def satisfies(text: str, answer_type: AnswerType) -> bool:
    """Tell whether a text has a figure or a time.

    The numbers of clauses, articles and regulations are neither.
    """
    text = _NAMES_A_PLACE.sub(" ", text)
    if _DIGIT.search(text):
        return True
    return bool((_FIGURE_WORD if answer_type is AnswerType.FIGURE else _TIME_WORD).search(text))
