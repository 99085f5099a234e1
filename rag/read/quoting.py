"""Quote a list whole: its items answer together."""

import re
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace

from rag.domain.documents import Document
from rag.domain.quote import Quote

__all__ = ["quote_lists_whole"]

Span = tuple[int, int]

_MARKER = re.compile(
    r"(?:(?P<bullet>[-*+•–])|\(?(?:(?P<number>\d{1,3})|(?P<letter>[a-zđ]))[.)])\s+", re.I
)
_LONGEST_LIST = 1_500  # characters; of a longer list only the item is quoted
_FIRST_QUOTES = 3  # quotes among which two items of one list mean that the list is asked for


def quote_lists_whole(quotes: Sequence[Quote]) -> tuple[Quote, ...]:
    """Return the quotes with lists in the place of what announces them or of several items.

    Args:
        quotes: Best first.
    """
    lists = [_list_around(quote.document, quote.start) for quote in quotes]
    merged: list[Quote] = []
    whole: list[tuple[str, Span]] = []
    for position, (quote, list_span) in enumerate(zip(quotes, lists, strict=True)):
        key = (quote.document.source, list_span) if list_span else None
        if key in whole:
            continue
        if list_span and key and _asked_for(quote, list_span, lists[position + 1 : _FIRST_QUOTES]):
            whole.append(key)
            start, end = list_span
            inside = tuple(span for span in quote.highlights if start <= span[0] < end)
            low, high = quote.context
            merged.append(
                replace(
                    quote,
                    start=start,
                    end=end,
                    highlights=inside,
                    context=(min(low, start), max(high, end)),
                )
            )
        else:
            merged.append(quote)
    return tuple(merged)


def _asked_for(quote: Quote, list_span: Span, following: Sequence[Span | None]) -> bool:
    return quote.text.endswith(":") or list_span in following


def _list_around(document: Document, position: int) -> Span | None:
    """Return the list that a sentence announces or is an item of, with what announces it."""
    sentences = document.sentences
    index = bisect_right(sentences, position, key=lambda sentence: sentence.end)
    if index == len(sentences):
        return None
    kind = _kind(document, index)
    first = index
    announces = _text(document, index).endswith(":") and _kind(document, index + 1) not in (
        "",
        kind,
    )
    if kind and not announces:
        while first > 0 and _kind(document, first) == kind:
            first -= 1
            if sentences[index].end - sentences[first].start > _LONGEST_LIST:
                return None
    kind = _kind(document, first + 1)
    if not _text(document, first).endswith(":") or not kind or _kind(document, first) == kind:
        return None
    last = first
    while _kind(document, last + 1) == kind:
        last += 1
        if sentences[last].end - sentences[first].start > _LONGEST_LIST:
            return None
    start, end = sentences[first].start, sentences[last].end
    return (start, end) if index <= last and end - start <= _LONGEST_LIST else None


def _text(document: Document, index: int) -> str:
    sentence = document.sentences[index]
    return document.text[sentence.start : sentence.end]


def _kind(document: Document, index: int) -> str:
    """Return with what kind of mark a sentence begins; "" if it is no item of a list."""
    if not 0 <= index < len(document.sentences):
        return ""
    match = _MARKER.match(_text(document, index))
    return (match.lastgroup or "") if match else ""
