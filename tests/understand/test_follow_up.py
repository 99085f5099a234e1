"""What questions may mean after another, and what they are taken to mean by their form."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from rag.errors import ModelError
from rag.language.glossary import Glossary
from rag.language.syllables import SyllableModel, count_syllables
from rag.understand import follow_up_model
from rag.understand.analyse import Analyser
from rag.understand.follow_up import Tie, Understanding, understand
from rag.understand.follow_up_model import FollowUpModel, logit_of

CORPUS = [
    "Hội nghị ASEM 13 diễn ra tại Hạ Long với 53 đoàn đại biểu tham dự. ASEM 12 diễn ra ở Đức. "
    "Chiến dịch Demeter nhằm vào phế liệu. Chiến dịch Con Rồng Mê Kông. Chủ đề năm 2024 của WCO."
]
MODEL = FollowUpModel.load()
ASEM = ["ASEM 13 diễn ra ở đâu?"]


@pytest.fixture
def analyser(tmp_path: Path) -> Iterator[Analyser]:
    count_syllables(CORPUS).write(tmp_path / "s.sqlite")
    with closing(SyllableModel(tmp_path / "s.sqlite")) as model:
        yield Analyser(model, Glossary.default())


def _understood(analyser: Analyser, question: str, earlier: list[str]) -> Understanding:
    return understand(question, earlier, analyser, MODEL.likeliest)


def _texts(understood: Understanding) -> dict[Tie, str]:
    return {meaning.tie: meaning.query.text for meaning in understood.meanings}


@pytest.mark.parametrize(
    ("earlier", "question", "tie", "text"),
    [
        (ASEM, "Hội nghị đó có gì?", Tie.SUBJECT, "ASEM 13: Hội nghị đó có gì?"),
        (["asem 13 dien ra o dau"], "hoi nghi do co gi", Tie.SUBJECT, "asem 13: hội nghị đó có gì"),
        (ASEM, "Còn ASEM 12 thì sao?", Tie.EXCHANGED, "ASEM 12 diễn ra ở đâu?"),
        (["asem 13 dien ra o dau"], "con asem 12?", Tie.EXCHANGED, "asem 12 diễn ra ở đâu"),
        (
            ["Chủ đề năm 2024 của WCO là gì?"],
            "Còn năm 2023?",
            Tie.EXCHANGED,
            "Chủ đề năm 2023 của WCO là gì?",
        ),
        (
            ["What did ASEM 13 adopt?"],
            "Where was it held?",
            Tie.SUBJECT,
            "ASEM 13: Where was it held?",
        ),
        (
            ["What did ASEM 13 adopt?"],
            "What about ASEM 12?",
            Tie.EXCHANGED,
            "What did ASEM 12 adopt?",
        ),
        (
            ["What was the WCO theme for 2024?"],
            "And 2025?",
            Tie.EXCHANGED,
            "What was the WCO theme for 2025?",
        ),
        (
            ["Chiến dịch Con Rồng Mê Kông do ai lập?", "Mục đích của nó là gì?"],
            "Còn Chiến dịch Demeter?",
            Tie.EXCHANGED,
            "Chiến dịch Demeter: Mục đích của nó là gì?",
        ),
        (
            [*ASEM, "Hội nghị đó có bao nhiêu đoàn tham dự?"],
            "Hội nghị này có gì?",
            Tie.SUBJECT,
            "ASEM 13: Hội nghị này có gì?",
        ),
        (ASEM, "Vì sao vậy?", Tie.WHOLE, "ASEM 13 diễn ra ở đâu: Vì sao vậy?"),
        (ASEM, "Không, ý tôi là ASEM 12", Tie.EXCHANGED, "ASEM 12 diễn ra ở đâu?"),
        (ASEM, "ko, ý em là ASEM 12 cơ", Tie.EXCHANGED, "ASEM 12 diễn ra ở đâu?"),
        (
            ["What did ASEM 13 adopt?"],
            "sorry, I meant ASEM 12",
            Tie.EXCHANGED,
            "What did ASEM 12 adopt?",
        ),
        (ASEM, "Cảm ơn ạ. Thế những ai tham dự?", Tie.SUBJECT, "ASEM 13: những ai tham dự?"),
        (ASEM, "Vậy ai dự?", Tie.WHOLE, "ASEM 13 diễn ra ở đâu: ai dự?"),
        (ASEM, "Ai đến đó trước khi họp?", Tie.SUBJECT, "ASEM 13: Ai đến đó trước khi họp?"),
        (ASEM, "Còn khi nào thì họp?", Tie.SUBJECT, "ASEM 13: khi nào thì họp?"),
        (ASEM, "Who went there?", Tie.SUBJECT, "ASEM 13: Who went there?"),
    ],
)
def test_what_a_question_may_mean(
    analyser: Analyser, earlier: list[str], question: str, tie: Tie, text: str
) -> None:
    understood = _understood(analyser, question, earlier)

    assert _texts(understood)[tie] == text
    assert next(meaning for meaning in understood.meanings if meaning.tie is tie).query.follows
    assert tie in {meaning.tie for meaning in MODEL.worth_asking(understood)}


@pytest.mark.parametrize(
    ("question", "tie"),
    [
        ("Còn ASEM 12 thì sao?", Tie.EXCHANGED),
        ("Hội nghị đó có gì?", Tie.SUBJECT),
        ("Chủ đề năm 2024 của WCO là gì?", Tie.ALONE),
        ("Who is behind the Mekong Dragon operation?", Tie.ALONE),
        ("con nguoi cua asem la ai", Tie.ALONE),
    ],
)
def test_the_form_tells_what_is_meant(analyser: Analyser, question: str, tie: Tie) -> None:
    understood = _understood(analyser, question, ASEM)
    assert MODEL.likeliest(understood).tie is tie


@pytest.mark.parametrize(
    ("earlier", "question"),
    [
        ([], "Hội nghị đó có gì?"),
        (ASEM, ASEM[0]),
        (["", "?!"], "Còn ASEM 12?"),
        (ASEM, "ok cảm ơn ạ"),
    ],
)
def test_what_can_only_stand_alone(analyser: Analyser, earlier: list[str], question: str) -> None:
    assert set(_texts(_understood(analyser, question, earlier))) == {Tie.ALONE}


@pytest.mark.parametrize(
    "question",
    [
        "Không phải nộp thuế khi nào?",
        "Không được mang gì?",
        "Không khí ở Hạ Long thế nào?",
        "Không đội mũ bảo hiểm bị phạt bao nhiêu?",
        "Ý nghĩa của biển báo là gì?",
        "Hỏi đáp về thuế ở đâu?",
        "Nói chung phí là bao nhiêu?",
        "Nhầm lẫn khi kê khai thì sao?",
        "Em hỏi phí gửi xe",
        "No entry sign means what?",
        "Wait time at the border?",
        "Thế chấp nhà đất cần giấy tờ gì?",
        "Thế kỷ 21 bắt đầu năm nào?",
        "Thế nào là trốn thuế?",
        "Then-president of Korea was who?",
    ],
)
def test_words_are_not_cut_off_that_say_what_is_asked(analyser: Analyser, question: str) -> None:
    understood = _understood(analyser, question, ASEM)

    assert not understood.form["corrects"]
    assert not understood.form["begins"]
    assert all(text.endswith(question) for text in _texts(understood).values())


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("Không, ý em là tiền phòng nghỉ cơ", "tiền phòng nghỉ cơ"),
        ("không phải ô tô, xe máy ấy", "xe máy ấy"),
        ("nhầm, ý tôi hỏi nội quy 2012 cơ", "nội quy 2012 cơ"),
        ("ko, ý là đợt 2019 kia", "đợt 2019 kia"),
        ("No, not the signing, the full start", "the full start"),
        ("not that, I meant the extension", "the extension"),
    ],
)
def test_a_correction_says_what_is_meant(analyser: Analyser, question: str, asked: str) -> None:
    understood = _understood(analyser, question, ["Where was ASEM 13?"])

    assert understood.form["corrects"]
    assert _texts(understood)[Tie.WHOLE].endswith(f": {asked}")


@pytest.mark.parametrize(
    "question", ["Tại sao?", "Vậy là sao?", "And then?", "Cảm ơn ạ", "ok", "Không"]
)
def test_what_names_nothing_takes_the_place_of_nothing(analyser: Analyser, question: str) -> None:
    assert Tie.EXCHANGED not in _texts(_understood(analyser, question, ASEM))


def test_it_is_not_information_technology(analyser: Analyser) -> None:
    assert not _understood(analyser, "IT budget of WCO?", ASEM).form["points"]
    assert _understood(analyser, "What does it cost?", ASEM).form["points"]
    assert _understood(analyser, "WHAT DOES IT COST?", ASEM).form["points"]


@pytest.mark.parametrize(
    ("question", "exchanged"),
    [
        ("Kế hoạch ASEM 12", "Kế hoạch ASEM 12 diễn ra ở đâu?"),
        ("Còn kế hoạch ASEM 12?", "kế hoạch ASEM 12 diễn ra ở đâu?"),
    ],
)
def test_what_says_more_than_another_number_keeps_what_it_says(
    analyser: Analyser, question: str, exchanged: str
) -> None:
    texts = _texts(_understood(analyser, question, ASEM))
    assert texts[Tie.ALONE] == question
    assert texts[Tie.EXCHANGED] == exchanged


@pytest.mark.parametrize(
    ("question", "earlier"),
    [
        ("chủ đề WCO 2023", ["Chủ đề năm 2024 của WCO là gì?"]),
        ("Chủ đề của WCO năm 2023 là gì?", ["Chủ đề năm 2024 của WCO là gì?"]),
        ("Who attended ASEM 12?", ["Who attended ASEM 13?"]),
    ],
)
def test_another_year_or_number_is_not_put_beside_the_one_before(
    analyser: Analyser, question: str, earlier: list[str]
) -> None:
    assert set(_texts(_understood(analyser, question, earlier))) == {Tie.ALONE}


def test_a_name_is_not_given_the_word_before_it_twice(analyser: Analyser) -> None:
    understood = _understood(analyser, "Còn của Đức?", ["Chủ đề năm 2024 của WCO là gì?"])
    assert _texts(understood)[Tie.EXCHANGED] == "Chủ đề năm 2024 của Đức là gì?"


def test_the_subject_is_carried_on_over_questions_that_have_none(analyser: Analyser) -> None:
    earlier = [*ASEM, "Có bao nhiêu đoàn tham dự?"]
    texts = _texts(_understood(analyser, "Họ đến từ đâu?", earlier))
    assert texts[Tie.SUBJECT] == "ASEM 13: Họ đến từ đâu?"


def test_a_change_of_subject_is_not_dragged_back(analyser: Analyser) -> None:
    understood = _understood(analyser, "Chủ đề năm 2024 của WCO là gì?", ASEM)
    alone, *others = understood.meanings

    assert others
    assert all(
        MODEL.score(understood, alone, confidence=0.8, is_same=False)
        > MODEL.score(understood, other, confidence=0.3, is_same=False)
        for other in others
    )


@pytest.mark.parametrize(
    ("question", "earlier"),
    [("Còn năm 2025?", ["Chủ đề năm 2024 của WCO là gì?"]), ("Còn ASEM 12?", ASEM)],
)
def test_what_takes_the_place_of_its_like_means_nothing_else(
    analyser: Analyser, question: str, earlier: list[str]
) -> None:
    assert set(_texts(_understood(analyser, question, earlier))) == {Tie.EXCHANGED}


def test_what_came_out_of_asking_tells_more_than_the_form(analyser: Analyser) -> None:
    understood = _understood(analyser, "Có bao nhiêu đoàn tham dự?", ASEM)
    alone = understood.meanings[0]
    whole = next(meaning for meaning in understood.meanings if meaning.tie is Tie.SUBJECT)

    def preferred(alone_confidence: float, other_confidence: float) -> bool:
        return MODEL.score(
            understood, whole, confidence=other_confidence, is_same=True
        ) > MODEL.score(understood, alone, confidence=alone_confidence, is_same=False)

    assert preferred(0.02, 0.9)
    assert not preferred(0.95, 0.05)


def test_a_long_question_before_is_not_carried_over(analyser: Analyser) -> None:
    understood = _understood(analyser, "Vì sao vậy?", [f"{'hội nghị ' * 30}ở đâu?"])
    assert Tie.WHOLE not in _texts(understood)


@pytest.mark.parametrize(("confidence", "logit"), [(0.0, -6.0), (1.0, 6.0), (0.5, 0.0)])
def test_a_confidence_has_a_logit(confidence: float, logit: float) -> None:
    assert logit_of(confidence) == logit


def test_a_model_of_other_features_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    other = b'{"by_form": {"exchanged": 1.0, "magic": 1.0}, "by_answer": {}}'
    monkeypatch.setattr(follow_up_model, "read_shipped", lambda _: other)
    with pytest.raises(ModelError, match="follow_ups.json"):
        FollowUpModel.load()
