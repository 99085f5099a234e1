"""The questions in a message."""

import pytest

from rag.language.vietnamese import fold
from rag.understand.message import asks_nothing, questions_in

LETTER = (
    "Kính gửi anh chị,\nCông ty chúng tôi là doanh nghiệp nhập khẩu máy móc từ Hàn Quốc, hiện đang "
    "làm thủ tục tại cửa khẩu Mộc Bài. Do đối tác gửi chứng từ chậm nên chúng tôi chưa có giấy "
    "chứng nhận xuất xứ. Xin hỏi chúng tôi được nộp bổ sung C/O trong thời hạn bao nhiêu ngày kể từ "
    "ngày đăng ký tờ khai?\nTrân trọng cảm ơn.\nNguyễn Văn An"
)


@pytest.mark.parametrize(
    ("message", "question"),
    [
        ("Chào anh chị, phí gửi xe bao nhiêu ạ?", "phí gửi xe bao nhiêu ạ?"),
        ("chao anh chi, phi gui xe bao nhieu a", "phi gui xe bao nhieu a"),
        ("Dạ em chào chị. Cho em hỏi phí gửi xe?", "phí gửi xe?"),
        ("Anh ơi em hỏi xíu, phí gửi xe?", "phí gửi xe?"),
        ("Chị phòng kế toán ơi, phí gửi xe?", "phí gửi xe?"),
        ("Cảm ơn ạ. Thế phí gửi xe?", "Thế phí gửi xe?"),
        ("cam on ad. nop ho so den khi nao v", "nop ho so den khi nao v"),
        ("tks, phí gửi xe?", "phí gửi xe?"),
        ("Hi all, quick question: what is the fee?", "what is the fee?"),
        ("Great, thank you so much! What is the fee?", "What is the fee?"),
        ("Thank you for your help. What is the fee?", "What is the fee?"),
        ("ok cheers. what is the fee?", "what is the fee?"),
        ("What is the fee? Thanks in advance.\nBest regards,\nTom", "What is the fee?"),
        (
            "Can anyone help? We lost our card. What is the fee?",
            "We lost our card. What is the fee?",
        ),
        ("Phí là gì. Trân trọng cảm ơn", "Phí là gì. Trân trọng cảm ơn"),  # nothing says it asks
        ("Xin cho biết phí gửi xe. Trân trọng cảm ơn", "Xin cho biết phí gửi xe."),
        (
            "Bị phạt bao nhiêu, có phải nộp ngay không?",
            "Bị phạt bao nhiêu, có phải nộp ngay không?",
        ),
        ("Tôi muốn hỏi phí gửi xe. Rất mong được giải đáp.", "Tôi muốn hỏi phí gửi xe."),
        ("Phí là gì? __ __ __?", "Phí là gì?"),
        ("Phí là gì?! Trân trọng cảm ơn", "Phí là gì?!"),
        (
            "Công ty nộp đơn đề nghị hôm qua. Phải chờ bao lâu?",
            "Công ty nộp đơn đề nghị hôm qua. Phải chờ bao lâu?",
        ),
        ("Ai phê duyệt? Có phải Sở không ạ?", "Ai phê duyệt? Có phải Sở không ạ?"),
        ("Who approves? Is it the department?", "Who approves? Is it the department?"),
    ],
)
def test_greeting_and_thanks_are_left_out(message: str, question: str) -> None:
    assert questions_in(message) == (question,)


