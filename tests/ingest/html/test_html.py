"""Web pages: the text as a person sees it, without the page around it."""

from pathlib import Path

import pytest

from rag.errors import DocumentError
from rag.ingest.extract import Extract, ExtractBuilder
from rag.ingest.html.loader import HtmlLoader, add_html, decode_html
from tests.conftest import ROOT
from tests.told import told

FILES = ROOT / "tests" / "files"
LIMIT = 10_000_000


def read(page: str) -> Extract:
    builder = ExtractBuilder()
    metadata = add_html(builder, page)
    return builder.build(metadata)


def texts(page: str) -> list[str]:
    return [text for _, text in told(read(page))]


BAGGAGE = [
    ("heading1", "Quy định về hành lý"),
    ("heading2", "Điều 1. Hành lý xách tay"),
    ("", "Mỗi hành khách được mang một kiện\nkhông quá 7 kg."),
    ("prose", "a. Kiện chính; ghi rõ"),
    ("prose", "1. Thứ nhất"),
    ("prose", "2. Thứ hai"),
    ("prose", "a. Điểm a"),
    ("prose", "b. Điểm b"),
    ("row", "Hạng vé: Phổ thông; Xách tay: 7 kg; Ký gửi: 20 kg"),
    ("row", "Hạng vé: Thương gia; Xách tay: 14 kg; Ký gửi: 32 kg"),
]


def test_a_page_from_pandoc() -> None:
    extract = HtmlLoader(LIMIT).load(FILES / "page-pandoc.html")
    assert extract.metadata == {"title": "Quy định về hành lý", "author": "Cục Hàng không"}
    assert told(extract) == [*BAGGAGE, ("prose", "1. Chú thích cuối trang.")]


def test_a_page_from_libreoffice_has_its_numbers_once() -> None:
    extract = HtmlLoader(LIMIT).load(FILES / "page-libreoffice.xhtml")
    assert extract.metadata == {"title": "Quy định về hành lý", "author": "Cục Hàng không"}
    blocks = told(extract)
    assert blocks[2:5] == BAGGAGE[:3]
    assert blocks[5:] == [
        ("prose", "a) Kiện chính; ghi rõ1"),
        *BAGGAGE[4:],
        ("", "1 Chú thích cuối trang."),
    ]


