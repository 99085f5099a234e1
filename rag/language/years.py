"""When: which years a question is about, and which a document speaks of."""

import re
from collections import Counter
from functools import lru_cache

from rag.domain.documents import Document

__all__ = ["year_of", "years_in"]

_YEAR = re.compile(r"(?<![\d/.,])(?:19|20)\d\d(?![\d.,]\d|\d)")
_RANGE = re.compile(r"((?:19|20)\d\d)\s*[-–—]\s*((?:19|20)\d\d)")
_LONGEST_RANGE = 12  # years; a longer one is no time but a span of history


def years_in(text: str) -> frozenset[int]:
    """Return the years that a text names; of "2018-2020" also the one between."""
    years = {int(year) for year in _YEAR.findall(text)}
    for first, last in _RANGE.findall(text):
        if 0 < int(last) - int(first) <= _LONGEST_RANGE:
            years.update(range(int(first), int(last) + 1))
    return frozenset(years)


def year_of(document: Document) -> int | None:
    """Return the year of a document: that of its date, or else the one it names most often.

    Of years that it names equally often it is the last. None if it names none.
    """
    dated = _YEAR.match(document.metadata.date)
    if dated:
        return int(dated[0])
    return _commonest_year(document.text)


@lru_cache(maxsize=512)  # by the text: to compare documents takes as long as to read them
def _commonest_year(text: str) -> int | None:
    counts = Counter(int(year) for year in _YEAR.findall(text))
    return max(counts, key=lambda year: (counts[year], year), default=None)
