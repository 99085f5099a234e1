"""Show an answer as HTML: a pure function of the answer.

Everything that comes from a question or a document is escaped; no markup of theirs survives.
"""

from html import escape
from urllib.parse import urlsplit

from rag.answer import Answer, label_of
from rag.documents import Language
from rag.errors import QuestionError
from rag.quote import Quote
from ui.texts import TEXTS, Texts

__all__ = ["render_answer", "render_failure", "render_question", "render_question_error"]

_SURE = 0.75
"""The confidence from which on an answer is shown without a word of doubt."""

# Characters that turn the direction of text and could make a quote read otherwise than it is.
_BIDI = dict.fromkeys(
    [0x061C, *range(0x200E, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]
)


def render_question(question: str) -> str:
    """Return a question as it was typed."""
    return f'<p class="td-asked">{_safe(question)}</p>'


def render_answer(answer: Answer) -> str:
    """Return an answer as HTML, framed in the language of the question."""
    language = answer.query.language
    texts = TEXTS[language]
    parts = []
    if answer.query.restored:
        parts.append(
            f'<p class="td-understood">{texts.understood} <q>{_safe(answer.query.text)}</q></p>'
        )
    parts += _quotes(answer, texts) if answer.answerable else _not_found(answer, texts)
    return f'<div class="td-answer" lang="{language}">{"".join(parts)}</div>'


def _quotes(answer: Answer, texts: Texts) -> list[str]:
    language = answer.query.language
    lead = texts.found if answer.confidence >= _SURE else texts.possible
    first, *others = answer.quotes
    parts = [f'<p class="td-lead">{lead}</p>']
    if answer.differ:
        parts.append(f'<p class="td-differ">{texts.differ}</p>')
    parts.append(_quote(first, 1, language))
    if others:
        items = "".join(_quote(quote, i, language) for i, quote in enumerate(others, start=2))
        parts.append(f'<p class="td-more">{texts.more}</p>{items}')
    return parts


def _not_found(answer: Answer, texts: Texts) -> list[str]:
    parts = [f'<p class="td-lead td-none">{texts.not_found}</p><p>{texts.not_found_advice}</p>']
    if answer.related:
        items = "".join(
            _quote(quote, i, answer.query.language) for i, quote in enumerate(answer.related, 1)
        )
        parts.append(
            f'<details class="td-more td-related"><summary>{texts.related}</summary>'
            f"{items}</details>"
        )
    return parts


def _quote(quote: Quote, number: int, language: Language) -> str:
    """Return a quote with its citation and, folded, the passage around it."""
    texts = TEXTS[language]
    note = ""
    if quote.language is not language:
        note = f' <span class="td-note">{texts.other_language}</span>'
    start, end = quote.context
    document = quote.document
    passage = (
        f"{_safe(document.text[start : quote.start])}"
        f"<mark>{_safe(quote.text)}</mark>"
        f"{_safe(document.text[quote.end : end])}"
    )
    return (
        f'<figure class="td-quote"><blockquote lang="{quote.language}">{_marked(quote)}'
        f"</blockquote><figcaption>"
        f'<span class="td-number">[{number}]</span> {_citation(quote, texts)}{note}</figcaption>'
        f"<details><summary>{texts.passage}</summary>"
        f'<div class="td-passage" lang="{quote.language}">{passage}</div></details></figure>'
    )


def _marked(quote: Quote) -> str:
    """Return a quote with the words that answer marked."""
    text = quote.document.text
    parts = []
    position = quote.start
    for start, end in quote.highlights:
        parts += [_safe(text[position:start]), f"<mark>{_safe(text[start:end])}</mark>"]
        position = end
    return "".join([*parts, _safe(text[position : quote.end])])


def _citation(quote: Quote, texts: Texts) -> str:
    """Return title, publisher, author, date and place of a quote."""
    metadata = quote.document.metadata
    title = f"<cite>{_safe(label_of(quote.document))}</cite>"
    if urlsplit(metadata.url).scheme in ("http", "https"):
        title = (
            f'<a href="{_safe(metadata.url)}" target="_blank" rel="noopener noreferrer">{title}</a>'
        )
    date = metadata.date or texts.no_date
    details = [metadata.publisher, metadata.author, date, quote.section]
    shown = " · ".join(_safe(detail) for detail in details if detail)
    place = f"{texts.source}: {quote.document.source}"
    return f'{title}<br><span class="td-details">{shown} · {_safe(place)}</span>'


def render_question_error(error: QuestionError) -> str:
    """Return what is wrong with a question, in both languages: its own may not be known."""
    english = str(error)[:1].upper() + str(error)[1:]
    return (
        f'<div class="td-answer"><p class="td-lead" lang="vi">{_safe(error.vietnamese)}</p>'
        f'<p lang="en">{_safe(english)}.</p></div>'
    )


def render_failure() -> str:
    """Return that something went wrong, in both languages."""
    lines = "".join(f'<p lang="{one}">{TEXTS[one].failed}</p>' for one in Language)
    return f'<div class="td-answer">{lines}</div>'


def _safe(text: str) -> str:
    """Return a text so that it is shown as it is and does nothing."""
    return escape(text.translate(_BIDI), quote=True)
