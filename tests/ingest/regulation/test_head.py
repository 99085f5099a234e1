"""What a regulation says of itself, in the many ways in which its head and last articles come."""

import pytest

from rag.domain.documents import Metadata
from rag.ingest.regulation.head import is_letterhead
from rag.ingest.regulation.offices import issuing_office, sentence_case
from rag.ingest.structure.document import make_document

MOTTO = "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc"
HEAD = f"""\
BỘ TÀI CHÍNH
-------
{MOTTO}
---------------
Số: 22/2019/TT-BTC
Hà Nội, ngày 16 tháng 4 năm 2019

THÔNG TƯ
Quy định mức thu phí

Căn cứ Luật Hải quan số 54/2014/QH13 được sửa đổi, bổ sung theo Luật số 71/2014/QH13;

Điều 1. Mức thu

Mức thu là một đồng.

"""
ENGLISH = """\
THE MINISTRY OF FINANCE
-------
SOCIALIST REPUBLIC OF VIET NAM
Independence - Freedom - Happiness
---------------
No: 12/2020/TT-BTC
Hanoi, April 20, 2020

CIRCULAR
ON AMENDMENTS TO CIRCULAR NO. 38/2015/TT-BTC ON CUSTOMS PROCEDURES

Pursuant to the Law on Customs dated June 23, 2014;

Article 1. Amendments to Circular No. 38/2015/TT-BTC

1. Article 3 is amended as follows:

Article 5. Effect

"""


def metadata_of(text: str) -> Metadata:
    return make_document("a.txt", text).metadata


