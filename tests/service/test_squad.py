"""Evaluation on sets in the format of SQuAD."""

import json
from pathlib import Path

import pytest

from rag.config import Settings
from rag.errors import GoldError
from rag.evaluation import asked_in, evaluate_squad, opened, read_squad
from rag.evaluation.squad import token_f1
from rag.testing.hash_embedder import HashEmbedder
from rag.testing.reading_models import WordReadingModel

SQUAD = {
    "data": [
        {
            "title": "x",
            "paragraphs": [
                {
                    "context": "Nhân viên đỗ xe ở sân sau.",
                    "qas": [
                        {
                            "id": "1",
                            "question": "Nhân viên đỗ xe ở đâu?",
                            "answers": [{"text": "sân sau", "answer_start": 18}],
                        },
                        {"id": "2", "question": "Phí là bao nhiêu?", "answers": []},
                    ],
                },
                {"context": "Mỗi năm nghỉ 12 ngày phép.", "qas": []},
            ],
        }
    ]
}


def test_a_squad_set_is_scored(tmp_path: Path, hash_settings: Settings) -> None:
    path = tmp_path / "set.json"
    path.write_text(json.dumps(SQUAD), encoding="utf-8")
    squad = read_squad(path)

    with opened(
        squad.passages, hash_settings, embedder=HashEmbedder(), reading_model=WordReadingModel()
    ) as assistant:
        report = evaluate_squad(assistant, squad.questions)

    assert squad.passages == ("Nhân viên đỗ xe ở sân sau.", "Mỗi năm nghỉ 12 ngày phép.")
    assert report["questions"] == 2
    assert report["R@1"] == report["R@10"] == report["MRR"] == report["nDCG@10"] == 1.0
    assert set(report) >= {"span F1", "missed", "false answers"}
    assert asked_in(squad, squad) == squad


def test_what_is_no_squad_set_says_so(tmp_path: Path) -> None:
    path = tmp_path / "set.json"
    path.write_text('{"data": [{}]}', encoding="utf-8")
    with pytest.raises(GoldError, match="is not in SQuAD's format"):
        read_squad(path)
    path.write_text('{"data": []}', encoding="utf-8")
    with pytest.raises(GoldError, match="has no questions"):
        read_squad(path)


@pytest.mark.parametrize(
    ("found", "gold", "f1"),
    [
        ("Hạ Long", "hạ long", 1.0),
        ("tại Hạ Long", "Hạ Long", 0.8),
        ("the Eiffel Tower.", "Eiffel tower", 1.0),
        ("", "Hạ Long", 0.0),
        ("Đức", "Pháp", 0.0),
    ],
)
def test_f1_of_words(found: str, gold: str, f1: float) -> None:
    assert token_f1(found, gold) == pytest.approx(f1)
