"""The page's HTML, by value."""

from html.parser import HTMLParser

import pytest

from rag.answer import Answer, label_of
from rag.documents import Language
from rag.errors import QuestionError
from rag.ingest.corpus import make_document
from rag.query import Query
from rag.quote import Quote
from ui.render import render_answer, render_failure, render_question, render_question_error

HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)> & \"q\" 'q' \u202etxt"


_TAGS = frozenset(
    "div p q figure blockquote figcaption span a cite br details summary mark".split()
)


class _Markup(HTMLParser):
    """The names of all tags and attributes of a piece of HTML."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)


def answer(
    text: str = "Một câu. Hai câu.", *, answerable: bool = True, confidence: float = 0.9,
    language: Language = Language.VIETNAMESE, typed: str = "hỏi", **entry: str,
) -> Answer:  # fmt: skip
    document = make_document("a.txt", text, entry)
    sentence = document.sentences[0]
    quote = Quote(
        document=document, start=sentence.start, end=sentence.end, score=1.0,
        section="Mục 1", context=(0, len(document.text)),
    )  # fmt: skip
    return Answer(
        query=Query(typed=typed, text="hỏi", language=language),
        answerable=answerable,
        confidence=confidence,
        quotes=(quote,) if answerable else (),
        related=() if answerable else (quote,),
    )


def test_a_quote_with_all_that_is_known() -> None:
    html = render_answer(
        answer(title="T", publisher="P", date="2025-12-29", url="https://a.vn/?b=1&c")
    )
    assert '<blockquote lang="vi">Một câu.</blockquote>' in html
    assert (
        '[1]</span> <a href="https://a.vn/?b=1&amp;c" target="_blank" rel="noopener noreferrer"><cite>T</cite></a>'
        in html
    )
    assert "P · 2025-12-29 · Mục 1 · Tệp: a.txt" in html
    assert '<div class="td-passage" lang="vi"><mark>Một câu.</mark> Hai câu.</div>' in html
    assert "Tài liệu viết:" in html


def test_what_is_not_known_is_said_or_left_out() -> None:
    html = render_answer(answer())
    assert "<cite>“Một câu.”</cite>" in html
    assert "không rõ ngày · Mục 1" in html
    assert "href" not in html


def test_doubt_and_the_other_language_are_said_in_the_asker_s() -> None:
    html = render_answer(answer(confidence=0.5, language=Language.ENGLISH))
    assert "The documents may answer here." in html
    assert "Original in Vietnamese" in html
    assert html.startswith('<div class="td-answer" lang="en">')


def test_how_the_question_was_understood_is_shown() -> None:
    assert "Hiểu là: <q>hỏi</q>" in render_answer(answer(typed="hoi"))
    assert "Hiểu là" not in render_answer(answer())


def test_not_found_shows_what_is_related_and_that_it_is_no_answer() -> None:
    html = render_answer(answer(answerable=False, language=Language.ENGLISH))
    assert "The documents do not say." in html
    assert html.index("The nearest passages, not an answer") < html.index("<blockquote")
    assert "The documents say:" not in html


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "JAVASCRIPT:x", "data:text/html,x", "//a.vn"]
)
def test_only_web_addresses_become_links(url: str) -> None:
    assert "href" not in render_answer(answer(url=url))


def test_nothing_of_a_document_or_question_is_markup() -> None:
    hostile = answer(
        f"Câu {HOSTILE} hết.", title=HOSTILE, publisher=HOSTILE, date=HOSTILE,
        author=HOSTILE, url=f"https://a.vn/{HOSTILE}", typed="x",
    )  # fmt: skip
    for html in (
        render_answer(hostile),
        render_question(HOSTILE),
        render_question_error(QuestionError(HOSTILE, HOSTILE)),
    ):
        found = _Markup(html)
        assert found.tags <= _TAGS
        assert found.attributes <= {"class", "lang", "href", "target", "rel"}
        assert "\u202e" not in html


def test_failure_is_told_in_both_languages() -> None:
    html = render_failure()
    assert "Something went wrong" in html
    assert "Có lỗi" in html


def test_a_document_without_a_title_is_called_by_its_first_words() -> None:
    document = make_document("a.txt", "Ngày 9/10, trong khuôn khổ Diễn đàn hợp tác Á - Âu đã họp.")
    assert label_of(document) == "“Ngày 9/10, trong khuôn khổ Diễn đàn hợp tác…”"
