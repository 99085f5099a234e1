"""Written sets: what is read of them, and how they are asked."""

import json
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from rag.cli.main import main
from rag.config import load_settings
from rag.domain.documents import Passage
from rag.domain.quote import Quote
from rag.errors import GoldError
from rag.evaluation import (
    as_gold,
    conversations_as_gold,
    evaluate,
    opened_corpus,
    read_written,
    write_documents,
)
from rag.evaluation.gold import GoldEvidence, is_right, stands_in
from rag.ingest.structure.document import make_document
from rag.testing.hash_embedder import HashEmbedder
from rag.testing.reading_models import WordReadingModel

FEES: dict[str, Any] = {
    "id": "fees",
    "lang": "vi",
    "kind": "notice",
    "title": "Phí gửi xe",
    "publisher": "",
    "date": "2024-05-06",
    "text": "Phí gửi xe là 5.000 đồng. Xe đạp gửi miễn phí. Phí gửi xe qua đêm là 5.000 đồng một giờ.",
}
HOURS = FEES | {
    "id": "hours",
    "lang": "en",
    "title": "Opening “hours”",
    "date": "",
    "text": "The warehouse opens at seven. It closes at noon.",
}
QUESTIONS: list[dict[str, Any]] = [
    {
        "doc": "fees",
        "vi": "Gửi xe qua đêm hết bao nhiêu?",
        "en": "What does parking overnight cost?",
        "style": "plain",
        "answer": ["5.000 đồng"],
        "sentence": "Phí gửi xe qua đêm là 5.000 đồng một giờ.",
    },
    {
        "doc": "hours",
        "vi": "Kho mở cửa lúc mấy giờ?",
        "en": "When does the warehouse open?",
        "style": "chatty",
        "answer": ["seven", "noon"],
    },
    {
        "doc": "fees",
        "vi": "Phí gửi ô tô là bao nhiêu?",
        "en": "What is the fee for cars?",
        "style": "plain",
        "answer": [],
        "near": "Xe đạp gửi miễn phí.",
        "why": "only bicycles",
    },
]


CONVERSATION: dict[str, Any] = {
    "doc": "hours",
    "turns": ["When does the warehouse open?", "and close?"],
    "lang": "en",
    "kind": "ellipsis",
    "standalone": "When does the warehouse close?",
    "answer": ["noon"],
}


def write_set(
    folder: Path, documents: Sequence[Mapping[str, Any]], questions: Sequence[Mapping[str, Any]]
) -> Path:
    folder.mkdir(parents=True)
    for name, values in (("docs", documents), ("questions", questions)):
        lines = "\n".join(json.dumps(value, ensure_ascii=False) for value in values)
        (folder / f"{name}.jsonl").write_text(lines + "\n", encoding="utf-8")
    return folder


def test_a_span_is_found_in_the_sentence_that_is_named(tmp_path: Path) -> None:
    written = read_written(write_set(tmp_path / "set", [FEES, HOURS], QUESTIONS))
    overnight, opening, cars = written.questions
    text = written.documents["fees"].text

    assert [text[slice(*span)] for span in overnight.answers] == ["5.000 đồng"]
    assert overnight.answers[0][0] == text.rindex("5.000 đồng") > text.index("5.000 đồng")
    assert len(opening.answers) == 2
    assert opening.tempts is None
    assert cars.answers == ()
    assert cars.tempts is not None
    assert text[slice(*cars.tempts)] == "Xe đạp gửi miễn phí."


def test_several_sets_and_what_is_held_out(tmp_path: Path) -> None:
    write_set(tmp_path / "a", [FEES], [QUESTIONS[0]])
    write_set(tmp_path / "b", [HOURS], [QUESTIONS[1]])
    (tmp_path / "dev.txt").write_text("hours\n", encoding="utf-8")

    written = read_written(tmp_path)

    assert [question.document for question in written.held_out()] == ["hours"]
    assert [question.document for question in written.learnt_from()] == ["fees"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"answer": ["không có trong văn bản"]}, "line 1: ValueError"),
        ({"doc": "unknown"}, "line 1: KeyError"),
        ({"answer": None}, "line 1: TypeError"),
        ({"answer": "5.000 đồng"}, "is no list"),
    ],
)
def test_what_is_wrong_with_a_question_is_told(
    tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    folder = write_set(tmp_path / "set", [FEES, HOURS], [QUESTIONS[0] | change])
    with pytest.raises(GoldError, match=told):
        read_written(folder)


@pytest.mark.parametrize("identifier", ["../outside", "/outside", "a/b", "", ".."])
def test_a_document_is_not_written_elsewhere(tmp_path: Path, identifier: str) -> None:
    folder = write_set(tmp_path / "set", [FEES | {"id": identifier}], [])
    with pytest.raises(GoldError, match="line 1: ValueError .* is no id"):
        read_written(folder)


def test_two_documents_of_one_id_are_told(tmp_path: Path) -> None:
    write_set(tmp_path / "a", [FEES], [QUESTIONS[0]])
    write_set(tmp_path / "b", [FEES], [QUESTIONS[2]])
    with pytest.raises(GoldError, match="second document fees"):
        read_written(tmp_path)


@pytest.mark.parametrize("named", [None, "unknown\n"])
def test_nothing_that_is_held_out_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], named: str | None
) -> None:
    write_set(tmp_path / "set", [FEES], [QUESTIONS[0]])
    if named:
        (tmp_path / "dev.txt").write_text(named, encoding="utf-8")
    assert main(["eval", str(tmp_path), "--held-out"]) == 1
    assert "dev.txt" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--held-out"], "a folder of written sets"),
        (["--passages", "vi.json"], "a set in SQuAD's format"),
    ],
)
def test_options_that_do_not_go_together_are_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], told: str
) -> None:
    assert main(["eval", str(tmp_path / "gold.jsonl"), *options]) == 2
    assert told in capsys.readouterr().err


