import os
from bisect import bisect_right
from pathlib import Path

import pypdfium2
import pytest

from rag.domain.documents import BlockKind
from rag.errors import DocumentError
from rag.ingest.extract import Extract
from rag.ingest.pdf import ocr
from rag.ingest.pdf.loader import PdfLoader
from tests.conftest import ROOT

FILES = ROOT / "tests" / "files"


def load(name: str) -> Extract:
    return PdfLoader(max_pages=100).load(FILES / f"pdf-{name}.pdf")


def paragraphs(extract: Extract) -> list[str]:
    return [paragraph for paragraph in extract.text.split("\n\n") if paragraph]


def page_of(extract: Extract, sentence: str) -> int:
    assert extract.text.count(sentence) == 1
    return bisect_right(extract.pages, extract.text.index(sentence))


def test_a_letterhead_a_table_and_signatures_by_libreoffice() -> None:
    extract = load("libreoffice")
    texts = paragraphs(extract)
    assert texts[:11] == [
        "BỘ TÀI CHÍNH",
        "-------",
        "Số: 39/2018/TT-BTC",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "---------------",
        "Hà Nội, ngày 20 tháng 4 năm 2018",
        "THÔNG TƯ",
        "Sửa đổi, bổ sung một số điều của Thông tư số 38/2015/TT-BTC ngày 25 tháng 3 năm 2015 của Bộ trưởng Bộ Tài chính quy định về thủ tục hải quan",
        "Điều 1. Phạm vi điều chỉnh",
        "Luật này quy định về phòng, chống ma túy; quản lý người sử dụng trái phép chất ma túy; cai nghiện ma túy; trách nhiệm của cá nhân, gia đình, cơ quan, tổ chức trong phòng, chống ma túy; quản lý nhà nước và hợp tác quốc tế về phòng, chống ma túy.",
    ]
    assert texts[-9:] == [
        "Thông tư này có hiệu lực từ ngày 05 tháng 6 năm 2018./.",
        "Nơi nhận:",
        "- Thủ tướng Chính phủ;",
        "- Văn phòng Quốc hội;",
        "- Lưu: VT, TCHQ.",
        "KT. BỘ TRƯỞNG",
        "THỨ TRƯỞNG",
        "(Đã ký)",
        "Vũ Thị Mai",
    ]
    rows = [
        extract.text[block.start : block.end]
        for block in extract.blocks
        if block.kind is BlockKind.ROW
    ]
    assert rows == [
        "STT: 1; Nội dung: Đăng ký thường trú; Mức phí: 20.000 đồng",
        "STT: 2; Nội dung: Đăng ký tạm trú; Mức phí: 15.000 đồng",
        "STT: 3; Nội dung: Cấp lại sổ; Mức phí: 8.000 đồng",
        "STT: 4; Nội dung: Xác nhận thông tin; Mức phí: 10.000 đồng",
    ]
    assert page_of(extract, "Chất gây nghiện là chất kích thích") == 1
    assert page_of(extract, "STT: 1; Nội dung") == 2


def test_a_web_page_printed_by_chromium() -> None:
    extract = load("chromium")
    headings = [extract.text[block.start : block.end] for block in extract.blocks]
    assert headings[:3] == [
        "LUẬT CƯ TRÚ",
        "Điều 1. Phạm vi điều chỉnh",
        "Điều 2. Giải thích từ ngữ",
    ]
    assert {block.kind for block in extract.blocks} == {BlockKind.HEADING}
    assert len(extract.pages) == 3
    assert page_of(extract, "3. Trình tự, thủ tục đăng ký cư trú phải đơn giản") == 2
    assert page_of(extract, "2. Bảo đảm hài hòa quyền, lợi ích hợp pháp") == 1
    assert page_of(extract, "Nhà nước Cộng hòa xã hội chủ nghĩa Việt Nam thực hiện") == 3
    assert "file:" not in extract.text  # the footer that Chromium prints
    assert dict(extract.metadata) == {"title": "Luật thử"}


def test_paragraphs_without_space_between_them_by_reportlab() -> None:
    extract = load("reportlab")
    texts = paragraphs(extract)
    assert len(texts) == 40
    assert texts[4] == "Trong Luật này, các từ ngữ dưới đây được hiểu như sau;"
    assert texts[5] == (
        "1. Chất ma túy là chất gây nghiện, chất hướng thần được quy định trong danh mục "
        "chất ma túy do Chính phủ ban hành."
    )
    assert page_of(extract, "3. Ưu tiên nguồn lực phòng, chống ma túy") == 2
    assert "CÔNG BÁO" not in extract.text
    assert "Trang" not in extract.text
    assert dict(extract.metadata) == {}


def test_two_columns_by_typst() -> None:
    extract = load("typst-columns")
    texts = paragraphs(extract)
    assert len(texts) == 34
    assert texts[:3] == [
        "LUẬT DU LỊCH",
        "Điều 1. Phạm vi điều chỉnh",
        "Luật này quy định về tài nguyên du lịch, phát triển sản phẩm du lịch và hoạt động du lịch; quyền, nghĩa vụ của khách du lịch, tổ chức, cá nhân kinh doanh du lịch, cơ quan, tổ chức, cá nhân khác, cộng đồng dân cư có hoạt động liên quan đến du lịch; quản lý nhà nước về du lịch.",
    ]
    assert page_of(extract, "4. Bảo đảm lợi ích quốc gia, lợi ích cộng đồng") == 2
    assert "68/2020" not in extract.text  # the running header


