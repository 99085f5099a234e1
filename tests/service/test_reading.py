"""What follows from what was read for quotes, their order and figures."""

from pathlib import Path

from rag.present.markdown import answer_as_markdown
from rag.present.schema import answer_as_json
from rag.service.assistant import Assistant
from rag.testing.hash_embedder import HashEmbedder
from rag.testing.reading_models import WordReadingModel
from tests.conftest import Build


def test_words_that_answer_are_marked_within_the_quote(assistant: Assistant) -> None:
    for question in ("Where may staff park?", "Mỗi cán bộ được nghỉ mấy ngày phép?"):
        for quote in assistant.ask(question).quotes:
            for start, end in quote.highlights:
                assert quote.start <= start < end <= quote.end


def test_figures_that_differ_are_shown_newest_first(
    tmp_path: Path, build: Build, embedder: HashEmbedder
) -> None:
    folder = tmp_path / "corpus"
    folder.mkdir()
    for year, count in ((2020, 40), (2025, 50), (2023, 45)):
        (folder / f"{year}.txt").write_text(
            f"Bản tin năm {year} của ngành.\n\nHải quan đã ký {count} thỏa thuận với các nước.\n",
            encoding="utf-8",
        )
    build(folder)
    assistant = Assistant.open(
        tmp_path / "index", embedder=embedder, reading_model=WordReadingModel()
    )

    newest = assistant.ask("Hải quan đã ký bao nhiêu?")
    older = assistant.ask("Năm 2020 hải quan đã ký bao nhiêu?")

    assert [quote.document.source for quote in newest.quotes] == [
        "2025.txt",
        "2023.txt",
        "2020.txt",
    ]
    assert newest.conflicting == 3
    assert "different" not in answer_as_markdown(newest)
    assert "theo thời gian" in answer_as_markdown(newest)
    assert older.quotes[0].document.source == "2020.txt"
    assert older.conflicting == 0
    assert assistant.ask("Giai đoạn 2020-2025 hải quan đã ký bao nhiêu?").conflicting == 0


def test_a_follow_up_is_answered_about_its_subject(assistant: Assistant) -> None:
    answer = assistant.ask("And the fees?", [{"question": "Where is Parking for visitors?"}, {}])

    assert answer.query.follows
    assert answer_as_json(answer)["understood"] == answer.query.text != "And the fees?"
