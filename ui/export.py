"""Write a conversation down, with full citations.

What is quoted is cut out of the documents again, so that nothing is written that they do not say.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rag.assistant import Assistant
from rag.documents import Language
from rag.permissions import EVERYTHING, Scope
from rag.quote import Quote
from ui.render import citation_of, hash_of, safe
from ui.texts import TEXTS

__all__ = ["Turn", "as_html", "as_markdown", "read_turns"]

_MOST = 200  # turns
_MOST_QUOTES = 20  # of a turn
_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+!|<>~&$])")
_STYLE = """
body { font: 12pt/1.5 "Source Serif 4", "Noto Serif", Georgia, serif; max-width: 44rem;
  margin: 2rem auto; padding: 0 1rem; color: #111; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.1rem; margin-top: 2rem; break-after: avoid; }
blockquote { margin: .5rem 0; padding-left: 1rem; border-left: 3px solid #0f766e;
  white-space: pre-line; }
figure { margin: 1rem 0; break-inside: avoid; } figcaption { font-size: .9em; color: #444; }
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A question, how its answer began, and the quotes shown.

    Attributes:
        quotes: Those that are still where they were.
        lost: How many are not.
        answered: Whether they answered, or were only related.
        sure: Whether that was certain.
        differ: Whether they give different figures at different times.
    """

    question: str
    answered: bool
    sure: bool
    differ: bool
    quotes: tuple[Quote, ...]
    lost: int


def read_turns(
    assistant: Assistant, values: Sequence[Mapping[str, Any]], scope: Scope = EVERYTHING
) -> list[Turn]:
    """Return the turns of a conversation as the browser keeps it.

    Args:
        assistant: Over the documents.
        values: Each with "question", "answered" and "quotes": source, start, end, hash.
        scope: What may be read.

    Raises:
        ValueError: If they are not of this form.
    """
    turns = []
    known = set(assistant.sources(scope))
    for value in values[:_MOST]:
        quotes = []
        lost = 0
        for place in value.get("quotes", ())[:_MOST_QUOTES]:
            quote = _quote_at(assistant, place) if place.get("source") in known else None
            if quote is None:
                lost += 1
            else:
                quotes.append(quote)
        turns.append(
            Turn(
                question=str(value["question"]),
                answered=bool(value.get("answered")),
                sure=bool(value.get("sure")),
                differ=bool(value.get("differ")),
                quotes=tuple(quotes),
                lost=lost,
            )
        )
    return turns


def _quote_at(assistant: Assistant, place: Mapping[str, Any]) -> Quote | None:
    document = assistant.document(str(place["source"]))
    start, end = int(place["start"]), int(place["end"])
    if not 0 <= start < end <= len(document.text):
        return None
    if hash_of(document.text[start:end]) != place.get("hash"):
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
        lines.append(f"## {_plain(turn.question)}")
        lines.append(_verdict(turn, language))
        for number, quote in enumerate(turn.quotes, start=1):
            quoted = "\n".join(f"> {_plain(line)}" for line in quote.text.splitlines())
            lines.append(f"{quoted}\n>\n> \\[{number}\\] {_plain(citation_of(quote, language))}")
        if turn.lost:
            lines.append(f"*{texts.changed}*")
    return "\n\n".join(lines) + "\n"


def as_html(turns: Sequence[Turn], language: Language) -> str:
    """Return a conversation as a page to be printed, which needs nothing else."""
    texts = TEXTS[language]
    parts = []
    for turn in turns:
        parts.append(f"<h2>{safe(turn.question)}</h2><p>{_verdict(turn, language)}</p>")
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
    if turn.answered:
        said = f"{texts.found if turn.sure else texts.possible}:"
        return f"{said} {texts.differ}" if turn.differ else said
    return f"{texts.not_found}." + (f" {texts.related}:" if turn.quotes else "")


def _plain(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", " ".join(text.split()))