@pytest.mark.parametrize(
    "question",
    [
        "ASEM 13 đã thông qua những gì?",
        "Chào hàng cạnh tranh, đấu thầu rộng rãi là gì?",
        "Chào bán trái phiếu thì phải bán được bao nhiêu?",
        "Anh em ruột có được thừa kế không?",
        "Bà Lan là ai?",
        "Cô giáo được nghỉ mấy ngày?",
        "Con gì được nuôi?",
        "Lời cảm ơn, xin lỗi viết thế nào?",
        "Theo Điều 5. khoản 2, phí là 1.000 đồng hay 2.000 đồng?",
        "What is v1.2 of the form?",
        "Dear costs of storage are paid by whom?",
        "Chào bà con là gì?",
        "Cô bé bán diêm ơi là truyện gì?",
        "Con hỏi là cha mẹ phải trả lời à?",
        "Ông hỏi thêm giấy tờ thì phải làm gì?",
        "Kính gửi đơn thì nộp ở đâu, ai nhận?",
        "chao ban co phieu ra cong chung can dieu kien gi?",
        "hoi la gi theo Nghi dinh 126?",
        "hoi voi doan khac nhau the nao",
        "cho hoi vien vay toi da bao nhieu?",
        "Hi sinh, bị thương được hưởng gì?",
        "Hi-tech zones pay what tax?",
        "Great-grandchildren inherit what?",
        "Help-desk number?",
        "Morning shift: when does it start?",
        "Evening classes, what do they cost?",
        "Hello Kitty, ai vẽ?",
        'Bài "Bao giờ tăng lương?" là của ai viết?',
        "Trang https://x.vn/tra-cuu?so=12 dùng để làm gì vậy?",
        "Công ty X (?) nộp thuế thế nào?",
        "Xin chào",
        "Thanks.",
        "?",
        "",
    ],
)
def test_what_is_no_frame_stays(question: str) -> None:
    assert questions_in(question) == (question,)


def test_the_question_of_a_letter_is_asked_with_what_was_told_last() -> None:
    (question,) = questions_in(LETTER)

    assert question.startswith("Do đối tác gửi chứng từ chậm")
    assert question.endswith("kể từ ngày đăng ký tờ khai?")
    assert questions_in(fold(LETTER)) == (fold(question),)


def test_several_questions_are_several() -> None:
    message = (
        "Chào anh chị, em cảm ơn trước. Công ty em ở Bắc Ninh. 1. Hồ sơ gồm những gì? "
        "2) Nộp ở đâu ạ? Em ở xa. Gửi qua bưu điện được không?"
    )
    assert questions_in(message) == (
        "Công ty em ở Bắc Ninh. Hồ sơ gồm những gì?",
        "Nộp ở đâu ạ?",
        "Em ở xa. Gửi qua bưu điện được không?",
    )
    assert questions_in("What is the fee?\nWhere do I pay it?") == (
        "What is the fee?",
        "Where do I pay it?",
    )


@pytest.mark.parametrize(
    "message",
    [
        "Can I ask for a refund after 30 days? Where do I send the form?",
        "Có ai biết thủ tục gia hạn thẻ không? Nộp ở đâu vậy ạ?",
        "Can you help me renew my card? What does it cost to renew?",
        "Giúp em tính thuế nhà đất với ạ? Nộp ở đâu vậy?",
        "Lệ phí là bao nhiêu? Có phải công chứng hợp đồng thuê nhà không?",
        "What does the law say? Am I entitled to leave after childbirth?",
        "What is the fee? Right of way belongs to whom then, please?",
        "Phí gửi xe là bao nhiêu?! Nộp ở đâu vậy?",
    ],
)
def test_what_asks_for_itself_is_asked(message: str) -> None:
    first, second = questions_in(message)
    assert f"{first} {second}" == message


def test_what_follows_the_last_question_goes_with_it() -> None:
    assert questions_in("Phí là bao nhiêu? Nộp ở đâu vậy ạ? Tôi là sinh viên.") == (
        "Phí là bao nhiêu?",
        "Nộp ở đâu vậy ạ? Tôi là sinh viên.",
    )


@pytest.mark.parametrize(
    "unit",
    ["cheers ", "thanks cheers ", "bà con ", "a ", "chào anh ", "anh ơi ", "? ", '"', "(", "“a” "],
)
def test_a_message_of_any_length_is_read_at_once(unit: str) -> None:
    assert questions_in((unit * 2_000)[:2_000] + "x")


@pytest.mark.parametrize(
    ("message", "nothing"),
    [
        ("ok cảm ơn", True),
        ("Cảm ơn ạ", True),
        ("em cam on nhieu", True),
        ("Thanks a lot!", True),
        ("Great, thank you.", True),
        ("Chào anh chị", True),
        ("Cảm ơn ạ, phí bao nhiêu?", False),
        ("Thư cảm ơn", False),
        ("Phí", False),
        ("Không", False),
        ("?", False),
    ],
)
def test_greeting_and_thanks_alone_ask_nothing(message: str, nothing: bool) -> None:
    assert asks_nothing(message) is nothing
