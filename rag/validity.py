"""Which documents held when, and which took the place of which."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from rag.days import DAY, iso_day, month_named
from rag.documents import Document, Metadata
from rag.vietnamese import fold

__all__ = [
    "AsOf",
    "Register",
    "Standing",
    "Time",
    "asked_time",
    "number_key",
    "resolve_relations",
    "standing_of",
    "today",
]

_NUMBER = re.compile(r"\d+(?:/\d+)?/[\w&]+(?:-[\w&]+)*", re.I)
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
_OUT_OF_FORCE = 0.1  # what that costs a sentence by itself
_BEHIND = 0.02  # how far it comes behind what took its place
_SAYS_MORE = 0.4  # how much better it must fit, to say what that does not


class Standing(StrEnum):
    """How a document stands at a time."""

    UNKNOWN = ""  # it does not say from when to when it is in force
    IN_FORCE = "in force"
    NOT_YET = "not yet in force"
    EXPIRED = "no longer in force"


@dataclass(frozen=True, slots=True, kw_only=True)
class Time:
    """The days from one to another, ISO 8601, of which something is asked."""

    first: str
    last: str


def today() -> Time:
    """Return this day."""
    day = date.today().isoformat()
    return Time(first=day, last=day)


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
    return re.sub(r"\s+([?.!,])", r"\1", " ".join(left.split())).lstrip(", ")


def _time_named(match: re.Match[str]) -> Time:
    year = match["year"]
    month = match["month"] or match["its_month"] or month_named(match["name"] or "")
    if month and 1 <= int(month) <= 12:
        first = f"{year}-{int(month):02}"
        return Time(first=f"{first}-01", last=f"{first}-31")
    return Time(first=f"{year}-01-01", last=f"{year}-12-31")


def standing_of(metadata: Metadata, time: Time) -> Standing:
    """Return how a document stands: it is in force if it was on any day of the time."""
    if metadata.effective_until and metadata.effective_until < time.first:
        return Standing.EXPIRED
    if metadata.replaced_by and not metadata.effective_until:
        return Standing.EXPIRED
    if metadata.effective_from and metadata.effective_from > time.last:
        return Standing.NOT_YET
    known = metadata.effective_from or metadata.effective_until
    return Standing.IN_FORCE if known else Standing.UNKNOWN


def number_key(label: str) -> str:
    """Return what a document is known by, however it is cited: its number, or else its name."""
    found = _NUMBER.search(label)
    if found:
        return fold(found[0])
    return " ".join(re.findall(r"\w+", fold(label)))


def resolve_relations(documents: Sequence[Document]) -> tuple[Document, ...]:
    """Return the documents, each knowing what took its place.

    What stands in a document's own metadata, as when the owner corrected it, is kept; what other
    documents say of it is added: that they replace it, and that it held until they came.
    """
    own = {source: document for document in documents for source in _names(document)}
    replacing: dict[str, list[Document]] = {}
    for document in documents:
        for label in document.metadata.replaces:
            older = own.get(number_key(label)) or own.get(label)
            if older is not None and older.source != document.source and _may_tell(document, older):
                replacing.setdefault(older.source, []).append(document)
    return tuple(_replaced(document, replacing.get(document.source, ())) for document in documents)


def _may_tell(newer: Document, older: Document) -> bool:
    """Tell whether everybody who may read the older document may read the newer one too."""
    return all(one in older.access for one in newer.access)


def _names(document: Document) -> Iterable[str]:
    metadata = document.metadata
    yield document.source
    if metadata.number:
        yield number_key(metadata.number)
    elif metadata.title:
        yield number_key(metadata.title)
        if metadata.date:
            yield number_key(f"{metadata.title} năm {metadata.date[:4]}")


def _replaced(document: Document, by: Sequence[Document]) -> Document:
    metadata = document.metadata
    if not by or metadata.replaced_by:
        return document
    starts = [one.metadata.effective_from or one.metadata.date for one in by]
    until = metadata.effective_until
    if not until and all(starts):
        until = (date.fromisoformat(min(starts)) - timedelta(days=1)).isoformat()
    labels = tuple(one.metadata.number or one.source for one in by)
    return replace(document, metadata=replace(metadata, replaced_by=labels, effective_until=until))


class Register:
    """Which documents of a corpus belong together, since one took the place of another.

    Args:
        known: What is known of each document, by source.
    """

    def __init__(self, known: Mapping[str, Metadata]) -> None:
        self._known = known
        self._family = {source: source for source in known}
        by_name = {}
        for source, metadata in known.items():
            by_name[source] = source
            if metadata.number:
                by_name.setdefault(number_key(metadata.number), source)
        for source, metadata in known.items():
            for label in (*metadata.replaces, *metadata.replaced_by):
                other = by_name.get(label) or by_name.get(number_key(label))
                if other:
                    self._family[self.family(source)] = self.family(other)

    def family(self, source: str) -> str:
        """Return what is the same for all documents that took each other's place."""
        while self._family[source] != source:
            source = self._family[source]
        return source

    def standing(self, source: str, time: Time) -> Standing:
        """Return how a document stands at a time."""
        return standing_of(self._known[source], time)


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOf:
    """How documents stand at the time that is asked of.

    Attributes:
        asked: Whether a time was asked of; otherwise it is this day.
    """

    register: Register
    time: Time
    asked: bool = False

    def holds(self, source: str) -> bool:
        """Tell whether a document is in force then, as far as is known."""
        return self.register.standing(source, self.time) in (Standing.IN_FORCE, Standing.UNKNOWN)

    def held_first(self, sources: Sequence[str], scores: Sequence[float]) -> list[float]:
        """Return scores with what held then before what it replaced, or was replaced by.

        Args:
            sources: Of which document each score is.
            scores: Higher is better. Those of documents that did not hold are lowered; they stay
                far ahead only where they say something that the others do not.
        """
        holds = [self.holds(source) for source in sources]
        best: dict[tuple[str, bool], float] = {}
        for source, held, score in zip(sources, holds, scores, strict=True):
            key = (self.register.family(source), held)
            best[key] = max(score, best.get(key, score))
        lowered = []
        for source, held, score in zip(sources, holds, scores, strict=True):
            family = self.register.family(source)
            behind = 0.0 if held else _OUT_OF_FORCE
            if not held and (family, True) in best:
                ahead = best[family, False] - best[family, True]
                behind = max(behind, ahead + _BEHIND if ahead < _SAYS_MORE else 0.0)
            lowered.append(score - behind)
        return lowered
