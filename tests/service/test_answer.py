"""From a question to quotes, over a small index with the deterministic embedder."""

import json
import string
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.domain.answer import Answer
from rag.domain.documents import BlockKind, Language
from rag.domain.quote import Quote
from rag.errors import GoldError, QuestionError
from rag.evaluation import evaluate, read_gold, report_as_table
from rag.evaluation.gold import GoldEvidence, is_right
from rag.ingest.structure.document import make_document
from rag.present.markdown import answer_as_markdown
from rag.present.schema import answer_as_json
from rag.present.terminal import answer_as_plain_text
from rag.read.calibration import (
    FEATURES,
    Calibrator,
    Doubt,
    Evidence,
    ReadingFeatures,
    WordingFeatures,
)
from rag.service.assistant import Assistant
from tests.conftest import Build, OpenAssistant

WORDS = "nghỉ phép parking yard 12 ngày cán bộ what where bao nhiêu đơn trưởng phòng 20 dollars ảnh".split()


def test_the_sentence_that_answers_is_quoted_first(assistant: Assistant) -> None:
    answer = assistant.ask("Cán bộ được nghỉ bao nhiêu ngày phép trong một năm?")
    assert answer.query.language is Language.VIETNAMESE
    assert answer.answerable
    best = answer.quotes[0]
    assert best.text == "Mỗi cán bộ được nghỉ 12 ngày phép trong một năm."
    assert best.document.source == "nghi_phep.txt"


def test_marks_are_restored_to_the_corpus(assistant: Assistant) -> None:
    answer = assistant.ask("can bo duoc nghi bao nhieu ngay phep trong mot nam")
    assert answer.query.text == "cán bộ được nghỉ bao nhiêu ngày phép trong một năm"
    assert answer.query.typed == "can bo duoc nghi bao nhieu ngay phep trong mot nam"
    assert answer.answerable
    best = answer.quotes[0]
    assert best.text == "Mỗi cán bộ được nghỉ 12 ngày phép trong một năm."


def test_sections_and_titles_come_with_the_quote(assistant: Assistant) -> None:
    answer = assistant.ask("How much does parking cost a month in dollars?")
    assert answer.answerable
    best = answer.quotes[0]
    assert (best.text, best.section) == ("Parking costs 20 dollars a month.", "Fees")
    assert best.document.metadata.title == "Parking"


@given(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join))
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_quote_is_its_slice_and_never_a_caption(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert bool(answer.quotes) is answer.answerable
    assert not (answer.quotes and answer.related)
    for quote in (*answer.quotes, *answer.related):
        text = assistant.document(quote.document.source).text
        assert quote.text == text[quote.start : quote.end]
        assert quote.text.strip() == quote.text != ""
        start, end = quote.context
        assert 0 <= start <= quote.start < quote.end <= end <= len(text)
        for block in quote.document.blocks:
            if block.kind is not BlockKind.PROSE:
                assert block.end <= quote.start or quote.end <= block.start


def test_the_same_question_has_the_same_answer_again(assistant: Assistant) -> None:
    first, second = (answer_as_json(assistant.ask("parking yard")) for _ in range(2))
    assert {**first, "timings_ms": 0} == {**second, "timings_ms": 0}


def test_json_has_the_agreed_form(assistant: Assistant) -> None:
    value = json.loads(json.dumps(answer_as_json(assistant.ask("Where may staff park?"))))
    assert list(value) == [
        "question", "language", "answerable", "confidence", "text", "quotes", "related", "timings_ms",
        "understood", "follows", "differ", "more", "left_out",
    ]  # fmt: skip
    assert value["answerable"]
    quote = value["quotes"][0]
    assert list(quote) == [
        "text", "source", "start", "end", "title", "publisher", "date", "url", "section", "page",
        "score", "language", "highlights", "number", "standing", "effective_from",
        "effective_until", "replaced_by", "collection", "claimed_by", "differs_from",
    ]  # fmt: skip
    assert value["language"] == "en"
    assert 0 <= value["confidence"] <= 1
    assert {"analyse", "retrieve", "read", "total"} == value["timings_ms"].keys()


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("", "the question is empty"),
        (" \n\t\x00\x07 ", "the question is empty"),
        ("?!…", "there are no words in the question"),
        ("a" * 100_000, "has 100,000 characters, at most 2,000"),
    ],
)
def test_questions_that_cannot_be_asked(assistant: Assistant, question: str, message: str) -> None:
    with pytest.raises(QuestionError, match=message) as caught:
        assistant.ask(question)
    assert any(character in caught.value.vietnamese for character in "âấỏ")


