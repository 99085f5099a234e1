"""An answer as plain text, for a terminal."""

from rag.domain.answer import Answer
from rag.domain.documents import Language
from rag.domain.quote import Quote
from rag.language.visible import visible
from rag.present.citation import citation_of, warning_of

__all__ = ["answer_as_plain_text"]

_INDENT = "    "
_WORDS = {
    Language.VIETNAMESE: {
        "understood": "Hiểu là: {}",
        "differ": "Các tài liệu ghi số liệu khác nhau theo thời gian; tài liệu mới hơn đứng trước.",
        "not found": "Không tìm thấy câu trả lời trong tài liệu.",
        "related": "Liên quan, nhưng không phải câu trả lời:",
    },
    Language.ENGLISH: {
        "understood": "Understood as: {}",
        "differ": "The documents give different figures at different times; the newer comes first.",
        "not found": "The documents do not say.",
        "related": "Related, but not an answer:",
    },
}


def answer_as_plain_text(answer: Answer) -> str:
    """Return an answer for reading in a terminal, in the language of the question.

    What a terminal would obey is shown as U+FFFD, see `rag.language.visible`.
    """
    language = answer.query.language
    words = _WORDS[language]
    parts = []
    quotes = answer.quotes if answer.answerable else answer.related
    shown = [_quote(number, quote, language) for number, quote in enumerate(quotes, start=1)]
    if answer.query.restored:
        parts.append(words["understood"].format(answer.query.text))
    if answer.conflicting:
        parts.append(words["differ"])
    if answer.answerable:
        parts += shown
    else:
        parts.append(words["not found"])
        if answer.related:
            parts.append(words["related"])
            parts += shown
    return visible("\n\n".join(parts))


def _quote(number: int, quote: Quote, language: Language) -> str:
    place = f"{citation_of(quote, language)}:{quote.start}-{quote.end}"
    # Not wrapped: a quote is read character for character, and a terminal wraps it itself.
    lines = f"\n{_INDENT}".join(quote.text.split("\n"))
    text = f"[{number}] {lines}"
    warning = warning_of(quote, language)
    said = f"{_INDENT}!! {warning}\n" if warning else ""
    return f"{said}{text}\n{_INDENT}— {place}"
