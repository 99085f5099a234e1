"""The regulations that a question names, and the documents that are one of them."""

from dataclasses import replace

import pytest

from rag.domain.documents import Metadata
from rag.domain.query import NamedRegulations
from rag.ingest.structure.document import make_document
from rag.language.glossary import Glossary
from rag.law.named_regulations import (
    called_in_english,
    english_law_in,
    is_named,
    is_title_of,
    regulations_in,
    speaks_for,
    without_source,
)


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
        ("Căn cứ khoản 1 Điều 5: ai ký?", "ai ký?"),
        ("Ai ký theo Luật Du lịch?", "Ai ký?"),
        ("Who signs according to Decree 8/2015/NĐ-CP?", "Who signs?"),
        # What asks is no source.
        ("Điều 5 có gì, ai ký?", "Điều 5 có gì, ai ký?"),
        ("Theo Điều 2 ai ký, ở đâu?", "Theo Điều 2 ai ký, ở đâu?"),
        # Nor is what names no regulation.
        ("Theo ý kiến của bạn, ai ký?", "Theo ý kiến của bạn, ai ký?"),
        ("Who signs in Hanoi?", "Who signs in Hanoi?"),
        # Of the question enough must be left.
        ("Theo Điều 2 Luật Cư trú, sao?", "Theo Điều 2 Luật Cư trú, sao?"),
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


GLOSSARY = Glossary(["tourism\tdu lịch", "residence\tcư trú", "tax\tthuế"])
KNOWN = {
    "tourism.txt": Metadata(title="Luật 09/2017/QH14: Luật Du lịch"),
    "Luật Cư trú.txt": Metadata(),
    "english.txt": Metadata(title="Law on Tourism"),
    "hai-quan.txt": Metadata(title="Luật Hải quan"),
}


@pytest.mark.parametrize(
    ("law", "sources"),
    [
        ("Tourism", {"tourism.txt", "english.txt"}),
        ("residence", {"Luật Cư trú.txt"}),
        ("tax", set()),  # a name that no document has
    ],
)
def test_what_is_called_by_an_english_name(law: str, sources: set[str]) -> None:
    assert called_in_english(law, GLOSSARY, KNOWN) == frozenset(sources)


@pytest.mark.parametrize("law", ["", "fisheries", "the"])
def test_a_name_that_the_glossary_does_not_know_tells_nothing(law: str) -> None:
    assert called_in_english(law, GLOSSARY, KNOWN) is None
