"""The time as of which a question asks: "as of 2019", "tại thời điểm 5/6/2018"."""

import re

from rag.domain.standing import Time
from rag.language.dates import DAY, iso_day, month_named
from rag.language.lexicon import LEXICON, any_of
from rag.law.lexicon import LAW_LEXICON

__all__ = ["asked_time"]

_WORDS = LEXICON.table("asked_time")
_KINDS = LAW_LEXICON.table("kinds")
_YEAR = r"(?P<year>(?:19|20)\d\d)"
_MONTH = r"(?:tháng\s+(?P<month>\d{1,2})\s*(?:/|năm|,)\s*)?"
# A time at which something held; a year that only names a law ("Luật Du lịch năm 2017") is none.
_AS_OF_DAY = re.compile(rf"(?:{any_of(_WORDS['before_a_day'])})\s+(?P<day>{DAY})", re.I)
_NAME_BEFORE = re.compile(
    rf"(?:{any_of(_KINDS['asked_of'] + _KINDS['asked_of_by_year'])})\b(?!\s+\w*\d)[^,;.?]{{0,40}}$",
    re.I,
)
_AS_OF_YEAR = re.compile(
    rf"(?:(?:{any_of(_WORDS['before_a_year']['vi'])})\s+"
    rf"(?:(?:{any_of(_WORDS['parts_of_a_year'])})\s+)?{_MONTH}(?:năm\s+)?"
    rf"|\b{_MONTH.replace('month', 'its_month')}năm\s+"
    rf"|\b(?:{any_of(_WORDS['before_a_year']['en'])})\s+(?:the year\s+|(?P<name>[a-z]+)\s+)?)"
    rf"{_YEAR}(?!\s*[/.-]?\d)",
    re.I,
)


def asked_time(question: str) -> tuple[Time, str] | None:
    """Return the time as of which something is asked, and the question without it.

    "As of 2019", "tại thời điểm 5/6/2018"; None if no time is named.
    """
    day = _AS_OF_DAY.search(question)
    if day and iso_day(day["day"]):
        asked_day = iso_day(day["day"])
        return Time(first=asked_day, last=asked_day), _without(question, day)
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
