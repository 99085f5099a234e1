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
_ORDINALS = any_of(LEXICON.phrases("ordinals.vi"))
# "cả hai bên" are both, "thứ Hai" is Monday or the second: neither says how many.
_NO_FIGURE = re.compile(
    rf"\b(?:{any_of(LEXICON.phrases('all_of_them'))}|thứ (?:{_ORDINALS}))\b"
    r"(?!\s+(?:mươi|trăm|nghìn|ngàn|triệu|tỷ|tỉ)\b)",
    re.I,
)
_VERBS_TOO = LEXICON.phrases("months_and_verbs")
_TIME_WORDS = [
    *LEXICON.phrases("time_words"),
    *(month for month in LEXICON.phrases("months.en") if month not in _VERBS_TOO),
]
_TIME_WORD = re.compile(
    rf"\b(?:{any_of(_TIME_WORDS)}|(?<!bên )thứ (?:{_ORDINALS}))\b"
    # In small letters, or as the first word, these are verbs: "He may come", "May I?".
    rf"|(?-i:(?:(?<=\w )|(?<=, ))(?:{any_of(_VERBS_TOO)})\b)",
    re.I,
)


def satisfies(text: str, answer_type: AnswerType) -> bool:
    """Tell whether a text has a figure or a time.

    The numbers of clauses, articles and regulations are neither.
    """
    text = _NAMES_A_PLACE.sub(" ", text)
    if _DIGIT.search(text):
        return True
    if answer_type is AnswerType.TIME:
        return _TIME_WORD.search(text) is not None
    return _FIGURE_WORD.search(_NO_FIGURE.sub(" ", text)) is not None
