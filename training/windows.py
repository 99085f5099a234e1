"""What is read together: a window of a document, within its article, under the headings above."""

from bisect import bisect_left

from rag.domain.documents import Division, Document, Sentence

__all__ = ["lead_of", "window_around"]

Span = tuple[int, int]

_LONGEST_WINDOW = 450  # characters of a window, unless its sentence alone is longer
_LONGEST_LEAD = 280  # characters
_LONGEST_PART = 120  # characters of a lead's title, heading or announcement
_TELLING_DIVISIONS = frozenset({Division.HEADING, Division.ARTICLE, Division.CLAUSE})


def window_around(document: Document, around: Sentence, longest: int = _LONGEST_WINDOW) -> Span:
    """Return a sentence with as many of its neighbours as there is room for.

    The window of what stands in an article of a law does not leave the article.

    Args:
        document: The document.
        around: One of its sentences, or a part of one.
        longest: The most characters, unless the sentence alone is longer.
    """
    sentences = document.sentences
    low, high = _article_around(document, around.start)
    first = last = bisect_left(sentences, around.end, key=lambda sentence: sentence.end)
    start, end = around.start, around.end
    while True:
        before = sentences[first - 1].start if first > 0 else None
        after = sentences[last + 1].end if last + 1 < len(sentences) else None
        # What goes before says what a sentence is about, so it is taken first.
        if (
            before is not None
            and before >= low
            and end - before <= longest
            and around.start - before <= longest / 2
        ):
            first, start = first - 1, before
        elif after is not None and after <= high and after - start <= longest:
            last, end = last + 1, after
        else:
            return start, end


def _article_around(document: Document, position: int) -> Span:
    """Return the article that a position is in, or the whole document."""
    for section in document.path_to(document.section_at(position)):
        if section.kind is Division.ARTICLE:
            return section.start, section.end
    return 0, len(document.text)


def lead_of(document: Document, start: int) -> str:
    """Return what says what a window is about.

    That is the document's title, and of the headings and announcements above the window those that
    do not stand in it; where it is under none, the document's first sentence.

    Args:
        document: The document.
        start: Where the window begins.
    """
    parts = [
        document.metadata.title,
        *(
            document.text[section.start : min(section.lead_end, start)]
            for section in document.path_to(document.section_at(start))
            if section.kind in _TELLING_DIVISIONS and section.start < start
        ),
    ]
    if len(parts) == 1 and document.sentences[0].end <= start:
        first = document.sentences[0]
        parts.append(document.text[first.start : first.end])
    shortened = (" ".join(part.split())[:_LONGEST_PART] for part in parts)
    return "\n".join(filter(None, shortened))[:_LONGEST_LEAD]
