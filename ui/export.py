"""Write a conversation down, with full citations.

What is quoted is cut out of the documents again, so that nothing is written that they do not say.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from rag.domain.documents import Language
from rag.domain.permissions import EVERYTHING, Scope
from rag.domain.quote import Quote
from rag.present.citation import citation_of
from rag.present.markdown import escaped, quoted
from ui.render import hash_of
from ui.templating import fill
from ui.texts import Words, words_in

if TYPE_CHECKING:
    from rag.service.assistant import Assistant

__all__ = [
    "MOST_QUOTES",
    "MOST_TURNS",
    "Form",
    "KeptQuote",
    "KeptTurn",
    "TooMuchError",
    "Turn",
    "as_html",
    "as_markdown",
    "export",
    "read_turns",
]

MOST_TURNS = 200
MOST_QUOTES = 20  # of a turn
_LONGEST_QUOTE = 4_000  # characters; no answer quotes more in one piece
_MOST_QUOTED = 1_000_000  # characters in all


class Form(StrEnum):
    """In what form a conversation is written down."""

    MARKDOWN = "markdown"
    HTML = "html"


class TooMuchError(Exception):
    """A conversation quotes more than is written down at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptQuote:
    """Where a quote stood when it was shown, and the hash of its words."""

    source: str
    start: int
    end: int
    hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptTurn:
    """A question and its answer as the browser keeps them.

    Attributes:
        answered: Whether the quotes answered, or were only related.
        sure: Whether that was certain.
        differ: Whether they give different figures at different times.
    """

    question: str
    quotes: tuple[KeptQuote, ...]
    answered: bool = False
    sure: bool = False
    differ: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A question, how its answer began, and its quotes.

    Attributes:
        quotes: Those that are still where they were.
        lost: How many are not.
    """

    kept: KeptTurn
    quotes: tuple[Quote, ...]
    lost: int


def export(
    assistant: "Assistant",
    turns: Sequence[KeptTurn],
    scope: Scope,
    form: Form,
    language: Language,
) -> str:
    """Return a conversation as it is written down.

    Raises:
        TooMuchError: If it quotes too much.
    """
    read = read_turns(assistant, turns, scope)
    return as_html(read, language) if form is Form.HTML else as_markdown(read, language)


def read_turns(
    assistant: "Assistant", kept: Sequence[KeptTurn], scope: Scope = EVERYTHING
) -> list[Turn]:
    """Return the turns of a conversation with their quotes cut out of the documents.

    Args:
        assistant: Over the documents.
        kept: As the browser keeps them.
        scope: What may be read.

    Raises:
        TooMuchError: If they quote too much.
    """
    turns = []
    characters = 0
    for turn in kept[:MOST_TURNS]:
        kept_quotes = turn.quotes[:MOST_QUOTES]
        read = [_quote_at(assistant, kept_quote, scope) for kept_quote in kept_quotes]
        quotes = tuple(quote for quote in read if quote is not None)
        characters += sum(quote.end - quote.start for quote in quotes)
        if characters > _MOST_QUOTED:
            raise TooMuchError
        turns.append(Turn(kept=turn, quotes=quotes, lost=len(read) - len(quotes)))
    return turns


def _quote_at(assistant: "Assistant", place: KeptQuote, scope: Scope) -> Quote | None:
    start, end = place.start, place.end
    if not 0 <= start < end <= start + _LONGEST_QUOTE:
        return None
    if not assistant.may_read(place.source, scope):
        return None
    document = assistant.document(place.source)
    if end > len(document.text) or hash_of(document.text[start:end]) != place.hash:
        return None
    return Quote(
        document=document,
        start=start,
        end=end,
        score=0.0,
        section=document.address_of(document.section_at(start)),
        standing=assistant.standing(document.source),
    )


def as_markdown(turns: Sequence[Turn], language: Language) -> str:
    """Return a conversation as Markdown; nothing in it is markup of a document's."""
    words = words_in(language)
    lines = [f"# {words('answer.conversation')}"]
    for turn in turns:
        lines.append(f"## {escaped(turn.kept.question.strip())}")
        lines.append(_verdict(turn, words))
        for number, quote in enumerate(turn.quotes, start=1):
            citation = escaped(citation_of(quote, language).full)
            lines.append(f"{quoted(quote.text)}\n>\n> \\[{number}\\] {citation}")
        if turn.lost:
            lines.append(f"*{words('page.text.source.changed')}*")
    return "\n\n".join(lines) + "\n"


def as_html(turns: Sequence[Turn], language: Language) -> str:
    """Return a conversation as a page to be printed, which needs nothing else."""
    words = words_in(language)
    shown = [
        {
            "question": turn.kept.question,
            "verdict": _verdict(turn, words),
            "quotes": [(quote, citation_of(quote, language)) for quote in turn.quotes],
            "lost": turn.lost,
        }
        for turn in turns
    ]
    return fill("export.html", turns=shown, language=language, words=words) + "\n"


def _verdict(turn: Turn, words: Words) -> str:
    if not turn.kept.answered:
        related = f" {words('answer.related')}:" if turn.quotes else ""
        return f"{words('answer.not_found')}.{related}"
    verdict = words("answer.found") if turn.kept.sure else words("answer.possible")
    return f"{verdict}: {words('answer.differ')}" if turn.kept.differ else f"{verdict}:"
