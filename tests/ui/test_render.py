"""What the page shows, by value."""

from dataclasses import replace
from html.parser import HTMLParser

import pytest

from rag.domain.answer import Answer
from rag.domain.documents import Language
from rag.domain.quote import Quote
from rag.domain.standing import Standing
from rag.errors import QuestionError
from rag.ingest.extract import Extract
from rag.ingest.structure.document import make_document
from rag.ingest.structure.metadata import Entry
from rag.messages import Message
from rag.present.citation import citation_of, label_of, shown_date
from rag.understand.analyse import parsed
from ui.render import (
    hash_of,
    link_to,
    render_answer,
    render_document,
    render_failure,
    render_question_error,
)

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)> & \"q\" 'q' \u202etxt "
    "[a](javascript:alert(1)) **b** `c`"
)
_TAGS = frozenset(
    "article a blockquote button cite details div figcaption figure h3 h4 mark p q section span "
    "summary time".split()
)


class _Markup(HTMLParser):
    """The names of all tags and attributes of a piece of HTML, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.links: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes.update(name for name, _ in attrs)
        self.links.update(str(value) for name, value in attrs if name in ("href", "src"))

    def handle_data(self, data: str) -> None:
        self.text += data


def answer(
    text: str = "Một câu. Hai câu.", *, answerable: bool = True, confidence: float = 0.9,
    language: Language = Language.VIETNAMESE, typed: str = "hỏi", follows: str = "", count: int = 1,
    conflicting: int = 0, highlights: tuple[tuple[int, int], ...] = (), **entry: str,
) -> Answer:  # fmt: skip
    document = make_document("a.txt", text, Entry.model_validate(entry))
    quotes = tuple(
        Quote(
            document=document, start=sentence.start, end=sentence.end, score=1.0, section="Mục 1",
            context=(0, len(document.text)), highlights=highlights if sentence.start == 0 else (),
        )
        for sentence in document.sentences[:count]
    )  # fmt: skip
    return Answer(
        query=parsed(typed=typed, text="hỏi", language=language, follows=follows),
        answerable=answerable,
        confidence=confidence,
        quotes=quotes if answerable else (),
        related=() if answerable else quotes,
        conflicting=conflicting,
    )


def test_a_quote_with_all_that_is_known() -> None:
    html = render_answer(
        answer(title="T", publisher="P", author="A", date="2025-12-29", highlights=((4, 7),))
    )
    assert '<blockquote lang="vi">Một <mark>câu</mark>.</blockquote>' in html
    place = 'data-source="a.txt" data-start="0" data-end="8" data-hash="'
    assert place + hash_of("Một câu.") in html
    text = _Markup(html).text
    assert "[1] T P · A · 29/12/2025 · Mục 1 · a.txt" in text
    assert "Tìm thấy trong tài liệu" in text
    assert 'data-copy="“Một câu.” — T, P, A, 29/12/2025, Mục 1, a.txt:0-8"' in html


def test_what_is_not_known_is_said_or_left_out() -> None:
    text = _Markup(render_answer(answer())).text
    assert "“Một câu.” không rõ ngày · Mục 1 · a.txt" in text


def test_doubt_and_the_other_language_are_said_in_the_asker_s() -> None:
    html = render_answer(answer(confidence=0.5, language=Language.ENGLISH))
    assert "This may be the answer" in html
    assert "Original in Vietnamese" in html
    assert html.startswith('<article class="answer" lang="en">')
    assert "0.5" not in _Markup(html).text


def test_several_questions_are_answered_under_their_numbers() -> None:
    several = replace(
        answer(typed="Phí?", count=2),
        more=(
            answer(typed=f"Ai? {HOSTILE}", answerable=False),
            answer(typed="Ở đâu?", answerable=False, language=Language.ENGLISH),
        ),
    )
    html = render_answer(several, Language.VIETNAMESE)
    markup = _Markup(html)

    assert markup.tags <= _TAGS
    assert "1. Phí?" in markup.text
    assert "2. Ai? <script>alert(1)</script>" in markup.text
    assert html.count("<article") == 3
    assert '<article class="answer" lang="en">' in html
    assert [f"[{number}]" in markup.text for number in (1, 2, 3, 4, 5)] == [True] * 4 + [False]
    assert html.count('data-act="helpful"') == 1  # opinions are asked for once
    assert html.count('data-act="pass-on"') == 1
    assert "as-typed" not in html  # it would ask the whole message
    assert "left-out" not in html
    assert "còn 3 câu" in render_answer(replace(several, left_out=3))


def test_how_the_question_was_understood_is_shown_and_can_be_undone() -> None:
    shown = render_answer(answer(typed="hoi", follows="ASEM 13"))
    assert "Hỏi tiếp về <q>ASEM 13</q>" in shown
    assert "Hiểu là <q>hỏi</q>" in shown
    assert 'data-act="as-typed"' in shown
    assert "as-typed" not in render_answer(answer())


def test_more_quotes_are_folded_unless_they_disagree() -> None:
    folded = render_answer(answer(count=2))
    assert "Các câu trích khác (1)" in folded
    assert folded.index("<details") < folded.index("Hai câu.</blockquote>")
    differing = render_answer(answer(count=2, conflicting=2))
    assert "<details" not in differing
    assert "số liệu khác nhau" in differing


def test_not_found_shows_what_is_related_and_offers_to_pass_the_question_on() -> None:
    html = render_answer(answer(answerable=False, language=Language.ENGLISH, highlights=((0, 3),)))
    assert "The documents do not say" in html
    assert html.index("Related, not an answer") < html.index("<blockquote")
    assert 'data-act="pass-on"' in html
    assert "<mark>" not in html, "nothing answers, so no words are marked as answering"
    assert 'data-act="helpful"' not in html


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "JAVASCRIPT:x", "data:text/html,x", "//a.vn", "https://", "a\nb"]
)
def test_only_web_addresses_become_links(url: str) -> None:
    document = make_document("a.txt", "Một câu.", Entry(url=url))
    assert not _Markup(render_document(document, Language.ENGLISH)).links


def test_nothing_of_a_document_or_question_is_markup() -> None:
    hostile = answer(
        f"Câu {HOSTILE} hết.", title=HOSTILE, publisher=HOSTILE, date=HOSTILE, author=HOSTILE,
        url=f"https://a.vn/{HOSTILE}", typed="x", follows=HOSTILE,
    )  # fmt: skip
    document = hostile.quotes[0].document
    for html in (
        render_answer(hostile),
        render_document(document, Language.VIETNAMESE, place=(0, 40), highlights=[(4, 30)]),
        render_question_error(QuestionError(Message(HOSTILE, HOSTILE))),
    ):
        markup = _Markup(html)
        assert markup.tags <= _TAGS
        assert not {name for name in markup.attributes if name.startswith("on")}
        assert all(link.startswith(("?d=", "https://a.vn/")) for link in markup.links)
        assert "\u202e" not in html
    assert "[a](javascript:alert(1)) **b** `c`" in _Markup(render_answer(hostile)).text


def test_a_document_is_shown_whole_with_one_place_marked() -> None:
    text = "# Lương\n\nMột câu. Hai câu.\n\nBa câu."
    document = make_document("a.md", text, Entry(date="2024-01-05"))
    start = text.index("Hai")
    html = render_document(
        document, Language.ENGLISH, place=(start, start + 8), highlights=[(start, start + 3)]
    )
    assert '<mark id="quoted" tabindex="-1"><span class="key">Hai</span> câu.</mark>' in html
    assert "<h4># Lương</h4>" in html
    assert "5 January 2024" in html
    words = _Markup(html).text
    assert all(line in words for line in text.split("\n") if line)


def test_marks_of_a_tampered_link_change_no_word() -> None:
    document = make_document("a.txt", "Một câu dài hơn.")
    html = render_document(
        document, Language.ENGLISH, place=(0, 16), highlights=[(8, 11), (0, 9), (4, 10), (90, 99)]
    )
    assert _Markup(html).text.endswith("Một câu dài hơn.")


def test_a_link_knows_the_words_it_quotes() -> None:
    quote = answer(highlights=((0, 3),)).quotes[0]
    assert link_to(quote) == f"?d=a.txt&s=0&e=8&h={hash_of('Một câu.')}&m=0-3"
    assert citation_of(quote, Language.ENGLISH).full == "“Một câu.”, date unknown, Mục 1, a.txt:0-8"


def test_dates_are_written_as_in_the_language() -> None:
    assert shown_date("2025-12-09", Language.VIETNAMESE) == "09/12/2025"
    assert shown_date("2025-12-09", Language.ENGLISH) == "9 December 2025"
    assert shown_date("tháng 12 năm 2025", Language.ENGLISH) == "tháng 12 năm 2025"


def test_failure_is_told_in_both_languages() -> None:
    html = render_failure()
    assert "Something went wrong" in html
    assert "Có lỗi" in html


def test_a_document_without_a_title_is_called_by_its_first_words() -> None:
    document = make_document("a.txt", "Ngày 9/10, trong khuôn khổ Diễn đàn hợp tác Á - Âu đã họp.")
    assert label_of(document) == "“Ngày 9/10, trong khuôn khổ Diễn đàn hợp tác…”"


def test_a_quote_of_what_is_no_longer_in_force_says_so_loudly() -> None:
    entry = Entry(
        title="Thông tư 12/2015/TT-BTC",
        number="Thông tư 12/2015/TT-BTC",
        effective_until="2019-05-31",
        replaced_by=("Thông tư 22/2019/TT-BTC",),
    )
    document = make_document("a.txt", "Một câu.", entry)
    quote = Quote(document=document, start=0, end=8, score=1.0, standing=Standing.EXPIRED)
    shown = render_answer(replace(answer(), quotes=(quote,)))
    warning = (
        "VĂN BẢN KHÔNG CÒN HIỆU LỰC (có hiệu lực đến hết ngày 31/05/2019), đã được thay thế bởi "
        "Thông tư 22/2019/TT-BTC."
    )
    assert f'<p class="warning">{warning}</p><blockquote lang="vi">Một câu.' in shown
    assert citation_of(quote, Language.VIETNAMESE).full.endswith(warning)
    assert "Thông tư 12/2015/TT-BTC, không rõ ngày" in citation_of(quote, Language.VIETNAMESE).full
    english = citation_of(quote, Language.ENGLISH).full
    assert "NO LONGER IN FORCE (it was in force until 31 May 2019), replaced by" in english
    whole = render_document(document, Language.VIETNAMESE, standing=Standing.EXPIRED)
    assert f'<p class="warning">{warning}</p>' in whole


def test_the_pieces_of_an_article_are_all_shown() -> None:
    three = answer("Một câu. Hai câu. Ba câu.", count=3)
    assert "<details" in render_answer(three)
    assert "<details" not in render_answer(replace(three, pieces=3))


def test_pages_are_told_and_shown() -> None:
    extract = Extract(text="Câu một.\n\nCâu hai.\n\n", pages=(0, 10))
    document = make_document("a.pdf", extract)
    quote = Quote(document=document, start=10, end=18, score=1.0)
    assert "trang 2" in citation_of(quote, Language.VIETNAMESE).full
    assert "page 2" in citation_of(quote, Language.ENGLISH).full
    text = _Markup(render_document(document, Language.ENGLISH)).text
    assert text.index("page 1") < text.index("Câu một.") < text.index("page 2")
