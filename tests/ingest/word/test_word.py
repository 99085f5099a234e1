import re
from pathlib import Path
from zipfile import ZipFile

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from rag.errors import DocumentError
from rag.ingest.extract import Extract
from rag.ingest.office.archive import check_archive
from rag.ingest.word.loader import WordLoader
from tests.conftest import ROOT
from tests.office_files import WORD, write_archive, write_word

FILES = ROOT / "tests" / "files"
LAW = """Điều 1. Phạm vi điều chỉnh
Luật này quy định về việc thực hiện quyền tự do cư trú của công dân Việt Nam.
Điều 2. Giải thích từ ngữ
1. Cư trú là việc công dân sinh sống tại một địa điểm.
2. Quyền tự do cư trú chỉ bị hạn chế trong các trường hợp sau đây:
a) Người bị cách ly;
b) Người đang chấp hành án;
3. Lưu trú là việc công dân ở lại một địa điểm.
Điều 3. Nguyên tắc
1. Tuân thủ Hiến pháp.
2. Bảo đảm hài hòa lợi ích:
a) Của công dân;
b) Của Nhà nước;
c) Của cộng đồng;
d) Của xã hội;
đ) Trường hợp khác;
e) Trường hợp còn lại.""".splitlines()


def load(path: Path) -> Extract:
    return WordLoader(10_000_000).load(path)


def read(path: Path, body: str, **parts: str) -> list[str]:
    return paragraphs(load(write_word(path, body, **parts)))


def paragraphs(extract: Extract) -> list[str]:
    return extract.text.split("\n\n")[:-1]


def marked_blocks(extract: Extract) -> list[tuple[str, int, str]]:
    return [
        (block.kind.value, block.level, extract.text[block.start : block.end])
        for block in extract.blocks
    ]