def relations(*clauses: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    metadata = metadata_of(HEAD + "\n\n".join(clauses))
    return metadata.replaces, metadata.amends


@pytest.mark.parametrize(
    ("clauses", "replaces", "amends"),
    [
        (("Điều 2. Bãi bỏ toàn bộ các văn bản quy phạm pháp luật sau đây",
          "1. Thông tư số 08/2011/TT-BYT ngày 26 tháng 01 năm 2011 hướng dẫn dinh dưỡng.",
          "2. Quyết định số 45/2006/QĐ-BYT ngày 29 tháng 12 năm 2006.",
          "Điều 3. Trách nhiệm",
          "1. Cơ quan thực hiện Thông tư số 9/2012/TT-BYT."),
         ("Thông tư 08/2011/TT-BYT", "Quyết định 45/2006/QĐ-BYT"), ()),
        (("Điều 2. Bãi bỏ một phần các văn bản sau đây:", "1. Thông tư số 8/2011/TT-BYT."),
         (), ("Thông tư 8/2011/TT-BYT",)),
        (("2. Bãi bỏ các văn bản sau:", "a) Thông tư số 8/2011/TT-BTC;",
          "3. Cơ quan áp dụng Thông tư số 9/2012/TT-BTC."),
         ("Thông tư 8/2011/TT-BTC",), ()),
        (("Thông tư này thay thế Thông tư số 38/2018/TT-BTC ngày 20 tháng 4 năm 2018 (được sửa "
          "đổi, bổ sung bởi Thông tư số 62/2019/TT-BTC và Thông tư số 47/2020/TT-BTC).",),
         ("Thông tư 38/2018/TT-BTC",), ()),
        (("Thông tư này thay thế Thông tư số 3/2018/TT-BTC (được sửa đổi bởi Thông tư số "
          "6/2019/TT-BTC) và Thông tư số 4/2018/TT-BTC.",),
         ("Thông tư 3/2018/TT-BTC", "Thông tư 4/2018/TT-BTC"), ()),
        (("Thông tư này thay thế Thông tư số 3/2018/TT-BTC đã được sửa đổi, bổ sung một số điều "
          "tại Thông tư số 6/2019/TT-BTC, Thông tư số 7/2019/TT-BTC; Thông tư số 9/2017/TT-BTC.",),
         ("Thông tư 3/2018/TT-BTC", "Thông tư 9/2017/TT-BTC"), ()),
        (("Thông tư này thay thế các Thông tư: số 10/2015/TT-BTC ngày 20/01/2015, số "
          "11/2016/TT-BTC ngày 21/01/2016.",),
         ("Thông tư 10/2015/TT-BTC", "Thông tư 11/2016/TT-BTC"), ()),
        (("Thông tư số 5/2010/TT-BTC hết hiệu lực thi hành kể từ ngày 01/6/2019.",),
         ("Thông tư 5/2010/TT-BTC",), ()),
        (("Thông tư số 5/2010/TT-BTC được thay thế bởi Thông tư này.",),
         ("Thông tư 5/2010/TT-BTC",), ()),
        (("Khoản 2 Điều 3 Thông tư số 5/2010/TT-BTC bị bãi bỏ.",),
         (), ("Thông tư 5/2010/TT-BTC",)),
        (("Bãi bỏ quy định tại Thông tư số 5/2010/TT-BTC.",), (), ("Thông tư 5/2010/TT-BTC",)),
        (("Thông tư số 122/2019/TT-BTC hết hiệu lực.",), ("Thông tư 122/2019/TT-BTC",), ()),
        (("Sửa đổi, bổ sung một số điều của Nghị định số 8/2015/NĐ-CP và Nghị định số "
          "9/2016/NĐ-CP.",), (), ("Nghị định 8/2015/NĐ-CP", "Nghị định 9/2016/NĐ-CP")),
        (("Thông tư số 5/2010/TT-BTC được sửa đổi, bổ sung như sau:",),
         (), ("Thông tư 5/2010/TT-BTC",)),
        (("Hồ sơ sửa đổi, bổ sung theo quy định tại Thông tư số 5/2010/TT-BTC.",), (), ()),
    ],
)  # fmt: skip
def test_what_it_replaces_and_what_it_amends(
    clauses: tuple[str, ...], replaces: tuple[str, ...], amends: tuple[str, ...]
) -> None:
    assert relations(*clauses) == (replaces, amends)


@pytest.mark.parametrize(
    ("clause", "replaces"),
    [
        ("Circular No. 42/2015/TT-BTC is hereby repealed.", ("Circular 42/2015/TT-BTC",)),
        ("This Circular supersedes Circular No. 42/2015/TT-BTC, as amended by Circular No. "
         "43/2016/TT-BTC and Circular No. 44/2017/TT-BTC.", ("Circular 42/2015/TT-BTC",)),
        ("Circular No. 42/2015/TT-BTC is replaced by Circular No. 43/2016/TT-BTC.", ()),
        ("The following documents are hereby repealed:\n\na) Circular No. 42/2015/TT-BTC;",
         ("Circular 42/2015/TT-BTC",)),
    ],
)  # fmt: skip
def test_an_english_regulation(clause: str, replaces: tuple[str, ...]) -> None:
    text = ENGLISH + "1. This Circular shall come into force from June 05, 2020.\n\n2. " + clause
    assert metadata_of(text) == Metadata(
        number="Circular 12/2020/TT-BTC",
        title="Circular 12/2020/TT-BTC: On amendments to Circular No. 38/2015/TT-BTC on customs "
        "procedures",
        publisher="Ministry of Finance",
        date="2020-04-20",
        effective_from="2020-06-05",
        replaces=replaces,
        amends=("Circular 38/2015/TT-BTC",),
    )


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Nghị quyết này đã được Hội đồng nhân dân Thành phố Hà Nội khóa XVI, kỳ họp thứ hai thông "
         "qua ngày 23 tháng 9 năm 2021 và có hiệu lực kể từ ngày 03 tháng 10 năm 2021.",
         "2021-10-03"),
        ("Nghị định có hiệu lực thi hành kể từ ngày 20 tháng 02 năm 2024.", "2024-02-20"),
        ("1. Thông tư có hiệu lực từ 01.3.2024.", "2024-03-01"),
        ("Thông tư này có hiệu lực từ 01.3.2024.", "2024-03-01"),
        ("Thông tư này có hiệu lực từ ngày 1 tháng 3/2024.", "2024-03-01"),
        ("Điều 12 Thông tư này có hiệu lực từ ngày 01/01/2024.\n\nThông tư này có hiệu lực từ ngày "
         "15/7/2023.", "2023-07-15"),
        ("Giấy phép cấp trước ngày Thông tư này có hiệu lực được dùng đến hết ngày 31/12/2025.", ""),
        ("Thông tư này áp dụng với hợp đồng có hiệu lực trước ngày 01/01/2020.", ""),
        ("This Circular shall come into force on the 1st day of July, 2024.", "2024-07-01"),
        ("This Circular takes effect 45 days after the date of its signing.", "2019-05-31"),
    ],
)  # fmt: skip
def test_from_when_it_holds(sentence: str, expected: str) -> None:
    assert metadata_of(HEAD + sentence).effective_from == expected


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Giấy phép cấp trước ngày Thông tư này có hiệu lực được dùng đến hết ngày 31/12/2025.", ""),
        ("Thông tư này hết hiệu lực thi hành kể từ ngày 01.01.2026.", "2025-12-31"),
        ("Thông tư này hết hiệu lực sau ngày 31/12/2025.", "2025-12-31"),
        ("Thông tư này có hiệu lực từ ngày 01/6/2019, Thông tư số 5/2010/TT-BTC hết hiệu lực từ "
         "ngày 01/6/2019.", ""),
    ],
)  # fmt: skip
def test_until_when_it_holds(sentence: str, expected: str) -> None:
    assert metadata_of(HEAD + sentence).effective_until == expected


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("ỦY BAN NHÂN DÂN|TỈNH QUẢNG NINH", "Ủy ban nhân dân tỉnh Quảng Ninh"),
        ("HỘI ĐỒNG NHÂN DÂN|THÀNH PHỐ HÀ NỘI", "Hội đồng nhân dân thành phố Hà Nội"),
        ("UBND TỈNH QUẢNG NINH|SỞ GIÁO DỤC VÀ ĐÀO TẠO", "Sở Giáo dục và Đào tạo"),
        ("UBND TP. HỒ CHÍ MINH", "Ủy ban nhân dân TP. Hồ Chí Minh"),
        ("BỘ TÀI CHÍNH|TỔNG CỤC HẢI QUAN", "Tổng cục Hải quan"),
        ("TỔNG CỤC HẢI QUAN|CỤC HẢI QUAN|TỈNH LẠNG SƠN", "Cục Hải quan tỉnh Lạng Sơn"),
        ("CỤC HẢI QUAN QUẢNG NINH", "Cục Hải quan Quảng Ninh"),
        ("THỦ TƯỚNG CHÍNH PHỦ", "Thủ tướng Chính phủ"),
        ("ỦY BAN THƯỜNG VỤ|QUỐC HỘI", "Ủy ban Thường vụ Quốc hội"),
        ("BỘ CÔNG THƯƠNG", "Bộ Công Thương"),
        ("BỘ CÔNG AN - BỘ TÀI CHÍNH", "Bộ Công an – Bộ Tài chính"),
        ("BỘ CÔNG AN|BỘ TÀI CHÍNH", "Bộ Công an – Bộ Tài chính"),
        ("BỘ LAO ĐỘNG - THƯƠNG BINH|VÀ XÃ HỘI", "Bộ Lao động - Thương binh và Xã hội"),
        ("NGÂN HÀNG NHÀ NƯỚC|VIỆT NAM", "Ngân hàng Nhà nước Việt Nam"),
        ("TOÀ ÁN NHÂN DÂN|HUYỆN SÓC SƠN", "Tòa án nhân dân huyện Sóc Sơn"),
        ("VĂN PHÒNG CHÍNH PHỦ", "Văn phòng Chính phủ"),
        ("CÔNG TY TNHH MINH PHÁT", "Công ty TNHH Minh Phát"),
        ("MINISTRY OF FINANCE|GENERAL DEPARTMENT OF VIETNAM CUSTOMS",
         "General Department of Vietnam Customs"),
        ("DỰ THẢO", ""),
    ],
)  # fmt: skip
def test_the_office(lines: str, expected: str) -> None:
    assert issuing_office(lines.split("|")) == expected


