"""What kind of words a question asks for: a figure, or a time."""

import re
from enum import StrEnum

from rag.domain.documents import Language
from rag.understand.analyse import Query

__all__ = ["Kind", "expected", "has_kind"]


class Kind(StrEnum):
    """What an answer must have."""

    FIGURE = "figure"
    TIME = "time"


_ASKING = {
    (Language.VIETNAMESE, Kind.TIME): re.compile(
        r"\b(?:khi nào|bao giờ|lúc nào|thời gian nào|thời điểm nào|mấy giờ|hồi nào"
        r"|(?:ngày|tháng|năm|thế kỷ)(?: tháng(?: năm)?)? (?:nào|mấy|bao nhiêu))\b",
        re.I,
    ),
    (Language.VIETNAMESE, Kind.FIGURE): re.compile(
        r"\b(?:bao nhiêu|mấy|bao lâu|bao xa|tỉ số|tỷ số|số lượng)\b", re.I
    ),
    (Language.ENGLISH, Kind.TIME): re.compile(
        r"^when\b|\b(?:and|or|,) when\b|\b(?:what|which) (?:year|month|day|date|time|century)\b"
        r"|\bsince when\b|\bhow long ago\b",
        re.I,
    ),
    (Language.ENGLISH, Kind.FIGURE): re.compile(
        r"\bhow (?:many|much|often|long|far|old|large|big|tall|high|deep|wide|fast)\b"
        r"|\bwhat (?:number|percentage|percent|proportion|share|rate|amount)\b",
        re.I,
    ),
}
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


def expected(query: Query) -> Kind | None:
    """Return what an answer to a question must have, if that can be told."""
    for kind in (Kind.TIME, Kind.FIGURE):
        if _ASKING[query.language, kind].search(query.text):
            return kind
    return None


def has_kind(text: str, kind: Kind) -> bool:
    """Tell whether a text has a figure or a time.

    The numbers of clauses, articles and regulations are neither.
    """
    text = _NAMES_A_PLACE.sub(" ", text)
    if _DIGIT.search(text):
        return True
    return bool((_NUMBER_WORD if kind is Kind.FIGURE else _TIME_WORD).search(text))
