"""Documents of one number whose words differ: what one says is quoted from the other too."""

from collections.abc import Callable, Iterable
from dataclasses import replace

from rag.domain.documents import Document, Sentence
from rag.domain.quote import Quote
from rag.language.vietnamese import folded_words

__all__ = ["with_counterparts"]

_MOST_OTHERS = 3  # documents of one number that are compared
_SCORE_BEHIND = 1e-4  # so that the order of scores holds


def with_counterparts(
    quotes: Iterable[Quote],
    document: Callable[[str], Document],
    allowed: Callable[[str], bool],
) -> tuple[tuple[Quote, ...], int]:
    """Return quotes, each before what documents of the same number say instead.

    Args:
        quotes: Best first.
        document: Returns a document by its source.
        allowed: Tells of a source whether it may be read.

    Returns:
        The quotes, and how many of the first belong together: 0 if the first one's document has
        no other of its number that says otherwise.
    """
    compared: list[Quote] = []
    first = 0
    twins: set[str] = set()  # of which the words that answer were quoted already
    for quote in quotes:
        if quote.document.source in twins:
            continue
        others = [
            document(source)
            for source in quote.document.metadata.same_number[:_MOST_OTHERS]
            if allowed(source)
        ]
        quoted_words = folded_words(quote.text)
        differing = [other for other in others if quoted_words not in folded_words(other.text)]
        own = [
            replace(
                quote,
                differs_from=tuple(other.source for other in differing),
            ),
            *(_counterpart(quote, other) for other in differing),
        ]
        twins.update(other.source for other in differing)
        if not compared and differing:
            first = len(own)
        compared += own
    return tuple(compared), first


def _counterpart(quote: Quote, other: Document) -> Quote:
    """Return what another document says where a quote stands, or else what is most like it."""
    quoted_words = frozenset(folded_words(quote.text).split())
    same_section = [
        sentence
        for sentence in other.sentences
        if quote.section and sentence.section == quote.section
    ]
    best = max(
        same_section or other.sentences,
        key=lambda sentence: _likeness(quoted_words, other, sentence),
    )
    return Quote(
        document=other,
        start=best.start,
        end=best.end,
        score=quote.score - _SCORE_BEHIND,
        section=best.section,
        differs_from=(quote.document.source,),
    )


def _likeness(quoted_words: frozenset[str], document: Document, sentence: Sentence) -> float:
    own = frozenset(folded_words(document.text[sentence.start : sentence.end]).split())
    return len(own & quoted_words) / len(own | quoted_words) if own else 0.0
