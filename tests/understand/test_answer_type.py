"""What a question asks for: a figure or a time."""

import pytest

from rag.domain.documents import Language
from rag.domain.query import AnswerType
from rag.understand.answer_type import expected_type


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Có bao nhiêu đoàn tham dự?", "vi"),
        ("Các Tổng cục trưởng mấy năm họp một lần?", "vi"),
        ("Đi mất bao lâu?", "vi"),
        ("Tỉ số là gì?", "vi"),
        ("How many delegations took part?", "en"),
        ("And how often do they meet?", "en"),
        ("What percentage do they pay?", "en"),
        ("At what age may one marry?", "en"),
        ("What's the fee?", "en"),
        ("What’s the price of a ticket?", "en"),
        ("What is the minimum age?", "en"),
        ("What are the parking fees?", "en"),
    ],
)
def test_a_figure_is_asked_for(question: str, language: str) -> None:
    assert expected_type(question, Language(language)) is AnswerType.FIGURE


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Hiệp định có hiệu lực năm nào?", "vi"),
        ("Hội nghị diễn ra khi nào, ở đâu?", "vi"),
        ("Luật có hiệu lực từ ngày tháng năm nào?", "vi"),
        ("Kho mở cửa lúc mấy giờ?", "vi"),
        ("Kho đóng cửa hồi nào?", "vi"),
        ("Cuộc họp vào ngày mấy?", "vi"),
        ("Kho nghỉ vào thứ mấy?", "vi"),
        ("When did it take effect?", "en"),
        ("Who came, and when?", "en"),
        ("Who came, when?", "en"),
        ("In what year was it founded?", "en"),
        ("How long ago was it founded?", "en"),
    ],
)
def test_a_time_is_asked_for(question: str, language: str) -> None:
    assert expected_type(question, Language(language)) is AnswerType.TIME


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Ai ký hiệp định?", "vi"),
        ("Khi hàng đến thì làm gì?", "vi"),
        ("Tháng này có gì?", "vi"),
        ("Mây là gì?", "vi"),
        ("How many delegations took part?", "vi"),
        ("What happens when goods arrive?", "en"),
        ("What did ASEM 13 adopt?", "en"),
        ("How is it done?", "en"),
        ("What is the purpose of the fee?", "en"),
        ("What is the feedback?", "en"),
        ("Who pays the fee?", "en"),
        ("Whenever does it matter?", "en"),
    ],
)
def test_neither_is(question: str, language: str) -> None:
    assert expected_type(question, Language(language)) is None