def test_a_list_of_what_is_held_out_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    write_set(tmp_path / "set", [FEES], [QUESTIONS[0]])
    (tmp_path / "dev.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(GoldError, match="cannot be read as UTF-8"):
        read_written(tmp_path)


def test_a_folder_without_sets_is_told(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match="has no questions"):
        read_written(tmp_path)


def test_the_documents_are_indexed_as_they_are_and_asked_in_both_languages(tmp_path: Path) -> None:
    written = read_written(write_set(tmp_path / "set", [FEES, HOURS], QUESTIONS))
    gold = as_gold(written.questions, written.documents)
    settings = load_settings(model="hash")

    with opened_corpus(
        partial(write_documents, written.documents.values()),
        settings,
        embedder=HashEmbedder(),
        reading_model=WordReadingModel(),
    ) as assistant:
        report = evaluate(assistant, gold)
        document = assistant.document("hours.txt")
        assert document.text == HOURS["text"]
        assert document.metadata.title == "Opening “hours”"
        assert assistant.document("fees.txt").metadata.date == "2024-05-06"

    assert [question.groups for question in gold[:2]] == [("vi", "vi plain"), ("en", "en plain")]
    assert list(report) == ["all", "vi", "vi plain", "en", "en plain", "vi chatty", "en chatty"]
    assert report["all"]["questions"] == 6
    assert report["vi plain"]["questions"] == 2
    assert report["vi chatty"]["R@10"] == 1.0
    assert "auroc" in report["vi"]
    assert 0 <= report["all"]["calibration error"] <= 1


def test_conversations_are_asked_with_what_went_before(tmp_path: Path) -> None:
    folder = write_set(tmp_path / "set", [FEES, HOURS], QUESTIONS)
    changed = CONVERSATION | {"doc": "fees", "turns": ["Gửi xe?", "Cảm ơn", "Ô tô?"], "answer": []}
    for name, value in (("set", CONVERSATION), ("", changed)):
        lines = json.dumps(value, ensure_ascii=False)
        (tmp_path / name / "conversations.jsonl").write_text(lines, encoding="utf-8")
    (tmp_path / "dev.txt").write_text("hours\n", encoding="utf-8")

    written = read_written(tmp_path)
    gold = conversations_as_gold(written.conversations, written.documents)

    assert [asked.turns[-1] for asked in written.held_out_conversations()] == ["and close?"]
    assert read_written(folder).conversations == written.held_out_conversations()
    assert [question.question for question in gold] == ["Ô tô?", "and close?"]
    assert gold[0].history == ({"question": "Gửi xe?"}, {"question": "Cảm ơn"})
    assert not gold[0].answerable
    assert gold[1].groups == ("conversations", "conversations en", "conversations ellipsis")
    assert [evidence.quote for evidence in gold[1].evidence] == ["noon"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"turns": ["one alone"]}, "two questions or more"),
        ({"turns": None}, "two questions or more"),
        ({"doc": "unknown"}, "line 1: KeyError"),
        ({"answer": ["not there"]}, "line 1: ValueError"),
    ],
)
def test_what_is_wrong_with_a_conversation_is_told(
    tmp_path: Path, change: dict[str, Any], told: str
) -> None:
    folder = write_set(tmp_path / "set", [FEES, HOURS], QUESTIONS)
    (folder / "conversations.jsonl").write_text(json.dumps(CONVERSATION | change), encoding="utf-8")
    with pytest.raises(GoldError, match=told):
        read_written(folder)


def test_evidence_is_where_it_is_said_to_stand() -> None:
    text = "Phí là 5 đồng. Phí qua đêm là 5 đồng."
    document = make_document("a.txt", text)
    second = text.rindex("Phí")
    quote = Quote(document=document, start=second, end=len(text), score=1.0)
    evidence = GoldEvidence(source="a.txt", quote="5 đồng", start=text.rindex("5 đồng"))

    assert is_right(quote, evidence)
    assert not is_right(quote, GoldEvidence(source="a.txt", quote="5 đồng"))
    assert not is_right(quote, GoldEvidence(source="b.txt", quote="5 đồng", start=second))
    assert stands_in(Passage(source="a.txt", start=second, end=len(text)), document, evidence)
    assert not stands_in(Passage(source="a.txt", start=0, end=second), document, evidence)
