from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from lxml import etree
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.opc.package import Part
from pptx.opc.packuri import PackURI
from pptx.util import Inches

from rag.errors import DocumentError
from rag.ingest.extract import Extract
from rag.ingest.office.slides import SlidesLoader
from tests.conftest import ROOT
from tests.office_files import write_archive

FILES = ROOT / "tests" / "files"
A = "http://schemas.openxmlformats.org/drawingml/2006/main"
TITLE_ONLY, TITLE_AND_BODY = 5, 1


def load(path: Path) -> Extract:
    return SlidesLoader(10_000_000).load(path)


def marked_blocks(extract: Extract) -> list[tuple[str, int, str]]:
    return [
        (block.kind.value, block.level, extract.text[block.start : block.end])
        for block in extract.blocks
    ]


def box(shapes: Any, left: float, top: float, text: str) -> Any:
    shape = shapes.add_textbox(Inches(left), Inches(top), Inches(2), Inches(0.5))
    shape.text_frame.text = text
    return shape


def slide(deck: Any, title: str, layout: int = TITLE_ONLY) -> Any:
    added = deck.slides.add_slide(deck.slide_layouts[layout])
    added.shapes.title.text = title
    return added


def save(deck: Any, path: Path) -> Extract:
    deck.save(str(path))
    return load(path)


def test_slides_are_pages_in_reading_order(tmp_path: Path) -> None:
    deck = Presentation()
    first = slide(deck, "Đăng ký\vthường trú")
    box(first.shapes, 5, 3, "Phải dưới")
    box(first.shapes, 5, 1.92, "Phải trên")
    box(first.shapes, 1, 2, "Trái trên")
    group = first.shapes.add_group_shape()
    box(group.shapes, 5, 5, "Nhóm hai")
    box(group.shapes, 1, 5, "Nhóm một")
    first.notes_slide.notes_text_frame.text = "Nhắc mang căn cước."
    hidden = slide(deck, "Ẩn")
    hidden._element.set("show", "0")
    slide(deck, "Lệ phí")
    extract = save(deck, tmp_path / "a.pptx")
    assert marked_blocks(extract) == [
        ("heading", 2, "Đăng ký thường trú"),
        ("prose", 0, "Trái trên"),
        ("prose", 0, "Phải trên"),
        ("prose", 0, "Phải dưới"),
        ("prose", 0, "Nhóm một"),
        ("prose", 0, "Nhóm hai"),
        ("prose", 0, "Nhắc mang căn cước."),
        ("heading", 2, "Lệ phí"),
    ]
    end = extract.text.index("Lệ phí")
    assert extract.pages == (0, end, end)  # the hidden slide is an empty page
    assert extract.metadata["title"] == "Đăng ký thường trú"


def test_bullets_and_numbers_as_they_show(tmp_path: Path) -> None:
    deck = Presentation()
    frame = slide(deck, "Trình tự", TITLE_AND_BODY).placeholders[1].text_frame
    frame.text = "Gạch của mẫu"
    for text, level, bullet in (
        ("không gạch", 0, "<a:buNone/>"),
        ("Một", 0, '<a:buAutoNum type="arabicPeriod"/>'),
        ("con", 1, '<a:buAutoNum type="alphaLcParenR"/>'),
        ("con", 1, '<a:buAutoNum type="alphaLcParenR"/>'),
        ("Hai", 0, '<a:buAutoNum type="arabicPeriod"/>'),
        ("cộng", 0, '<a:buChar char="+"/>'),
        ("Bốn", 0, '<a:buAutoNum type="romanUcParenBoth" startAt="4"/>'),
    ):
        paragraph = frame.add_paragraph()
        paragraph.text, paragraph.level = text, level
        bullet_element = etree.fromstring(f'<x xmlns:a="{A}">{bullet}</x>')[0]
        paragraph._p.get_or_add_pPr().append(bullet_element)
    assert [text for _, _, text in marked_blocks(save(deck, tmp_path / "a.pptx"))] == [
        "Trình tự", "- Gạch của mẫu", "không gạch", "1. Một", "a) con", "b) con", "2. Hai",
        "+ cộng", "(IV) Bốn",
    ]  # fmt: skip


