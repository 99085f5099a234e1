"""Show answers and documents as HTML: pure functions of what they show.

Everything that comes from a question or a document is escaped, and what is made is sanitised
again at the end, so that no markup, script or trick of theirs survives.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from html import escape
from urllib.parse import urlencode, urlsplit

import nh3

from rag.domain.answer import Answer
from rag.domain.documents import BlockKind, Document, Language
from rag.domain.quote import Quote
from rag.domain.standing import Standing
from rag.errors import QuestionError
from rag.language.visible import visible
from rag.present.citation import label_of, shown_date, warning_of
from ui.texts import TEXTS

__all__ = [
    "citation_of",
    "hash_of",
    "is_sure",
    "link_to",
    "render_answer",
    "render_document",
    "render_failure",
    "render_question_error",
    "safe",
]

_SURE = 0.75
"""The confidence from which on an answer is shown without a word of doubt."""

_HASH = 12  # hexadecimal digits of a quote's hash in a link

_TAGS = {
    "a", "article", "blockquote", "button", "cite", "details", "div", "figcaption", "figure",
    "h3", "h4", "li", "mark", "ol", "p", "q", "section", "span", "summary", "time", "ul",
}  # fmt: skip
_ATTRIBUTES = {
    "*": {"class", "lang", "id"},
    "a": {"href", "target", "rel"},
    "button": {"type"},
    "mark": {"tabindex"},
    "time": {"datetime"},
}


def render_answer(answer: Answer, page: Language | None = None) -> str:
    """Return an answer as HTML: what it says in the language of the question.

    Args:
        answer: What to show.
        page: The language of the page around it, in which its buttons are labelled; by default that
            of the question.
    """
    language = answer.query.language
    labels = _Labels(page or language, language)
    parts = _understood(answer, labels)
    if answer.answerable:
        parts += _found(answer, labels)
    else:
        parts += _not_found(answer, labels)
    return _sanitised(f'<article class="answer" lang="{language}">{"".join(parts)}</article>')


def is_sure(answer: Answer) -> bool:
    """Return whether an answer is shown without a word of doubt."""
    return answer.answerable and answer.confidence >= _SURE


class _Labels:
    """The words of an answer, and those of the page around it."""

    def __init__(self, page: Language, language: Language) -> None:
        self.language = language
        self.texts = TEXTS[language]
        self.page = TEXTS[page]
        self.lang = "" if page is language else f' lang="{page}"'  # for a screen reader


def _understood(answer: Answer, labels: _Labels) -> list[str]:
    query = answer.query
    texts = labels.texts
    if not query.restored and not query.follows:
        return []
    said = ""
    if query.follows:
        said = f'<span class="follows">{texts.follows} <q>{safe(query.follows)}</q></span> '
    if query.restored:
        said += f"{texts.understood} <q>{safe(query.text)}</q> "
    button = (
        f'<button type="button" class="link" data-act="as-typed"{labels.lang}>'
        f"{labels.page.as_typed}</button>"
    )
    return [f'<p class="understood">{said}{button}</p>']


def _found(answer: Answer, labels: _Labels) -> list[str]:
    texts = labels.texts
    verdict = ("found", texts.found) if is_sure(answer) else ("possible", texts.possible)
    first, *others = answer.quotes
    shown = max(1, answer.conflicting, answer.pieces, answer.twins)
    parts = [f'<p class="verdict {verdict[0]}">{verdict[1]}</p>']
    if answer.conflicting:
        parts.append(f'<p class="differ">{texts.differ}</p>')
    parts.append(_quote(first, 1, labels))
    parts += [_quote(quote, i, labels) for i, quote in enumerate(others[: shown - 1], start=2)]
    folded = others[shown - 1 :]
    if folded:
        items = "".join(_quote(quote, i, labels) for i, quote in enumerate(folded, start=shown + 1))
        summary = f"<span{labels.lang}>{labels.page.more.format(count=len(folded))}</span>"
        parts.append(f'<details class="more"><summary>{summary}</summary>{items}</details>')
    return [*parts, _opinion(labels)]


def _not_found(answer: Answer, labels: _Labels) -> list[str]:
    texts = labels.texts
    parts = [
        f'<p class="verdict none">{texts.not_found}</p>'
        f"<p>{texts.not_found_advice}</p>"
        f'<p><button type="button" class="second" data-act="pass-on"{labels.lang}>'
        f"{labels.page.pass_on}</button></p>"
    ]
    if answer.related:
        related = [replace(quote, highlights=()) for quote in answer.related]
        items = "".join(_quote(quote, i, labels) for i, quote in enumerate(related, 1))
        parts.append(
            f'<section class="related"><h3>{texts.related}</h3>{items}</section>',
        )
    return parts


def _opinion(labels: _Labels) -> str:
    page = labels.page
    buttons = "".join(
        f'<button type="button" class="icon {name}" data-act="{name}"{labels.lang}>'
        f'<span class="hidden">{label}</span></button>'
        for name, label in (("helpful", page.helpful), ("unhelpful", page.unhelpful))
    )
    return f'<div class="opinion">{buttons}</div>'


def _quote(quote: Quote, number: int, labels: _Labels) -> str:
    """Return a quote with its citation."""
    texts, page, language = labels.texts, labels.page, labels.language
    document = quote.document
    place = f'data-source="{safe(document.source)}" data-start="{quote.start}" '
    place += f'data-end="{quote.end}" data-hash="{hash_of(quote.text)}"'
    place += f' data-marks="{_marks(quote)}"'
    note = ""
    if quote.language is not language:
        note = f'<span class="note">{texts.other_language}</span>'
    href = safe(link_to(quote))
    chip = (
        f'<a class="chip" href="{href}" data-act="source">'
        f'<span class="hidden"{labels.lang}>{page.open_source} </span>[{number}]</a>'
    )
    copied = safe(f"“{quote.text}” — {citation_of(quote, language)}")
    return (
        f'<figure class="quote" {place}>{_warning(quote, language)}'
        f'<blockquote lang="{quote.language}">{_marked(quote)}'
        f"</blockquote><figcaption>{chip} {_citation(quote, language)} {note}"
        f'<span class="tools"{labels.lang}><a href="{href}" data-act="source">{page.open_source}'
        f'</a><button type="button" class="link" data-act="copy" data-copy="{copied}">{page.copy}'
        f"</button></span></figcaption></figure>"
    )


def _warning(quote: Quote, language: Language) -> str:
    """Return that a quote's document is not in force, if so."""
    said = warning_of(quote, language)
    return f'<p class="warning">{safe(said)}</p>' if said else ""


