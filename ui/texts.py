"""What the page says, in both languages."""

from dataclasses import dataclass

from rag.documents import Language

__all__ = ["EXAMPLES", "TEXTS", "Texts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The words of the page in one language."""

    understood: str
    found: str
    possible: str
    differ: str
    more: str
    not_found: str
    not_found_advice: str
    related: str
    passage: str
    other_language: str
    no_date: str
    source: str
    failed: str


TEXTS = {
    Language.VIETNAMESE: Texts(
        understood="Hiểu là:",
        found="Tài liệu viết:",
        possible="Có thể tài liệu trả lời ở đây. Xin đọc kỹ câu trích:",
        differ="Các tài liệu ghi số liệu khác nhau theo thời gian; tài liệu mới hơn đứng trước.",
        more="Các câu khác có thể liên quan",
        not_found="Không tìm thấy câu trả lời trong tài liệu.",
        not_found_advice="Thử hỏi bằng từ khác, hoặc thêm tài liệu có nội dung này.",
        related="Những đoạn gần nhất, không phải câu trả lời",
        passage="Xem đoạn văn chứa câu trích",
        other_language="Nguyên văn tiếng Anh",
        no_date="không rõ ngày",
        source="Tệp",
        failed="Có lỗi khi tìm câu trả lời. Xin thử lại; nếu vẫn lỗi, báo người quản trị.",
    ),
    Language.ENGLISH: Texts(
        understood="Understood as:",
        found="The documents say:",
        possible="The documents may answer here. Please read the quote with care:",
        differ="The documents give different figures at different times; the newer comes first.",
        more="Other sentences that may bear on it",
        not_found="The documents do not say.",
        not_found_advice="Try other words, or add a document that covers this.",
        related="The nearest passages, not an answer",
        passage="Show the passage around the quote",
        other_language="Original in Vietnamese",
        no_date="date unknown",
        source="File",
        failed="Something went wrong. Please try again; if it does again, tell the administrator.",
    ),
}

EXAMPLES = (
    "ASEM 13 đã thông qua những gì?",
    "What did ASEM 13 adopt?",
    "chu de nam 2024 cua wco la gi",
    "What is Operation Demeter?",
    "Hội nghị Tổng cục trưởng Hải quan ASEM 13 diễn ra ngày nào, ở đâu?",
    "Who did Vietnam sign customs agreements with in 2025?",
)
"""Questions that the documents shipped with the project answer."""
