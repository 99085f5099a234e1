"""Write text into Markdown so that it is read there character for character.

By the rules of CommonMark 0.31: what could be markup is escaped with a backslash (section 2.4), and
white space that Markdown would take away is written as a numeric character reference (2.5).
"""

import re

from rag.domain.answer import Answer
from rag.language.visible import visible
from rag.messages import message
from rag.present.citation import citation_of

__all__ = ["answer_as_markdown", "escaped", "quoted"]

_MARKUP = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~&$=])")
_EDGES = re.compile(r"^\s|\s$")


def escaped(text: str) -> str:
    """Return text for one line, without any markup; line breaks become spaces."""
    return _line(" ".join(text.split("\n")))


def quoted(text: str) -> str:
    """Return text as a block quote that shows just its characters, line by line.

    Characters that could make it read otherwise than it stands are shown as U+FFFD, see
    `rag.language.visible`.
    """
    lines = text.split("\n")
    written = "> " + _line(lines[0])
    for line in lines[1:]:
        # A hard break; an empty line would end the paragraph, so its break is a character.
        written += f"\\\n> {_line(line)}" if line else "&#10;"
    return written


def _line(text: str) -> str:
    marked = _MARKUP.sub(r"\\\1", visible(text))
    return _EDGES.sub(lambda space: f"&#{ord(space[0])};", marked)


def answer_as_markdown(answer: Answer) -> str:
    """Return an answer as Markdown, in the language of the question.

    Of a message with several questions each is answered under its number.
    """
    if not answer.more:
        return _one_as_markdown(answer)
    parts = [
        f"**{number}\\. {escaped(one.query.typed)}**\n\n{_one_as_markdown(one)}"
        for number, one in enumerate((answer, *answer.more), start=1)
    ]
    if answer.left_out:
        left_out = message("answer.left_out", count=answer.left_out)
        parts.append(left_out.in_language(answer.query.language))
    return "\n\n".join(parts)


def _one_as_markdown(answer: Answer) -> str:
    language = answer.query.language
    if not answer.answerable:
        return f"{message('answer.not_found').in_language(language)}."
    parts = [f"{message('answer.quoted').in_language(language)}:"]
    if answer.conflicting:
        parts.append(message("answer.differ").in_language(language))
    for number, quote in enumerate(answer.quotes, start=1):
        citation = citation_of(quote, language)
        if citation.warning:
            parts.append(f"**{escaped(citation.warning)}**")
        parts.append(f"{quoted(quote.text)}\n>\n> [{number}] {escaped(citation.brief)}")
    return "\n\n".join(parts)
