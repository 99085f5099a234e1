"""An answer as plain text, for a terminal."""

import textwrap

from rag.answer import Answer, citation_of, warning_of
from rag.documents import Language
from rag.quote import Quote

__all__ = ["answer_as_plain_text"]

_WIDTH = 96
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
    """Return an answer for reading in a terminal, in the language of the question."""
    language = answer.query.language
    words = _WORDS[language]
    parts = []
    quotes = answer.quotes if answer.answerable else answer.related
    shown = [_quote(number, quote, language) for number, quote in enumerate(quotes, start=1)]
    if answer.query.restored:
        parts.append(words["understood"].format(answer.query.text))
    if answer.differ:
        parts.append(words["differ"])
    if answer.answerable:
        parts += shown
    else:
        parts.append(words["not found"])
        if answer.related:
            parts.append(words["related"])
            parts += shown
    return "\n\n".join(parts)


def _quote(number: int, quote: Quote, language: Language) -> str:
    place = f"{citation_of(quote, language)}:{quote.start}-{quote.end}"
    lines = [
        textwrap.fill(line, _WIDTH, initial_indent="    ", subsequent_indent="    ")
        for line in quote.text.splitlines()
        if line.strip()
    ]
    text = f"[{number}] " + "\n".join(lines)[4:]
    warning = warning_of(quote, language)
    said = f"    !! {warning}\n" if warning else ""
    return f"{said}{text}\n    — {place}"
