"""What the page says, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass

from rag.domain.documents import Language

__all__ = ["PAGE", "TEXTS", "Texts"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """The words of an answer, of a document and of an export, in one language."""

    understood: str
    follows: str
    as_typed: str
    found: str
    possible: str
    differ: str
    more: str
    not_found: str
    not_found_advice: str
    pass_on: str
    related: str
    other_language: str
    no_date: str
    author: str
    page: str
    file: str
    copy: str
    open_source: str
    helpful: str
    unhelpful: str
    failed: str
    changed: str
    original: str
    exported: str


TEXTS = {
    Language.VIETNAMESE: Texts(
        understood="Hiểu là",
        follows="Hỏi tiếp về",
        as_typed="Hỏi đúng như đã gõ",
        found="Tìm thấy trong tài liệu",
        possible="Có thể là câu trả lời – xin đọc kỹ câu trích",
        differ="Các tài liệu ghi số liệu khác nhau theo thời gian; tài liệu mới hơn đứng trước.",
        more="Các câu trích khác ({count})",
        not_found="Tài liệu không nói đến điều này",
        not_found_advice="Thử hỏi bằng từ khác, hoặc chuyển câu hỏi cho người phụ trách tài liệu.",
        pass_on="Chuyển câu hỏi cho người phụ trách",
        related="Đoạn liên quan, không phải câu trả lời",
        other_language="Nguyên văn tiếng Anh",
        no_date="không rõ ngày",
        author="Tác giả",
        page="trang",
        file="Tệp",
        copy="Sao chép kèm nguồn",
        open_source="Xem trong tài liệu",
        helpful="Câu trả lời có ích",
        unhelpful="Câu trả lời chưa đúng",
        failed="Có lỗi khi tìm câu trả lời. Xin thử lại; nếu vẫn lỗi, báo người quản trị.",
        changed="Tài liệu đã thay đổi từ khi liên kết này được tạo; câu trích không còn ở chỗ cũ.",
        original="Mở trang gốc",
        exported="Hội thoại với Trích Dẫn",
    ),
    Language.ENGLISH: Texts(
        understood="Understood as",
        follows="Following up on",
        as_typed="Ask exactly as typed",
        found="Found in the documents",
        possible="This may be the answer – please read the quote with care",
        differ="The documents give different figures at different times; the newer comes first.",
        more="More quotes ({count})",
        not_found="The documents do not say",
        not_found_advice="Try other words, or pass the question on to the document owners.",
        pass_on="Pass the question on",
        related="Related, not an answer",
        other_language="Original in Vietnamese",
        no_date="date unknown",
        author="Author",
        page="page",
        file="File",
        copy="Copy with citation",
        open_source="See it in the document",
        helpful="This answer helps",
        unhelpful="This answer is wrong",
        failed="Something went wrong. Please try again; if it still fails, tell the administrator.",
        changed="The document has changed since this link was made; the quote is no longer there.",
        original="Open the original page",
        exported="A conversation with Trích Dẫn",
    ),
}

_PAGE = {
    "title": ("Trích Dẫn – hỏi tài liệu", "Trích Dẫn – ask the documents"),
    "skip": ("Đến ô nhập câu hỏi", "Skip to the question box"),
    "tagline": (
        "Hỏi bằng tiếng Việt, có dấu hay không dấu, hoặc tiếng Anh; đọc đúng câu trả lời trong "
        "nguyên văn tài liệu.",
        "Ask in Vietnamese or English, and read the very sentences that answer.",
    ),
    "knows": ("{count} tài liệu", "{count} documents"),
    "knows.one": ("1 tài liệu", "1 document"),
    "newest": ("mới nhất ngày {date}", "the newest from {date}"),
    "offline": (
        "Không gửi gì ra dịch vụ bên ngoài.",
        "Nothing is sent to any outside service.",
    ),
    "try": ("Thử hỏi", "Try asking"),
    "nav": ("Các trang", "Pages"),
    "ask.view": ("Hỏi đáp", "Ask"),
    "documents.view": ("Tài liệu", "Documents"),
    "questions.view": ("Câu hỏi gửi đến", "Questions received"),
    "language": ("Ngôn ngữ", "Language"),
    "conversations": ("Các cuộc hỏi đáp", "Conversations"),
    "conversation.new": ("Cuộc hỏi đáp mới", "New conversation"),
    "conversation.untitled": ("Chưa có câu hỏi", "No question yet"),
    "conversation.rename": ("Đổi tên", "Rename"),
    "conversation.delete": ("Xóa", "Delete"),
    "conversation.clear": ("Xóa tất cả", "Clear all"),
    "conversation.clear.sure": (
        "Xóa tất cả các cuộc hỏi đáp lưu trong trình duyệt này?",
        "Delete all conversations kept in this browser?",
    ),
    "conversation.delete.sure": ("Xóa cuộc hỏi đáp này?", "Delete this conversation?"),
    "conversation.name": ("Tên mới", "New name"),
    "conversation.kept": ("Chỉ lưu trong trình duyệt này.", "Kept in this browser only."),
    "conversation.messages": ("Hỏi và đáp", "Questions and answers"),
    "export": ("Xuất ra tệp", "Export"),
    "export.md": ("Xuất Markdown", "Export as Markdown"),
    "export.html": ("Xuất bản in (HTML)", "Export for print (HTML)"),
    "question.label": ("Câu hỏi", "Question"),
    "question.placeholder": (
        "Nhập câu hỏi",
        "Type a question",
    ),
    "ask": ("Hỏi", "Ask"),
    "asking": ("Đang tìm trong tài liệu…", "Looking in the documents…"),
    "asking.long": ("Đang đọc các đoạn gần nhất…", "Reading the nearest passages…"),
    "asking.busy": (
        "Đang có nhiều người hỏi; câu hỏi của bạn sẽ được gửi lại ngay khi có chỗ…",
        "Many people are asking; your question is sent again as soon as there is room…",
    ),
    "busy": (
        "Đang có quá nhiều người hỏi. Câu hỏi vẫn còn đây; xin thử lại sau ít phút.",
        "Too many people are asking. Your question is still here; please try again in a few "
        "minutes.",
    ),
    "asked": ("Bạn hỏi", "You asked"),
    "follow-up": ("hỏi tiếp", "follow-up"),
    "announce.found": ("Đã có câu trả lời: {text}", "There is an answer: {text}"),
    "announce.none": ("Tài liệu không nói đến điều này.", "The documents do not say."),
    "lost": (
        "Mất kết nối với máy chủ. Câu hỏi vẫn còn đây.",
        "The connection was lost. Your question is still here.",
    ),
    "retry": ("Thử lại", "Try again"),
    "close": ("Đóng", "Close"),
    "cancel": ("Hủy", "Cancel"),
    "ok": ("Đồng ý", "OK"),
    "send": ("Gửi", "Send"),
    "copied": ("Đã sao chép", "Copied"),
    "copy.failed": ("Không sao chép được", "It could not be copied"),
    "source": ("Tài liệu nguồn", "Source document"),
    "source.previous": ("Câu trích trước", "Previous quote"),
    "source.next": ("Câu trích sau", "Next quote"),
    "source.changed": (
        "Tài liệu đã thay đổi từ khi liên kết này được tạo; câu trích không còn ở chỗ cũ.",
        "The document has changed since this link was made; the quote is no longer there.",
    ),
    "source.gone": (
        "Không còn tài liệu này. Có thể nó đã được gỡ bỏ hoặc đổi tên.",
        "This document is no longer here. It may have been removed or renamed.",
    ),
    "copy.link": ("Sao chép liên kết", "Copy link"),
    "source.loading": ("Đang mở tài liệu…", "Opening the document…"),
    "passed-on": (
        "Đã chuyển cho người phụ trách tài liệu.",
        "Passed on to the document owners.",
    ),
    "thanks": ("Cảm ơn, ý kiến đã được ghi lại.", "Thank you, this has been noted."),
    "reason": ("Lý do (không bắt buộc)", "Reason (optional)"),
    "name": ("Tên của bạn (không bắt buộc)", "Your name (optional)"),
    "failed": (
        "Không thực hiện được. Xin thử lại.",
        "That did not work. Please try again.",
    ),
    "often": (
        "Bạn đã gửi nhiều lần liên tiếp. Xin đợi ít phút rồi gửi lại.",
        "That was sent often in a short time. Please wait some minutes and send it again.",
    ),
    "collections.label": ("Tìm trong", "Look in"),
    "collections.all": ("Tất cả tài liệu", "All documents"),
    "documents.add": ("Thêm tài liệu", "Add documents"),
    "documents.drop": (
        "Kéo thả tệp vào đây, hoặc",
        "Drop files here, or",
    ),
    "documents.choose": ("chọn tệp", "choose files"),
    "documents.kinds": ("Loại tệp: {kinds}", "Kinds of files: {kinds}"),
    "documents.name": ("Tài liệu", "Document"),
    "documents.date": ("Ngày", "Date"),
    "documents.passages": ("Số đoạn", "Passages"),
    "documents.state": ("Tình trạng", "State"),
    "documents.actions": ("Thao tác", "Actions"),
    "documents.open": ("Xem", "View"),
    "documents.replace": ("Thay thế", "Replace"),
    "documents.remove": ("Gỡ bỏ", "Remove"),
    "documents.remove.sure": (
        "Gỡ {name}? Tài liệu vẫn được trích cho đến khi cập nhật chỉ mục; một bản được giữ trong "
        "thư mục của các tài liệu đã gỡ.",
        "Remove {name}? It is quoted until the index is updated; a copy is kept among the removed "
        "documents.",
    ),
    "documents.exists.sure": (
        "Đã có {name}. Thay bằng tệp mới?",
        "{name} is there already. Replace it?",
    ),
    "documents.added": ("Đã thêm {name}.", "{name} was added."),
    "documents.removed": ("Đã gỡ {name}.", "{name} was removed."),
    "documents.index": ("Cập nhật chỉ mục", "Update the index"),
    "documents.indexing": (
        "Đang cập nhật: {done}/{total} đoạn",
        "Updating: {done} of {total} passages",
    ),
    "documents.indexing.begun": ("Đang đọc các tài liệu…", "Reading the documents…"),
    "documents.indexed": ("Chỉ mục đã đầy đủ.", "The index is up to date."),
    "documents.waiting": (
        "Có thay đổi chưa vào chỉ mục; người khác vẫn hỏi được như thường.",
        "There are changes that are not indexed yet; others can go on asking.",
    ),
    "documents.index.failed": ("Chưa cập nhật được: {error}", "It could not be updated: {error}"),
    "examples.choose": ("Câu hỏi gợi ý ở trang đầu", "Example questions on the first screen"),
    "examples.lines": ("Mỗi dòng một câu hỏi", "One question a line"),
    "examples.how": (
        "Trang đầu chỉ hiện những câu mà tài liệu trả lời được, nhiều nhất sáu câu. Để trống thì "
        "chương trình tự chọn từ tài liệu.",
        "The first screen shows those that the documents answer, six at most. Left empty, they are "
        "made from the documents.",
    ),
    "examples.save": ("Lưu", "Save"),
    "examples.saved": ("Đã lưu câu hỏi gợi ý.", "The example questions were saved."),
    "standing.expired": ("không còn hiệu lực", "no longer in force"),
    "standing.not yet": ("chưa có hiệu lực", "not yet in force"),
    "state.indexed": ("đã vào chỉ mục", "indexed"),
    "state.waiting": ("chờ cập nhật", "waiting"),
    "state.gone": ("đã gỡ, chờ cập nhật", "removed, waiting"),
    "state.same": ("trùng với tài liệu khác", "the same as another"),
    "state.failed": ("không đọc được", "cannot be read"),
    "questions.filter": ("Lọc", "Filter"),
    "questions.kind": ("Loại", "Kind"),
    "questions.all": ("Tất cả", "All"),
    "questions.open": ("Chưa xử lý", "Open"),
    "questions.resolved": ("Đã xử lý", "Resolved"),
    "questions.search": ("Tìm trong câu hỏi", "Search the questions"),
    "questions.when": ("Thời gian", "When"),
    "questions.question": ("Câu hỏi", "Question"),
    "questions.reason": ("Lý do", "Reason"),
    "questions.resolve": ("Đánh dấu đã xử lý", "Mark as resolved"),
    "questions.reopen": ("Mở lại", "Open again"),
    "questions.count": ("{count} câu hỏi", "{count} questions"),
    "questions.more": ("Xem thêm", "Show more"),
    "questions.csv": ("Tải về CSV", "Download CSV"),
    "questions.none": ("Không có câu hỏi nào khớp.", "No questions match."),
    "questions.ask": ("Hỏi lại", "Ask it again"),
    "kind.passed-on": ("Chưa có câu trả lời", "Not answered"),
    "kind.helpful": ("Có ích", "Helpful"),
    "kind.unhelpful": ("Chưa đúng", "Wrong"),
    "owner.sign-in": ("Dành cho người phụ trách tài liệu", "For document owners"),
    "owner.password": ("Mật khẩu", "Password"),
    "owner.enter": ("Đăng nhập", "Sign in"),
    "owner.leave": ("Đăng xuất", "Sign out"),
    "owner.unreachable": ("Không kết nối được với máy chủ.", "The server cannot be reached."),
    "owner.wrong": ("Mật khẩu không đúng.", "That is not the password."),
    "owner.often": (
        "Đã thử quá nhiều lần. Xin đợi ít phút rồi thử lại.",
        "Too many attempts. Please wait some minutes and try again.",
    ),
    "owner.code": ("Mã", "Code"),
    "owner.code.where": (
        "Mã được in ra mỗi lần khởi động máy chủ (lệnh trichdan serve hoặc make run). Muốn dùng "
        "mật khẩu thay cho mã, người quản trị đặt TRICHDAN_OWNER_PASSWORD.",
        "The code is printed each time the server is started (by trichdan serve or make run). For "
        "a password instead, the administrator sets TRICHDAN_OWNER_PASSWORD.",
    ),
    "owner.code.wrong": ("Mã không đúng.", "That is not the code."),
    "owner.only": (
        "Trang này chỉ mở được trên chính máy chủ.",
        "This page opens on the server's own machine only.",
    ),
    "noscript": (
        "Trang này cần JavaScript. Hãy bật lên, hoặc hỏi bằng lệnh: trichdan ask",
        "This page needs JavaScript. Turn it on, or ask with the command: trichdan ask",
    ),
}

PAGE: Mapping[Language, Mapping[str, str]] = {
    language: {name: both[i] for name, both in _PAGE.items()} for i, language in enumerate(Language)
}
"""The words of the page around the answers, by language and name."""
