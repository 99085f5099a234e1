"""When an answer is none, whatever was read: it would not be of what the question names."""

from collections.abc import Sequence
from dataclasses import replace

from rag.domain.quote import Quote
from rag.law.named_regulations import named_in
from rag.present.answer import Answer
from rag.read.calibration import DOUBTED
from rag.understand.analyse import Query

__all__ = ["is_of_what_is_named", "refused"]


def refused(answer: Answer, related: Sequence[Quote]) -> Answer:
    """Return an answer as none, since what it would have to stand in is not there."""
    return replace(
        answer,
        answerable=False,
        confidence=min(answer.confidence, DOUBTED),
        quotes=(),
        related=tuple(related),
        differ=0,
        twins=0,
    )


def is_of_what_is_named(query: Query, quote: Quote) -> bool:
    """Tell whether a quote is of the regulation that a question names, if it names any.

    It may also be of a regulation that speaks of it, such as a circular that guides a law, or
    stand in a passage that does.
    """
    named = named_in(query.text)
    start, end = quote.context if quote.context[1] else (quote.start, quote.end)
    return not named or named.are_behind(quote.document, start, end)