@pytest.mark.parametrize(
    ("capitals", "expected"),
    [
        ("LUẬT SỬA ĐỔI MỘT SỐ ĐIỀU CỦA LUẬT CƯ TRÚ", "Luật sửa đổi một số điều của Luật Cư trú"),
        ("VỀ THÔNG TƯ SỐ 8/2015/TT-BTC TẠI VIỆT NAM", "Về thông tư số 8/2015/TT-BTC tại Việt Nam"),
        ("Quy định chi tiết", "Quy định chi tiết"),
    ],
)
def test_capitals_become_a_sentence(capitals: str, expected: str) -> None:
    assert sentence_case(capitals) == expected


BODY = "\n\nCăn cứ Luật Hải quan;\n\nĐiều 1. Phạm vi\n\nVăn bản quy định thủ tục."
LAW = f"QUỐC HỘI\n\n{MOTTO}\n\nLuật số: 68/2020/QH14\nHà Nội, ngày 13 tháng 11 năm 2020\n\n"
DECISION = "Số: 5/2020/QĐ-TTg\nHà Nội, ngày 06 tháng 7 năm 2020\n\n"


@pytest.mark.parametrize(
    ("head", "title"),
    [
        (LAW + "LUẬT CƯ TRÚ", "Luật 68/2020/QH14: Luật Cư trú"),
        (LAW + "LUẬT\nCƯ TRÚ", "Luật 68/2020/QH14: Luật Cư trú"),
        (LAW + "LUẬT\n\nCƯ TRÚ", "Luật 68/2020/QH14: Luật Cư trú"),
        ("Nghị quyết số: 9/2020/UBTVQH14\nHà Nội, ngày 2 tháng 6 năm 2020\nNGHỊ QUYẾT\nVề mức giảm "
         "trừ", "Nghị quyết 9/2020/UBTVQH14: Về mức giảm trừ"),
        (DECISION + "QUYẾT ĐỊNH\nVề việc phân công lịch trực",
         "Quyết định 5/2020/QĐ-TTg: Về việc phân công lịch trực"),
        (DECISION + "QUYẾT ĐỊNH\nV/v phân công lịch trực",
         "Quyết định 5/2020/QĐ-TTg: Về việc phân công lịch trực"),
        (DECISION + "QUYẾT ĐỊNH\nBAN HÀNH HỆ THỐNG NGÀNH KINH TẾ VIỆT NAM",
         "Quyết định 5/2020/QĐ-TTg: Ban hành hệ thống ngành kinh tế Việt Nam"),
        (DECISION + "QUYẾT ĐỊNH\nĐiều chỉnh mức thu\nTHỦ TƯỚNG CHÍNH PHỦ",
         "Quyết định 5/2020/QĐ-TTg: Điều chỉnh mức thu"),
        (DECISION + "QUYẾT ĐỊNH", "Quyết định 5/2020/QĐ-TTg"),
        (DECISION + "CHƯƠNG I\nQUY ĐỊNH CHUNG", "Quyết định 5/2020/QĐ-TTg"),
        ("11/22/26, 10:43 AM\n\nhttps://a.vn/b\n\n1/3\n\n# Sổ tay", "Sổ tay"),
        ("11/22/26, 10:43 AM Sổ tay hải quan", "Sổ tay hải quan"),
        ("QUYẾT ĐỊNH\n\nVề việc phân công", "Quyết định: Về việc phân công"),
    ],
)  # fmt: skip
def test_the_title(head: str, title: str) -> None:
    assert metadata_of(head + BODY).title == title