def test_tables_and_charts_are_rows(tmp_path: Path) -> None:
    deck = Presentation()
    shapes = slide(deck, "Số liệu").shapes
    table = shapes.add_table(3, 3, Inches(1), Inches(2), Inches(6), Inches(1)).table
    for number, text in enumerate(
        "Việc,Lần đầu,Cấp lại,Thường trú,20.000,10.000,Tạm trú,,".split(",")
    ):
        table.cell(number // 3, number % 3).text = text
    table.cell(2, 1).merge(table.cell(2, 2))
    table.cell(2, 1).text = "5.000"
    untyped: Any = CategoryChartData
    data = untyped()
    data.categories = ["Năm 2020", "Năm 2021"]
    data.add_series("Hồ sơ", (12, 15.5))
    frame = shapes.add_chart(
        XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(4), Inches(4), Inches(3), data
    )
    frame.chart.chart_title.text_frame.text = "Số hồ sơ"
    assert marked_blocks(save(deck, tmp_path / "a.pptx"))[1:] == [
        ("row", 0, "Việc: Thường trú; Lần đầu: 20.000; Cấp lại: 10.000"),
        ("row", 0, "Việc: Tạm trú; Lần đầu: 5.000; Cấp lại: 5.000"),
        ("caption", 0, "Số hồ sơ"),
        ("row", 0, "Năm 2020 — Hồ sơ: 12"),
        ("row", 0, "Năm 2021 — Hồ sơ: 15.5"),
    ]


def test_furniture_and_hidden_shapes_stay_out(tmp_path: Path) -> None:
    deck = Presentation()
    added = slide(deck, "Tên")
    for number, kind in enumerate(("sldNum", "dt", "ftr")):
        shape = box(added.shapes, 1, 6, f"{kind} 7")
        properties = shape._element.nvSpPr.nvPr
        etree.SubElement(
            properties, properties.tag.replace("nvPr", "ph"), type=kind, idx=str(20 + number)
        )
    box(added.shapes, 1, 2, "ẩn")._element.nvSpPr.cNvPr.set("hidden", "1")
    words = box(added.shapes, 1, 3, "Trang ").text_frame.paragraphs[0]._p
    number_field = etree.SubElement(words, f"{{{A}}}fld", id="{0}", type="slidenum")
    etree.SubElement(number_field, f"{{{A}}}t").text = "7"
    assert [text for _, _, text in marked_blocks(save(deck, tmp_path / "a.pptx"))] == [
        "Tên",
        "Trang",
    ]


def test_what_python_pptx_passes_over(tmp_path: Path) -> None:
    deck = Presentation()
    added = slide(deck, "Tên")
    shape = box(added.shapes, 1, 2, "Trong lựa chọn")._element
    space = "http://schemas.openxmlformats.org/markup-compatibility/2006"
    alternatives = etree.Element(f"{{{space}}}AlternateContent", nsmap={"mc": space})
    shape.addprevious(alternatives)
    choice = etree.SubElement(alternatives, f"{{{space}}}Choice", Requires="a14")
    choice.append(shape)
    fallback = etree.SubElement(alternatives, f"{{{space}}}Fallback")
    fallback.append(etree.fromstring(etree.tostring(shape)))
    assert [text for _, _, text in marked_blocks(save(deck, tmp_path / "a.pptx"))] == [
        "Tên", "Trong lựa chọn",
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["slides-pandoc.pptx", "slides-libreoffice.pptx"])
def test_files_by_other_programs(name: str) -> None:
    extract = load(FILES / name)
    assert marked_blocks(extract) == [
        ("heading", 2, "Tập huấn Luật Cư trú"),
        ("prose", 0, "Phòng Tư pháp"),
        ("heading", 2, "Đăng ký thường trú"),
        ("prose", 0, "- Nộp hồ sơ tại Công an xã"),
        ("prose", 0, "- Thời hạn 07 ngày"),
        ("prose", 0, "- kể từ ngày nhận đủ hồ sơ"),
        ("prose", 0, "Nhắc người nghe mang căn cước."),
        ("heading", 2, "Lệ phí"),
        ("row", 0, "Loại: Lần đầu; Mức thu: 20.000"),
        ("row", 0, "Loại: Cấp đổi; Mức thu: 10.000"),
        ("heading", 2, "Trình tự"),
        ("prose", 0, "1. Chuẩn bị"),
        ("prose", 0, "2. Nộp"),
        ("prose", 0, "3. Nhận kết quả"),
    ]
    assert extract.pages == (0, 37, 165, 237)
    assert dict(extract.metadata) == {
        "title": "Tập huấn Luật Cư trú",
        "author": "Phòng Tư pháp",
    }


def test_the_words_of_a_diagram(tmp_path: Path) -> None:
    deck = Presentation()
    added = slide(deck, "Tên")
    diagram = "http://schemas.openxmlformats.org/drawingml/2006/diagram"
    points = "".join(
        f"<d:pt><d:t><a:p><a:r><a:t>{text}</a:t></a:r></a:p></d:t></d:pt>"
        for text in ("Nộp hồ sơ", "Nhận kết quả")
    )
    data = (
        f'<d:dataModel xmlns:d="{diagram}" xmlns:a="{A}"><d:ptLst>{points}</d:ptLst></d:dataModel>'
    )
    name = PackURI("/ppt/diagrams/data1.xml")
    part = Part(name, "application/xml", added.part.package, data.encode())
    relation = added.part.relate_to(part, "http://x/diagramData")
    table = added.shapes.add_table(1, 1, 0, 0, 9, 9)._element
    holder = table.graphic.graphicData
    holder.remove(holder[0])
    holder.set("uri", diagram)
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    etree.SubElement(holder, f"{{{diagram}}}relIds", {f"{{{office}}}dm": relation})
    assert [text for _, _, text in marked_blocks(save(deck, tmp_path / "a.pptx"))] == [
        "Tên", "Nộp hồ sơ", "Nhận kết quả",
    ]  # fmt: skip


def test_a_slide_show_is_read_too(tmp_path: Path) -> None:
    deck = Presentation()
    slide(deck, "Tên")
    deck.part._content_type = (
        "application/vnd.openxmlformats-officedocument.presentationml.slideshow.main+xml"
    )
    assert marked_blocks(save(deck, tmp_path / "a.ppsx")) == [("heading", 2, "Tên")]


def test_a_reference_to_a_missing_part_does_no_harm(tmp_path: Path) -> None:
    deck = Presentation()
    slide(deck, "Tên")
    deck.save(str(tmp_path / "a.pptx"))
    with ZipFile(tmp_path / "a.pptx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = "ppt/slides/_rels/slide1.xml.rels"
    missing = b'<Relationship Id="rId99" Type="http://x/image" Target="../media/NULL"/>'
    parts[name] = parts[name].replace(b"</Relationships>", missing + b"</Relationships>")
    assert marked_blocks(load(write_archive(tmp_path / "b.pptx", parts))) == [("heading", 2, "Tên")]


def test_what_is_no_presentation(tmp_path: Path) -> None:
    document = write_archive(tmp_path / "a.pptx", {"word/document.xml": "<x/>"})
    with pytest.raises(DocumentError, match="a file of Word, not of PowerPoint") as caught:
        load(document)
    assert caught.value.vietnamese.startswith("Tệp này là tệp Word, không phải tệp PowerPoint;")
    empty = write_archive(tmp_path / "b.pptx", {"ppt/presentation.xml": "<x/>"})
    with pytest.raises(DocumentError, match="damaged or no PowerPoint file"):
        load(empty)
    with pytest.raises(DocumentError, match="it has no text; if its pages are pictures"):
        save(Presentation(), tmp_path / "c.pptx")
