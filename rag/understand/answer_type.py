"""What kind of words a question asks for: a figure, or a time."""

import re

from rag.domain.documents import Language
from rag.domain.query import AnswerType

__all__ = ["expected_type"]

_ASKING = {
    (Language.VIETNAMESE, AnswerType.TIME): re.compile(
        r"\b(?:khi nào|bao giờ|lúc nào|thời gian nào|thời điểm nào|mấy giờ|hồi nào"
        r"|(?:ngày|tháng|năm|thế kỷ)(?: tháng(?: năm)?)? (?:nào|mấy|bao nhiêu))\b",
        re.I,
    ),
    (Language.VIETNAMESE, AnswerType.FIGURE): re.compile(
        r"\b(?:bao nhiêu|mấy|bao lâu|bao xa|tỉ số|tỷ số|số lượng)\b", re.I
    ),
    (Language.ENGLISH, AnswerType.TIME): re.compile(
        r"^when\b|\b(?:and|or|,) when\b|\b(?:what|which) (?:year|month|day|date|time|century)\b"
        r"|\bsince when\b|\bhow long ago\b",
        re.I,
    ),
    (Language.ENGLISH, AnswerType.FIGURE): re.compile(
        r"\bhow (?:many|much|often|long|far|old|large|big|tall|high|deep|wide|fast)\b"
        r"|\bwhat (?:number|percentage|percent|proportion|share|rate|amount)\b",
        re.I,
    ),
}


def expected_type(question: str, language: Language) -> AnswerType | None:
    """Return what an answer to a question must have, if that can be told."""
    for answer_type in (AnswerType.TIME, AnswerType.FIGURE):
        if _ASKING[language, answer_type].search(question):
            return answer_type
    return None