def test_a_page_from_word() -> None:
    assert told(HtmlLoader(LIMIT).load(FILES / "page-word.htm")) == [
        ("", "BỘ TÀI CHÍNH"),
        ("", "Số: 39/2018/TT-BTC"),
        ("", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        ("", "Hà Nội, ngày 20 tháng 4 năm 2018"),
        ("", "Chương I"),
        ("", "1. Thông tư này quy định về hải quan."),
    ]


NEWS = """<!DOCTYPE html><html><head><title>Mở đường bay mới | Báo Mẫu</title>
<meta property="og:site_name" content="Báo Mẫu"><meta name="author" content="Thu Hà">
<meta property="article:published_time" content="2024-03-05T08:00:00+07:00"></head><body>
<header><a>Báo Mẫu</a></header><nav><ul><li>Trang chủ</ul></nav>
<main><article><header><h1>Mở đường bay mới</h1><time datetime="2020-01-01">x</time></header>
<p>Hãng mở đường bay <b>H</b>à Nội &ndash; Huế, dài 540&nbsp;km.</p>
<figure><img src="a.jpg" alt="máy bay"><figcaption>Máy bay ở Huế.</figcaption></figure>
<script>var a = "mã";</script><noscript>Bật JavaScript</noscript><aside>Đọc thêm</aside>
<p hidden>ẩn</p><p style="display: none">ẩn</p><i aria-hidden="true">share</i><button>Chia sẻ</button>
</article></main><footer>© Báo Mẫu</footer></body></html>"""


def test_a_news_page_without_the_page_around_it() -> None:
    extract = read(NEWS)
    assert extract.metadata == {
        "title": "Mở đường bay mới",
        "publisher": "Báo Mẫu",
        "date": "2024-03-05",
        "author": "Thu Hà",
    }
    assert told(extract) == [
        ("heading1", "Mở đường bay mới"),
        ("", "x"),
        ("", "Hãng mở đường bay Hà Nội – Huế, dài 540 km."),
        ("caption", "Máy bay ở Huế."),
    ]


@pytest.mark.parametrize("tag", ["form", "header", "aside", "footer", "nav"])
def test_the_main_text_is_kept_wherever_it_stands(tag: str) -> None:
    page = f"<body><div id=header>Cổng</div><{tag}><p>Toàn bộ nội dung của trang ở đây.</p></{tag}>"
    assert texts(page) == ["Cổng", "Toàn bộ nội dung của trang ở đây."]


def test_an_article_that_is_only_a_teaser_is_not_the_page() -> None:
    page = f"<article>Tin ngắn</article><p>{'Nội dung chính rất dài. ' * 5}</p>"
    assert texts(page) == ["Tin ngắn", ("Nội dung chính rất dài. " * 5).strip()]


def test_lists_keep_their_numbers() -> None:
    page = """<ul><li>một<li>hai <b>đậm</b><ul><li>con</ul></ul>
    <ol type=a start=3><li><p>Điểm c</p><p>tiếp theo</p></li><li value=7>Điểm g</li></ol>
    <ol style="list-style-type: upper-roman"><li>Phần<li>Phần</ol>
    <ul style="list-style:none"><li>không dấu</ul><ol><li>1. đã đánh số<li>b)liền</ol>"""
    assert told(read(page)) == [
        ("prose", "- một"),
        ("prose", "- hai đậm"),
        ("prose", "- con"),
        ("prose", "c. Điểm c"),
        ("prose", "tiếp theo"),
        ("prose", "g. Điểm g"),
        ("prose", "I. Phần"),
        ("prose", "II. Phần"),
        ("", "không dấu"),
        ("prose", "1. đã đánh số"),
        ("prose", "b) liền"),
    ]


def test_breaks_blocks_and_spaces() -> None:
    page = """<div>một<div>hai</div>ba</div><p>a<br>b<br><br>c</p><pre>d  e\nf</pre>
    <dl><dt>Mã<dd>Nghĩa</dl><p>H<sub>2</sub>O, <q>trích</q>, <del>cũ</del>mới, đ\u00adường</p>"""
    assert texts(page) == [
        "một", "hai", "ba", "a\nb", "c", "d e\nf", "Mã", "Nghĩa", "H2O, “trích”, mới, đường",
    ]  # fmt: skip


def test_tables_of_data_with_spans() -> None:
    page = """<table><caption>Bảng 1</caption>
    <tr><th rowspan=2>Nhóm<th colspan=2>Mức thu</tr><tr><th>Lần đầu<th>Lần sau</tr>
    <tr><td rowspan=2>Xe máy<td>50.000<td>20.000</tr><tr><td>60.000<td>30.000</tr></table>"""
    assert told(read(page)) == [
        ("caption", "Bảng 1"),
        ("row", "Nhóm: Xe máy; Mức thu – Lần đầu: 50.000; Mức thu – Lần sau: 20.000"),
        ("row", "Nhóm: Xe máy; Mức thu – Lần đầu: 60.000; Mức thu – Lần sau: 30.000"),
    ]


def test_tables_that_lay_out_the_page_are_read_cell_by_cell() -> None:
    page = """<table><tr><td>Trái<td><table><tr><th>Vé<th>Giá<tr><td>Lượt<td>8.000</table>
    <tr><td><h2>Đề mục</h2><td>Dưới</table>"""
    assert told(read(page)) == [
        ("", "Trái"),
        ("row", "Vé: Lượt; Giá: 8.000"),
        ("heading2", "Đề mục"),
        ("", "Dưới"),
    ]


@pytest.mark.parametrize("tag", ["div", "b", "form", "blockquote", "ul", "table><tr><td"])
def test_no_depth_of_nesting_loses_the_text(tag: str) -> None:
    name = tag.partition(">")[0]
    page = f"<p>đầu</p>{f'<{tag}>' * 20_000}Hải <b>q</b>uan{f'</{name}>' * 20_000}<p>cuối</p>"
    first, second, *_, last = texts(page)
    assert (first, second.removeprefix("- "), last) == ("đầu", "Hải quan", "cuối")


def test_entities_that_a_page_defines_are_not_expanded() -> None:
    lines = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12))
    page = f'<?xml version="1.0"?><!DOCTYPE html [<!ENTITY e0 "ha">{lines}]><p>Xin &e11; chào</p>'
    assert texts(page) == ["Xin &e11; chào"]


