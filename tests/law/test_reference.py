"""Questions that point at a place, and what is quoted there."""

from pathlib import Path

import pytest

from rag.domain.documents import Division
from rag.domain.permissions import Scope
from rag.law.reference import find_reference
from rag.service.assistant import Assistant
from tests.conftest import Build, OpenAssistant

LAW = """LUẬT {name}

Điều 1. Phạm vi điều chỉnh

Luật này quy định về {name}.

Điều 2. Mức phí

1. Phí là {fee} đồng.

2. Miễn phí đối với:

a) Người khuyết tật;

đ) Người nghèo.

Điều 12. Hiệu lực

Luật này có hiệu lực từ ngày {day}.
"""

ARTICLE, CLAUSE, POINT = Division.ARTICLE, Division.CLAUSE, Division.POINT


@pytest.mark.parametrize(
    ("question", "numbers", "rest"),
    [
        ("Điều 12 khoản 3 quy định gì?", {ARTICLE: "12", CLAUSE: "3"}, ()),
        ("dieu 12 khoan 3 quy dinh gi", {ARTICLE: "12", CLAUSE: "3"}, ()),
        ("Article 12", {ARTICLE: "12"}, ()),
        ("What does Article 12(3)(b) say?", {ARTICLE: "12", CLAUSE: "3", POINT: "b"}, ()),
        ("điểm đ khoản 2 Điều 5", {ARTICLE: "5", CLAUSE: "2", POINT: "đ"}, ()),
        ("Chương II quy định những gì", {Division.CHAPTER: "2"}, ()),
        ("Theo Điều 20, ai được miễn phí?", {ARTICLE: "20"}, ("ai", "được", "miễn", "phí")),
        ("còn khoản 4?", {CLAUSE: "4"}, ("còn",)),
    ],
)
def test_where_a_question_points(
    question: str, numbers: dict[Division, str], rest: tuple[str, ...]
) -> None:
    address = find_reference(question)
    assert address is not None
    assert dict(address.numbers) == numbers
    assert set(address.rest) <= set(rest)


@pytest.mark.parametrize(
    "question",
    [
        "điều kiện đăng ký là gì",
        "mục tiêu năm 2024",
        "điểm du lịch là gì",
        "ASEM 13 đã thông qua gì",
    ],
)
def test_questions_that_point_nowhere(question: str) -> None:
    assert find_reference(question) is None


def test_an_address_goes_on_from_the_one_before() -> None:
    before = find_reference("Điều 12 khoản 3 điểm a")
    after = find_reference("còn khoản 4?")
    assert after is not None
    assert dict(after.within(before).numbers) == {ARTICLE: "12", CLAUSE: "4"}


@pytest.fixture
def laws(tmp_path: Path, build: Build, open_assistant: OpenAssistant) -> Assistant:
    folder = tmp_path / "laws"
    folder.mkdir()
    for name, fee, day in (("CƯ TRÚ", 100, "01/7/2021"), ("DU LỊCH", 200, "01/01/2018")):
        text = LAW.format(name=name, fee=fee, day=day)
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    build(folder)
    return open_assistant(tmp_path / "index")


def told(
    assistant: Assistant, question: str, history: tuple[str, ...] = ()
) -> list[tuple[str, str, str]]:
    answer = assistant.ask(question, [{"question": one} for one in history])
    return [(one.document.source, one.section, one.text) for one in answer.quotes]


def test_the_place_that_is_asked_for_is_quoted(laws: Assistant) -> None:
    free = "2. Miễn phí đối với:\n\na) Người khuyết tật;\n\nđ) Người nghèo."
    assert told(laws, "Điều 2 khoản 2 Luật Cư trú quy định gì?") == [
        ("CƯ TRÚ.txt", "Điều 2, khoản 2", free)
    ]
    assert told(laws, "dieu 2 khoan 2 luat du lich quy dinh gi") == [
        ("DU LỊCH.txt", "Điều 2, khoản 2", free)
    ]
    point = [("DU LỊCH.txt", "Điều 2, khoản 2, điểm đ", "đ) Người nghèo.")]
    assert told(laws, "điểm đ khoản 2 Điều 2 Luật Du lịch") == point
    assert told(laws, "diem d khoan 2 dieu 2 luat du lich") == point
    whole = "Điều 12. Hiệu lực\n\nLuật này có hiệu lực từ ngày 01/7/2021."
    assert told(laws, "Article 12 Cư trú") == [("CƯ TRÚ.txt", "Điều 12", whole)]


def test_each_law_that_has_the_place_is_quoted_if_none_is_named(laws: Assistant) -> None:
    found = told(laws, "Điều 12 quy định gì?")
    assert {source for source, _, _ in found} == {"CƯ TRÚ.txt", "DU LỊCH.txt"}
    assert {section for _, section, _ in found} == {"Điều 12"}


def test_a_question_that_says_an_articles_title_is_answered_with_it(laws: Assistant) -> None:
    scope = Scope()
    for question in ("Phạm vi điều chỉnh", "dieu chinh nhung pham vi nao?"):
        answer = laws.ask(question, scope=scope)
        assert {one.section for one in answer.quotes} == {"Điều 1"}
        assert {one.document.source for one in answer.quotes} == {"CƯ TRÚ.txt", "DU LỊCH.txt"}
    assert {one.section for one in laws.ask("Phạm vi").quotes} != {"Điều 1"}, "too little is said"


def test_a_following_question_keeps_the_article(laws: Assistant) -> None:
    found = told(laws, "còn khoản 1?", ("Điều 2 khoản 2 Luật Cư trú quy định gì?",))
    assert ("CƯ TRÚ.txt", "Điều 2, khoản 1", "1. Phí là 100 đồng.") in found


def test_what_is_not_there_is_not_found_and_the_article_is_shown(laws: Assistant) -> None:
    answer = laws.ask("Điều 2 khoản 9 Luật Cư trú quy định gì?")
    assert not answer.answerable
    assert answer.related[0].section == "Điều 2"
    assert not laws.ask("Điều 99 Luật Cư trú quy định gì?").answerable


def test_a_search_goes_there_too(laws: Assistant) -> None:
    hits = laws.search("Điều 12 Luật Du lịch")
    document = laws.document(hits[0].passage.source)
    assert document.source == "DU LỊCH.txt"
    assert "Điều 12" in document.text[hits[0].passage.start : hits[0].passage.end]


def test_an_address_leads_nowhere_that_may_not_be_read(laws: Assistant) -> None:
    nothing = Scope(collections=frozenset({"another"}))
    answer = laws.ask("Điều 12 Luật Cư trú quy định gì?", scope=nothing)
    assert (answer.answerable, answer.quotes, answer.related) == (False, (), ())
