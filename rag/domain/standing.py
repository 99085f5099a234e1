"""Whether a document is in force at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from rag.domain.documents import Metadata

__all__ = ["Clock", "Standing", "Time", "standing_of", "today"]


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


Clock = Callable[[], Time]
"""Returns the day that is taken for this one."""


def today() -> Time:
    """Return this day."""
    day = date.today().isoformat()
    return Time(first=day, last=day)


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
