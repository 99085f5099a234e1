"""Follow-up questions, and changes of subject."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from rag.language.glossary import Glossary
from rag.language.syllables import SyllableModel, count_syllables
from rag.understand.analyse import Analyser
from rag.understand.follow_up import understand

CORPUS = [
    "Hội nghị ASEM 13 diễn ra tại Hạ Long với 53 đoàn đại biểu tham dự. ASEM 12 diễn ra ở Đức. "
    "Chiến dịch Demeter nhằm vào phế liệu. Chiến dịch Con Rồng Mê Kông. Chủ đề năm 2024 của WCO."
]


@pytest.fixture
def analyser(tmp_path: Path) -> Iterator[Analyser]:
    count_syllables(CORPUS).write(tmp_path / "s.sqlite")
    with closing(SyllableModel(tmp_path / "s.sqlite")) as model:
        yield Analyser(model, Glossary.default())


@pytest.mark.parametrize(
    ("earlier", "question", "understood"),
    [
        (["ASEM 13 diễn ra ở đâu?"], "Hội nghị đó có gì?", "ASEM 13: Hội nghị đó có gì?"),
        (["asem 13 dien ra o dau"], "hoi nghi do co gi", "asem 13: hội nghị đó có gì"),
        (["ASEM 13 diễn ra ở đâu?"], "Còn ASEM 12 thì sao?", "ASEM 12 diễn ra ở đâu?"),
        (["asem 13 dien ra o dau"], "con asem 12?", "asem 12 diễn ra ở đâu"),
        (["Chủ đề năm 2024 của WCO là gì?"], "Còn năm 2023?", "Chủ đề năm 2023 của WCO là gì?"),
        (["What did ASEM 13 adopt?"], "Where was it held?", "ASEM 13: Where was it held?"),
        (["What did ASEM 13 adopt?"], "What about ASEM 12?", "What did ASEM 12 adopt?"),
        (["What was the WCO theme for 2024?"], "And 2025?", "What was the WCO theme for 2025?"),
        (
            ["Chiến dịch Con Rồng Mê Kông do ai lập?", "Mục đích của nó là gì?"],
            "Còn Chiến dịch Demeter?",
            "Chiến dịch Demeter: Mục đích của nó là gì?",
        ),
        (
            ["ASEM 13 diễn ra ở đâu?", "Có bao nhiêu đoàn tham dự?"],
            "Hội nghị này có gì?",
            "ASEM 13: Hội nghị này có gì?",
        ),
    ],
)
def test_a_follow_up_is_asked_with_its_subject(
    analyser: Analyser, earlier: list[str], question: str, understood: str
) -> None:
    meant = understand(question, earlier, analyser)

    assert meant.query.text == understood
    assert meant.query.follows
    assert meant.alternative is None


def test_what_may_be_a_follow_up_is_not_certain(analyser: Analyser) -> None:
    meant = understand("Có bao nhiêu đoàn tham dự?", ["ASEM 13 ở đâu?"], analyser)

    assert meant.query.text == "Có bao nhiêu đoàn tham dự?"
    assert meant.alternative is not None
    assert meant.alternative.text == "ASEM 13: Có bao nhiêu đoàn tham dự?"


@pytest.mark.parametrize(
    ("earlier", "question"),
    [
        (["ASEM 13 diễn ra ở đâu?"], "Chủ đề năm 2024 của WCO là gì?"),
        (["Where was ASEM 13?"], "Who is behind the Mekong Dragon operation?"),
        ([], "Hội nghị đó có gì?"),
        (["ASEM 13 diễn ra ở đâu?"], "ASEM 13 diễn ra ở đâu?"),
        (["", "?!"], "Còn ASEM 12?"),
        (["ASEM 13 diễn ra ở đâu?"], "con nguoi cua asem la ai"),
    ],
)
def test_a_new_subject_stands_alone(analyser: Analyser, earlier: list[str], question: str) -> None:
    meant = understand(question, earlier, analyser)

    assert meant.alternative is None
    assert not meant.query.follows


@pytest.mark.parametrize(
    ("question", "understood"),
    [
        ("Thế thì những ai tham dự?", "ASEM 13: những ai tham dự?"),
        ("Vậy ai dự?", "ASEM 13 diễn ra ở đâu: ai dự?"),
        ("Ai đến đó trước khi họp?", "ASEM 13: Ai đến đó trước khi họp?"),
        # It asks, so it is no other subject.
        ("Còn khi nào thì họp?", "ASEM 13: khi nào thì họp?"),
        ("Who went there?", "ASEM 13: Who went there?"),
        ("What did they do after that?", "ASEM 13: What did they do after that?"),
    ],
)
def test_what_points_back_or_goes_on(analyser: Analyser, question: str, understood: str) -> None:
    meant = understand(question, ["ASEM 13 diễn ra ở đâu?"], analyser)
    assert (meant.query.text, meant.alternative) == (understood, None)


@pytest.mark.parametrize(
    "question",
    [
        "Thế giới có bao nhiêu nước tham gia?",  # "thế giới" is a word
        "Trong đó có những ai tham dự vậy?",  # "trong đó" says of which
        "Who said that the members met last year?",
        "Is there a plan of the members?",
    ],
)
def test_what_only_looks_like_it_is_not_certain(analyser: Analyser, question: str) -> None:
    meant = understand(question, ["ASEM 13 diễn ra ở đâu?"], analyser)
    assert not meant.query.follows
