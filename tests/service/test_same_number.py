"""Two texts of one number."""

from pathlib import Path

import pytest

from rag.domain.documents import Language
from rag.present.citation import warning_of
from rag.service.assistant import Assistant
from rag.testing.hash_embedder import HashEmbedder
from rag.testing.reading_models import WordReadingModel
from tests.conftest import Build

HEAD = "QUỐC HỘI\n\nLuật số: 54/2014/QH13\n\nLUẬT\nHẢI QUAN\n\n"
ARTICLES = (
    "Điều 1. Phạm vi điều chỉnh\n\nLuật này quy định về hải quan.\n\n"
    "Điều 25. Thời hạn nộp hồ sơ\n\nThời hạn nộp hồ sơ hải quan là {days} ngày.\n"
)


@pytest.fixture
def twins(tmp_path: Path, build: Build, embedder: HashEmbedder) -> Assistant:
    folder = tmp_path / "twins"
    folder.mkdir()
    for name, days in (("luat.txt", "30"), ("ban-sao.txt", "03")):
        (folder / name).write_text(HEAD + ARTICLES.format(days=days), encoding="utf-8")
    build(folder)
    return Assistant.open(tmp_path / "index", embedder=embedder, reading_model=WordReadingModel())


@pytest.mark.parametrize(
    "question",
    ["Điều 25 Luật Hải quan quy định gì?", "Thời hạn nộp hồ sơ hải quan là bao nhiêu ngày?"],
)
def test_two_texts_of_one_number_are_both_quoted_with_a_warning(
    twins: Assistant, question: str
) -> None:
    answer = twins.ask(question)
    assert answer.answerable
    assert answer.twins == 2
    assert {quote.document.source for quote in answer.quotes[:2]} == {"luat.txt", "ban-sao.txt"}
    assert ["30 ngày" in quote.text or "03 ngày" in quote.text for quote in answer.quotes] == [
        True, True,
    ]  # fmt: skip
    for quote in answer.quotes:
        assert "CÓ VĂN BẢN KHÁC CÙNG SỐ" in warning_of(quote, Language.VIETNAMESE)
        assert "SAME NUMBER" in warning_of(quote, Language.ENGLISH)


def test_where_both_texts_say_the_same_nothing_is_warned_of(twins: Assistant) -> None:
    answer = twins.ask("Điều 1 Luật Hải quan quy định gì?")
    assert answer.answerable
    assert answer.twins == 0
    assert len({quote.text for quote in answer.quotes}) == len(answer.quotes)
    assert {warning_of(quote, Language.ENGLISH) for quote in answer.quotes} == {""}
