"""What cannot be seen of a Word document is not read; what can be seen is, white words too."""

from pathlib import Path

import pytest

from rag.ingest.extract import Extract
from rag.ingest.word.loader import WordLoader
from tests.office_files import write_word

A = "http://schemas.openxmlformats.org/drawingml/2006/main"
SECRET = "Kho có 99 cửa."
WHITE = '<w:color w:val="FFFFFF"/>'
DARK = '<w:shd w:val="clear" w:color="auto" w:fill="1F3864"/>'
PAPER = '<w:shd w:val="clear" w:color="auto" w:fill="FFFFFF"/>'
W14 = 'xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
DRAWING = 'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
THEME = f"""<a:theme xmlns:a="{A}"><a:themeElements><a:clrScheme name="x">
<a:dk1><a:sysClr val="windowText" lastClr="000000"/></a:dk1><a:lt1><a:sysClr val="window" lastClr="FFFFFF"/></a:lt1>
<a:accent1><a:srgbClr val="4472C4"/></a:accent1></a:clrScheme></a:themeElements></a:theme>"""
STYLES = """
<w:style w:type="paragraph" w:styleId="Trang"><w:name w:val="Trang"/><w:rPr><w:color w:val="FFFFFF"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="TrangHon"><w:name w:val="T2"/><w:basedOn w:val="Trang"/></w:style>
<w:style w:type="character" w:styleId="ChuTrang"><w:name w:val="C"/><w:rPr><w:color w:val="FFFFFF"/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="NenDen"><w:name w:val="D"/><w:pPr><w:shd w:val="clear" w:fill="000000"/></w:pPr></w:style>
<w:style w:type="table" w:styleId="Luoi"><w:name w:val="L"/><w:tblStylePr w:type="firstRow"><w:tcPr><w:shd w:val="clear" w:fill="4472C4"/></w:tcPr></w:tblStylePr></w:style>
<w:style w:type="table" w:styleId="Tron"><w:name w:val="N"/><w:tcPr><w:shd w:val="clear" w:fill="auto"/></w:tcPr></w:style>
"""


def r(words: str, properties: str = "") -> str:
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{words}</w:t></w:r>'


def p(runs: str, properties: str = "") -> str:
    return f"<w:p><w:pPr>{properties}</w:pPr>{runs}</w:p>"


def cells(*contents: str, table: str = "", row: str = "", cell: str = "") -> str:
    tcs = "".join(f"<w:tc><w:tcPr>{cell}</w:tcPr>{content}</w:tc>" for content in contents)
    return f"<w:tbl><w:tblPr>{table}</w:tblPr><w:tr><w:trPr>{row}</w:trPr>{tcs}</w:tr></w:tbl>"


def box(fill: str, anchor: str = "", words: str = "") -> str:
    return (
        f'<w:p><w:r><w:drawing><wp:anchor {DRAWING}>{anchor}<wp:extent cx="900000" cy="300000"/>'
        f'<wps:wsp><wps:spPr xmlns:a="{A}">{fill}</wps:spPr><wps:txbx><w:txbxContent>'
        f"{p(words or r(SECRET, WHITE))}</w:txbxContent></wps:txbx></wps:wsp></wp:anchor></w:drawing></w:r></w:p>"
    )


def placed(name: str, offset: int, relative: str = "page") -> str:
    return f'<wp:{name} {DRAWING} relativeFrom="{relative}"><wp:posOffset>{offset}</wp:posOffset></wp:{name}>'


BEHIND = f'<w:p><w:r><w:drawing><wp:anchor {DRAWING} behindDoc="1"/></w:drawing></w:r></w:p>'
FILL = f'<a:solidFill xmlns:a="{A}"><a:srgbClr val="{{}}"/></a:solidFill>'


