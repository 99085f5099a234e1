"""What a question asks for: a figure or a time."""

import pytest

from rag.domain.documents import Language
from rag.domain.query import AnswerType
from rag.read.cues.answer_types import satisfies
from rag.understand.answer_type import expected_type


@pytest.mark.parametrize(
    ("question", "language", "kind"),
    [
        ("Có bao nhiêu đoàn tham dự?", "vi", AnswerType.FIGURE),
        ("Các Tổng cục trưởng mấy năm họp một lần?", "vi", AnswerType.FIGURE),
        ("Hiệp định có hiệu lực năm nào?", "vi", AnswerType.TIME),
        ("Hội nghị diễn ra khi nào, ở đâu?", "vi", AnswerType.TIME),
        ("Ai ký hiệp định?", "vi", None),
        ("How many delegations took part?", "en", AnswerType.FIGURE),
        ("When did it take effect?", "en", AnswerType.TIME),
        ("Who came, and when?", "en", AnswerType.TIME),
        ("What happens when goods arrive?", "en", None),
        ("What did ASEM 13 adopt?", "en", None),
    ],
)
def test_what_is_asked_for(question: str, language: str, kind: AnswerType | None) -> None:
    assert expected_type(question, Language(language)) is kind


@pytest.mark.parametrize(
    ("text", "kind", "there"),
    [
        ("53 đoàn", AnswerType.FIGURE, True),
        ("ba đoàn", AnswerType.FIGURE, True),
        ("nhiều đoàn", AnswerType.FIGURE, False),
        ("twice a year", AnswerType.FIGURE, True),
        ("ngày 9/10", AnswerType.TIME, True),
        ("in October", AnswerType.TIME, True),
        ("tại Hạ Long", AnswerType.TIME, False),
        ("3. Nộp lệ phí đăng ký cư trú theo quy định.", AnswerType.FIGURE, False),
        ("a) Theo khoản 1 Điều 19 của Luật này;", AnswerType.FIGURE, False),
        ("theo Thông tư 35/2013/TT-NHNN", AnswerType.FIGURE, False),
        ("2. Phí là 30.000 đồng.", AnswerType.FIGURE, True),
        ("Nộp trong 5 ngày theo Điều 4.", AnswerType.FIGURE, True),
        ("Điều 5. Hội nghị họp ngày 9/10", AnswerType.TIME, True),
    ],
)
def test_whether_it_is_there(text: str, kind: AnswerType, there: bool) -> None:
    assert satisfies(text, kind) is there