@pytest.mark.parametrize("span", ['colspan="99999" rowspan="99999"', 'colspan="-1"', 'rowspan="0"'])
def test_spans_are_bounded(span: str) -> None:
    page = f"<table><tr><th>A<th>B<tr><td {span}>x<td>y<tr><td>z</table>"
    assert "x" in read(page).text


@pytest.mark.parametrize(
    ("data", "text"),
    [
        ("<p>Hải quan</p>".encode(), "Hải quan"),
        ("\ufeff<p>Hải quan</p>".encode("utf-16"), "Hải quan"),
        ('<meta charset="windows-1258"><p>Hải quan'.encode(), "Hải quan"),
        ('<meta charset="iso-8859-1"><p>Hải quan ở cảng'.encode(), "Hải quan ở cảng"),
        ('<meta content="text/html; charset=shift_jis"><p>日本'.encode("shift_jis"), "日本"),
        ('<?xml version="1.0" encoding="utf-8"?><p>Hải quan</p>'.encode(), "Hải quan"),
    ],
)
def test_encodings(data: bytes, text: str) -> None:
    assert texts(decode_html(data)) == [text]


def test_letters_of_old_fonts_are_put_right() -> None:
    page = (
        "<p><font face='.VnTime'>Céng hßa x· héi chñ nghÜa ViÖt Nam, ®éc lËp tù do h¹nh phóc, "
        "quy ®Þnh cña ph¸p luËt vÒ d©n sù</font></p>"
    )
    assert texts(page) == [
        "Cộng hòa xã hội chủ nghĩa Việt Nam, độc lập tự do hạnh phúc, quy định của pháp luật về dân sự"
    ]


def test_a_page_saved_as_mhtml(tmp_path: Path) -> None:
    path = tmp_path / "trang.mhtml"
    path.write_bytes(
        b"From: <Saved>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n"
        b"--x\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable"
        b"\r\n\r\n<h1>H=E1=BA=A3i quan</h1>\r\n--x--\r\n"
    )
    assert told(HtmlLoader(LIMIT).load(path)) == [("heading1", "Hải quan")]
    path.write_bytes(b"From: a\r\n\r\nkh\xc3\xb4ng")
    with pytest.raises(DocumentError, match="it holds no web page"):
        HtmlLoader(LIMIT).load(path)


@pytest.mark.parametrize(
    ("head", "title"),
    [
        ("<title>Untitled Document</title>", ""),
        ("<title>Microsoft Word - abc.doc</title>", ""),
        (
            "<title>Thủ tục - Cổng A</title><meta property='og:site_name' content='Cổng A'>",
            "Thủ tục",
        ),
        (
            "<title>Cổng A</title><meta property='og:title' content='Thủ tục cấp phép'>",
            "Thủ tục cấp phép",
        ),
    ],
)
def test_titles(head: str, title: str) -> None:
    assert read(f"<head>{head}</head><p>a</p>").metadata.get("title", "") == title


def test_a_page_that_cannot_be_read(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(b"")
    with pytest.raises(DocumentError, match="it is empty"):
        HtmlLoader(LIMIT).load(path)
    with pytest.raises(DocumentError, match="the limit is 0 MB"):
        HtmlLoader(10).load(FILES / "page-word.htm")
