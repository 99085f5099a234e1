"""Refusal where a question names an article, a regulation or a title: real ones, real questions."""

import pytest

from rag.config import load_settings
from rag.evaluation import evaluate, read_gold
from rag.service.assistant import Assistant
from rag.service.indexing.indexer import Indexer
from tests.conftest import ROOT

HERE = ROOT / "tests"


@pytest.fixture(scope="module")
def regulations(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    index = tmp_path_factory.mktemp("regulations") / "index"
    folder, settings = HERE / "regulations", load_settings()
    Indexer(index, settings).bring_in_step(folder)
    return Assistant.open(index)


@pytest.mark.model
def test_naming_a_place_does_not_switch_refusal_off(regulations: Assistant) -> None:
    gold = read_gold(HERE / "regulations_gold.jsonl")
    assert sum(not question.answerable for question in gold) == 30
    figures = evaluate(regulations, gold)["all"]
    assert figures["false answers"] <= 0.0667  # 2 of 30
    assert figures["missed"] <= 2 / 16
    assert figures["quote@1"] >= 12 / 16


@pytest.mark.model
@pytest.mark.parametrize(
    "question",
    [
        "Theo Điều 2, thủ đô của nước Pháp là gì?",
        "What is the capital of France under Article 2?",
        "Điều 25 Luật Cư trú quy định gì?",
        "Điều 2 Luật Du lịch quy định gì?",
        "Điều 2 Quyết định 78/2024/QĐ-MAT nói gì?",
        "Theo Luật Du lịch, lưu trú là gì?",
        "What does Article 2 of the Law on Tourism say?",
        "Article 2 of the Tourism Law",
    ],
)
def test_what_is_not_there_is_not_found(regulations: Assistant, question: str) -> None:
    answer = regulations.ask(question)
    assert (answer.answerable, answer.quotes) == (False, ())
    assert answer.confidence <= 0.15


@pytest.mark.model
def test_a_law_that_is_there_is_found_by_its_english_name(regulations: Assistant) -> None:
    answer = regulations.ask("What does Article 11 of the Law on Residence say?")
    shown = answer.quotes or answer.related
    assert shown[0].document.source == "luat-cu-tru.txt"
    assert shown[0].section.startswith("Điều 11")
