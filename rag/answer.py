"""An answer: quotes, how sure it is, and how it is said."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from rag.documents import Document, Language
from rag.query import Query
from rag.quote import Quote
from rag.retrieve import Hit

__all__ = ["Answer", "label_of", "quote_as_json"]

_OPENING_WORDS = 9
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~&$])")
_FOUND = {
    Language.VIETNAMESE: "Tài liệu viết:",
    Language.ENGLISH: "The documents say:",
}
_DIFFER = {
    Language.VIETNAMESE: "Các tài liệu ghi số liệu khác nhau theo thời gian; tài liệu mới hơn "
    "được dẫn trước.",
    Language.ENGLISH: "The documents give different figures at different times; the newer one "
    "comes first.",
}
_NOT_FOUND = {
    Language.VIETNAMESE: "Không tìm thấy câu trả lời trong tài liệu.",
    Language.ENGLISH: "The documents do not say.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is said to a question.

    Attributes:
        answerable: Whether the documents answer, as far as can be told.
        confidence: The probability of that, 0 to 1, calibrated on development questions.
        quotes: What answers, best first; empty if not answerable.
        related: The nearest quotes if not answerable; they are no answer.
        differ: How many of the first quotes say the same of different times with different
            figures; the newest is first. 0 if none do.
        hits: The passages found, best first.
        timings_ms: How long each stage took.
    """

    query: Query
    answerable: bool
    confidence: float
    quotes: tuple[Quote, ...]
    related: tuple[Quote, ...]
    differ: int = 0
    hits: tuple[Hit, ...] = ()
    timings_ms: Mapping[str, float] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The answer as Markdown, in the language of the question."""
        language = self.query.language
        if not self.answerable:
            return _NOT_FOUND[language]
        parts = [_FOUND[language]]
        if self.differ:
            parts.append(_DIFFER[language])
        for number, quote in enumerate(self.quotes, start=1):
            lines = "\n".join(f"> {_escaped(line)}" for line in quote.text.splitlines())
            parts.append(f"{lines}\n>\n> [{number}] {_escaped(_citation(quote))}")
        return "\n\n".join(parts)

    def as_json(self) -> dict[str, Any]:
        """Return the answer in the form that the command line and other interfaces give it."""
        return {
            "question": self.query.typed,
            "language": self.query.language.value,
            "answerable": self.answerable,
            "confidence": round(self.confidence, 4),
            "text": self.text,
            "quotes": [quote_as_json(quote) for quote in self.quotes],
            "related": [quote_as_json(quote) for quote in self.related],
            "timings_ms": dict(self.timings_ms),
            "understood": self.query.text,
            "follows": self.query.follows,
            "differ": self.differ,
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
        "page": None,
        "score": round(quote.score, 4),
        "language": quote.language.value,
        "highlights": [list(span) for span in quote.highlights],
    }


def label_of(document: Document) -> str:
    """Return what to call a document: its title, or its first words if it gives none."""
    if document.metadata.title:
        return document.metadata.title
    if not document.sentences:
        return document.source
    first = document.sentences[0]
    words = document.text[first.start : first.end].split()
    cut = " ".join(words[:_OPENING_WORDS])
    return f"“{cut}…”" if len(words) > _OPENING_WORDS else f"“{cut}”"


def _citation(quote: Quote) -> str:
    metadata = quote.document.metadata
    parts = [label_of(quote.document), metadata.publisher, metadata.date, quote.section]
    return ", ".join([*(part for part in parts if part), quote.document.source])


def _escaped(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", text)