def p(text: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{r(text)}</w:p>"


def r(text: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def field(kind: str) -> str:
    return f'<w:r><w:fldChar w:fldCharType="{kind}"/></w:r>'


def code(instruction: str) -> str:
    return f"<w:r><w:instrText>{instruction}</w:instrText></w:r>"


def item(level: int, text: str, number: int = 1) -> str:
    listed = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>'
    return p(text, listed)


def level(index: int, format_: str, text: str, more: str = "") -> str:
    return (
        f'<w:lvl w:ilvl="{index}"><w:start w:val="1"/><w:numFmt w:val="{format_}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def abstract(number: int, *levels: str) -> str:
    return f'<w:abstractNum w:abstractNumId="{number}">{"".join(levels)}</w:abstractNum>'


def num(number: int, of: int, overrides: str = "") -> str:
    return f'<w:num w:numId="{number}"><w:abstractNumId w:val="{of}"/>{overrides}</w:num>'


def cell(content: str, properties: str = "") -> str:
    return f"<w:tc><w:tcPr>{properties}</w:tcPr>{content}</w:tc>"


def row(*cells: str, properties: str = "") -> str:
    return f"<w:tr><w:trPr>{properties}</w:trPr>{''.join(cells)}</w:tr>"


LAW_LEVELS = (
    level(0, "upperRoman", "Chương %1"),
    level(1, "decimal", "Điều %2.", '<w:lvlRestart w:val="0"/>'),
    level(2, "decimal", "%3."),
    level(3, "lowerLetter", "%4)"),
)


def test_a_law_numbered_by_word_reads_as_it_was_written(tmp_path: Path) -> None:
    document = docx.Document()
    numbering = document.part.numbering_part.element
    definition = abstract(90, *LAW_LEVELS).replace(
        "<w:abstractNum ", f"<w:abstractNum {nsdecls('w')} "
    )
    numbering.insert(0, parse_xml(definition))
    numbering.append(parse_xml(num(90, 90).replace("<w:num ", f"<w:num {nsdecls('w')} ")))
    computed = 0
    for line in LAW:
        match = re.match(r"(Điều \d+\.|\d+\.|[a-e]\)) ", line)
        # Word's alphabet has no "đ": it is typed by hand, and so is what follows it here.
        if match is None or match[1] == "e)":
            document.add_paragraph(line)
            continue
        level_index = 1 if match[1].startswith("Điều") else 2 if match[1][0].isdigit() else 3
        paragraph = document.add_paragraph(line[match.end() :])
        listed = f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level_index}"/><w:numId w:val="90"/></w:numPr>'
        paragraph._p.get_or_add_pPr().append(parse_xml(listed))
        computed += 1
    document.save(str(tmp_path / "luat.docx"))
    assert computed == 14
    assert paragraphs(load(tmp_path / "luat.docx")) == LAW


def test_articles_go_on_through_chapters_and_clauses_begin_anew(tmp_path: Path) -> None:
    body = (
        item(0, "") + p("QUY ĐỊNH CHUNG") + item(1, "Một") + item(2, "Khoản") + item(2, "Khoản")
        + item(1, "Hai") + item(2, "Khoản") + item(3, "Điểm") + item(0, "") + item(1, "Ba")
        + item(2, "Khoản") + item(3, "Điểm")
    )  # fmt: skip
    numbering = abstract(0, *LAW_LEVELS) + num(1, 0)
    assert read(tmp_path / "a.docx", body, numbering=numbering) == [
        "Chương I", "QUY ĐỊNH CHUNG", "Điều 1. Một", "1. Khoản", "2. Khoản", "Điều 2. Hai",
        "1. Khoản", "a) Điểm", "Chương II", "Điều 3. Ba", "1. Khoản", "a) Điểm",
    ]  # fmt: skip


def test_lists_of_one_definition_go_on_unless_one_starts_anew(tmp_path: Path) -> None:
    start = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="5"/></w:lvlOverride>'
    own = f'<w:lvlOverride w:ilvl="0">{level(0, "upperLetter", "(%1)")}</w:lvlOverride>'
    numbering = abstract(0, level(0, "decimal", "%1.")) + num(1, 0) + num(2, 0) + num(3, 0, start)
    numbering += num(4, 0, own)
    body = "".join(item(0, "x", number) for number in (1, 1, 2, 3, 3, 1, 4))
    labels = [
        text.removesuffix(" x") for text in read(tmp_path / "a.docx", body, numbering=numbering)
    ]
    assert labels == ["1.", "2.", "3.", "5.", "6.", "7.", "(H)"]


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        (level(0, "lowerRoman", "%1."), "iv. x"),
        (level(0, "upperLetter", "%1/"), "D/ x"),
        (level(0, "decimalZero", "%1"), "04 x"),
        (level(0, "none", "%1"), "x"),
        (level(0, "vietnameseCounting", "Phần thứ %1:"), "Phần thứ bốn: x"),
        (level(0, "bullet", "\uf0b7"), "- x"),
        (level(0, "bullet", "+"), "+ x"),
        (level(0, "decimal", "§%1", '<w:suff w:val="nothing"/>'), "§4x"),
        (level(0, "unheardOf", "%1)"), "4) x"),
    ],
)
def test_formats_of_numbers(tmp_path: Path, definition: str, expected: str) -> None:
    numbering = abstract(0, definition) + num(1, 0)
    assert read(tmp_path / "a.docx", item(0, "x") * 4, numbering=numbering)[3] == expected


def test_legal_numbering_and_levels_passed_over(tmp_path: Path) -> None:
    numbering = num(1, 0) + abstract(
        0, level(0, "upperRoman", "%1."), level(1, "decimal", "%1.%2", "<w:isLgl/>"),
        level(2, "decimal", "%1.%2.%3"),
    )  # fmt: skip
    body = item(0, "a") * 2 + item(1, "b") + item(2, "c") + item(0, "d") + item(2, "e")
    assert read(tmp_path / "a.docx", body, numbering=numbering) == [
        "I. a", "II. a", "2.1 b", "II.1.1 c", "III. d", "III.1.1 e",
    ]  # fmt: skip


