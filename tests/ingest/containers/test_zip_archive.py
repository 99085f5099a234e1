"""Archives: members are read one by one, and none of them can do harm."""

import io
import stat
import struct
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest

from rag.errors import DocumentError
from rag.ingest.containers.mail import MailLoader
from rag.ingest.containers.members import safe_name
from rag.ingest.containers.zip_archive import ArchiveLimits, ArchiveLoader
from rag.ingest.extract import Extract, Part
from rag.ingest.html.loader import HtmlLoader
from rag.ingest.office.sheets import DelimitedLoader
from tests.conftest import ROOT

FILES = ROOT / "tests" / "files"
LIMIT = 10_000_000
TABLE = "Mã,Tên\n01,An\n".encode()
ROW = "Mã: 01; Tên: An\n\n"


def load(path: Path, limits: ArchiveLimits | None = None) -> Extract:
    single = (HtmlLoader(LIMIT), DelimitedLoader(LIMIT))
    return ArchiveLoader((*single, MailLoader(single, LIMIT)), limits).load(path)


def packed(tmp_path: Path, members: dict[str | ZipInfo, bytes]) -> Path:
    path = tmp_path / "tệp.zip"
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return path


def texts(parts: tuple[Part, ...]) -> list[tuple[str, str]]:
    return [(part.name, part.extract.text if part.extract else part.reason) for part in parts]


def test_members_are_read_and_the_rest_says_why_not(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with ZipFile(inner, "w") as archive:
        archive.writestr("a.csv", TABLE)
    mail = (
        b"Subject: Th\xc6\xb0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nXin.\n--b\n"
        b'Content-Type: text/csv\nContent-Disposition: attachment; filename="a.csv"\n\n'
        + TABLE
        + b"--b--\n"
    )
    path = packed(
        tmp_path,
        {
            "thư mục/bảng.CSV": TABLE,
            "thư mục/": b"",
            "__MACOSX/._bảng.csv": b"x",
            ".DS_Store": b"x",
            "~$bảng.csv": b"x",
            "thư.eml": mail,
            "hỏng.html": b"",
            "cũ.doc": b"x",
            "trong.zip": inner.getvalue(),
        },
    )
    extract = load(path)
    assert extract.text == ""
    assert texts(extract.parts) == [
        ("thư mục/bảng.CSV", ROW),
        ("thư.eml", "Thư\n\nXin.\n\n"),
        ("thư.eml/a.csv", ROW),
        ("hỏng.html", "it is empty"),
        ("cũ.doc", "files of its kind (.doc) are not read; save it as PDF or .docx"),
        ("trong.zip", "it is an archive within an archive; unpack it and add its files"),
    ]
    assert [part.vietnamese for part in extract.parts if not part.extract] == [
        "Tệp rỗng.",
        "Loại tệp này (.doc) không đọc được; hãy lưu lại thành PDF hoặc .docx.",
        "Đây là tệp nén nằm trong tệp nén; hãy giải nén rồi thêm các tệp bên trong.",
    ]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("../../etc/a.csv", "etc/a.csv"),
        ("/etc/a.csv", "etc/a.csv"),
        ("C:\\a.csv", "_/a.csv"),
        ("x\\..\\a.csv", "x/a.csv"),
    ],
)
def test_names_that_lead_out_are_refused(tmp_path: Path, name: str, shown: str) -> None:
    info = ZipInfo("x")
    info.filename = name
    (part,) = load(packed(tmp_path, {info: TABLE})).parts
    assert part.name == shown
    assert part.reason.startswith("its name leads out of the archive")
    assert part.vietnamese.startswith("Tên tệp trỏ ra ngoài")
    assert [path.name for path in tmp_path.iterdir()] == ["tệp.zip"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("a\nb\x1b[31m.csv", "a_b_[31m.csv"),
        ("a\u202egpj.csv", "a_gpj.csv"),
        ("x\\y.csv", "x/y.csv"),
        ("./x//y.csv", "x/y.csv"),
        ("C:/a.csv", "_/a.csv"),
        ("..", "_"),
        ("Hả́i.csv".replace("ả́", "a\u0309"), "Hải.csv"),
        ("a" * 300 + ".csv", "a" * 196 + ".csv"),
    ],
)
def test_names_as_they_are_shown(name: str, shown: str) -> None:
    assert safe_name(name) == shown


