"""What a document is called, and what must be said of it beside a quote."""

from datetime import date

from rag.domain.documents import Document, Language
from rag.domain.quote import Quote
from rag.domain.standing import Standing

__all__ = ["citation_of", "label_of", "shown_date", "warning_of"]

_OPENING_WORDS = 9
_MONTHS = (
    "January February March April May June July August September October November December".split()
)
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
