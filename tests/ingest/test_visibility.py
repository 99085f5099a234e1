"""In every format, words are read just where their colour can be told from what they stand on."""

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.styles import Font, PatternFill
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.util import Inches

from rag.ingest.extract import Extract, ExtractBuilder, hidden_text_parts
from rag.ingest.html.loader import add_html
from rag.ingest.office.sheets import SheetLoader
from rag.ingest.office.slides import SlidesLoader
from rag.ingest.pdf.loader import PdfLoader
from rag.ingest.visibility import Colour, are_indistinguishable, blended
from rag.ingest.word.loader import WordLoader
from tests.office_files import write_word
from tests.pdf_files import text, write_pdf

LIMIT = 10_000_000
colours = st.tuples(*[st.integers(0, 255)] * 3)
# Near to each other as often as not.
pairs = st.one_of(
    st.tuples(colours, colours),
    st.builds(
        lambda colour, shift: (
            colour,
            tuple(min(max(channel + shift, 0), 255) for channel in colour),
        ),
        colours,
        st.integers(-20, 20),
    ),
)


def written(colour: Colour) -> str:
    return "".join(f"{channel:02X}" for channel in colour)


def a_web_page(_: Path, colour: Colour, ground: Colour) -> Extract:
    builder = ExtractBuilder()
    style = f"color:#{written(colour)};background:#{written(ground)}"
    return builder.build(add_html(builder, f"<p>Shown.</p><p style='{style}'>Gates</p>"))


def a_word_file(folder: Path, colour: Colour, ground: Colour) -> Extract:
    shaded = (
        f'<w:color w:val="{written(colour)}"/><w:shd w:val="clear" w:fill="{written(ground)}"/>'
    )
    body = f"<w:p><w:r><w:t>Shown.</w:t></w:r></w:p><w:p><w:r><w:rPr>{shaded}</w:rPr><w:t>Gates</w:t></w:r></w:p>"
    return WordLoader(LIMIT).load(write_word(folder / "a.docx", body))


def a_sheet(folder: Path, colour: Colour, ground: Colour) -> Extract:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    sheet["A1"], sheet["A3"] = "Shown.", "Gates"
    sheet["A3"].font = Font(color=written(colour))
    sheet["A3"].fill = PatternFill("solid", fgColor=written(ground))
    workbook.save(folder / "a.xlsx")
    return SheetLoader(LIMIT).load(folder / "a.xlsx")


def a_deck(folder: Path, colour: Colour, ground: Colour) -> Extract:
    untyped: Any = RGBColor
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    for row, words in enumerate(("Shown.", "Gates")):
        box = slide.shapes.add_textbox(Inches(1), Inches(1 + row), Inches(3), Inches(1))
        box.text_frame.text = words
    box.fill.solid()
    box.fill.fore_color.rgb = untyped(*ground)
    box.text_frame.paragraphs[0].runs[0].font.color.rgb = untyped(*colour)
    deck.save(str(folder / "a.pptx"))
    return SlidesLoader(LIMIT).load(folder / "a.pptx")


def a_pdf(folder: Path, colour: Colour, ground: Colour) -> Extract:
    beneath, above = (
        " ".join(f"{channel / 255:.4f}" for channel in painted) for painted in (ground, colour)
    )
    drawn = text("Shown.", y=740) + f"{beneath} rg 40 690 300 30 re f {above} rg {text('Gates')}"
    return PdfLoader(10).load(write_pdf(folder / "a.pdf", drawn))


@pytest.mark.parametrize("write", [a_web_page, a_word_file, a_sheet, a_deck, a_pdf])
@settings(max_examples=40, deadline=None)
@given(pair=pairs)
def test_words_are_read_where_their_colour_is_seen(
    write: Callable[[Path, Colour, Colour], Extract], pair: tuple[Colour, Colour]
) -> None:
    with TemporaryDirectory() as folder:
        extract = write(Path(folder), *pair)
    hidden = are_indistinguishable(*pair)
    assert extract.text.split() == (["Shown."] if hidden else ["Shown.", "Gates"])
    assert ["“Gates”" in part.reason for part in extract.parts] == ([True] if hidden else [])


@pytest.mark.parametrize(
    ("colour", "other", "same"),
    [
        ((255, 255, 255), (245, 245, 245), True),
        ((255, 255, 255), (244, 255, 255), False),
        ((0, 0, 0), (10, 0, 10), True),
        ((255, 0, 0), (0, 130, 0), False),  # as light as each other, and yet not alike
    ],
)
def test_colours_that_cannot_be_told_apart(colour: Colour, other: Colour, same: bool) -> None:
    assert are_indistinguishable(colour, other) == same
    assert are_indistinguishable(other, colour) == same


def test_a_colour_that_lets_another_through() -> None:
    assert blended((0, 0, 0), 0.25, (255, 255, 255)) == (191, 191, 191)
    assert blended((10, 20, 30), 1, (255, 255, 255)) == (10, 20, 30)


def test_what_is_left_out_is_told_in_short() -> None:
    assert list(hidden_text_parts([(0, " \n"), (3, "-")])) == []
    [part] = hidden_text_parts([(1, ""), (2, "Kho\ncó\u200b"), (3, "9" * 90)])
    assert part.name == "hidden text on pages 2, 3"
    assert part.reason == (
        f"it is not seen where it stands, so it is left out: “Kho có {'9' * 73} …”; "
        "if it belongs there, make it visible"
    )
    assert part.vietnamese == (
        f"Chữ này không nhìn thấy được trong tệp nên không được đọc: “Kho có {'9' * 73} …”; "
        "nếu thuộc nội dung, hãy làm cho chữ hiện rõ."
    )
    [halves] = hidden_text_parts(
        [(0, "\ud83d\ude00 ab \ud83d.")]
    )  # as pdfium gives what UTF-16 needs two for
    assert (halves.name, "“😀 ab \ufffd.”" in halves.reason) == ("hidden text", True)
    [many] = hidden_text_parts([(page, "ẩn") for page in range(1, 30)])
    assert many.name.endswith("19, 20 …")
