"""A question on its way to an answer, with what was found out once for all that follows."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from rag.domain.documents import Document, Sentence
from rag.domain.hits import Retrieved
from rag.domain.permissions import Filter, SourceSpan
from rag.domain.query import Query
from rag.domain.vectors import EncodedQuery
from rag.law.places import Place, is_within
from rag.read.standing_policy import AsOf
from rag.service.answering.scope import Readable

__all__ = ["Inquiry", "Stopwatch", "filter_within"]


class Stopwatch:
    """How long each stage of an answer took."""

    def __init__(self) -> None:
        self._spent: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Count the time spent within to a stage."""
        begin = time.perf_counter()
        yield
        self._spent[name] = self._spent.get(name, 0.0) + (time.perf_counter() - begin) * 1_000

    def timings_ms(self) -> dict[str, float]:
        """Return the milliseconds of each stage."""
        return {name: round(spent, 2) for name, spent in self._spent.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """A question, encoded, and what may answer it.

    Attributes:
        encoded: The question as it is searched for.
        readable: What may be quoted.
        as_of: How documents stand at the time that is asked of.
        retrieved: The passages nearest to the question of all that are readable.
        places: Only what stands in one of them may be quoted; anything if there are none.
        stopwatch: Where the time goes.
    """

    query: Query
    encoded: EncodedQuery
    readable: Readable
    as_of: AsOf
    retrieved: Retrieved
    places: tuple[Place, ...] = ()
    stopwatch: Stopwatch

    @property
    def nearest(self) -> list[str]:
        """The documents of the passages found, the nearest first."""
        return list(dict.fromkeys(hit.passage.source for hit in self.retrieved.hits))

    def may_quote(self, document: Document, sentence: Sentence) -> bool:
        """Tell whether a sentence stands where an answer is looked for."""
        return not self.places or any(
            place.document.source == document.source and is_within(place.section, sentence)
            for place in self.places
        )


def filter_within(where: Filter, places: tuple[Place, ...]) -> Filter:
    """Return a filter that admits only what overlaps some places."""
    return replace(
        where,
        spans=tuple(
            SourceSpan(
                source=place.document.source, start=place.section.start, end=place.section.end
            )
            for place in places
        ),
    )
