"""What is quoted where a question points."""

from pathlib import Path

import pytest

from rag.domain.permissions import Scope
from rag.service.assistant import Assistant
from rag.testing.hash_embedder import HashEmbedder
from rag.testing.reading_models import WordReadingModel
from tests.conftest import Build

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


@pytest.fixture
def laws(tmp_path: Path, build: Build, embedder: HashEmbedder) -> Assistant:
    folder = tmp_path / "laws"
    folder.mkdir()
    for name, fee, day in (("CƯ TRÚ", 100, "01/7/2021"), ("DU LỊCH", 200, "01/01/2018")):
        text = LAW.format(name=name, fee=fee, day=day)
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    build(folder)
    return Assistant.open(tmp_path / "index", embedder=embedder, reading_model=WordReadingModel())


def told(
    assistant: Assistant, question: str, history: tuple[str, ...] = ()
) -> list[tuple[str, str, str]]:
    answer = assistant.ask(question, [{"question": earlier} for earlier in history])
    return [(earlier.document.source, earlier.section, earlier.text) for earlier in answer.quotes]


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
    quoted = told(laws, "Điều 12 quy định gì?")
    assert {source for source, _, _ in quoted} == {"CƯ TRÚ.txt", "DU LỊCH.txt"}
    assert {section for _, section, _ in quoted} == {"Điều 12"}


def test_a_question_that_says_an_articles_title_is_answered_with_it(laws: Assistant) -> None:
    scope = Scope()
    for question in ("Phạm vi điều chỉnh", "dieu chinh nhung pham vi nao?"):
        answer = laws.ask(question, scope=scope)
        assert {quote.section for quote in answer.quotes} == {"Điều 1"}
        assert {quote.document.source for quote in answer.quotes} == {"CƯ TRÚ.txt", "DU LỊCH.txt"}
    assert {quote.section for quote in laws.ask("Phạm vi").quotes} != {"Điều 1"}, (
        "too little is said"
    )


def test_a_following_question_keeps_the_article(laws: Assistant) -> None:
    quoted = told(laws, "còn khoản 1?", ("Điều 2 khoản 2 Luật Cư trú quy định gì?",))
    assert ("CƯ TRÚ.txt", "Điều 2, khoản 1", "1. Phí là 100 đồng.") in quoted


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
