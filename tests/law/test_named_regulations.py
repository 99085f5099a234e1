"""Refusal where a question names an article, a regulation or a title: real ones, real questions."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

import pytest

from rag.config import load_settings
from rag.domain.documents import Metadata
from rag.domain.query import NamedRegulations
from rag.evaluation import evaluate, read_gold
from rag.ingest.structure.document import make_document
from rag.law.named_regulations import (
    english_law_in,
    is_named,
    is_title_of,
    regulations_in,
    speaks_for,
    without_source,
)
from rag.service.assistant import Assistant
from rag.service.indexing.indexer import Indexer
from tests.conftest import ROOT
from tests.gates import share

HERE = ROOT / "tests"


@pytest.fixture(scope="module")
def regulations(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    index = tmp_path_factory.mktemp("regulations") / "index"
    folder, settings = HERE / "regulations", load_settings()
    Indexer(index, settings).bring_in_step(folder)
    with closing(Assistant.open(index)) as opened:
        yield opened


@pytest.mark.model
def test_naming_a_place_does_not_switch_refusal_off(regulations: Assistant) -> None:
    # Each bound leaves two questions' room to what was measured.
    gold = read_gold(HERE / "regulations_gold.jsonl")
    answerable = [question.answerable for question in gold]
    assert (answerable.count(True), answerable.count(False)) == (16, 30)
    figures = evaluate(regulations, gold)["all"]
    assert figures["quote@1"] >= share(10, 16)  # 12 of 16, .750, were measured
    assert figures["missed"] <= share(4, 16)  # 2 of 16, .125
    assert figures["false answers"] <= share(4, 30)  # 2 of 30, .067


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


@pytest.mark.parametrize(
    ("question", "numbers", "laws"),
    [
        ("Điều 2 Luật Du lịch quy định gì?", (), ("luat du lich",)),
        ("theo luat lao dong thi nghi bao nhieu ngay", (), ("luat lao dong",)),
        ("Bộ luật Hình sự phạt thế nào?", (), ("luat hinh su",)),
        ("Trong luật đất đai, sổ đỏ là gì", (), ("luat dat dai",)),
        ("Luật giá quy định gì?", (), ("luat gia",)),
        ("Luật Sử dụng năng lượng tiết kiệm có gì?", (), ("luat su dung",)),
        ("Luật Hải quan số 54/2014/QH13", ("54/2014/qh13",), ("luat hai quan",)),
        ("Quyết định 78/2024/QĐ-MAT nói gì", ("78/2024/qd-mat",), ()),
        ("pháp luật Việt Nam quy định thế nào", (), ()),
        ("luật sư là gì", (), ()),
        ("luật quy định gì về rượu", (), ()),
        ("kỷ luật lao động là gì", (), ()),
        ("Luật này có hiệu lực khi nào", (), ()),
        ("luật nào cấm", (), ()),
        ("ngày 01/02/2024 có gì", (), ()),
    ],
)
def test_the_regulations_that_a_question_names(
    question: str, numbers: tuple[str, ...], laws: tuple[str, ...]
) -> None:
    assert regulations_in(question) == NamedRegulations(numbers=numbers, laws=laws)


@pytest.mark.parametrize(
    ("question", "law"),
    [
        ("What does Article 2 of the Law on Tourism say?", "Tourism"),
        ("Article 3 of the Law on Tax Administration", "Tax Administration"),
        ("What does the labour code say about leave?", "labour"),
        ("the law enforcement office", ""),
        ("What is the law?", ""),
        ("Who is a lawyer?", ""),
    ],
)
def test_a_law_that_is_named_in_english(question: str, law: str) -> None:
    assert english_law_in(question) == law


@pytest.mark.model
def test_a_law_that_is_there_is_found_by_its_english_name(regulations: Assistant) -> None:
    answer = regulations.ask("What does Article 11 of the Law on Residence say?")
    assert answer.answerable
    assert answer.quotes[0].document.source == "luat-cu-tru.txt"
    assert answer.quotes[0].section.startswith("Điều 11")


@pytest.mark.parametrize(
    ("question", "left"),
    [
        ("Theo Điều 2 Luật Cư trú, lưu trú là gì?", "lưu trú là gì?"),
        ("What is the capital of France under Article 2?", "What is the capital of France?"),
        ("Thông tư 120/2015/TT-BTC: tờ khai gồm mấy trang?", "tờ khai gồm mấy trang?"),
        ("Mức phí theo Điều 3 là bao nhiêu?", "Mức phí theo Điều 3 là bao nhiêu?"),
        ("Điều 9 Luật Cư trú quy định gì?", "Điều 9 Luật Cư trú quy định gì?"),
        ("In Hanoi, what is it?", "In Hanoi, what is it?"),
        ("Nếu đi vắng, phải làm gì?", "Nếu đi vắng, phải làm gì?"),
    ],
)
def test_what_is_asked_of_the_place(question: str, left: str) -> None:
    assert without_source(question) == left


def test_a_document_is_named_or_cites_what_is_named() -> None:
    tourism = regulations_in("Luật Du lịch quy định gì?")
    law = Metadata(title="Luật 09/2017/QH14: Luật Du lịch", number="Luật 09/2017/QH14")
    assert is_named(tourism, "a.txt", law)
    assert is_title_of(tourism, "a.txt", law)
    assert is_named(tourism, "Luật Du lịch.txt", Metadata())
    assert not is_named(tourism, "a.txt", Metadata(title="Luật Cư trú"))
    press = make_document("a.txt", "Theo Luật Du lịch, khách có quyền. Kho mở cửa lúc 7 giờ.")
    assert speaks_for(tourism, press, 0, 34)
    assert not speaks_for(tourism, press, 35, len(press.text)), "it speaks of it elsewhere"
    circular_text = replace(press, metadata=Metadata(number="Thông tư 1/2019/TT-BVHTTDL"))
    assert speaks_for(tourism, circular_text, 35, len(press.text)), "it guides the law"
    assert not speaks_for(tourism, make_document("a.txt", "Cơ sở du lịch theo luật."), 0, 24)
    circular = regulations_in("Thông tư 39/2018/TT-BTC nói gì?")
    assert is_named(circular, "a.txt", Metadata(number="Thông tư 39/2018/TT-BTC"))
    assert not is_named(circular, "a.txt", Metadata(number="Thông tư 139/2018/TT-BTC"))
