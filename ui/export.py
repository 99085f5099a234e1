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
from rag.present.markdown import escaped, quoted
from ui.render import citation_of, hash_of, safe
from ui.texts import TEXTS

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
_STYLE = """
body { font: 12pt/1.5 "Source Serif 4", "Noto Serif", Georgia, serif; max-width: 44rem;
  margin: 2rem auto; padding: 0 1rem; color: #111; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; break-after: avoid; }
blockquote { margin: .5rem 0; padding-left: 1rem; border-left: 3px solid #0f766e;
  white-space: pre-wrap; }
figure { margin: 1rem 0; break-inside: avoid; } figcaption { font-size: .9em; color: #444; }
"""


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
    found = read_turns(assistant, turns, scope)
    return as_html(found, language) if form is Form.HTML else as_markdown(found, language)


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
        found = [_quote_at(assistant, place, scope) for place in turn.quotes[:MOST_QUOTES]]
        quotes = tuple(quote for quote in found if quote is not None)
        characters += sum(quote.end - quote.start for quote in quotes)
        if characters > _MOST_QUOTED:
            raise TooMuchError
        turns.append(Turn(kept=turn, quotes=quotes, lost=len(found) - len(quotes)))
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
    texts = TEXTS[language]
    lines = [f"# {texts.exported}"]
    for turn in turns:
        lines.append(f"## {escaped(turn.kept.question.strip())}")
        lines.append(_verdict(turn, language))
        for number, quote in enumerate(turn.quotes, start=1):
            citation = escaped(citation_of(quote, language))
            lines.append(f"{quoted(quote.text)}\n>\n> \\[{number}\\] {citation}")
        if turn.lost:
            lines.append(f"*{texts.changed}*")
    return "\n\n".join(lines) + "\n"


def as_html(turns: Sequence[Turn], language: Language) -> str:
    """Return a conversation as a page to be printed, which needs nothing else."""
    texts = TEXTS[language]
    parts = []
    for turn in turns:
        parts.append(f"<h2>{safe(turn.kept.question)}</h2><p>{_verdict(turn, language)}</p>")
        for number, quote in enumerate(turn.quotes, start=1):
            parts.append(
                f'<figure><blockquote lang="{quote.language}">{safe(quote.text)}</blockquote>'
                f"<figcaption>[{number}] {safe(citation_of(quote, language))}</figcaption></figure>"
            )
        if turn.lost:
            parts.append(f"<p><em>{texts.changed}</em></p>")
    return (
        f'<!DOCTYPE html><html lang="{language}"><head><meta charset="utf-8">'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{texts.exported}</title><style>{_STYLE}</style></head>"
        f"<body><h1>{texts.exported}</h1>{''.join(parts)}</body></html>\n"
    )


def _verdict(turn: Turn, language: Language) -> str:
    texts = TEXTS[language]
    if turn.kept.answered:
        said = f"{texts.found if turn.kept.sure else texts.possible}:"
        return f"{said} {texts.differ}" if turn.kept.differ else said
    return f"{texts.not_found}." + (f" {texts.related}:" if turn.quotes else "")