@pytest.mark.parametrize(
    "head",
    [
        "TỔNG CỤC HẢI QUAN\nSố: 1234/TCHQ-GSQL\nV/v hướng dẫn thủ tục\nnhập khẩu\n"
        f"{MOTTO}\nHà Nội, ngày 5 tháng 3 năm 2024",
        "TỔNG CỤC HẢI QUAN\tCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nSố: 1234/TCHQ-GSQL\tHà Nội, ngày 5 "
        "tháng 3 năm 2024\nV/v hướng dẫn thủ tục\nnhập khẩu",
    ],
)
def test_a_letter(head: str) -> None:
    assert metadata_of(
        f"{head}\n\nKính gửi: Cục Hải quan các tỉnh.\n\nTrả lời như sau."
    ) == Metadata(
        number="Công văn 1234/TCHQ-GSQL",
        title="Công văn 1234/TCHQ-GSQL: Về việc hướng dẫn thủ tục nhập khẩu",
        publisher="Tổng cục Hải quan",
        date="2024-03-05",
    )


ONE, TWO = "BỘ TÀI CHÍNH", "Số: 45/2023/TT-BTC"
COUNTRY, WORDS = MOTTO.split("\n")
PLACED = "Hà Nội, ngày 1 tháng 7 năm 2023"