def read(path: Path, body: str) -> Extract:
    return WordLoader(10_000_000).load(
        write_word(path, p(r("Kho có 12 cửa.")) + body, styles=STYLES, theme=THEME)
    )


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(p(r(SECRET, WHITE)), id="white"),
        pytest.param(p(r(SECRET, '<w:color w:val="FCFCFC"/>')), id="nearly white"),
        pytest.param(
            p(r(SECRET, '<w:color w:val="000000" w:themeColor="background1"/>')), id="by the theme"
        ),
        pytest.param(
            p(r(SECRET, '<w:color w:val="auto" w:themeColor="text1" w:themeTint="00"/>')),
            id="the theme's, tinted away",
        ),
        pytest.param(p(r(SECRET), '<w:pStyle w:val="TrangHon"/>'), id="by a style"),
        pytest.param(p(r(SECRET, '<w:rStyle w:val="ChuTrang"/>')), id="by a style of letters"),
        pytest.param(p(r(SECRET, '<w:sz w:val="2"/>')), id="1 point"),
        pytest.param(p(r(SECRET, '<w:w w:val="1"/>')), id="squeezed"),
        pytest.param(p(r(SECRET), '<w:spacing w:line="20" w:lineRule="exact"/>'), id="flat line"),
        pytest.param(
            cells(p(r(SECRET)), row='<w:trHeight w:val="10" w:hRule="exact"/>'), id="flat row"
        ),
        pytest.param(
            p(r(SECRET, f"<w14:textFill {W14}><w14:noFill/></w14:textFill>")), id="not filled"
        ),
        pytest.param(
            p(
                r(
                    SECRET,
                    f'<w14:textFill {W14}><w14:solidFill><w14:srgbClr w14:val="000000">'
                    '<w14:alpha w14:val="100000"/></w14:srgbClr></w14:solidFill></w14:textFill>',
                )
            ),
            id="transparent",
        ),
        pytest.param(
            p(
                r(
                    SECRET,
                    f'<w14:textFill {W14}><w14:solidFill><w14:schemeClr w14:val="bg1"/>'
                    "</w14:solidFill></w14:textFill>",
                )
            ),
            id="filled in white",
        ),
        pytest.param(
            p(
                r(
                    SECRET,
                    f'{WHITE}<w14:textOutline {W14}><w14:noFill/></w14:textOutline><w:shadow w:val="0"/>',
                )
            ),
            id="without an outline",
        ),
        pytest.param(p(r(SECRET, f'<w:color w:val="1F3864"/>{DARK}')), id="dark on dark"),
        pytest.param(p(r(SECRET, '<w:highlight w:val="black"/><w:color w:val="000000"/>')), id="marked in black"),
        pytest.param(cells(p(r(SECRET, WHITE))), id="white in a cell"),
        pytest.param(
            cells(p(r(SECRET, WHITE)), table='<w:tblStyle w:val="Tron"/>'), id="in a plain table"
        ),
        pytest.param(
            cells(p(r(SECRET, WHITE)), table='<w:tblStyle w:val="Luoi"/>', cell=PAPER),
            id="in a white cell",
        ),
        pytest.param(p(r(SECRET), '<w:framePr w:x="-20000" w:y="1"/>'), id="a frame off the page"),
        pytest.param(box(FILL.format("FFFFFF")), id="in a white box"),
        pytest.param(box(f'<a:noFill xmlns:a="{A}"/>'), id="in a box alone"),
        pytest.param(
            box("", placed("positionH", -5_000_000), r(SECRET)), id="a box beside the page"
        ),
        pytest.param(
            box("", placed("positionV", 90_000_000, "paragraph"), r(SECRET)), id="a box far below"
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_seen_is_left_out_and_told(tmp_path: Path, body: str) -> None:
    extract = read(tmp_path / "a.docx", body)
    assert extract.text == "Kho có 12 cửa.\n\n"
    [part] = extract.parts
    assert (part.name, part.extract) == ("hidden text", None)
    assert f"“{SECRET}”" in part.reason
    assert f"“{SECRET}”" in part.vietnamese


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(p(r(SECRET, '<w:color w:val="BFBFBF"/>')), id="light grey"),
        pytest.param(p(r(SECRET, '<w:color w:val="auto"/>')), id="as Word likes"),
        pytest.param(
            p(r(SECRET, '<w:color w:val="FFFFFF" w:themeColor="background1" w:themeShade="80"/>')),
            id="the theme's white, darkened",
        ),
        pytest.param(p(r(SECRET, WHITE + DARK)), id="on dark letters' ground"),
        pytest.param(p(r(SECRET, WHITE + '<w:highlight w:val="darkBlue"/>')), id="marked"),
        pytest.param(p(r(SECRET, WHITE), DARK), id="in a dark paragraph"),
        pytest.param(p(r(SECRET, WHITE), '<w:pStyle w:val="NenDen"/>'), id="in one of a dark style"),
        pytest.param(p(r(SECRET, WHITE), '<w:shd w:val="pct50" w:fill="FFFFFF"/>'), id="on a pattern"),
        pytest.param(cells(p(r(SECRET, WHITE)), cell=DARK), id="in a dark cell"),
        pytest.param(
            cells(cells(p(r(SECRET, WHITE))) + p(""), cell=DARK), id="in a table in a dark cell"
        ),
        pytest.param(
            cells(
                p(r(SECRET, WHITE)),
                cell='<w:shd w:val="clear" w:fill="FFFFFF" w:themeFill="accent1" w:themeFillShade="BF"/>',
            ),
            id="in a cell of the theme's colour",
        ),
        pytest.param(
            cells(p(r(SECRET, WHITE)), table='<w:tblStyle w:val="Luoi"/>'), id="in a header by a style"
        ),
        pytest.param(box(FILL.format("203864")), id="in a dark box"),
        pytest.param(box(f'<a:gradFill xmlns:a="{A}"/>'), id="in a box of many colours"),
        pytest.param(BEHIND + box(f'<a:noFill xmlns:a="{A}"/>'), id="in a box, maybe on another"),
        pytest.param(BEHIND + p(r(SECRET, WHITE)), id="on a picture behind the text"),
        pytest.param(
            box("", placed("positionH", -200_000, "column"), r(SECRET)), id="a box in the margin"
        ),
        pytest.param(p(r(SECRET, WHITE + "<w:outline/>")), id="outlined"),
        pytest.param(p(r(SECRET, '<w:sz w:val="10"/>')), id="5 points"),
        pytest.param(
            p(r(SECRET), '<w:spacing w:line="240" w:lineRule="exact"/>'), id="an exact line"
        ),
        pytest.param(p(r(SECRET), '<w:framePr w:x="-300" w:y="1"/>'), id="a frame in the margin"),
        pytest.param(p(r(SECRET, '<w:rStyle w:val="ChuTrang"/><w:color w:val="000000"/>')), id="black after all"),
        pytest.param(
            f'<w:p><w:r><w:pict><v:rect fillcolor="#203864"><v:textbox><w:txbxContent>{p(r(SECRET, WHITE))}'
            "</w:txbxContent></v:textbox></v:rect></w:pict></w:r></w:p>",
            id="in a dark box of Word 2007",
        ),
    ],
)  # fmt: skip
def test_what_can_be_seen_is_read(tmp_path: Path, body: str) -> None:
    extract = read(tmp_path / "a.docx", body)
    assert (extract.text, extract.parts) == (f"Kho có 12 cửa.\n\n{SECRET}\n\n", ())


def test_only_the_white_words_of_a_line_are_left_out(tmp_path: Path) -> None:
    extract = read(tmp_path / "a.docx", p(r("Có 7 ") + r("hay 99 ", WHITE) + r("cổng.")))
    assert extract.text == "Kho có 12 cửa.\n\nCó 7 cổng.\n\n"
    assert "“hay 99”" in extract.parts[0].reason


def test_a_note_below_white_words_is_read(tmp_path: Path) -> None:
    note = '<w:footnote w:id="1">' + p(r("Ghi chú.")) + "</w:footnote>"
    reference = f'<w:r><w:rPr>{WHITE}</w:rPr><w:footnoteReference w:id="1"/></w:r>'
    path = write_word(tmp_path / "a.docx", p(r("Kho.") + reference), footnotes=note)
    assert WordLoader(10_000_000).load(path).text == "Kho.[1]\n\n[1] Ghi chú.\n\n"
