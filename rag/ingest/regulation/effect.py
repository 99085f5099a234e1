"""Read out of a regulation's text from when, and until when, it is in force."""

import re
from collections.abc import Iterator

from rag.language.dates import DAY, day_before, day_in, days_after, iso_day
from rag.language.lexicon import any_of
from rag.law.citations import ENGLISH_KINDS, KINDS
from rag.law.lexicon import LAW_LEXICON

__all__ = ["THIS", "first_day", "last_day"]

_WORDS = LAW_LEXICON.table("effect")
_IN_FORCE_APART = any_of(LAW_LEXICON.table("divisions")["in_force_apart"], space=r"\s+")

THIS = (
    rf"(?:(?:{KINDS})\s+(?:và\s+\w+\s+)?này|văn bản này"
    rf"|this\s+(?:{ENGLISH_KINDS}|{any_of(_WORDS['english_documents'])})"
    rf"|the\s+present\s+(?:{ENGLISH_KINDS}))"
)
"""What a document calls itself, as a regular expression."""

_SPACE = r"\s+"
_WITHIN = r"(?:[^.;]|\.(?=\d))"  # a character of the same sentence; "01.3.2024" has full stops
_HOLDS = (
    rf"(?:{any_of(_WORDS['takes_effect'], space=_SPACE)})"
    rf"(?!\s+(?:thi\s+hành\s+)?(?:trước|before))(?P<when>{_WITHIN}{{0,160}})"
)
_BEGINS = re.compile(
    rf"{THIS}(?:[^.;]{{0,80}}?|(?>{_WITHIN}{{0,240}}?(?:thông\s+qua|passed|adopted))"
    rf"{_WITHIN}{{0,80}}?){_HOLDS}",
    re.I,
)
# A sentence that begins "Nghị định có hiệu lực …" speaks of the document itself.
_BEGINS_UNSAID = re.compile(
    rf"(?:^|[.;:]\s)[ \t]*(?:(?:\d{{1,3}}|[a-zđ])[.)]\s+|[-–+•]\s+)?"
    rf"(?:(?:{KINDS}|văn bản)|The\s+(?:{ENGLISH_KINDS}))\s+(?:(?:shall|will)\s+)?{_HOLDS}",
    re.I | re.M,
)
# "từ ngày Luật này có hiệu lực" dates something else, "Điều 12 Thông tư này" is a part.
_DATES_OTHER = re.compile(r"(?:\b(?:ngày|khi|thời\s+điểm)|\b(?:date|day|when|until))[ \t]*$", re.I)
_OF_A_PART = re.compile(
    rf"\b(?:{_IN_FORCE_APART})"
    r"[ \t]+[\w,]+(?:[ \t]+(?:của|of|tại))?[ \t]*$",
    re.I,
)
_SIGNED = re.compile(
    r"(?:kể\s+)?từ\s+ngày\s+(?:được\s+)?(?:ký|ban\s+hành)|(?:date|day)\s+of\s+(?:its\s+)?sign"
    r"|signing\s+date",
    re.I,
)
_AFTER = re.compile(
    r"(?:sau\s+(?P<days>\d{1,3})(?:\s*+\([^()]{0,80}+\))?\s+ngày"
    r"|(?P<its_days>\d{1,3})\s+days\s+(?:after|from)\b)",
    re.I,
)
_UNTIL = re.compile(rf"(?:đến\s+hết|đến|until|to)\s+(?P<day>{DAY})", re.I)
_ENDS = re.compile(
    rf"{THIS}(?:(?!có\s+hiệu\s+lực|\d/)[^.;]){{0,60}}?"
    r"(?:(?:hết|chấm\s+dứt|ngừng)\s+hiệu\s+lực|expires?|ceases?\s+to\s+have\s+effect)"
    rf"(?P<how>[^.;]{{0,60}}?)(?P<day>{DAY})",
    re.I,
)
_LAST_DAY_NAMED = re.compile(r"\b(?:sau|hết|after)\s+$", re.I)
_WHAT_ELSE = re.compile(r"thay\s+thế|bãi\s+bỏ|h(?:ủy|uỷ)\s+bỏ|replac|supersed|repeal", re.I)
_LOOK_BACK = 40  # characters before what takes effect


def first_day(text: str, day: str) -> str:
    """Return the first day on which a text says that it holds, "" if it does not say.

    Args:
        text: The text.
        day: On which it was signed or passed, if that is known.
    """
    of_parts = []
    for match in _beginnings(text):
        begins = _named_day(_WHAT_ELSE.split(match["when"])[0], day)
        if begins and not _OF_A_PART.search(
            text[max(0, match.start() - _LOOK_BACK) : match.start()]
        ):
            return begins
        if begins:
            of_parts.append(begins)
    return of_parts[0] if of_parts else ""


def last_day(text: str) -> str:
    """Return the last day on which a text says that it holds, "" if it does not say."""
    for match in _beginnings(text):
        until = _UNTIL.search(match["when"])
        if until and not _OF_A_PART.search(
            text[max(0, match.start() - _LOOK_BACK) : match.start()]
        ):
            return iso_day(until["day"])
    ends = _ENDS.search(text)
    day = iso_day(ends["day"]) if ends else ""
    if ends is None or not day or _LAST_DAY_NAMED.search(ends["how"]):
        return day
    return day_before(day)


def _beginnings(text: str) -> Iterator[re.Match[str]]:
    """Yield where a text says that it takes effect, first where it calls itself "this"."""
    for pattern in (_BEGINS, _BEGINS_UNSAID):
        for match in pattern.finditer(text):
            if not _DATES_OTHER.search(text[max(0, match.start() - _LOOK_BACK) : match.start()]):
                yield match


def _named_day(when: str, signed: str) -> str:
    """Return the day that follows "có hiệu lực", by itself or counted from the signing."""
    when = _UNTIL.sub("", when)
    after = _AFTER.search(when)
    if signed and after:
        days = int(after["days"] or after["its_days"])
        return days_after(signed, days)
    signing = _SIGNED.search(when)
    if signed and signing and not day_in(when[: signing.start()]):
        return signed
    return "" if after else day_in(when)
