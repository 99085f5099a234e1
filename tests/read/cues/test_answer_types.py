"""Whether a sentence has the figure or the time that is asked for."""

import pytest

from rag.domain.query import AnswerType
from rag.read.cues.answer_types import satisfies


@pytest.mark.parametrize(
    "text",
    [
        "53 đoàn",
        "ba đoàn",
        "Phí là hai trăm nghìn đồng.",
        "Họp hàng tuần.",
        "nửa giá",
        "twice a year",
        "Dozens of delegates came.",
        "half of the staff",
        "2. Phí là 30.000 đồng.",
        "Nộp trong 5 ngày theo Điều 4.",
        "Cả hai mươi đoàn đều đến.",
        "Cả hai bên cử ba người.",
        "a) 5% giá trị hợp đồng;",
    ],
)
def test_a_figure(text: str) -> None:
    assert satisfies(text, AnswerType.FIGURE)


@pytest.mark.parametrize(
    "text",
    [
        "nhiều đoàn",
        "Cả hai bên thống nhất.",
        "Cả ba nước đã ký.",
        "Họp vào ngày thứ Hai.",
        "quyền của bên thứ ba",
        "Someone else pays.",
        "The weather was fine, often.",
        "3. Nộp lệ phí đăng ký cư trú theo quy định.",
        "a) Theo khoản 1 Điều 19 của Luật này;",
        "theo Thông tư 35/2013/TT-NHNN",
        "Xem Bảng 2 và Phụ lục 3.",
        "See Article 4, Annex 2 and page 12.",
        "",
    ],
)
def test_no_figure(text: str) -> None:
    assert not satisfies(text, AnswerType.FIGURE)


@pytest.mark.parametrize(
    "text",
    [
        "ngày 9/10",
        "in October",
        "The office opens in May.",
        "It began in early March, as planned.",
        "It closes on Friday.",
        "Họp vào ngày thứ Hai.",
        "Kho mở cửa từ thứ tư.",
        "Nghỉ chủ nhật.",
        "Nộp sau khi đăng ký.",
        "in the last century",
        "Điều 5. Hội nghị họp ngày 9/10",
    ],
)
def test_a_time(text: str) -> None:
    assert satisfies(text, AnswerType.TIME)


@pytest.mark.parametrize(
    "text",
    [
        "tại Hạ Long",
        "He may come.",
        "May I come in?",
        "They march along the street.",
        "quyền của bên thứ ba",
        "theo khoản 1 Điều 19",
        "Decree 08/2015/NĐ-CP applies.",
        "Trụ sở ở Hà Nội.",
        "",
    ],
)
def test_no_time(text: str) -> None:
    assert not satisfies(text, AnswerType.TIME)
