"""Answers and hits as JSON: one form for the command line, the page and other programs."""

from typing import Any

from rag.domain.answer import Answer
from rag.domain.documents import Document
from rag.domain.hits import Hit
from rag.domain.quote import Quote
from rag.present.markdown import answer_as_markdown

__all__ = ["answer_as_json", "hit_as_json", "quote_as_json"]


def answer_as_json(answer: Answer) -> dict[str, Any]:
    """Return the answer in the form that the command line and other interfaces give it.

    "more" has the answers to the other questions of the message, in the same form.
    """
    return {
        "question": answer.query.typed,
        "language": answer.query.language.value,
        "answerable": answer.answerable,
        "confidence": round(answer.confidence, 4),
        "text": answer_as_markdown(answer),
        "quotes": [quote_as_json(quote) for quote in answer.quotes],
        "related": [quote_as_json(quote) for quote in answer.related],
        "timings_ms": dict(answer.timings_ms),
        "understood": answer.query.text,
        "follows": answer.query.follows,
        "differ": answer.conflicting,
        "more": [answer_as_json(other) for other in answer.more],
        "left_out": answer.left_out,
    }


def quote_as_json(quote: Quote) -> dict[str, Any]:
    """Return a quote with what is known of its document; what is unknown is empty."""
    metadata = quote.document.metadata
    return {
        "text": quote.text,
        "source": quote.document.source,
        "start": quote.start,
        "end": quote.end,
        "title": metadata.title,
        "publisher": metadata.publisher,
        "date": metadata.date,
        "url": metadata.url,
        "section": quote.section,
        "page": quote.page,
        "score": round(quote.score, 4),
        "language": quote.language.value,
        "highlights": [list(span) for span in quote.highlights],
        "number": metadata.number,
        "standing": quote.standing.value,
        "effective_from": metadata.effective_from,
        "effective_until": metadata.effective_until,
        "replaced_by": list(metadata.replaced_by),
        "collection": quote.document.collection,
        "claimed_by": list(metadata.claimed_by),
        "differs_from": list(quote.differs_from),
    }


def hit_as_json(hit: Hit, document: Document) -> dict[str, Any]:
    """Return a hit with the text of its passage.

    Args:
        hit: What a search found.
        document: The document that its passage is of.
    """
    return {
        "source": document.source,
        "start": hit.passage.start,
        "end": hit.passage.end,
        "text": document.text[hit.passage.start : hit.passage.end],
        "title": document.metadata.title,
        "score": round(hit.score, 4),
    }