def test_numbers_come_with_styles_and_can_be_taken_off(tmp_path: Path) -> None:
    styles = (
        '<w:style w:type="paragraph" w:styleId="u2"><w:name w:val="heading 2"/><w:pPr><w:numPr>'
        '<w:numId w:val="1"/></w:numPr></w:pPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="Dieu"><w:basedOn w:val="u2"/></w:style>'
        '<w:style w:type="numbering" w:styleId="Luat"><w:pPr><w:numPr><w:numId w:val="2"/>'
        "</w:numPr></w:pPr></w:style>"
    )
    linked = level(0, "upperRoman", "Chương %1.") + level(
        1, "decimal", "Điều %2.", '<w:pStyle w:val="u2"/>'
    )
    numbering = (
        '<w:abstractNum w:abstractNumId="7"><w:numStyleLink w:val="Luat"/></w:abstractNum>'
        + abstract(8, linked) + num(1, 7) + num(2, 8)
    )  # fmt: skip
    off = '<w:pStyle w:val="u2"/><w:numPr><w:numId w:val="0"/></w:numPr>'
    body = (
        p("Một", '<w:pStyle w:val="u2"/>') + p("Lời dẫn", off) + p("Hai", '<w:pStyle w:val="u2"/>')
    )
    extract = load(write_word(tmp_path / "a.docx", body, styles=styles, numbering=numbering))
    assert marked_blocks(extract) == [
        ("heading", 2, "Điều 1. Một"),
        ("heading", 2, "Lời dẫn"),
        ("heading", 2, "Điều 2. Hai"),
    ]


def test_headings_by_style_outline_and_title(tmp_path: Path) -> None:
    def style(name: str, inner: str) -> str:
        return f'<w:style w:type="paragraph" w:styleId="{name}">{inner}</w:style>'

    styles = (
        style("Tiu", '<w:name w:val="Title"/>') + style("u1", '<w:name w:val="heading 1"/>')
        + style("Con", '<w:name w:val="Của tôi"/><w:basedOn w:val="u1"/>')
        + style("Muc", '<w:name w:val="Mục"/><w:pPr><w:outlineLvl w:val="2"/></w:pPr>')
        + style("Thuong", '<w:basedOn w:val="u1"/><w:pPr><w:outlineLvl w:val="9"/></w:pPr>')
        + style("Chu", '<w:name w:val="caption"/>') + style("TOC1", '<w:name w:val="toc 1"/>')
    )  # fmt: skip
    long = "Công dân thực hiện quyền tự do cư trú theo quy định của Luật này và quy định khác của pháp luật."
    body = "".join(
        p(text, f'<w:pStyle w:val="{name}"/>')
        for name, text in (
            ("Tiu", "LUẬT"), ("Tiu", "CƯ TRÚ"), ("u1", "Chương I"), ("Con", "Phụ"), ("Muc", "Mục 1"),
            ("Thuong", "Thường"), ("Chu", "Hình 1"), ("TOC1", "Chương I 1"), ("u1", long),
        )
    ) + p("Riêng", '<w:outlineLvl w:val="3"/>')  # fmt: skip
    extract = load(write_word(tmp_path / "a.docx", body, styles=styles))
    assert marked_blocks(extract) == [
        ("heading", 1, "LUẬT"),
        ("heading", 1, "CƯ TRÚ"),
        ("heading", 1, "Chương I"),
        ("heading", 1, "Phụ"),
        ("heading", 3, "Mục 1"),
        ("caption", 0, "Hình 1"),
        ("heading", 4, "Riêng"),
    ]
    assert paragraphs(extract)[5::2] == ["Thường", long]
    assert extract.metadata == {"title": "LUẬT CƯ TRÚ"}


