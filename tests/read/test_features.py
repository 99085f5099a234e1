"""What speaks for and against a sentence, one feature at a time."""

import pytest

from rag.domain.documents import Document, Language
from rag.domain.query import AnswerType, InformationNeed
from rag.ingest.structure.document import make_document
from rag.ingest.structure.metadata import Entry
from rag.language.glossary import Glossary
from rag.language.numerals import numbered_things
from rag.read.features import (
    SentenceFeatures,
    conflicting_numbers,
    missing_numbers,
    sentence_features,
)
from tests.read.candidates import candidate

NO_GLOSSARY = Glossary([])


def dated(text: str, day: str = "") -> Document:
    return make_document("a.txt", text, Entry.model_validate({"date": day}))


def features(need: InformationNeed, *documents: Document, around: float = 0.9) -> SentenceFeatures:
    """Return the features of the last sentence of each document."""
    candidates = [candidate(document, len(document.sentences) - 1) for document in documents]
    return sentence_features(need, Language.VIETNAMESE, candidates, NO_GLOSSARY, around)


@pytest.mark.parametrize(
    ("asked", "text", "share"),
    [
        ("", "Không có số.", 0.0),
        ("13", "ASEM 13 họp ở Hạ Long.", 0.0),
        ("13", "ASEM 12 họp ở Đức.", 1.0),
        ("13 2024", "ASEM 13 họp ở Hạ Long.", 0.5),
        ("13", "ASEM 130 họp.", 1.0),
    ],
)
def test_the_share_of_numbers_that_a_document_lacks(asked: str, text: str, share: float) -> None:
    need = InformationNeed(text="?", numbers=frozenset(asked.split()))
    assert missing_numbers(need, make_document("a.txt", text)) == share


def test_the_day_of_a_document_has_numbers_too() -> None:
    need = InformationNeed(text="?", numbers=frozenset({"2024"}))
    assert missing_numbers(need, dated("Không có số.", "2024-05-06")) == 0.0


@pytest.mark.parametrize(
    ("question", "sentence", "count"),
    [
        ("ASEM 13 họp ở đâu?", "ASEM 12 họp ở Đức.", 1),
        ("ASEM 13 họp ở đâu?", "ASEM 12 họp ở Đức, ASEM 13 ở Hạ Long.", 0),
        ("ASEM 13 họp ở đâu?", "Hội nghị họp ở Hạ Long.", 0),
        ("ASEM 13 họp ở đâu?", "Hội nghị có 12 đoàn.", 0),
        ("Khoản 2 Điều 3 nói gì?", "Khoản 1 Điều 4 nói khác.", 2),
        ("Khoản 2 Điều 3 nói gì?", "Khoản 1 Điều 3 nói khác.", 1),
        ("Ai họp?", "ASEM 12 họp.", 0),
    ],
)
def test_numbered_things_with_other_numbers_only(question: str, sentence: str, count: int) -> None:
    assert conflicting_numbers(numbered_things(question), sentence) == count


@pytest.mark.parametrize(
    ("asked", "text", "day", "in_time"),
    [
        ({2024}, "Hải quan thu 5 tỷ trong năm 2024.", "", 1.0),
        ({2024}, "Hải quan thu 5 tỷ trong năm 2023.", "2024-01-02", 0.0),
        ({2024}, "Hải quan thu 5 tỷ.", "2024-01-02", 1.0),
        ({2024}, "Hải quan thu 5 tỷ.", "2023-01-02", 0.0),
        ({2024}, "Giai đoạn 2023-2025 thu 5 tỷ.", "", 1.0),
        (set(), "Hải quan thu 5 tỷ trong năm 2024.", "2024-01-02", 0.0),
    ],
)
def test_a_sentence_of_a_year_that_is_asked_for(
    asked: set[int], text: str, day: str, in_time: float
) -> None:
    need = InformationNeed(text="?", years=frozenset(asked))
    assert features(need, dated(text, day)).in_time == [in_time]


@pytest.mark.parametrize(
    ("answer_type", "text", "lacks"),
    [
        (AnswerType.FIGURE, "Phí là 5 đồng.", 0.0),
        (AnswerType.FIGURE, "Phí do bộ quy định.", 1.0),
        (AnswerType.TIME, "Kho mở cửa vào buổi sáng.", 0.0),
        (AnswerType.TIME, "Kho mở cửa.", 1.0),
        (None, "Kho mở cửa.", 0.0),
    ],
)
def test_lacking_the_type_that_is_asked_for(
    answer_type: AnswerType | None, text: str, lacks: float
) -> None:
    need = InformationNeed(text="?", answer_type=answer_type)
    assert features(need, make_document("a.txt", text)).lacks_type == [lacks]


def test_words_count_in_the_sentence_and_for_less_in_the_opening() -> None:
    inside = make_document("a.txt", "Mở đầu. Thông quan ở cảng.")
    opening = make_document("b.txt", "Thông quan. Ở cảng kia.")
    neither = make_document("c.txt", "Mở đầu. Ăn trưa ở bếp.")
    need = InformationNeed(text="thông quan")

    words = features(need, inside, opening, neither, around=0.5).words

    assert words == pytest.approx([1.0, 0.5, 0.0])


def test_what_is_said_to_be_done_is_told_from_how() -> None:
    done = make_document("a.txt", "Hội nghị đã thông qua ưu tiên.")
    how = make_document("b.txt", "Kết nối thông qua cơ chế mở.")
    first, second = features(InformationNeed(text="thông qua"), done, how).asserted
    assert first > second == 0.0


def test_what_defines_a_term_and_what_was_measured() -> None:
    need = InformationNeed(text="lưu trú là gì", term="lưu trú")
    defining = make_document("a.txt", "Lưu trú là việc ở lại.")
    other = make_document("b.txt", "Phải báo việc lưu trú.")

    told = features(need, defining, other)

    assert told.defines == [1.0, 0.0]
    assert (told.sentence, told.maxsim, told.bm25) == ([0.5, 0.5], [0.75, 0.75], [0.25, 0.25])


def test_a_match_elsewhere_in_the_document_counts_for_less() -> None:
    document = make_document("a.txt", "Một câu.")
    candidates = [candidate(document, match=0.2, around=0.8)]
    told = sentence_features(
        InformationNeed(text="câu"), Language.VIETNAMESE, candidates, NO_GLOSSARY, 0.5
    )
    assert told.sentence == pytest.approx([0.2])
    assert told.context == pytest.approx([0.4])
