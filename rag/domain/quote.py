"""What is shown: slices of documents, and where they come from."""

from dataclasses import dataclass

from rag.domain.documents import Document, Language
from rag.domain.standing import Standing

__all__ = ["Quote"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A slice of a document.

    Attributes:
        document: Where it comes from; `text` is cut out of its text and nothing else.
        score: How well it answers; higher is better, comparable within one answer.
        section: The heading it stands under, if any.
        context: Start and end of the passage around it.
        highlights: Start and end of the words that answer, in order, within the quote.
        standing: Whether the document is in force today.
        differs_from: Documents of the same number that do not have these words.
    """

    document: Document
    start: int
    end: int
    score: float
    section: str = ""
    context: tuple[int, int] = (0, 0)
    highlights: tuple[tuple[int, int], ...] = ()
    standing: Standing = Standing.UNKNOWN
    differs_from: tuple[str, ...] = ()

    @property
    def page(self) -> int | None:
        """The page on which it begins; None if the document has no pages."""
        return self.document.page_of(self.start)

    @property
    def text(self) -> str:
        """The quoted words."""
        return self.document.text[self.start : self.end]

    @property
    def language(self) -> Language:
        """The language of the document."""
        return self.document.language
