"""What a question asks for: a figure or a time."""

import pytest

from rag.domain.documents import Language
from rag.domain.query import Query
from rag.understand.answer_type import Kind, expected, has_kind


@pytest.mark.parametrize(
    ("question", "language", "kind"),
    [
        ("Có bao nhiêu đoàn tham dự?", "vi", Kind.FIGURE),
        ("Các Tổng cục trưởng mấy năm họp một lần?", "vi", Kind.FIGURE),
        ("Hiệp định có hiệu lực năm nào?", "vi", Kind.TIME),
        ("Hội nghị diễn ra khi nào, ở đâu?", "vi", Kind.TIME),
        ("Ai ký hiệp định?", "vi", None),
        ("How many delegations took part?", "en", Kind.FIGURE),
        ("When did it take effect?", "en", Kind.TIME),
        ("Who came, and when?", "en", Kind.TIME),
        ("What happens when goods arrive?", "en", None),
        ("What did ASEM 13 adopt?", "en", None),
    ],
)
def test_what_is_asked_for(question: str, language: str, kind: Kind | None) -> None:
    query = Query(typed=question, text=question, language=Language(language))

    assert expected(query) is kind


@pytest.mark.parametrize(
    ("text", "kind", "there"),
    [
        ("53 đoàn", Kind.FIGURE, True),
        ("ba đoàn", Kind.FIGURE, True),
        ("nhiều đoàn", Kind.FIGURE, False),
        ("twice a year", Kind.FIGURE, True),
        ("ngày 9/10", Kind.TIME, True),
        ("in October", Kind.TIME, True),
        ("tại Hạ Long", Kind.TIME, False),
        ("3. Nộp lệ phí đăng ký cư trú theo quy định.", Kind.FIGURE, False),
        ("a) Theo khoản 1 Điều 19 của Luật này;", Kind.FIGURE, False),
        ("theo Thông tư 35/2013/TT-NHNN", Kind.FIGURE, False),
        ("2. Phí là 30.000 đồng.", Kind.FIGURE, True),
        ("Nộp trong 5 ngày theo Điều 4.", Kind.FIGURE, True),
        ("Điều 5. Hội nghị họp ngày 9/10", Kind.TIME, True),
    ],
)
def test_whether_it_is_there(text: str, kind: Kind, there: bool) -> None:
    assert has_kind(text, kind) is there