def _marked(quote: Quote) -> str:
    """Return a quote with the words that answer marked."""
    text = quote.document.text
    parts = []
    position = quote.start
    for start, end in quote.highlights:
        parts += [safe(text[position:start]), f"<mark>{safe(text[start:end])}</mark>"]
        position = end
    return "".join([*parts, safe(text[position : quote.end])])


def _citation(quote: Quote, language: Language) -> str:
    """Return title, publisher, author, date and place of a quote."""
    texts = TEXTS[language]
    metadata = quote.document.metadata
    number = "" if metadata.number in label_of(quote.document) else metadata.number
    details = [safe(number), safe(metadata.publisher), safe(metadata.author)]
    details += [_time(metadata.date, language), safe(quote.section)]
    if quote.page is not None:
        details.append(f"{texts.page} {quote.page}")
    details.append(f'<span class="file">{safe(quote.document.source)}</span>')
    shown = " · ".join(detail for detail in details if detail)
    return f'<cite>{safe(label_of(quote.document))}</cite> <span class="details">{shown}</span>'


def citation_of(quote: Quote, language: Language) -> str:
    """Return a citation as plain text, with all that is known and the characters' positions."""
    metadata = quote.document.metadata
    label = label_of(quote.document)
    parts = [label, "" if metadata.number in label else metadata.number]
    parts += [metadata.publisher, metadata.author]
    parts += [shown_date(metadata.date, language) or TEXTS[language].no_date, quote.section]
    if quote.page is not None:
        parts.append(f"{TEXTS[language].page} {quote.page}")
    place = f"{quote.document.source}:{quote.start}-{quote.end}"
    cited = ", ".join([*(part for part in parts if part), place, *_address(metadata.url)])
    warning = warning_of(quote, language)
    return f"{cited}. {warning}" if warning else cited


def _time(day: str, language: Language) -> str:
    if not day:
        return TEXTS[language].no_date
    return f'<time datetime="{safe(day)}">{safe(shown_date(day, language))}</time>'


