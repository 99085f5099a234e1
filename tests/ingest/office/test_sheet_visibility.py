"""Cells that cannot be seen are not read; those that can are, white ones on dark too."""

from collections.abc import Callable
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Font, PatternFill
from openpyxl.styles.colors import Color
from openpyxl.worksheet.table import Table, TableStyleInfo

from rag.ingest.extract import Extract
from rag.ingest.office.sheets import SheetLoader
from tests.conftest import ROOT
from tests.office_files import write_archive
from tests.told import told

FILES = ROOT / "tests" / "files"
WHITE = Font(color="FFFFFF")
DARK = PatternFill("solid", fgColor="1F3864")


def read(tmp_path: Path, change: Callable[[Any], None]) -> Extract:
    """Read a table whose last cell is changed."""
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    for row in (["Kho", "Số cửa"], ["Sao Mai", 12], ["Hoàng Hôn", 99]):
        sheet.append(row)
    change(sheet)
    workbook.save(tmp_path / "a.xlsx")
    return SheetLoader(10_000_000).load(tmp_path / "a.xlsx")


def styled(**styles: Any) -> Callable[[Any], None]:
    def change(sheet: Any) -> None:
        for name, style in styles.items():
            setattr(sheet["B3"], name, style)

    return change


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(styled(font=WHITE), id="white"),
        pytest.param(styled(font=Font(color="FAFAFA")), id="nearly white"),
        pytest.param(styled(font=Font(color=Color(theme=0))), id="the theme's white"),
        pytest.param(styled(font=Font(color=Color(indexed=9))), id="white by its number"),
        pytest.param(styled(font=Font(color=Color(theme=1, tint=1.0))), id="black, tinted away"),
        pytest.param(
            styled(font=Font(color="1F3864"), fill=DARK), id="dark on dark"
        ),
        pytest.param(styled(font=Font(sz=1)), id="1 point"),
        pytest.param(styled(number_format=";;;"), id="a format that shows nothing"),
        pytest.param(styled(number_format='"";"";""'), id="a format of empty words"),
        pytest.param(styled(number_format="[White]0"), id="a format in white"),
    ],
)  # fmt: skip
def test_what_cannot_be_seen_is_left_out_and_told(
    tmp_path: Path, change: Callable[[Any], None]
) -> None:
    extract = read(tmp_path, change)
    assert told(extract) == [("row", "Kho: Sao Mai; Số cửa: 12"), ("row", "Kho: Hoàng Hôn")]
    [part] = extract.parts
    assert (part.name, part.extract) == ("hidden text", None)
    assert "“99”" in part.reason
    assert "“99”" in part.vietnamese


def in_a_table(sheet: Any) -> None:
    sheet["B3"].font = WHITE
    table = Table(displayName="Bang", ref="A1:B3")
    table.tableStyleInfo = TableStyleInfo(name="TableStyleDark1", showRowStripes=True)
    sheet.add_table(table)


def test_white_cells_beside_a_table_are_left_out(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        in_a_table(sheet)
        sheet["D9"] = "Kho có 98 cửa."
        sheet["D9"].font = WHITE

    extract = read(tmp_path, change)
    assert told(extract)[1:] == [("row", "Kho: Hoàng Hôn; Số cửa: 99")]
    assert "“Kho có 98 cửa.”" in extract.parts[0].reason


def under_a_rule(sheet: Any) -> None:
    sheet["B3"].font = WHITE
    make: Any = CellIsRule
    rule = make("greaterThan", ["50"], fill=PatternFill(bgColor="FF0000"))
    sheet.conditional_formatting.add("B2:B3", rule)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(styled(font=Font(color="BFBFBF")), id="light grey"),
        pytest.param(styled(font=WHITE, fill=DARK), id="white on dark"),
        pytest.param(
            styled(font=WHITE, fill=PatternFill("solid", fgColor=Color(theme=4))),
            id="on the theme's colour",
        ),
        pytest.param(
            styled(font=WHITE, fill=PatternFill("lightGrid", fgColor="000000")), id="on a pattern"
        ),
        pytest.param(styled(font=Font(color=Color(theme=0, tint=-0.5))), id="white, darkened"),
        pytest.param(in_a_table, id="in a table that has a style"),
        pytest.param(under_a_rule, id="under a rule that colours"),
        pytest.param(styled(number_format="0;-0;;@"), id="a format without zeros"),
        pytest.param(styled(number_format="#,##0;[Red]-#,##0"), id="a format in red"),
        pytest.param(styled(number_format="[>100]0;;"), id="a format with a condition"),
        pytest.param(styled(font=Font(sz=5)), id="5 points"),
    ],
)  # fmt: skip
def test_what_can_be_seen_is_read(tmp_path: Path, change: Callable[[Any], None]) -> None:
    extract = read(tmp_path, change)
    assert told(extract)[1] == ("row", "Kho: Hoàng Hôn; Số cửa: 99")
    assert extract.parts == ()


def test_the_white_words_of_a_cell_are_left_out(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        hidden = TextBlock(InlineFont(color=Color("FFFFFFFF")), " hay Sao Băng")
        sheet["A3"] = CellRichText("Hoàng ", TextBlock(InlineFont(b=True), "Hôn"), hidden)

    extract = read(tmp_path, change)
    assert told(extract)[1] == ("row", "Kho: Hoàng Hôn; Số cửa: 99")
    assert "“hay Sao Băng”" in extract.parts[0].reason


def test_the_white_words_of_a_cell_that_are_kept_apart_from_the_sheet(tmp_path: Path) -> None:
    with ZipFile(FILES / "sheet-libreoffice.xlsx") as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    whole = '<t xml:space="preserve">Ghi chú: Mức thu đã bao gồm chi phí in ấn.</t>'
    run = "<r><rPr><color rgb='FFFFFFFF'/></rPr><t> Trừ 99 đồng.</t></r>"
    strings = parts["xl/sharedStrings.xml"].decode()
    assert whole in strings
    parts["xl/sharedStrings.xml"] = strings.replace(whole, f"<r>{whole}</r>{run}").encode()
    extract = SheetLoader(10_000_000).load(write_archive(tmp_path / "b.xlsx", parts))
    assert told(extract)[-1] == ("", "Ghi chú: Mức thu đã bao gồm chi phí in ấn.")
    assert "“Trừ 99 đồng.”" in extract.parts[0].reason


def test_a_white_cell_with_black_words_in_it(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet["A3"] = CellRichText(
            TextBlock(InlineFont(color=Color("FF000000")), "Hoàng Hôn"), " ẩn"
        )
        sheet["A3"].font = WHITE

    assert told(read(tmp_path, change))[1] == ("row", "Kho: Hoàng Hôn; Số cửa: 99")


def test_words_and_zeros_by_the_sections_of_a_format(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        for place, value in (("B1", "Số cửa"), ("B2", 0), ("B3", -7)):
            sheet[place] = value
            sheet[place].number_format = "0;-0;;@"

    extract = read(tmp_path, change)
    assert told(extract) == [("row", "Kho: Sao Mai"), ("row", "Kho: Hoàng Hôn; Số cửa: -7")]
    assert extract.parts == ()


def test_rows_and_columns_without_extent_are_hidden(tmp_path: Path) -> None:
    def change(sheet: Any) -> None:
        sheet["C1"], sheet["C3"] = "Mật", "bí mật"
        sheet.column_dimensions["C"].width = 0.05
        sheet.row_dimensions[2].height = 0.1

    assert told(read(tmp_path, change)) == [("row", "Kho: Hoàng Hôn; Số cửa: 99")]
