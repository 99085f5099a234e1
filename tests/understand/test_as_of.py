"""The time as of which a question asks."""

import pytest

from rag.understand.as_of import asked_time


@pytest.mark.parametrize(
    ("question", "first", "last", "left"),
    [
        ("Phí năm 2019 là bao nhiêu?", "2019-01-01", "2019-12-31", "Phí là bao nhiêu?"),
        ("Vào tháng 5 năm 2018, phí là gì?", "2018-05-01", "2018-05-31", "phí là gì?"),
        ("Tính đến cuối năm 2019 có gì?", "2019-01-01", "2019-12-31", "có gì?"),
        ("Phí tại thời điểm 5/6/2018?", "2018-06-05", "2018-06-05", "Phí?"),
        ("Tại thời điểm 5/6/2018 mức phạt là gì?", "2018-06-05", "2018-06-05", "mức phạt là gì?"),
        ("Hồi ngày 5 tháng 6 năm 2018 phí là gì?", "2018-06-05", "2018-06-05", "phí là gì?"),
        ("Tính đến tháng 3/2019 thì sao?", "2019-03-01", "2019-03-31", "thì sao?"),
        ("Năm 2019, phí là bao nhiêu?", "2019-01-01", "2019-12-31", "phí là bao nhiêu?"),
        ("What was the fee as of 2019?", "2019-01-01", "2019-12-31", "What was the fee?"),
        ("What was the fee in 2019?", "2019-01-01", "2019-12-31", "What was the fee?"),
        ("What was the fee in May 2019?", "2019-05-01", "2019-05-31", "What was the fee?"),
        ("In March 2019, how long?", "2019-03-01", "2019-03-31", "how long?"),
        ("As of 5 June 2018, who signs?", "2018-06-05", "2018-06-05", "who signs?"),
        ("Who signed by the year 2020?", "2020-01-01", "2020-12-31", "Who signed?"),
    ],
)
def test_a_time_is_taken_out(question: str, first: str, last: str, left: str) -> None:
    asked = asked_time(question)
    assert asked is not None
    time, rest = asked
    assert ((time.first, time.last), rest) == ((first, last), left)


@pytest.mark.parametrize(
    "question",
    [
        "",
        "Luật Du lịch năm 2017 quy định gì?",
        "Thông tư 39/2018/TT-BTC nói gì?",
        "Hiến pháp năm 2013 có gì?",
        "Nghị định số 8/2015/NĐ-CP quy định gì?",
        "ASEM 2018 có gì?",
        "Phí trong 20195 ngày?",
        "What does the Tourism Act in 2017 say?",
        "Room 2019 is where?",
        "Where is form 39/2018/TT-BTC?",
        "Phí là 2019 đồng?",
    ],
)
def test_no_time_is_asked_of(question: str) -> None:
    assert asked_time(question) is None