def test_hyphens_footnotes_and_a_watermark_by_typst() -> None:
    extract = load("typst")
    text = (
        "The Customs Administration strengthens regulatory cooperation with the ASEAN-EU "
        "working group and continues to harmonise documentation requirements, certification "
        "of origin and administrative infrastructure across jurisdictions, which facilitates "
        "international transportation significantly."
    )
    texts = paragraphs(extract)
    assert [paragraph for paragraph in texts if paragraph.startswith("The Customs")] == [
        f"{text} The area {part} is 25 km² in size{note}. {text}"
        for part, note in zip("ABCDEFGHI", ("", "", "¹", "", "", "", "²", "", ""), strict=True)
    ]
    assert "²The source of part G is the yearbook, volume eight." in texts
    assert "DRAFT" not in extract.text
    assert "Customs Review" not in extract.text
    assert page_of(extract, "The area C is 25 km²") == 1
    assert page_of(extract, "The area D is 25 km²") == 2  # in a paragraph that begins on page 1
    assert extract.text[extract.pages[1] :].startswith("tions, which facilitates")
    levels = [(block.level, extract.text[block.start : block.end]) for block in extract.blocks]
    assert levels[:2] == [(1, "Customs cooperation"), (2, "Part A")]
    assert dict(extract.metadata) == {"title": "Customs cooperation in figures"}


def test_a_password_of_the_owner_only_is_no_hindrance() -> None:
    assert load("owner") == load("reportlab")


@pytest.mark.parametrize(
    ("name", "english", "vietnamese"),
    [
        (
            "password",
            "it is protected by a password; save it without one and put it there again",
            "Tệp được bảo vệ bằng mật khẩu; hãy lưu lại không có mật khẩu rồi đưa lên lần nữa.",
        ),
        (
            "truncated",
            "it is damaged or no PDF file; get it again, or open it and print it to PDF",
            "Tệp hỏng hoặc không phải tệp PDF; hãy tải lại, hoặc mở ra rồi in lại thành PDF.",
        ),
    ],
)
def test_what_cannot_be_opened(name: str, english: str, vietnamese: str) -> None:
    with pytest.raises(DocumentError) as caught:
        load(name)
    assert (str(caught.value), caught.value.vietnamese) == (english, vietnamese)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="it cannot be opened: No such file"):
        PdfLoader(10).load(tmp_path / "none.pdf")


def blank(path: Path, pages: int) -> Path:
    with pypdfium2.PdfDocument.new() as document:
        for _ in range(pages):
            document.new_page(595, 842)
        document.save(path)
    return path


def test_too_many_pages(tmp_path: Path) -> None:
    with pytest.raises(DocumentError) as caught:
        PdfLoader(1_500).load(blank(tmp_path / "long.pdf", 1_501))
    assert str(caught.value) == (
        "it has 1,501 pages, the limit is 1,500; split it, or raise TRICHDAN_MAX_PAGES"
    )
    assert caught.value.vietnamese == (
        "Tệp có 1.501 trang, giới hạn là 1.500; hãy chia nhỏ, hoặc nâng TRICHDAN_MAX_PAGES."
    )


def test_empty_pages(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="^it has no text; put a version with text there$"):
        PdfLoader(10).load(blank(tmp_path / "blank.pdf", 2))


def test_a_scan_without_tesseract(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.ingest.pdf.ocr.available", lambda: False)
    with pytest.raises(
        DocumentError, match="it is a scan without text; install Tesseract"
    ) as caught:
        load("scan")
    assert "apt install tesseract-ocr tesseract-ocr-vie" in caught.value.vietnamese


def test_a_scan_is_read_by_ocr() -> None:
    if not ocr.available():
        if os.environ.get("CI"):
            pytest.fail("CI needs Tesseract: apt-get install tesseract-ocr tesseract-ocr-vie")
        pytest.skip("no Tesseract; on Debian: sudo apt install tesseract-ocr tesseract-ocr-vie")
    extract = load("scan")
    assert paragraphs(extract)[:5] == [
        "LUẬT CƯ TRÚ",
        "Điều 1. Phạm vi điều chỉnh",
        "Luật này quy định về việc thực hiện quyền tự do cư trú của công dân Việt Nam trên lãnh thổ nước Cộng hòa xã hội chủ nghĩa Việt Nam; việc đăng ký, quản lý cư trú; quyền, nghĩa vụ, trách nhiệm của công dân, cơ quan, tổ chức về đăng ký, quản lý cư trú.",
        "Điều 2. Giải thích từ ngữ",
        "Trong Luật này, các từ ngữ dưới đây được hiểu như sau:",
    ]
    assert extract.pages == (0,)


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_pages_that_are_turned_read_alike(tmp_path: Path, turn: int) -> None:
    path = tmp_path / "turned.pdf"
    with pypdfium2.PdfDocument(FILES / "pdf-reportlab.pdf") as document:
        for page in document:
            page.set_rotation(turn)
        document.save(path)
    assert PdfLoader(10).load(path).text == load("reportlab").text
