"""Messages: subject, words, and attached files."""

from email.message import EmailMessage
from pathlib import Path

import pytest

from rag.errors import DocumentError
from rag.ingest.containers.mail import MailLoader
from rag.ingest.extract import Extract
from rag.ingest.html.loader import HtmlLoader
from rag.ingest.office.sheets import DelimitedLoader
from tests.clock import LIMIT, seconds
from tests.told import told

_MAX_BYTES = 10_000_000


def read(tmp_path: Path, data: bytes) -> Extract:
    path = tmp_path / "thư.eml"
    path.write_bytes(data)
    return MailLoader((HtmlLoader(_MAX_BYTES), DelimitedLoader(_MAX_BYTES)), _MAX_BYTES).load(path)


def message() -> EmailMessage:
    made = EmailMessage()
    made["Subject"] = "Lịch nghỉ Tết Nguyên đán năm 2024 của toàn thể cán bộ, công chức, viên chức"
    made["From"] = "Phòng Tổ chức <tochuc@example.vn>"
    made["To"] = "a@example.vn"
    made["Date"] = "Tue, 05 Mar 2024 23:30:00 +0700"
    return made


def test_a_message_with_versions_and_attachments(tmp_path: Path) -> None:
    made = message()
    made.set_content("Kính gửi các đơn vị,\n\nNghỉ từ ngày 8 đến ngày 14.\n")
    made.add_alternative("<p>Bản HTML</p>", subtype="html")
    made.add_attachment("Mã,Tên\n01,An\n".encode(), "text", "csv", filename="../danh sách.csv")
    made.add_attachment("Mã,Tên\n02,Bình\n".encode(), "text", "csv", filename="danh sách.csv")
    made.add_attachment(b"\xd0\xcf", "application", "msword", filename="công văn.doc")
    made.add_attachment(b"GIF", "image", "gif", filename="logo.gif")
    inner = EmailMessage()
    inner["Subject"] = "Thư trước"
    inner.set_content("Nội dung cũ.")
    made.add_attachment(inner)
    extract = read(tmp_path, made.as_bytes())
    assert extract.metadata == {
        "title": "Lịch nghỉ Tết Nguyên đán năm 2024 của toàn thể cán bộ, công chức, viên chức",
        "author": "Phòng Tổ chức",
        "date": "2024-03-05",
    }
    assert told(extract) == [
        ("heading1", extract.metadata["title"]),
        ("", "Kính gửi các đơn vị,"),
        ("", "Nghỉ từ ngày 8 đến ngày 14."),
    ]
    assert [(part.name, part.extract and part.extract.text) for part in extract.parts] == [
        ("danh sách.csv", "Mã: 01; Tên: An\n\n"),
        ("danh sách (2).csv", "Mã: 02; Tên: Bình\n\n"),
        ("công văn.doc", None),
        ("Thư trước.eml", "Thư trước\n\nNội dung cũ.\n\n"),
    ]
    assert extract.parts[2].reason.startswith("files of its kind (.doc) are not read")
    assert extract.parts[2].vietnamese.startswith("Loại tệp này (.doc) không đọc được")


@pytest.mark.parametrize("plain", ["", "Hãy mở thư bằng trình duyệt để xem bản HTML.\n"])
def test_html_is_read_where_the_plain_text_says_nothing(tmp_path: Path, plain: str) -> None:
    made = message()
    made.set_content(plain)
    made.add_alternative("<h2>Thông báo</h2><p>Họp lúc 8 giờ.</p><img src='cid:a'>", subtype="html")
    assert told(read(tmp_path, made.as_bytes()))[1:] == [
        ("heading2", "Thông báo"),
        ("", "Họp lúc 8 giờ."),
    ]


def test_earlier_messages_are_kept_and_are_no_headings(tmp_path: Path) -> None:
    made = message()
    made.set_content(
        "Đồng ý.\n\nVào Th 2, 4 thg 3, 2024, An <an@example.vn> đã viết:\n\n"
        "> Họp sáng mai\n>\n> > Có họp không?\n\n-- \nBình\n"
    )
    assert told(read(tmp_path, made.as_bytes()))[1:] == [
        ("", "Đồng ý."),
        ("", "Vào Th 2, 4 thg 3, 2024, An <an@example.vn> đã viết:"),
        ("prose", "Họp sáng mai"),
        ("prose", "Có họp không?"),
        ("", "--\nBình"),
    ]