def test_tracked_changes_show_as_accepted(tmp_path: Path) -> None:
    deleted = "<w:del><w:r><w:delText>cũ </w:delText></w:r></w:del>"
    body = (
        f"<w:p>{r('Luật ')}{deleted}<w:ins>{r('mới ')}</w:ins>{r('này')}"
        f"<w:moveFrom>{r(' xưa')}</w:moveFrom></w:p>"
        + p("Một dòng, ", "<w:rPr><w:del/></w:rPr>") + p("liền nhau.")
        + f"<w:tbl>{row(cell(p('bỏ')), properties='<w:del/>')}{row(cell(p('còn')))}</w:tbl>"
        + p("cuối", "<w:rPr><w:del/></w:rPr>")
    )  # fmt: skip
    assert read(tmp_path / "a.docx", body) == [
        "Luật mới này", "Một dòng, liền nhau.", "còn", "cuối",
    ]  # fmt: skip


def test_hidden_text_comments_and_codes_stay_out(tmp_path: Path) -> None:
    styles = (
        '<w:style w:type="character" w:styleId="An"><w:rPr><w:vanish/></w:rPr></w:style>'
        '<w:style w:type="paragraph" w:styleId="AnDoan"><w:rPr><w:vanish/></w:rPr></w:style>'
    )
    styled, shown = '<w:rStyle w:val="An"/>', '<w:vanish w:val="0"/>'
    body = (
        f"<w:p>{r('Thấy')}{r(' ẩn', '<w:vanish/>')}{r(' kiểu', styled)}"
        f"{r(' rõ', shown)}<w:r><w:commentReference w:id='1'/></w:r></w:p>"
        + p("đoạn ẩn", '<w:pStyle w:val="AnDoan"/>')
        + f"<w:p>{field('begin')}{code(' REF x ')}{field('separate')}{r('Điều 3')}{field('end')}"
        f"<w:fldSimple w:instr=' PAGE '>{r('7')}</w:fldSimple></w:p>"
        + f"<w:p>{field('begin')}{code('TOC')}{field('separate')}{r('Điều 1 … 1')}</w:p>"
        + p("Điều 2 … 2") + f"<w:p>{field('end')}{r('Sau')}</w:p>"
        + '<w:sdt><w:sdtPr><w:docPartObj><w:docPartGallery w:val="Table of Contents"/>'
        f"</w:docPartObj></w:sdtPr><w:sdtContent>{p('Mục lục')}</w:sdtContent></w:sdt>"
        f"<w:sdt><w:sdtContent>{p('Trong khung')}</w:sdtContent></w:sdt>"
    )  # fmt: skip
    assert read(tmp_path / "a.docx", body, styles=styles) == [
        "Thấy rõ", "Điều 3", "Sau", "Trong khung",
    ]  # fmt: skip


def test_a_field_without_an_end_swallows_nothing(tmp_path: Path) -> None:
    body = f"<w:p>{field('begin')}{code('TOC')}{r('a')}</w:p>" + p("Điều 1. Còn đây")
    assert read(tmp_path / "a.docx", body) == ["Điều 1. Còn đây"]


def test_signs_within_a_line(tmp_path: Path) -> None:
    body = (
        "<w:p><w:r><w:t>Số:</w:t><w:tab/><w:t>39</w:t><w:noBreakHyphen/><w:t>TT</w:t><w:br/>"
        '<w:t>đi</w:t><w:softHyphen/><w:t>ều</w:t><w:sym w:font="Wingdings" w:char="F0FE"/>'
        '<w:sym w:font="Symbol" w:char="F0B0"/><w:sym w:font="X" w:char="zz"/></w:r></w:p>'
        "<w:p><m:oMath><m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r>"
        f"</m:den></m:f></m:oMath><w:hyperlink>{r(' liên kết')}</w:hyperlink></w:p>"
    )
    assert read(tmp_path / "a.docx", body) == ["Số: 39-TT\nđiều☑°", "(a+b)/2 liên kết"]


