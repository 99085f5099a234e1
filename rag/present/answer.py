"""An answer: quotes, how sure it is, and how it is said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from rag.domain.documents import Document, Language
from rag.domain.hits import Hit
from rag.domain.quote import Quote
from rag.law.register import Standing
from rag.present.markdown import escaped, quoted
from rag.understand.analyse import Query

__all__ = [
    "Answer",
    "citation_of",
    "label_of",
    "quote_as_json",
    "shown_date",
    "warning_of",
]

_OPENING_WORDS = 9
_MONTHS = (
    "January February March April May June July August September October November December".split()
)
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
_EXPIRED = {
    Language.VIETNAMESE: "VĂN BẢN KHÔNG CÒN HIỆU LỰC",
    Language.ENGLISH: "NO LONGER IN FORCE",
}
_UNTIL = {
    Language.VIETNAMESE: " (có hiệu lực đến hết ngày {})",
    Language.ENGLISH: " (it was in force until {})",
}
_REPLACED = {
    Language.VIETNAMESE: "đã được thay thế bởi {}",
    Language.ENGLISH: "replaced by {}",
}
_NOT_YET = {
    Language.VIETNAMESE: "VĂN BẢN CHƯA CÓ HIỆU LỰC, có hiệu lực từ ngày {}.",
    Language.ENGLISH: "NOT YET IN FORCE: in force from {}.",
}
_CLAIMED = {
    Language.VIETNAMESE: "{} viết rằng đã thay thế văn bản này, nhưng không đủ căn cứ để xác nhận.",
    Language.ENGLISH: "{} says that it replaces this document, which could not be confirmed.",
}
_SAME_NUMBER = {
    Language.VIETNAMESE: "CÓ VĂN BẢN KHÁC CÙNG SỐ nhưng nội dung khác ({}); hãy đối chiếu.",
    Language.ENGLISH: "ANOTHER TEXT HAS THE SAME NUMBER and says otherwise ({}); compare the two.",
}
_PAGE = {Language.VIETNAMESE: "trang {}", Language.ENGLISH: "page {}"}


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
        pieces: How many of the first quotes are the pieces, in order, of the place asked for.
        twins: How many of the first quotes are of documents of one number that say otherwise.
        hits: The passages found, best first.
        timings_ms: How long each stage took.
    """

    query: Query
    answerable: bool
    confidence: float
    quotes: tuple[Quote, ...]
    related: tuple[Quote, ...]
    differ: int = 0
    pieces: int = 0
    twins: int = 0
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
            warning = warning_of(quote, language)
            if warning:
                parts.append(f"**{escaped(warning)}**")
            citation = escaped(citation_of(quote, language))
            parts.append(f"{quoted(quote.text)}\n>\n> [{number}] {citation}")
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


def warning_of(quote: Quote, language: Language) -> str:
    """Return what must be said of a quote's document, else "".

    Whether it is in force today, who claims to have replaced it, and whether another document of
    its number says otherwise.
    """
    metadata = quote.document.metadata
    warnings = [_standing_warning(quote, language)]
    if metadata.claimed_by:
        warnings.append(_CLAIMED[language].format("; ".join(metadata.claimed_by)))
    if quote.differs_from:
        warnings.append(_SAME_NUMBER[language].format("; ".join(quote.differs_from)))
    return " ".join(filter(None, warnings))


def _standing_warning(quote: Quote, language: Language) -> str:
    metadata = quote.document.metadata
    if quote.standing is Standing.NOT_YET:
        return _NOT_YET[language].format(shown_date(metadata.effective_from, language))
    if quote.standing is not Standing.EXPIRED:
        return ""
    parts = [_EXPIRED[language]]
    if metadata.effective_until:
        parts[0] += _UNTIL[language].format(shown_date(metadata.effective_until, language))
    if metadata.replaced_by:
        parts.append(_REPLACED[language].format("; ".join(metadata.replaced_by)))
    return ", ".join(parts) + "."


def citation_of(quote: Quote, language: Language) -> str:
    """Return where a quote comes from, in one line."""
    metadata = quote.document.metadata
    label = label_of(quote.document)
    parts = [label, metadata.number if metadata.number not in label else "", metadata.publisher]
    parts += [shown_date(metadata.date, language), quote.section]
    if quote.page is not None:
        parts.append(_PAGE[language].format(quote.page))
    return ", ".join([*(part for part in parts if part), quote.document.source])


def shown_date(day: str, language: Language) -> str:
    """Return an ISO date as it is written: 29/12/2025, 29 December 2025; others as they are."""
    try:
        parsed = date.fromisoformat(day)
    except ValueError:
        return day
    if language is Language.VIETNAMESE:
        return f"{parsed:%d/%m/%Y}"
    return f"{parsed.day} {_MONTHS[parsed.month - 1]} {parsed.year}"
