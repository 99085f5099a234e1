"""Whether a text has a figure or a time, such as a question asks for."""

import re

from rag.domain.query import AnswerType

__all__ = ["satisfies"]

_DIGIT = re.compile(r"\d")
# Numbers that count nothing: of a clause, of the articles and regulations that a text refers to.
_NAMES_A_PLACE = re.compile(
    r"^[^\w\n]*(?:(?:khoản|điều|điểm|mục|chương|article|clause|section|chapter)\s+)?"
    r"\d{1,3}[a-zđ]?(?:\.\d{1,3})*[.):]+(?:\s|$)"
    r"|\b(?:khoản|điều|điểm|mục|chương|phần|phụ lục|bảng|mẫu|ô|trang"
    r"|articles?|clauses?|sections?|chapters?|annex|appendix|table|form|page)"
    r"\s+(?:số\s+|no\.?\s+)?\d{1,4}[a-zđ]?\b"
    r"|\b\d{1,5}(?:/\d{4})?/[^\W\d_][\w&]{0,20}(?:-[\w&]{1,20}){0,5}",
    re.I | re.M,
)
_NUMBER_WORD = re.compile(
    r"\b(?:hai|ba|bốn|sáu|bảy|tám|chín|mười|trăm|nghìn|ngàn|triệu|tỷ|tỉ|nửa"
    r"|hàng (?:ngày|tuần|tháng|năm)|one|two|three|four|five|six|seven|eight|nine|ten|eleven"
    r"|twelve|dozens?|hundreds?|thousands?|millions?|billions?|half|several|many|once|twice"
    r"|daily|weekly|monthly|yearly|annually)\b",
    re.I,
)
_TIME_WORD = re.compile(
    r"\b(?:hôm nay|hôm qua|ngày mai|tuần|tháng|quý|thế kỷ|thập niên|mùa|sáng|chiều|đêm|khi|sau khi"
    r"|trước khi|january|february|march|april|may|june|july|august|september|october|november"
    r"|december|monday|tuesday|wednesday|thursday|friday|saturday|sunday|today|yesterday"
    r"|centur\w+|decades?|week|month|after|before|during|when)\b",
    re.I,
)


def satisfies(text: str, answer_type: AnswerType) -> bool:
    """Tell whether a text has a figure or a time.

    The numbers of clauses, articles and regulations are neither.
    """
    text = _NAMES_A_PLACE.sub(" ", text)
    if _DIGIT.search(text):
        return True
    return bool((_NUMBER_WORD if answer_type is AnswerType.FIGURE else _TIME_WORD).search(text))
