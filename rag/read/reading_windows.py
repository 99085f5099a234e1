"""Read the sentences that look best in their surroundings, with the reading model."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from rag.domain.documents import Document, Sentence, readable_text
from rag.domain.ports import ReadingModel
from rag.domain.vectors import PassageReading

__all__ = ["ReadWindow", "read_windows", "window_around"]

Span = tuple[int, int]

_LONGEST_WINDOW = 500  # characters of a window, unless its sentence alone is longer
_LONGEST_LEAD = 240  # characters
_MOST_ANSWER_TOKENS = 60  # tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadWindow:
    """Some neighbouring sentences of a document, and what the reading model says of them."""

    document: Document
    start: int
    end: int
    reading: PassageReading

    def answer_within(self, start: int, end: int) -> tuple[float, Span | None]:
        """Return how likely the answer is in a slice of the document, and the likeliest one there.

        The likelihood is the mean log probability of beginning and of ending there; minus
        infinity, and no answer, if the window does not reach it.
        """
        spans = self.reading.spans + self.start
        # A token may begin with the space before it.
        inside = np.flatnonzero((spans[:, 0] >= start - 1) & (spans[:, 1] <= end))
        if not len(inside):
            return -np.inf, None
        first, last = inside[0], inside[-1] + 1
        starts, ends = self.reading.starts[first:last], self.reading.ends[first:last]
        both = starts[:, None] + ends[None, :]
        length = np.arange(len(both))[None, :] - np.arange(len(both))[:, None]
        both[(length < 0) | (length >= _MOST_ANSWER_TOKENS)] = -np.inf
        low, high = np.unravel_index(int(both.argmax()), both.shape)
        likely = (np.logaddexp.reduce(starts) + np.logaddexp.reduce(ends)) / 2
        return float(likely), self._trimmed(spans[first + low, 0], spans[first + high, 1])

    def _trimmed(self, start: int, end: int) -> Span | None:
        text = self.document.text[start:end]
        kept = text.strip(" \n\t,;.:")
        if not kept:
            return None
        low = start + len(text) - len(text.lstrip(" \n\t,;.:"))
        return int(low), int(low) + len(kept)


def read_windows(
    model: ReadingModel,
    question: str,
    best: Iterable[tuple[Document, Sentence]],
    limit: int,
) -> list[ReadWindow]:
    """Read the windows around the best sentences.

    Args:
        model: What reads them.
        question: What is asked.
        best: The sentences, best first; one that is in the window of a better one needs none.
        limit: How many windows are read.
    """
    places: list[tuple[Document, int, int]] = []
    for document, sentence in best:
        if len(places) == limit:
            break
        if not any(
            read_document.source == document.source
            and start <= sentence.start
            and sentence.end <= end
            for read_document, start, end in places
        ):
            places.append((document, *window_around(document.sentences, sentence)))
    readings = model.read(
        question,
        [_lead(document, start) for document, start, _ in places],
        [readable_text(document, start, end) for document, start, end in places],
    )
    return [
        ReadWindow(document=document, start=start, end=end, reading=reading)
        for (document, start, end), reading in zip(places, readings, strict=True)
    ]


def window_around(
    sentences: Sequence[Sentence], around: Sentence, longest: int = _LONGEST_WINDOW
) -> Span:
    """Return a sentence with as many of its neighbours as there is room for.

    Args:
        sentences: Those of the document that may stand in the window, in order.
        around: One of them, or a part of one.
        longest: The most characters, unless the sentence alone is longer.
    """
    first = last = bisect_left(sentences, around.end, key=lambda sentence: sentence.end)
    start, end = around.start, around.end
    while True:
        before = sentences[first - 1].start if first > 0 else None
        after = sentences[last + 1].end if last + 1 < len(sentences) else None
        # What goes before says what a sentence is about, so it is taken first.
        if before is not None and end - before <= longest and around.start - before <= longest / 2:
            first, start = first - 1, before
        elif after is not None and after - start <= longest:
            last, end = last + 1, after
        else:
            return start, end


def _lead(document: Document, start: int) -> str:
    """Return what a document is about: its title, and its first sentence if that is not read."""
    title = document.metadata.title
    first = document.sentences[0]
    if first.end > start:
        return title[:_LONGEST_LEAD]
    opening = document.text[first.start : first.end]
    return (f"{title}. {opening}" if title else opening)[:_LONGEST_LEAD]