@pytest.mark.parametrize("encoding", ["utf-8", "cp1258"])
def test_names_without_the_mark_for_utf8(tmp_path: Path, encoding: str) -> None:
    name = "Đơn ưa.csv".encode(encoding)
    stand_in = "x" * len(name)
    path = packed(tmp_path, {stand_in: TABLE})
    path.write_bytes(path.read_bytes().replace(stand_in.encode(), name))
    assert [part.name for part in load(path).parts] == ["Đơn ưa.csv"]


def test_duplicate_names_are_told_apart(tmp_path: Path) -> None:
    with (
        pytest.warns(UserWarning, match="Duplicate name"),
        ZipFile(tmp_path / "a.zip", "w") as made,
    ):
        made.writestr("a.csv", TABLE)
        made.writestr("a.csv", TABLE)
        made.writestr("A.csv", TABLE)
    assert [part.name for part in load(tmp_path / "a.zip").parts] == [
        "a.csv",
        "a (2).csv",
        "A (3).csv",
    ]


def test_links_are_refused(tmp_path: Path) -> None:
    link = ZipInfo("a.csv")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    (part,) = load(packed(tmp_path, {link: b"/etc/passwd"})).parts
    assert part.reason == "it is a link, not a file; put the file itself into the archive"


def test_a_member_with_a_password_says_so() -> None:
    single = DelimitedLoader(LIMIT)
    single.suffixes = frozenset({".txt"})
    (part,) = ArchiveLoader((single,)).load(FILES / "archive-password.zip").parts
    assert part.name == "bimat.txt"
    assert part.reason == "it has a password; unpack it with the password and add the file itself"
    assert part.vietnamese.startswith("Tệp có mật khẩu")


def test_a_damaged_member_leaves_the_others(tmp_path: Path) -> None:
    path = packed(tmp_path, {"a.csv": b"x" * 100 + b"hong", "b.csv": TABLE})
    data = bytearray(path.read_bytes())
    data[36] ^= 0xFF
    path.write_bytes(data)
    first, second = load(path).parts
    assert first.reason.startswith("it is damaged or packed in a way that is not read")
    assert second.extract is not None
    assert second.extract.text == ROW


def test_a_large_member_is_refused_and_a_bomb_at_once(tmp_path: Path) -> None:
    path = packed(tmp_path, {"a.csv": b"a" * 3_000_000, "b.csv": TABLE})
    first, second = load(path, ArchiveLimits(member_bytes=1_000_000)).parts
    assert first.reason == "it has 3 MB unpacked, the limit is 1 MB; split it"
    assert second.extract is not None
    for limits in (
        ArchiveLimits(total_bytes=2_000_000),
        ArchiveLimits(ratio_from=1_000_000),
    ):
        with pytest.raises(DocumentError, match="it unpacks to 3 MB") as raised:
            load(path, limits)
        assert raised.value.vietnamese.startswith("Tệp giải nén ra 3 MB")
    with pytest.raises(DocumentError, match="it holds 2 files, the limit is 1"):
        load(path, ArchiveLimits(members=1))
    with pytest.raises(DocumentError, match="the limit is 0 MB"):
        load(path, ArchiveLimits(file_bytes=10))


def test_members_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    path = packed(tmp_path, {"a.csv": TABLE * 50, "b.csv": TABLE * 50})
    data = bytearray(path.read_bytes())
    second = data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = struct.pack("<I", 0)  # where its bytes begin
    path.write_bytes(data)
    with pytest.raises(DocumentError, match="more than is safe"):
        load(path)


def test_a_false_size_unpacks_no_more_than_is_stated(tmp_path: Path) -> None:
    path = packed(tmp_path, {"a.csv": b"a" * 1_000_000})
    data = bytearray(path.read_bytes())
    central = data.rindex(b"PK\x01\x02")
    data[central + 24 : central + 28] = struct.pack("<I", 10)
    path.write_bytes(data)
    (part,) = load(path).parts
    assert part.extract is None
    assert part.reason.startswith("it is damaged")


def test_what_is_no_archive(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    path.write_bytes(b"khong phai zip")
    with pytest.raises(DocumentError, match="it is damaged or no ZIP archive"):
        load(path)
    with pytest.raises(DocumentError, match="it holds no files"):
        load(packed(tmp_path, {"thư mục/": b""}))
