"""Show answers and documents as HTML: pure functions of what they show.

The templates escape everything that comes from a question or a document, and what is made is
sanitised again at the end, so that no markup, script or trick of theirs survives.
"""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode, urlsplit

import nh3

from rag.domain.answer import Answer
from rag.domain.documents import BlockKind, Document, Language
from rag.domain.quote import Quote
from rag.domain.standing import Standing
from rag.errors import QuestionError
from rag.messages import message
from rag.present.citation import Citation, citation_of
from ui.templating import fill
from ui.texts import words_in

__all__ = [
    "hash_of",
    "is_sure",
    "link_to",
    "render_answer",
    "render_document",
    "render_failure",
    "render_question_error",
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

Span = tuple[int, int]
"""Start and end in a document, in characters."""


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Some characters of a document, and whether they are marked."""

    text: str
    is_marked: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _ShownQuote:
    """A quote with what its template says of it.

    Attributes:
        number: Of the quote in the answer, from 1 on.
        link: See `link_to`.
        hash: See `hash_of`.
        marks: The highlights as a link names them.
    """

    number: int
    quote: Quote
    citation: Citation
    stretches: Sequence[_Stretch]
    link: str
    hash: str
    marks: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _ShownBlock:
    """A block of a document, of which some may be quoted.

    Attributes:
        begins_page: The number of the page that begins with it, None if none does.
        before: The text before what is quoted; all of it if nothing is.
        quoted: What is quoted, with the words in it that answer marked.
        is_first: Whether it is the first block of which something is quoted.
    """

    kind: BlockKind
    begins_page: int | None
    before: str
    quoted: Sequence[_Stretch] = ()
    after: str = ""
    is_first: bool = False


def is_sure(answer: Answer) -> bool:
    """Return whether an answer is shown without a word of doubt."""
    return answer.answerable and answer.confidence >= _SURE


def render_answer(answer: Answer, page: Language | None = None) -> str:
    """Return an answer as HTML: what it says in the language of the question.

    Of a message with several questions each is answered under its number.

    Args:
        answer: What to show.
        page: The language of the page around it, in which its buttons are labelled; by default that
            of the question.
    """
    answers = (answer, *answer.more)
    # What is thought of them is asked once, and so is whether to pass on what was not found.
    last = {one.answerable: number for number, one in enumerate(answers, start=1)}
    shown, first = [], 1
    for number, one in enumerate(answers, start=1):
        is_last = last[one.answerable] == number
        shown.append(_filled(one, page, number if answer.more else 0, first, is_last=is_last))
        first += len(one.quotes if one.answerable else one.related)
    if answer.left_out:
        shown.append(
            fill("left_out.html", count=answer.left_out, words=words_in(answer.query.language))
        )
    return _sanitised("\n".join(shown))


def _filled(
    answer: Answer, page: Language | None, number: int, first_quote: int, *, is_last: bool
) -> str:
    """Return an answer as HTML, under its number if it is one of several."""
    language = answer.query.language
    page = page or language
    quotes = answer.quotes
    if not answer.answerable:  # then no words are marked as answering
        quotes = tuple(replace(quote, highlights=()) for quote in answer.related)
    shown = [
        _shown_quote(quote, position, language)
        for position, quote in enumerate(quotes, start=first_quote)
    ]
    unfolded = max(1, answer.conflicting, answer.pieces, answer.twins)
    return fill(
        "answer.html",
        answer=answer,
        number=number,
        is_last=is_last,
        is_sure=is_sure(answer),
        language=language,
        page_language=page,
        quotes=shown[:unfolded] if answer.answerable else shown,
        folded=shown[unfolded:] if answer.answerable else (),
        words=words_in(language),
        page_words=words_in(page),
    )


def _shown_quote(quote: Quote, number: int, language: Language) -> _ShownQuote:
    return _ShownQuote(
        number=number,
        quote=quote,
        citation=citation_of(quote, language),
        stretches=_stretches(quote.document.text, (quote.start, quote.end), quote.highlights),
        link=link_to(quote),
        hash=hash_of(quote.text),
        marks=_marks(quote),
    )


def _stretches(text: str, place: Span, highlights: Sequence[Span]) -> list[_Stretch]:
    """Return a place of a text in stretches; of highlights that overlap the first is marked."""
    low, high = place
    stretches = []
    for start, end in sorted(highlights):
        if start < low:
            continue
        stretches += [_Stretch(text[low:start], False), _Stretch(text[start:end], True)]
        low = end
    return [*stretches, _Stretch(text[low:high], False)]


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
    place: Span | None = None,
    highlights: Sequence[Span] = (),
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
    whole = Quote(document=document, start=0, end=0, score=0.0, standing=standing)
    citation = citation_of(whole, language)
    return _sanitised(
        fill(
            "document.html",
            document=document,
            blocks=_blocks(document, place, highlights),
            citation=citation,
            host=urlsplit(citation.address).netloc,
            words=words_in(language),
        )
    )


def _blocks(
    document: Document, place: Span | None, highlights: Sequence[Span]
) -> Iterator[_ShownBlock]:
    text = document.text
    is_first = True
    page: int | None = None
    for block in document.blocks:
        page_before, page = page, document.page_of(block.start)
        begins_page = page if page != page_before else None
        if place is None or block.end <= place[0] or place[1] <= block.start:
            whole = text[block.start : block.end]
            yield _ShownBlock(kind=block.kind, begins_page=begins_page, before=whole)
            continue
        low, high = max(place[0], block.start), min(place[1], block.end)
        inside = [
            (max(start, low), min(end, high))
            for start, end in highlights
            if start < high and low < end
        ]
        yield _ShownBlock(
            kind=block.kind,
            begins_page=begins_page,
            before=text[block.start : low],
            quoted=_stretches(text, (low, high), inside),
            after=text[high : block.end],
            is_first=is_first,
        )
        is_first = False


def render_question_error(error: QuestionError) -> str:
    """Return what is wrong with a question, in both languages: its own may not be known."""
    english = str(error)[:1].upper() + str(error)[1:]
    problem = {Language.VIETNAMESE: error.vietnamese, Language.ENGLISH: f"{english}."}
    return _sanitised(fill("problem.html", problem=problem, is_verdict=True))


def render_failure() -> str:
    """Return that something went wrong, in both languages."""
    failure = message("answer.failed")
    problem = {language: failure.in_language(language) for language in Language}
    return _sanitised(fill("problem.html", problem=problem, is_verdict=False))


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