def test_flowed_lines_are_joined(tmp_path: Path) -> None:
    data = b"Subject: a\nContent-Type: text/plain; format=flowed\n\nM\xe1\xbb\x99t \nhai\nba\n"
    assert told(read(tmp_path, data))[1:] == [("", "Một hai\nba")]


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        (b"=?utf-8?B?SOG6o2kgcXU=?= =?utf-8?B?YW4=?=", "Hải quan"),
        (b"=?utf-8?Q?H=E1=BA?=\n =?utf-8?Q?=A3i_quan?=", "Hải quan"),
        ("Hải quan".encode(), "Hải quan"),
        (b"=?khong-co?Q?H=E1=BA=A3i?= quan", "Hải quan"),
        (b"Re: =?windows-1258?Q?=D0=E2y?=", "Re: Đây"),
        (b"=?iso-8859-1?Q?H=E1=BA=A3i?=\n quan", "Hải quan"),
        (b"=?utf-8?Q?H=B6i?= =?utf-8?Q?_quan_vi=D6t_nam?=", "Hải quan việt nam"),
        (b"H\xb6i quan Vi\xd6t Nam", "Hải quan Việt Nam"),
    ],
)
def test_headers_in_any_encoding(tmp_path: Path, subject: bytes, text: str) -> None:
    data = b"Subject: " + subject + b"\nFrom: a@example.vn\n\nx\n"
    extract = read(tmp_path, data)
    assert (extract.metadata["title"], extract.metadata["author"]) == (text, "a@example.vn")


@pytest.mark.parametrize(
    ("sender", "author"),
    [
        (b"=?utf-8?B?TMOqIEFu?= <an@example.vn>", "Lê An"),
        (b"=?utf-8?B?TMOqIEFuIDxhbkBleGFtcGxlLnZuPg==?=", "Lê An"),
        ("an@example.vn (Lê An)".encode(), "Lê An"),
        (b"An .<an@example.vn>", "An ."),
        (b"=?utf-8?Q?An?=<", "An"),
    ],
)
def test_senders_however_they_are_written(tmp_path: Path, sender: bytes, author: str) -> None:
    extract = read(tmp_path, b"Subject: a\nFrom: " + sender + b"\n\nx\n")
    assert extract.metadata["author"] == author


@pytest.mark.parametrize("header", [b"Subject: \xcb\x81", b"Subject: a\nDate: \xcb"])
def test_a_header_of_no_encoding_does_not_cost_the_message(tmp_path: Path, header: bytes) -> None:
    assert told(read(tmp_path, header + b"\n\nx\n"))[-1] == ("", "x")


@pytest.mark.parametrize(
    "name",
    [
        b'filename="danh s\xe1ch.csv"',
        b"filename*=utf-8''danh%20s%C3%A1ch.csv",
        b'filename="=?utf-8?Q?danh_s=C3=A1ch.csv?="',
        'filename="danh sách.csv"'.encode(),
    ],
)
def test_names_of_attached_files_however_they_are_written(tmp_path: Path, name: bytes) -> None:
    data = (
        b"Subject: a\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
        b"Content-Disposition: attachment; " + name + b"\n\nM\xc3\xa3\n01\n--b--\n"
    )
    assert [part.name for part in read(tmp_path, data).parts] == ["danh sách.csv"]


def test_long_headers_take_no_longer_than_short_ones(tmp_path: Path) -> None:
    data = b'Subject: a\nContent-Type: text/plain; a="' + b"b c" * 300_000 + b"\n\nx\n"
    assert seconds(lambda _: read(tmp_path, data), "") < LIMIT


def test_bodies_in_old_encodings(tmp_path: Path) -> None:
    words = "Công ty trách nhiệm hữu hạn, địa chỉ tại thành phố Hà Nội."
    head = b"Subject: a\nContent-Type: text/plain; charset=windows-1252\n\n"
    assert told(read(tmp_path, head + words.encode()))[1:] == [("", words)]


def test_depth_is_bounded(tmp_path: Path) -> None:
    made = message()
    made.set_content("đáy")
    for level in range(6):
        outer = EmailMessage()
        outer["Subject"] = f"thư {level}"
        outer.set_content("x")
        outer.add_attachment(made)
        made = outer
    parts = read(tmp_path, made.as_bytes()).parts
    assert parts[-1].reason.startswith("it is a message too deep within others")
    data = b"Subject: a\n" + b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000)
    )
    with pytest.raises(DocumentError, match="it is a damaged message"):
        read(tmp_path, data)


def test_what_is_no_message(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="it is no message") as raised:
        read(tmp_path, "chỉ là chữ".encode())
    assert raised.value.vietnamese.startswith("Tệp không phải thư điện tử")
    with pytest.raises(DocumentError, match="it is empty"):
        read(tmp_path, b"")
