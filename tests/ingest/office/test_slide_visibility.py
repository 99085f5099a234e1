"""What cannot be seen of a slide is not read; white words on dark, and on pictures, are."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from PIL import Image
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE
from pptx.enum.dml import MSO_THEME_COLOR
from pptx.enum.shapes import MSO_SHAPE
from pptx.util import Inches, Pt

from rag.ingest.extract import Extract
from rag.ingest.office.slides import SlidesLoader

A = "http://schemas.openxmlformats.org/drawingml/2006/main"
SECRET = "Kho có 99 cửa."
colour_of: Any = RGBColor
WHITE, DARK = colour_of(255, 255, 255), colour_of(31, 56, 100)
BLANK = 6


def read(tmp_path: Path, change: Callable[[Any], None]) -> Extract:
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[BLANK])
    box(slide, 1, 1, "Kho có 12 cửa.")
    change(slide)
    deck.save(str(tmp_path / "a.pptx"))
    return SlidesLoader(10_000_000).load(tmp_path / "a.pptx")


def box(slide: Any, left: float, top: float, words: str = SECRET) -> Any:
    shape = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(3), Inches(0.5))
    shape.text_frame.text = words
    return shape


def coloured(shape: Any, colour: Any = WHITE) -> Any:
    shape.text_frame.paragraphs[0].runs[0].font.color.rgb = colour
    return shape


def white(slide: Any) -> None:
    coloured(box(slide, 1, 3))


def nearly_white(slide: Any) -> None:
    coloured(box(slide, 1, 3), colour_of(252, 252, 252))


def by_the_theme(slide: Any) -> None:
    font = box(slide, 1, 3).text_frame.paragraphs[0].runs[0].font
    font.color.theme_color = MSO_THEME_COLOR.BACKGROUND_1


def by_its_frame(slide: Any) -> None:
    frame = box(slide, 1, 3).text_frame._txBody
    style = f'<a:lvl1pPr xmlns:a="{A}"><a:defRPr><a:solidFill><a:srgbClr val="FFFFFF"/></a:solidFill></a:defRPr></a:lvl1pPr>'
    frame.find(f"{{{A}}}lstStyle").append(etree.fromstring(style))


def not_filled(slide: Any) -> None:
    box(slide, 1, 3).text_frame.paragraphs[0].runs[0].font.fill.background()


def transparent(slide: Any) -> None:
    shape = coloured(box(slide, 1, 3), DARK)
    colour = next(shape._element.iter(f"{{{A}}}srgbClr"))
    etree.SubElement(colour, f"{{{A}}}alpha", val="0")


def tiny(slide: Any) -> None:
    box(slide, 1, 3).text_frame.paragraphs[0].runs[0].font.size = Pt(1)


def on_its_own_colour(slide: Any) -> None:
    shape = coloured(box(slide, 1, 3), DARK)
    shape.fill.solid()
    shape.fill.fore_color.rgb = DARK


def on_a_background(slide: Any) -> None:
    slide.background.fill.solid()
    slide.background.fill.fore_color.rgb = DARK
    coloured(box(slide, 1, 3), DARK)


def left_of_it(slide: Any) -> None:
    box(slide, -9, 3)


def below_it(slide: Any) -> None:
    box(slide, 1, 9)


def beside_it_in_a_group(slide: Any) -> None:
    group = slide.shapes.add_group_shape()
    box(group, 1, 3)
    group.left = Inches(-20)


def a_table_beside_it(slide: Any) -> None:
    frame = slide.shapes.add_table(2, 1, Inches(30), Inches(2), Inches(3), Inches(1))
    frame.table.cell(0, 0).text, frame.table.cell(1, 0).text = SECRET, ""


def a_white_cell(slide: Any) -> None:
    cell = table(slide)
    cell.fill.solid()
    cell.fill.fore_color.rgb = WHITE


def table(slide: Any) -> Any:
    frame = slide.shapes.add_table(1, 2, Inches(1), Inches(3), Inches(3), Inches(1))
    cell = frame.table.cell(0, 0)
    coloured_cell = cell.text_frame
    coloured_cell.text = SECRET
    coloured_cell.paragraphs[0].runs[0].font.color.rgb = WHITE
    return cell


@pytest.mark.parametrize(
    "change",
    [
        white, nearly_white, by_the_theme, by_its_frame, not_filled, transparent, tiny,
        on_its_own_colour, on_a_background, left_of_it, below_it, beside_it_in_a_group,
        a_table_beside_it, a_white_cell,
    ],
)  # fmt: skip
def test_what_cannot_be_seen_is_left_out_and_told(
    tmp_path: Path, change: Callable[[Any], None]
) -> None:
    extract = read(tmp_path, change)
    assert extract.text == "Kho có 12 cửa.\n\n"
    [part] = extract.parts
    assert (part.name, part.extract) == ("hidden text on page 1", None)
    assert f"“{SECRET}”" in part.reason
    assert f"“{SECRET}”" in part.vietnamese


def light_grey(slide: Any) -> None:
    coloured(box(slide, 1, 3), colour_of(191, 191, 191))


def on_dark(slide: Any) -> None:
    shape = coloured(box(slide, 1, 3))
    shape.fill.solid()
    shape.fill.fore_color.rgb = DARK


def on_a_shape_of_the_theme(slide: Any) -> None:
    shape = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, Inches(1), Inches(3), Inches(3), Inches(1))
    shape.text_frame.text = SECRET
    coloured(shape)


def over_another_shape(slide: Any) -> None:
    under = slide.shapes.add_shape(MSO_SHAPE.OVAL, Inches(1), Inches(3), Inches(3), Inches(1))
    under.fill.solid()
    under.fill.fore_color.rgb = DARK
    coloured(box(slide, 1, 3))


def over_a_picture(slide: Any) -> None:
    picture = BytesIO()
    Image.new("RGB", (4, 4)).save(picture, "PNG")
    slide.shapes.add_picture(picture, Inches(0), Inches(2), Inches(9), Inches(4))
    coloured(box(slide, 1, 3))


def on_a_dark_background(slide: Any) -> None:
    slide.background.fill.solid()
    slide.background.fill.fore_color.rgb = DARK
    coloured(box(slide, 1, 3))


def on_a_dark_master(slide: Any) -> None:
    fill = slide.slide_layout.slide_master.background.fill
    fill.solid()
    fill.fore_color.rgb = DARK
    coloured(box(slide, 1, 3))


def on_a_gradient(slide: Any) -> None:
    slide.background.fill.gradient()
    coloured(box(slide, 1, 3))


def in_a_table_with_a_style(slide: Any) -> None:
    table(slide)


def partly_beside_it(slide: Any) -> None:
    box(slide, -1, 3)


def outlined(slide: Any) -> None:
    shape = coloured(box(slide, 1, 3))
    properties = next(shape._element.iter(f"{{{A}}}rPr"))
    line = f'<a:ln xmlns:a="{A}"><a:solidFill><a:srgbClr val="000000"/></a:solidFill></a:ln>'
    properties.insert(0, etree.fromstring(line))


@pytest.mark.parametrize(
    "change",
    [
        light_grey, on_dark, on_a_shape_of_the_theme, over_another_shape, over_a_picture,
        on_a_dark_background, on_a_dark_master, on_a_gradient, in_a_table_with_a_style,
        partly_beside_it, outlined,
    ],
)  # fmt: skip
def test_what_can_be_seen_is_read(tmp_path: Path, change: Callable[[Any], None]) -> None:
    extract = read(tmp_path, change)
    assert (extract.text, extract.parts) == (f"Kho có 12 cửa.\n\n{SECRET}\n\n", ())


def test_notes_are_read_in_any_colour(tmp_path: Path) -> None:
    def change(slide: Any) -> None:
        frame = slide.notes_slide.notes_text_frame
        frame.text = SECRET
        frame.paragraphs[0].runs[0].font.color.rgb = WHITE

    assert read(tmp_path, change).text == f"Kho có 12 cửa.\n\n{SECRET}\n\n"


def test_a_chart_beside_the_slide_is_left_out(tmp_path: Path) -> None:
    def change(slide: Any) -> None:
        untyped: Any = CategoryChartData
        data = untyped()
        data.categories = ["Cửa"]
        data.add_series("Kho", (99,))
        kind = XL_CHART_TYPE.COLUMN_CLUSTERED
        frame = slide.shapes.add_chart(kind, Inches(-9), Inches(1), Inches(3), Inches(3), data)
        frame.name = "Biểu đồ kho"

    extract = read(tmp_path, change)
    assert extract.text == "Kho có 12 cửa.\n\n"
    assert "“Biểu đồ kho”" in extract.parts[0].reason
