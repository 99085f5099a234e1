"""Which documents held when, and which took the place of which."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from rag.domain.documents import Document, Metadata
from rag.domain.standing import Standing, Time, standing_of, today
from rag.language.dates import day_after, day_before
from rag.language.vietnamese import fold
from rag.law.authority import can_replace

__all__ = [
    "Register",
    "number_key",
    "resolve_relations",
    "with_sound_dates",
]

_NUMBER = re.compile(r"(?<!\d)\d++(?:/\d++)?/[\w&]++(?:-[\w&]++)*+", re.I)
_ISO = re.compile(r"\d{4}(?:-\d\d(?:-\d\d)?)?")
_FIRST_DAY = "1900"
_LAST_DAY = "2199-12-31"


def number_key(label: str) -> str:
    """Return what a document is known by, however it is cited: its number, or else its name."""
    number = _NUMBER.search(label)
    if number:
        return fold(number[0])
    return " ".join(re.findall(r"\w+", fold(label)))


def resolve_relations(
    documents: Sequence[Document], now: Time | None = None
) -> tuple[Document, ...]:
    """Return the documents with sound dates, each knowing what took its place.

    What the owner said of a document is kept. What another document says of it, that it replaces
    it, is believed of a regulation of the same office or one above it (see `can_replace`) that is
    no older; else it is only told as what that one claims. Documents of one number whose words
    differ know of each other.

    Args:
        documents: As they were read.
        now: The day after which nothing was published; by default this one.
    """
    now = now or today()
    documents = [with_sound_dates(document, now) for document in documents]
    own: dict[str, list[Document]] = {}
    for document in documents:
        for name in dict.fromkeys(_names(document)):
            own.setdefault(name, []).append(document)
    replacing: dict[str, list[Document]] = {}
    claiming: dict[str, list[Document]] = {}
    for document in documents:
        vouched = "replaces" in document.metadata.vouched
        for label in document.metadata.replaces:
            named = own.get(number_key(label), []) + (own.get(label, []) if vouched else [])
            for older in named:
                if older.source == document.source or not _may_tell(document, older):
                    continue
                believed_or_claimed = (
                    replacing if vouched or _is_believed(document, older) else claiming
                )
                believed_or_claimed.setdefault(older.source, []).append(document)
    return tuple(
        _related(
            document,
            replacing.get(document.source, ()),
            claiming.get(document.source, ()),
            _same_number(document, own),
        )
        for document in documents
    )


def _is_believed(newer: Document, older: Document) -> bool:
    """Tell whether a document can have replaced another, as it says.

    Of two that say so of each other neither can.
    """
    names = set(_names(newer))
    if any(number_key(label) in names for label in older.metadata.replaces):
        return False
    begins = newer.metadata.effective_from or newer.metadata.date
    begun = older.metadata.effective_from or older.metadata.date
    in_order = not begins or not begun or begins >= begun
    return in_order and can_replace(newer.metadata.number, older.metadata.number)


def _may_tell(newer: Document, older: Document) -> bool:
    """Tell whether everybody who may read the older document may read the newer one too."""
    return all(group in older.access for group in newer.access)


def _names(document: Document) -> Iterable[str]:
    metadata = document.metadata
    yield document.source
    if metadata.number:
        yield number_key(metadata.number)
    elif metadata.title:
        yield number_key(metadata.title)
        if metadata.date:
            yield number_key(f"{metadata.title} năm {metadata.date[:4]}")


def _same_number(document: Document, own: Mapping[str, Sequence[Document]]) -> tuple[str, ...]:
    """Return the documents of the same number that say something else."""
    if not _NUMBER.search(document.metadata.number):
        return ()
    return tuple(
        other.source
        for other in own.get(number_key(document.metadata.number), ())
        if other.source != document.source
        and other.language is document.language
        and other.text.split() != document.text.split()
        and _may_tell(other, document)
    )


def _related(
    document: Document,
    by: Sequence[Document],
    claimed_by: Sequence[Document],
    same_number: tuple[str, ...],
) -> Document:
    metadata = replace(
        document.metadata,
        claimed_by=tuple(map(_label, claimed_by)),
        same_number=same_number,
    )
    if by and not metadata.replaced_by:
        starts = [newer.metadata.effective_from or newer.metadata.date for newer in by]
        until = metadata.effective_until
        if not until and all(starts):
            until = max(day_before(min(starts)), metadata.effective_from)
        metadata = replace(metadata, replaced_by=tuple(map(_label, by)), effective_until=until)
    return document if metadata == document.metadata else replace(document, metadata=metadata)


def _label(document: Document) -> str:
    return document.metadata.number or document.source


def with_sound_dates(document: Document, now: Time) -> Document:
    """Return a document without days that cannot be: before 1900, to come, or no day at all.

    A document may say that it holds from a day to come, but none was published on one.

    Args:
        document: As it was read.
        now: This day; the one after it still counts, for clocks differ.
    """
    metadata = document.metadata
    sound = replace(
        metadata,
        date=_sound_day(metadata.date, last=day_after(now.last)),
        effective_from=_sound_day(metadata.effective_from, last=_LAST_DAY),
        effective_until=_sound_day(metadata.effective_until, last=_LAST_DAY),
    )
    return document if sound == metadata else replace(document, metadata=sound)


def _sound_day(day: str, last: str) -> str:
    """Return a day of ISO 8601, or its month or year, if it lies between 1900 and another."""
    if not _ISO.fullmatch(day) or day < _FIRST_DAY:
        return ""
    try:
        date.fromisoformat((day + "-01-01")[:10])
    except ValueError:
        return ""
    return day if day <= last else ""


class Register:
    """Which documents of a corpus belong together, since one took the place of another.

    Args:
        known: What is known of each document, by source.
    """

    def __init__(self, known: Mapping[str, Metadata]) -> None:
        self._known = known
        self._family = {source: source for source in known}
        by_name: dict[str, list[str]] = {}
        for source, metadata in known.items():
            by_name.setdefault(source, []).append(source)
            if metadata.number:
                by_name.setdefault(number_key(metadata.number), []).append(source)
        for source, metadata in known.items():
            for label in metadata.replaced_by:
                for other in by_name.get(label) or by_name.get(number_key(label), []):
                    self._family[self.family(source)] = self.family(other)

    def family(self, source: str) -> str:
        """Return what is the same for all documents that took each other's place."""
        while self._family[source] != source:
            source = self._family[source]
        return source

    def standing(self, source: str, time: Time) -> Standing:
        """Return how a document stands at a time."""
        return standing_of(self._known[source], time)
