"""Questions that point at a place."""

import pytest

from rag.domain.documents import Division
from rag.law.reference import find_reference

ARTICLE, CLAUSE, POINT = Division.ARTICLE, Division.CLAUSE, Division.POINT


@pytest.mark.parametrize(
    ("question", "numbers", "rest"),
    [
        ("Điều 12 khoản 3 quy định gì?", {ARTICLE: "12", CLAUSE: "3"}, ()),
        ("dieu 12 khoan 3 quy dinh gi", {ARTICLE: "12", CLAUSE: "3"}, ()),
        ("Article 12", {ARTICLE: "12"}, ()),
        ("What does Article 12(3)(b) say?", {ARTICLE: "12", CLAUSE: "3", POINT: "b"}, ()),
        ("điểm đ khoản 2 Điều 5", {ARTICLE: "5", CLAUSE: "2", POINT: "đ"}, ()),
        ("Chương II quy định những gì", {Division.CHAPTER: "2"}, ()),
        ("Theo Điều 20, ai được miễn phí?", {ARTICLE: "20"}, ("ai", "được", "miễn", "phí")),
        ("còn khoản 4?", {CLAUSE: "4"}, ("còn",)),
    ],
)
def test_where_a_question_points(
    question: str, numbers: dict[Division, str], rest: tuple[str, ...]
) -> None:
    address = find_reference(question)
    assert address is not None
    assert dict(address.numbers) == numbers
    assert set(address.rest) <= set(rest)


@pytest.mark.parametrize(
    "question",
    [
        "điều kiện đăng ký là gì",
        "mục tiêu năm 2024",
        "điểm du lịch là gì",
        "ASEM 13 đã thông qua gì",
    ],
)
def test_questions_that_point_nowhere(question: str) -> None:
    assert find_reference(question) is None


def test_an_address_goes_on_from_the_one_before() -> None:
    before = find_reference("Điều 12 khoản 3 điểm a")
    after = find_reference("còn khoản 4?")
    assert after is not None
    assert dict(after.within(before).numbers) == {ARTICLE: "12", CLAUSE: "4"}