def link_to(quote: Quote) -> str:
    """Return the link that opens just this quote, and by which a change is noticed."""
    query = {
        "d": quote.document.source,
        "s": quote.start,
        "e": quote.end,
        "h": hash_of(quote.text),
        "m": _marks(quote),
    }
    return f"?{urlencode({name: value for name, value in query.items() if value != ''})}"


def _marks(quote: Quote) -> str:
    return ",".join(f"{start}-{end}" for start, end in quote.highlights)


def hash_of(text: str) -> str:
    """Return by what quoted words are known again."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_HASH]


def render_document(
    document: Document,
    language: Language,
    *,
    place: tuple[int, int] | None = None,
    highlights: Sequence[tuple[int, int]] = (),
    standing: Standing = Standing.UNKNOWN,
) -> str:
    """Return a whole document with one place marked.

    Args:
        document: What to show.
        language: Of the page.
        place: What to mark, in characters.
        highlights: What to mark more strongly within it.
        standing: Whether it is in force today.
    """
    texts = TEXTS[language]
    metadata = document.metadata
    rows = [safe(metadata.publisher), safe(metadata.author), _time(metadata.date, language)]
    rows.append(f"{texts.file}: {safe(document.source)}")
    details = " · ".join(row for row in rows if row)
    links = "".join(
        f'<p><a href="{safe(url)}" target="_blank" rel="noopener noreferrer">{texts.original}</a>'
        f" ({safe(urlsplit(url).netloc)})</p>"
        for url in _address(metadata.url)
    )
    body = "".join(_blocks(document, language, place, highlights))
    whole = Quote(document=document, start=0, end=0, score=0.0, standing=standing)
    return _sanitised(
        f'{_warning(whole, language)}<p class="details">{details}</p>{links}'
        f'<div class="body" lang="{document.language}">{body}</div>'
    )


def _blocks(
    document: Document,
    language: Language,
    place: tuple[int, int] | None,
    highlights: Sequence[tuple[int, int]],
) -> Iterable[str]:
    first = True
    page: int | None = None
    for block in document.blocks:
        if document.page_of(block.start) != page:
            page = document.page_of(block.start)
            yield f'<p class="page-number">{TEXTS[language].page} {page}</p>'
        inside = place is not None and block.start < place[1] and place[0] < block.end
        if inside and place:
            low, high = max(place[0], block.start), min(place[1], block.end)
            identifier = ' id="quoted" tabindex="-1"' if first else ""
            first = False
            strong = [
                (max(start, low), min(end, high))
                for start, end in highlights
                if start < high and low < end
            ]
            text = (
                f"{safe(document.text[block.start : low])}<mark{identifier}>"
                f"{_strong(document.text, low, high, strong)}</mark>"
                f"{safe(document.text[high : block.end])}"
            )
        else:
            text = safe(document.text[block.start : block.end])
        if block.kind is BlockKind.HEADING:
            yield f"<h4>{text}</h4>"
        else:
            yield f'<p class="{block.kind}">{text}</p>'


def _strong(text: str, low: int, high: int, spans: Sequence[tuple[int, int]]) -> str:
    parts = []
    position = low
    for start, end in sorted(spans):
        if start < position:
            continue
        parts += [safe(text[position:start]), f'<span class="key">{safe(text[start:end])}</span>']
        position = end
    return "".join([*parts, safe(text[position:high])])


def render_question_error(error: QuestionError) -> str:
    """Return what is wrong with a question, in both languages: its own may not be known."""
    english = str(error)[:1].upper() + str(error)[1:]
    return _sanitised(
        f'<article class="answer error"><p class="verdict none" lang="vi">{safe(error.vietnamese)}'
        f'</p><p lang="en">{safe(english)}.</p></article>'
    )


def render_failure() -> str:
    """Return that something went wrong, in both languages."""
    lines = "".join(f'<p lang="{one}">{TEXTS[one].failed}</p>' for one in Language)
    return _sanitised(f'<article class="answer error">{lines}</article>')


def safe(text: str) -> str:
    """Return a text so that it is shown as it is and does nothing."""
    return escape(visible(text), quote=True)


def _address(url: str) -> list[str]:
    """Return a web address, or nothing."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return []
    whole = parts.scheme in ("http", "https") and bool(parts.netloc) and "\n" not in url
    return [url] if whole else []


def _sanitised(html: str) -> str:
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        generic_attribute_prefixes={"data-"},
        url_schemes={"http", "https"},
        link_rel=None,
        strip_comments=True,
    )