def test_control_characters_and_odd_bytes_are_read_past(assistant: Assistant) -> None:
    answer = assistant.ask("Where\x00 may\x1b[31m staff\u202e park\ud800?")
    assert answer.query.typed == "Where may [31m staff park ?"


def test_a_long_unknown_question_is_not_answered(assistant: Assistant) -> None:
    answer = assistant.ask("Giá vàng SJC hôm qua ở Sài Gòn tăng hay giảm so với tháng trước vậy?")
    assert not answer.answerable
    assert answer_as_markdown(answer) == "Tài liệu không nói đến điều này."
    assert answer.quotes == ()
    assert answer.related


def test_plain_text_says_what_the_page_says(assistant: Assistant) -> None:
    answer = assistant.ask("can bo duoc nghi bao nhieu ngay phep trong mot nam")
    shown = answer_as_plain_text(answer)
    assert shown.startswith("Hiểu là: cán bộ được nghỉ")
    assert "Mỗi cán bộ được nghỉ 12 ngày phép trong một năm." in shown
    assert "QUY CHẾ NGHỈ PHÉP, nghi_phep.txt:" in shown


def test_markdown_of_documents_is_shown_as_it_is(
    tmp_path: Path, build: Build, open_assistant: OpenAssistant
) -> None:
    source = tmp_path / "hostile"
    source.mkdir()
    (source / "a_b*.txt").write_text(
        "Phí <b>đỗ</b> xe *là* [20 đồng](javascript:alert(1)) `một` tháng # hết.", encoding="utf-8"
    )
    build(source)
    assistant = open_assistant(tmp_path / "index")
    quote = assistant.search("phí đỗ xe")[0]
    document = assistant.document(quote.passage.source)
    sentence = document.sentences[0]
    answer = Answer(
        query=assistant.ask("phí đỗ xe").query,
        answerable=True,
        confidence=1.0,
        quotes=(Quote(document=document, start=sentence.start, end=sentence.end, score=1.0),),
        related=(),
    )
    shown = answer_as_markdown(answer)
    assert (
        r"\<b\>đỗ\</b\> xe \*là\* \[20 đồng\]\(javascript:alert\(1\)\) \`một\` tháng \# hết"
        in shown
    )


def reading(**changed: float) -> ReadingFeatures:
    """Features of a reading that answers, but for what is changed."""
    features = dict.fromkeys(FEATURES, 0.0)
    features |= {"sentence": 0.8, "context": 0.8, "words": 1.0, "maxsim": 0.8}
    features |= {"answerable_logit": 5.0, "span_logprob": -0.1}
    return ReadingFeatures(**{**features, **changed})


def test_confidence_is_a_probability_and_grows_with_the_evidence() -> None:
    calibrator = Calibrator.load()
    with_evidence = calibrator.probability(Evidence(features=reading()))
    without_evidence = calibrator.probability(
        Evidence(features=reading(sentence=0.2, words=0.0, answerable_logit=-5.0))
    )
    assert 0 < without_evidence < 0.1 < calibrator.threshold < 0.9 < with_evidence < 1
    assert calibrator.probability(Evidence(features=None)) == 0


@pytest.mark.parametrize("doubt", Doubt)
@pytest.mark.parametrize(
    "features", [reading(), WordingFeatures(alone=True, asks_only_wording=True)]
)
def test_no_evidence_is_an_answer_where_something_speaks_against_it(
    features: ReadingFeatures | WordingFeatures, doubt: Doubt
) -> None:
    calibrator = Calibrator.load()
    assert calibrator.probability(Evidence(features=features)) > 0.9
    doubted = calibrator.probability(Evidence(features=features, doubts=frozenset({doubt})))
    assert doubted == calibrator.doubted < calibrator.threshold


def test_a_quote_without_what_is_asked_for_is_no_answer() -> None:
    calibrator = Calibrator.load()
    for features in (
        reading(missing_numbers=1.0),
        reading(lacks_type=1.0, answerable_logit=-0.1),
    ):
        assert calibrator.probability(Evidence(features=features)) < calibrator.threshold
    read_as_answer = reading(lacks_type=1.0, answerable_logit=0.1)
    assert calibrator.probability(Evidence(features=read_as_answer)) > calibrator.threshold


