"""What is read together: a window of a document, within its article, under the headings above."""

from rag.domain.documents import Division, Document, Sentence
from rag.read.reading_windows import window_around

__all__ = ["lead_of", "window_in_article"]

Span = tuple[int, int]

_LONGEST_WINDOW = 450  # characters of a window, unless its sentence alone is longer
_LONGEST_LEAD = 280  # characters
_LONGEST_PART = 120  # characters of a lead's title, heading or announcement
_TELLING_DIVISIONS = frozenset({Division.HEADING, Division.ARTICLE, Division.CLAUSE})


def window_in_article(document: Document, around: Sentence, longest: int = _LONGEST_WINDOW) -> Span:
    """Return a sentence with its neighbours, but none of another article of a law.

    Args:
        document: The document.
        around: One of its sentences.
        longest: The most characters, unless the sentence alone is longer.
    """
    for section in document.path_to(document.section_at(around.start)):
        if section.kind is Division.ARTICLE:
            within = [
                sentence
                for sentence in document.sentences
                if section.start <= sentence.start and sentence.end <= section.end
            ]
            return window_around(within, around, longest)
    return window_around(document.sentences, around, longest)


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
