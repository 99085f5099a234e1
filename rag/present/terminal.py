"""An answer as plain text, for a terminal."""

from rag.domain.answer import Answer
from rag.domain.documents import Language
from rag.domain.quote import Quote
from rag.language.visible import visible
from rag.messages import message
from rag.present.citation import citation_of

__all__ = ["answer_as_plain_text"]

_INDENT = "    "


def answer_as_plain_text(answer: Answer) -> str:
    """Return an answer for reading in a terminal, in the language of the question.

    Of a message with several questions each is answered under its number. What a terminal would
    obey is shown as U+FFFD, see `rag.language.visible`.
    """
    if answer.more:
        parts = [
            f"{number}. {one.query.typed}\n\n{_one_as_plain_text(one)}"
            for number, one in enumerate((answer, *answer.more), start=1)
        ]
        if answer.left_out:
            left_out = message("answer.left_out", count=answer.left_out)
            parts.append(left_out.in_language(answer.query.language))
        return visible("\n\n".join(parts))
    return visible(_one_as_plain_text(answer))


def _one_as_plain_text(answer: Answer) -> str:
    language = answer.query.language
    parts = []
    quotes = answer.quotes if answer.answerable else answer.related
    shown = [_quote(number, quote, language) for number, quote in enumerate(quotes, start=1)]
    if answer.query.restored:
        understood = message("answer.understood").in_language(language)
        parts.append(f"{understood}: {answer.query.text}")
    if answer.conflicting:
        parts.append(message("answer.differ").in_language(language))
    if answer.answerable:
        parts += shown
    else:
        parts.append(f"{message('answer.not_found').in_language(language)}.")
        if answer.related:
            parts.append(f"{message('answer.related').in_language(language)}:")
            parts += shown
    return "\n\n".join(parts)


def _quote(number: int, quote: Quote, language: Language) -> str:
    citation = citation_of(quote, language)
    # Not wrapped: a quote is read character for character, and a terminal wraps it itself.
    lines = f"\n{_INDENT}".join(quote.text.split("\n"))
    warning = f"{_INDENT}!! {citation.warning}\n" if citation.warning else ""
    return f"{warning}[{number}] {lines}\n{_INDENT}— {citation.brief}:{citation.place}"