@pytest.mark.parametrize(
    "head",
    [
        f"{ONE}        {COUNTRY}\n-------   {WORDS}\n{TWO}      {PLACED}",
        f"{ONE}\t{COUNTRY}\n{TWO}\t{PLACED}",
        f"{ONE} {COUNTRY}\n{WORDS}\n{TWO} {PLACED}",
        f"{ONE}\n{TWO}\n{COUNTRY}\n{WORDS}\n{PLACED}",
        f"{COUNTRY}\n{WORDS}\n{PLACED}\n{ONE}\n{TWO}",
        f"{ONE}\n{COUNTRY}\n{WORDS}\n{TWO}\n{PLACED}",
        f"{ONE}\nCỘNG HÒA XÃ HỘI CHỦ NGHĨA\nVIỆT NAM\n{WORDS}\n{TWO}\n{PLACED}",
        f"{ONE} {COUNTRY} {TWO} {PLACED}",
    ],
)
def test_a_letterhead_in_any_order(head: str) -> None:
    text = f"{head}\n\nTHÔNG TƯ\nQuy định mức thu{BODY}"
    assert metadata_of(text) == Metadata(
        number="Thông tư 45/2023/TT-BTC",
        title="Thông tư 45/2023/TT-BTC: Quy định mức thu",
        publisher="Bộ Tài chính",
        date="2023-07-01",
    )


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("BỘ TÀI CHÍNH\tCỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", True),
        ("11/22/26, 10:43 AM", True),
        ("https://a.vn/b?c=1 1/3", True),
        ("Trang 2/9", True),
        ("Hà Nội, ngày    tháng    năm 2024", True),
        ("BAN HÀNH QUY CHẾ", False),
        ("Thông tư số 39/2018/TT-BTC quy định thủ tục", False),
    ],
)
def test_what_stands_above_a_document(line: str, expected: bool) -> None:
    assert is_letterhead(line) is expected


def test_a_consolidated_text_is_not_what_it_consolidates() -> None:
    head = "Số: 09/VBHN-BTC\nHà Nội, ngày 12 tháng 3 năm 2022\n\nNGHỊ ĐỊNH\nQuy định chi tiết"
    assert metadata_of(head + BODY).number == "Văn bản hợp nhất 09/VBHN-BTC"


def test_a_line_full_of_its_words_takes_no_time() -> None:
    text = HEAD + "\n\n".join(["thay thế hết hiệu lực (được sửa đổi bởi " * 240] * 3)
    assert metadata_of(text).replaces == ()
