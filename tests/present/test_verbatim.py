"""Whoever writes a quote out writes its characters, and no others."""

import json
import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from rag.domain.answer import Answer
from rag.domain.documents import Document, Language, Metadata
from rag.domain.quote import Quote
from rag.ingest.structure.document import make_document
from rag.language.visible import visible, visible_json
from rag.present.markdown import escaped, quoted
from rag.present.schema import answer_as_json
from rag.present.terminal import answer_as_plain_text
from rag.understand.analyse import parsed
from ui.export import KeptTurn, Turn, as_html, as_markdown
from ui.render import render_answer, render_document

TRICKY = "".join(chr(code) for code in range(0x21, 0x7F)) + " \n\t  ăệđ1.)-+#>|`*_~=<&$;:[]()\\!"
TEXTS = st.text(
    st.one_of(st.sampled_from(TRICKY), st.characters(codec="utf-8")), min_size=1, max_size=60
)
MARKDOWN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
SAMPLES = [
    "-  Tăng   thu ngân sách 5 %.",
    "1. Nộp hồ sơ  trước…",
    "    mã lệnh\n\n\n# Không phải tiêu đề\n===\n---\n",
    "a\n\nb  \nc\\\n> d\n| e | f |\n|---|---|",
    "\t1) *a* _b_ `c` ~~d~~ [e](f) ![g](h) <i>j</i> &amp; &#32; https://a.b",
    "gạch\u202ephải\x1b[2J\x9b\x00\r\x85\u2028",
]


class _Text(HTMLParser):
    """The text of the first block quote."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.inside = False
        self.done = False

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag == "blockquote":
            self.inside = not self.done

    def handle_endtag(self, tag: str) -> None:
        if tag == "blockquote":
            self.inside, self.done = False, True

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.text += data


def text_of(html: str) -> str:
    parser = _Text()
    parser.feed(html)
    parser.close()
    return parser.text


def rendered(markdown: str) -> str:
    """Return the text of the first paragraph of a rendered block quote."""
    html = MARKDOWN.render(markdown)
    match = re.match(r"<blockquote>\n<p>(.*?)</p>\n", html, re.S)
    assert match, html
    assert re.fullmatch(r"(?:[^<]|<br />)*", match[1]), "nothing in it is markup"
    return text_of(f"<blockquote>{match[1]}</blockquote>")


def with_samples(test: Callable[[str], None]) -> Callable[[str], None]:
    for sample in SAMPLES:
        test = example(text=sample)(test)
    return test


def quote_of(text: str) -> Quote:
    document = Document(
        source="a.txt",
        text=text,
        metadata=Metadata(title="Một"),
        language=Language.VIETNAMESE,
        blocks=make_document("a.txt", text).blocks,
        sentences=(),
    )
    return Quote(document=document, start=0, end=len(text), score=1.0)


def answer_of(quote: Quote) -> Answer:
    return Answer(
        query=parsed(typed="a?", text="a?", language=Language.VIETNAMESE),
        answerable=True,
        confidence=0.9,
        quotes=(quote,),
        related=(),
    )


def storable(text: str) -> str:
    """Return text as a document has it: its newlines are line feeds, and halves are whole."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


@with_samples
@given(text=TEXTS)
def test_markdown_shows_just_the_characters(text: str) -> None:
    text = storable(text)
    assert rendered(quoted(text)) == visible(text)


@pytest.mark.parametrize("text", ["# a", "1. a", "- a", "*a*", "a | b", "<b>", "&lt;", "  a  "])
def test_a_line_of_markdown_has_no_markup(text: str) -> None:
    assert text_of(MARKDOWN.render(f"> {escaped(text)}")).strip("\n") == visible(text)


@with_samples
@given(text=TEXTS)
def test_every_writer_writes_the_quote(text: str) -> None:
    quote = quote_of(storable(text))
    answer = answer_of(quote)
    shown = visible(quote.text)
    turn = Turn(kept=KeptTurn(question="a?", quotes=(), answered=True), quotes=(quote,), lost=0)

    told = json.loads(visible_json(answer_as_json(answer)))
    assert told["quotes"][0]["text"] == quote.text
    first = re.search(r"^> .*?(?=\n>\n> )", told["text"], re.S | re.M)
    assert first
    assert rendered(first[0]) == shown

    exported = as_markdown([turn], Language.VIETNAMESE)
    first = re.search(r"^> .*?(?=\n>\n> )", exported, re.S | re.M)
    assert first
    assert rendered(first[0]) == shown
    # A parser of HTML takes NUL and the like out itself; here all of them are U+FFFD already.
    assert text_of(as_html([turn], Language.VIETNAMESE)) == shown
    assert text_of(render_answer(answer)) == shown

    lines = answer_as_plain_text(answer).split("\n    — ")[0].removeprefix("[1] ").split("\n")
    assert "\n".join([lines[0], *(line.removeprefix("    ") for line in lines[1:])]) == shown


def test_a_document_is_shown_as_it_is() -> None:
    quote = quote_of("Một  câu\u202e.\n\nHai câu.")
    html = render_document(quote.document, Language.VIETNAMESE)
    assert "Một  câu\ufffd." in html
