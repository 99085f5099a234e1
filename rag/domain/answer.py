"""An answer: quotes, and how sure it is."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rag.domain.hits import Hit
from rag.domain.query import Query
from rag.domain.quote import Quote

__all__ = ["Answer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is said to a question.

    Attributes:
        answerable: Whether the documents answer, as far as can be told.
        confidence: The probability of that, 0 to 1, calibrated on development questions.
        quotes: What answers, best first; empty if not answerable.
        related: The nearest quotes if not answerable; they are no answer.
        conflicting: How many of the first quotes say the same of different times with different
            figures; the newest is first. 0 if none do.
        pieces: How many of the first quotes are the pieces, in order, of the place asked for.
        twins: How many of the first quotes are of documents of one number that say otherwise.
        hits: The passages found, best first.
        timings_ms: How long each stage took.
        more: The answers to the other questions of the message, in their order.
        left_out: How many further questions the message has, which were not asked.
    """

    query: Query
    answerable: bool
    confidence: float
    quotes: tuple[Quote, ...]
    related: tuple[Quote, ...]
    conflicting: int = 0
    pieces: int = 0
    twins: int = 0
    hits: tuple[Hit, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)
    more: tuple["Answer", ...] = ()
    left_out: int = 0
