"""Which of the quotes found are shown."""

from collections import Counter
from collections.abc import Sequence

from rag.domain.quote import Quote

__all__ = ["MOST_QUOTES", "each_once", "that_may_answer"]

MOST_QUOTES = 3
"""The most quotes of an answer, where none belong together."""

_MOST_OF_ONE_DOCUMENT = 2  # where others say something near, so that one does not hide them
_LARGEST_SCORE_GAP = 0.2  # of the best score; a sentence further behind hardly ever answers


def each_once(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """Return the quotes without those that say, word for word, what one before says."""
    first: dict[str, Quote] = {}
    for quote in quotes:
        first.setdefault(" ".join(quote.text.split()), quote)
    return tuple(first.values())


def that_may_answer(quotes: Sequence[Quote], differ: int) -> tuple[Quote, ...]:
    """Return the quotes that may answer: one where one stands out, several where several do.

    Args:
        quotes: Best first.
        differ: How many of the first belong together.
    """
    best = max(quote.score for quote in quotes)
    near = [
        position
        for position, quote in enumerate(quotes)
        if position < differ or quote.score >= best - _LARGEST_SCORE_GAP
    ]
    shown: Counter[str] = Counter()
    few, more = near[:differ], list[int]()
    for position in near[differ:]:
        source = quotes[position].document.source
        shown[source] += 1
        (few if shown[source] <= _MOST_OF_ONE_DOCUMENT else more).append(position)
    return tuple(quotes[position] for position in sorted([*few, *more][:MOST_QUOTES]))