def test_a_calibrator_is_fitted_with_one_that_knows_nothing() -> None:
    calibrator = Calibrator.unfitted()
    assert tuple(calibrator.coefficients) == FEATURES
    assert calibrator.probability(Evidence(features=reading())) < calibrator.threshold


def test_wording_is_sure_only_where_it_is_asked_for_and_alone() -> None:
    calibrator = Calibrator.load()
    sure, *others = (
        calibrator.probability(
            Evidence(features=WordingFeatures(alone=alone, asks_only_wording=only))
        )
        for alone, only in ((True, True), (True, False), (False, True), (False, False))
    )
    assert sure == calibrator.wording
    assert set(others) == {calibrator.wording_among_several}


def test_one_quote_where_one_answers_and_two_where_two_do(assistant: Assistant) -> None:
    single = assistant.ask("What does parking cost a month?")
    double = assistant.ask("Where may staff park, and where do visitors park?")

    assert [quote.text for quote in single.quotes] == ["Parking costs 20 dollars a month."]
    assert {quote.text for quote in double.quotes} == {
        "Visitors park on the street.",
        "Staff may park in the yard behind the main building.",
    }


DOCUMENT = make_document("a.txt", string.ascii_lowercase * 30)


@pytest.mark.parametrize(
    ("start", "end", "right"),
    [(0, 100, True), (0, 34, True), (0, 33, False), (0, 600, True), (0, 601, False), (200, 300, False)],
)  # fmt: skip
def test_when_a_quote_is_right(start: int, end: int, right: bool) -> None:
    quote = Quote(document=DOCUMENT, start=start, end=end, score=1.0)
    assert is_right(quote, GoldEvidence(source="a.txt", quote=DOCUMENT.text[:100])) is right
    assert not is_right(quote, GoldEvidence(source="b.txt", quote=DOCUMENT.text[:100]))
    assert not is_right(quote, GoldEvidence(source="a.txt", quote="not there"))


GOLD = [
    {"id": "1", "question": "Where may staff park in the yard?", "lang": "en", "answerable": True,
     "evidence": [{"source": "parking.md", "quote": "Staff may park in the yard behind the main building."}]},
    {"id": "2", "question": "Where may staff park, and where do visitors park?", "lang": "en", "answerable": True,
     "evidence": [{"source": "parking.md", "quote": "Staff may park in the yard behind the main building."}]},
    {"id": "3", "question": "Giá vàng SJC hôm qua ở Sài Gòn tăng hay giảm?", "lang": "vi", "answerable": False,
     "evidence": []},
]  # fmt: skip


def test_figures_of_an_evaluation(assistant: Assistant, tmp_path: Path) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text("\n".join(map(json.dumps, GOLD)) + "\n\n", encoding="utf-8")
    report = evaluate(assistant, read_gold(path))
    # Of one refused question, its whole confidence is too much.
    refused = assistant.ask(str(GOLD[2]["question"])).confidence
    assert report["vi"]["calibration error"] == pytest.approx(refused, abs=1e-4)
    table = report_as_table(report)
    assert "| en | 2 | 1.000 | 1.000 | 0.500 | 1.000 | 0.000 | – | – |" in table
    tenths = report["all"].pop("tenths")
    assert sum(tenth["questions"] for tenth in tenths.values()) == 3
    assert all(low <= str(tenth["confidence"]) for low, tenth in tenths.items())
    for low, tenth in tenths.items():
        assert f"| {low} | {tenth['questions']} | {tenth['confidence']:.3f} |" in table
    for figures in report.values():
        figures.pop("calibration error")
    assert report == {
        "all": {"questions": 3, "R@1": 1.0, "R@10": 1.0, "quote@1": 0.5, "quote@3": 1.0, "missed": 0.0,
                "false answers": 0.0, "auroc": 1.0},
        "en": {"questions": 2, "R@1": 1.0, "R@10": 1.0, "quote@1": 0.5, "quote@3": 1.0, "missed": 0.0},
        "vi": {"questions": 1, "false answers": 0.0},
    }  # fmt: skip


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"id": "1"}', json.dumps({**GOLD[0], "evidence": [1]}), ""]
)
def test_gold_that_cannot_be_read(tmp_path: Path, line: str) -> None:
    path = tmp_path / "gold.jsonl"
    path.write_text(line + "\n", encoding="utf-8")
    with pytest.raises(GoldError, match=r"gold.jsonl(, line 1: | has no questions)"):
        read_gold(path)
    with pytest.raises(GoldError, match="cannot be read"):
        read_gold(tmp_path / "nowhere")