def test_text_boxes_are_read_once_and_notes_stand_at_the_end(tmp_path: Path) -> None:
    box = f"<w:txbxContent>{p('Trong hộp')}</w:txbxContent>"
    body = (
        f"<w:p>{r('Neo')}<w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wps:txbx>"
        f"{box}</wps:txbx></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox>{box}</v:textbox>"
        f"</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
        f"<w:p>{r('Điều này')}<w:r><w:footnoteReference w:id='2'/></w:r>"
        f"<w:r><w:endnoteReference w:id='1'/></w:r>{r('.')}</w:p>" + p("Hết.")
    )
    extract = load(
        write_word(
            tmp_path / "a.docx",
            body,
            footnotes=f"<w:footnote w:id='2'>{p('Sửa đổi năm 2020.')}</w:footnote>",
            endnotes=f"<w:endnote w:id='1'>{p('Chú thích cuối.')}</w:endnote>",
        )
    )
    assert paragraphs(extract) == [
        "Neo", "Trong hộp", "Điều này[1][i].", "Hết.", "[1] Sửa đổi năm 2020.",
        "[i] Chú thích cuối.",
    ]  # fmt: skip
    assert [kind for kind, _, _ in marked_blocks(extract)] == ["prose", "prose"]


def test_merged_cells_are_said_with_every_row(tmp_path: Path) -> None:
    begun, on = '<w:vMerge w:val="restart"/>', "<w:vMerge/>"
    two = '<w:gridSpan w:val="2"/>'
    head = "<w:tblHeader/>"
    table = (
        row(cell(p("Việc"), begun), cell(p("Mức thu"), two), properties=head)
        + row(cell(p(""), on), cell(p("Lần đầu")), cell(p("Cấp lại")), properties=head)
        + row(cell(p("Thường trú"), begun), cell(p("20.000")), cell(p("10.000")))
        + row(cell(p(""), on), cell(p("25.000")), cell(p("15.000")))
    )
    extract = load(write_word(tmp_path / "a.docx", f"<w:tbl>{table}</w:tbl>"))
    assert marked_blocks(extract) == [
        ("row", 0, "Việc: Thường trú; Mức thu – Lần đầu: 20.000; Mức thu – Cấp lại: 10.000"),
        ("row", 0, "Việc: Thường trú; Mức thu – Lần đầu: 25.000; Mức thu – Cấp lại: 15.000"),
    ]


def test_tables_for_layout_and_tables_within_are_paragraphs(tmp_path: Path) -> None:
    inner = f"<w:tbl>{row(cell(p('Loại')), cell(p('Phí')))}{row(cell(p('A')), cell(p('5.000')))}</w:tbl>"
    body = (
        "<w:tbl>"
        + row(cell(p("BỘ TÀI CHÍNH") + p("Số: 39/2018/TT-BTC")),
              cell(p("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM") + p("Độc lập - Tự do - Hạnh phúc")))
        + "</w:tbl><w:tbl>" + row(cell(p("Ngoài") + inner + p("")), cell(p("Bên"))) + "</w:tbl>"
    )  # fmt: skip
    assert read(tmp_path / "a.docx", body) == [
        "BỘ TÀI CHÍNH", "Số: 39/2018/TT-BTC", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc", "Ngoài", "Loại: A; Phí: 5.000", "Bên",
    ]  # fmt: skip


