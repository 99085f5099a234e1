"""Questions for what a word means."""

import pytest

from rag.understand.definition import defined_term


@pytest.mark.parametrize(
    ("question", "term"),
    [
        ("Hàng hóa quá cảnh là gì?", "hàng hóa quá cảnh"),
        ("Khái niệm lưu trú được hiểu như thế nào?", "lưu trú"),
        ("Thuật ngữ “quá cảnh” có nghĩa là gì", "“quá cảnh”"),
        ("Từ quá cảnh nghĩa là gì?", "quá cảnh"),
        ("Quá cảnh được định nghĩa ra sao?", "quá cảnh"),
        ("Thế nào là tạm trú?", "tạm trú"),
        ("Sao gọi là tạm trú?", "tạm trú"),
        ("  QUÁ CẢNH   là gì ??", "quá cảnh"),
        ("What is transit?", "transit"),
        ("What is meant by transit?", "transit"),
        ("What are the customs goods?", "customs goods"),
        ("What does transit mean?", "transit"),
        ("What do the goods mean?", "goods"),
        ("Define transit", "transit"),
    ],
)
def test_the_term_whose_meaning_is_asked(question: str, term: str) -> None:
    assert defined_term(question) == term


@pytest.mark.parametrize(
    "question",
    [
        "",
        "là gì?",
        "Ai là chủ hộ?",
        "Quá cảnh như thế nào?",
        "Hàng quá cảnh phải làm gì?",
        "Quá cảnh là gì và ai được làm?",
        "Theo luật thì tạm trú ở đâu?",
        "Where is transit?",
        "What does the law say about transit?",
        f"{'rất ' * 20}dài là gì?",
    ],
)
def test_no_meaning_is_asked(question: str) -> None:
    assert defined_term(question) == ""
