"""Days, as documents write them."""

import re
from datetime import date, timedelta

from rag.language.lexicon import LEXICON, any_of

__all__ = ["DAY", "day_after", "day_before", "day_in", "days_after", "iso_day", "month_named"]

_MONTHS = {
    name.lower(): number for number, name in enumerate(LEXICON.phrases("months.en"), start=1)
}
_MONTH = any_of(LEXICON.phrases("months.en"))

DAY = (
    r"(?:(?:ngày\s+)?\d{1,2}\s+tháng\s+\d{1,2}(?:,?\s+năm\s+|\s?/\s?)\d{4}"
    r"|(?:ngày\s+)?\d{1,2}\s?[/.-]\s?\d{1,2}\s?[/.-]\s?\d{4}|\d{4}-\d{2}-\d{2}"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s+(?:(?:day\s+)?of\s+)?(?:{_MONTH}),?\s+\d{{4}}"
    rf"|(?:{_MONTH})\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}})"
)
"""A regular expression of a day in Vietnamese or English."""

_PARTS = re.compile(r"\d+")
_NAMED_MONTH = re.compile(_MONTH, re.I)


def day_in(text: str) -> str:
    """Return the first day that a text names, in ISO 8601; "" if it names none."""
    for match in re.finditer(DAY, text, re.I):
        day = iso_day(match[0])
        if day:
            return day
    return ""


def month_named(name: str) -> str:
    """Return the number of a month by its English name; "" if it is none."""
    number = _MONTHS.get(name.lower())
    return str(number) if number else ""


def iso_day(written: str) -> str:
    """Return a day in ISO 8601; "" if there is no such day.

    The day stands before the month, as in Vietnam, unless the year comes first.
    """
    numbers = [int(part) for part in _PARTS.findall(written)]
    named = _NAMED_MONTH.search(written)
    if named and len(numbers) == 2:
        numbers.insert(1, _MONTHS[named[0].lower()])
    if len(numbers) != 3:
        return ""
    if numbers[0] > 31:
        numbers.reverse()
    try:
        return date(numbers[2], numbers[1], numbers[0]).isoformat()
    except ValueError:
        return ""


def day_before(day: str) -> str:
    """Return the day before a day, or before the first of its month or year; "" if it is none."""
    return _beside(day, -1)


def day_after(day: str) -> str:
    """Return the day after a day, in ISO 8601; "" if it is none."""
    return _beside(day, 1)


def days_after(day: str, days: int) -> str:
    """Return the day that comes so many days after another; "" if there is none."""
    return _beside(day, days)


def _beside(day: str, days: int) -> str:
    try:
        other_day = date.fromisoformat((day + "-01-01")[:10]) + timedelta(days=days)
    except (ValueError, OverflowError):
        return ""
    return other_day.isoformat()