def test_a_file_by_libreoffice() -> None:
    extract = load(FILES / "word-libreoffice.docx")
    assert extract.metadata == {"title": "Luật Cư trú (trích)"}
    texts = paragraphs(extract)
    assert texts[:3] == ["QUỐC HỘI", "-------", "Luật số: 68/2020/QH14"]
    assert texts[5:7] == ["LUẬT CƯ TRÚ", "Điều 4. Việc thực hiện quyền tự do cư trú của công dân"]
    assert [text.split()[0] for text in texts[7:12]] == ["1.", "2.", "a.", "b.", "3."]
    assert texts[13:17] == [
        "- Nộp tại Công an xã;",
        "- Nộp qua mạng.",
        "Việc: Đăng ký thường trú; Mức thu (đồng) – Trực tiếp: 20.000; Mức thu (đồng) – Qua mạng: 10.000",
        "Việc: Tách hộ; Mức thu (đồng) – Trực tiếp: 10.000; Mức thu (đồng) – Qua mạng: 5.000",
    ]
    assert texts[-1] == "Nguyễn Thị Kim Ngân"


def test_a_file_by_pandoc() -> None:
    extract = load(FILES / "word-pandoc.docx")
    assert extract.metadata["title"] == "Luật Cư trú"
    assert extract.metadata["author"] == "Quốc hội"
    assert paragraphs(extract) == [
        "Luật Cư trú", "Quốc hội", "Chương I: Những quy định chung", "Điều 1. Phạm vi điều chỉnh",
        "Luật này quy định về việc thực hiện quyền tự do cư trú của công dân[1].",
        "1. Tuân thủ Hiến pháp và pháp luật.", "2. Bảo đảm hài hòa quyền.",
        "a) Người bị cách ly;", "b) Địa điểm cách ly.", "3. Mục ba.", "- gạch một", "- gạch hai",
        "Loại: Lần đầu; Mức thu: 20.000; Ghi chú: không",
        "Loại: Cấp đổi; Mức thu: 10.000; Ghi chú: có", "Công thức (a+b)/2 và x^2.",
        "[1] Xem Hiến pháp năm 2013.",
    ]  # fmt: skip


def test_strict_files_are_read_too(tmp_path: Path) -> None:
    source = write_word(tmp_path / "a.docx", p("Điều 1. Một", '<w:outlineLvl w:val="1"/>'))
    with ZipFile(source) as archive:
        parts = {
            name: archive.read(name)
            .replace(WORD.encode(), b"http://purl.oclc.org/ooxml/wordprocessingml/main")
            .replace(
                b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
                b"http://purl.oclc.org/ooxml/officeDocument/relationships",
            )
            for name in archive.namelist()
        }
    assert marked_blocks(load(write_archive(tmp_path / "b.docx", parts))) == [
        ("heading", 2, "Điều 1. Một")
    ]


@pytest.mark.parametrize(
    ("title", "author", "expected"),
    [
        ("Luật Du lịch", "Lê Văn A", {"title": "Luật Du lịch", "author": "Lê Văn A"}),
        ("Microsoft Word - luat.docx", "Admin", {}),
        ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Windows User", {}),
        ("to-khai", "python-docx", {}),  # the file's name
        ("Document1", "", {}),
    ],
)
def test_properties_that_are_real(
    tmp_path: Path, title: str, author: str, expected: dict[str, str]
) -> None:
    document = docx.Document()
    document.add_paragraph("Lời dẫn")
    document.core_properties.title = title
    document.core_properties.author = author
    document.save(str(tmp_path / "to_khai.docx"))
    assert load(tmp_path / "to_khai.docx").metadata == expected


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)


@pytest.mark.parametrize(
    ("data", "english", "vietnamese"),
    [
        (b"", "it is empty", "Tệp rỗng"),
        (
            OLE + "EncryptedPackage".encode("utf-16-le"),
            "has a password; open it in Word",
            "có mật khẩu",
        ),
        (OLE, "old binary Word file", "định dạng Word cũ"),
        (b"%PDF-1.7", "it is a PDF file, not a Word file", "Tệp này là PDF"),
        (b"{\\rtf1 x}", "it is a RTF file", "Tệp này là RTF"),
        (b"PK\x03\x04" + bytes(50), "damaged or no Word file", "Tệp hỏng hoặc không phải tệp Word"),
        (b"Xin ch\xc3\xa0o", "does not begin as a ZIP", "hãy mở bằng Word rồi lưu lại"),
    ],
)
def test_what_is_no_word_file(tmp_path: Path, data: bytes, english: str, vietnamese: str) -> None:
    path = tmp_path / "a.docx"
    path.write_bytes(data)
    with pytest.raises(DocumentError, match=english) as caught:
        load(path)
    assert vietnamese in caught.value.vietnamese


