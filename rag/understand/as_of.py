"""The time as of which a question asks: "as of 2019", "tại thời điểm 5/6/2018"."""

import re

from rag.domain.standing import Time
from rag.language.dates import DAY, iso_day, month_named

__all__ = ["asked_time"]

_YEAR = r"(?P<year>(?:19|20)\d\d)"
_MONTH = r"(?:tháng\s+(?P<month>\d{1,2})\s*(?:/|năm|,)\s*)?"
# A time at which something held; a year that only names a law ("Luật Du lịch năm 2017") is none.
_AS_OF_DAY = re.compile(
    r"(?:tính đến|tại thời điểm|vào thời điểm|thời điểm|tại|vào|đến|hồi"
    rf"|as of|as at|as on|on|at|by)\s+(?P<day>{DAY})",
    re.I,
)
_NAME_BEFORE = re.compile(
    r"(?:luật|pháp lệnh|nghị định|nghị quyết|thông tư|quyết định|hiến pháp|law|act|decree|circular"
    r"|decision|code)\b(?!\s+\w*\d)[^,;.?]{0,40}$",
    re.I,
)
_AS_OF_YEAR = re.compile(
    r"(?:(?:tính đến|tại thời điểm|vào thời điểm|thời điểm|vào|trong|hồi|áp dụng cho|áp dụng|đầu"
    rf"|cuối|giữa)\s+(?:(?:cuối|đầu|giữa|hết)\s+)?{_MONTH}(?:năm\s+)?"
    rf"|\b{_MONTH.replace('month', 'its_month')}năm\s+"
    r"|\b(?:as of|as at|back in|in|during|by|throughout|until)\s+"
    r"(?:the year\s+|(?P<name>[a-z]+)\s+)?)"
    rf"{_YEAR}(?!\s*[/.-]?\d)",
    re.I,
)


def asked_time(question: str) -> tuple[Time, str] | None:
    """Return the time as of which something is asked, and the question without it.

    "As of 2019", "tại thời điểm 5/6/2018"; None if no time is named.
    """
    day = _AS_OF_DAY.search(question)
    if day and iso_day(day["day"]):
        found = iso_day(day["day"])
        return Time(first=found, last=found), _without(question, day)
    match = _AS_OF_YEAR.search(question)
    if match is None or _NAME_BEFORE.search(question[: match.start("year")]):
        return None
    return _time_named(match), _without(question, match)


def _without(question: str, match: re.Match[str]) -> str:
    left = f"{question[: match.start()]} {question[match.end() :]}"
    return re.sub(r" ([?.!,])", r"\1", " ".join(left.split())).lstrip(", ")


def _time_named(match: re.Match[str]) -> Time:
    year = match["year"]
    month = match["month"] or match["its_month"] or month_named(match["name"] or "")
    if month and 1 <= int(month) <= 12:
        first = f"{year}-{int(month):02}"
        return Time(first=f"{first}-01", last=f"{first}-31")
    return Time(first=f"{year}-01-01", last=f"{year}-12-31")