def test_damage_is_told(tmp_path: Path) -> None:
    whole = write_word(tmp_path / "a.docx", p("Điều 1. " + "x" * 500)).read_bytes()
    for data in (whole[: len(whole) // 2], whole.replace(b"PK\x01\x02", b"PK\x01\x09")):
        (tmp_path / "b.docx").write_bytes(data)
        with pytest.raises(DocumentError, match="damaged or no Word file"):
            load(tmp_path / "b.docx")
    broken = write_word(tmp_path / "c.docx", "<w:p>")
    with pytest.raises(DocumentError, match="damaged or no Word file"):
        load(broken)
    workbook = write_archive(tmp_path / "d.docx", {"xl/workbook.xml": "<x/>"})
    with pytest.raises(DocumentError, match="a file of Excel, not of Word"):
        load(workbook)
    with pytest.raises(DocumentError, match="cannot be opened: No such file"):
        load(tmp_path / "none.docx")
    with pytest.raises(DocumentError, match="the limit is 0 MB"):
        WordLoader(10).load(whole_path := tmp_path / "a.docx")
    assert whole_path.exists()


def test_what_cannot_be_read_whole_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="it has no text; if its pages are pictures"):
        read(tmp_path / "a.docx", "<w:p/>")
    with pytest.raises(DocumentError, match="embedded in another format"):
        read(tmp_path / "b.docx", p("Lời dẫn") + '<w:altChunk r:id="r9"/>')
    office = {"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}
    with pytest.raises(DocumentError, match="an OpenDocument file, not a Word file"):
        load(write_archive(tmp_path / "c.docx", office))


def test_bombs_are_refused_before_they_are_unpacked(tmp_path: Path) -> None:
    ratio = write_archive(tmp_path / "a.docx", {"word/document.xml": bytes(60_000_000)})
    with pytest.raises(DocumentError, match="it unpacks to 60 MB in 1 parts"):
        check_archive(ratio, "Word")
    many = write_archive(tmp_path / "b.docx", {f"word/{n}": b"" for n in range(20_001)})
    with pytest.raises(DocumentError, match="in 20001 parts"):
        check_archive(many, "Word")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_entities_are_refused(tmp_path: Path, encoding: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("bí mật")
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    xml = (
        f'<?xml version="1.0" encoding="{encoding}"?><!DOCTYPE w:document [<!ENTITY l0 "ha">{laughs}'
        f'<!ENTITY s SYSTEM "{secret.as_uri()}">]><w:document xmlns:w="{WORD}"><w:body>'
        f"{p('&l9;&s;')}</w:body></w:document>"
    )
    path = write_archive(tmp_path / "a.docx", {"word/document.xml": xml.encode(encoding)})
    with pytest.raises(DocumentError, match="it declares XML entities"):
        load(path)


def test_entities_would_not_be_expanded_either(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("bí mật")
    xml = (
        f'<!DOCTYPE w:document [<!ENTITY s SYSTEM "{secret.as_uri()}"><!ENTITY l "ha">]>'
        f'<w:document xmlns:w="{WORD}"><w:body>{p("a&s;&l;b")}</w:body></w:document>'
    )
    path = write_archive(tmp_path / "a.docx", {"word/document.xml": xml})
    monkeypatch.setattr("rag.ingest.word.loader.check_archive", lambda *_: None)
    assert load(path).text == "a\n\n"
