"""Spreadsheets: what a person sees in the visible sheets, row by row."""

import datetime
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from rag.domain.documents import BlockKind
from rag.errors import DocumentError
from rag.ingest.extract import Extract
from rag.ingest.office import sheets
from rag.ingest.office.cell_formats import CellValue, format_value
from rag.ingest.office.sheets import DelimitedLoader, SheetLoader
from tests.conftest import ROOT
from tests.told import told

FILES = ROOT / "tests" / "files"
LIMIT = 10_000_000


def csv_rows(tmp_path: Path, data: bytes, name: str = "bảng.csv") -> list[str]:
    path = tmp_path / name
    path.write_bytes(data)
    return [text for _, text in told(DelimitedLoader(LIMIT).load(path))]


def saved(tmp_path: Path, fill: Callable[[openpyxl.Workbook], None]) -> Extract:
    workbook = openpyxl.Workbook()
    fill(workbook)
    path = tmp_path / "bảng.xlsx"
    workbook.save(path)
    return SheetLoader(LIMIT).load(path)


def test_a_table_of_fees_from_libreoffice() -> None:
    extract = SheetLoader(LIMIT).load(FILES / "sheet-libreoffice.xlsx")
    assert extract.metadata["title"] == "Biểu mức thu phí"
    fees = "Mức thu (đồng/lần)"
    assert told(extract) == [
        ("", "BỘ TÀI CHÍNH"),
        ("", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"),
        ("", "Độc lập - Tự do - Hạnh phúc"),
        ("", "BIỂU MỨC THU PHÍ, LỆ PHÍ"),
        ("", "(Ban hành kèm theo Thông tư số 25/2021/TT-BTC)"),
        (
            "row",
            "I. Lệ phí cấp hộ chiếu — STT: 1; Loại lệ phí: Hộ chiếu phổ thông; "
            f"{fees} – Cấp mới: 200.000; {fees} – Cấp lại: 400000; Tỷ lệ nộp: 5%",
        ),
        (
            "row",
            "I. Lệ phí cấp hộ chiếu — STT: 2; Loại lệ phí: Hộ chiếu gắn chíp điện tử; "
            f"{fees} – Cấp mới: 250000; {fees} – Cấp lại: 450000; Tỷ lệ nộp: 0,05",
        ),
        ("row", f"Tổng cộng — {fees} – Cấp mới: 450000; {fees} – Cấp lại: 850000"),
        ("", "Ghi chú: Mức thu đã bao gồm chi phí in ấn."),
    ]


def test_sheets_have_headings_and_what_is_hidden_is_left_out(tmp_path: Path) -> None:
    def fill(workbook: openpyxl.Workbook) -> None:
        first = workbook.worksheets[0]
        first.title = "Thuế suất"
        first.append(["Mã HS", "Mô tả", "Nội bộ", "Thuế suất"])
        first.append(["01012100", "Ngựa thuần chủng", "bí mật", 0])
        first.append(["01012900", "Dòng ẩn", "bí mật", 0.05])
        first.append(["01013010", "Lừa", "bí mật", 0.05])
        first.column_dimensions["C"].hidden = True
        first.row_dimensions[3].hidden = True
        first["D4"].number_format = "0%"
        hidden = workbook.create_sheet("Ẩn")
        hidden.append(["Không", "thấy"])
        hidden.sheet_state = "hidden"
        second = workbook.create_sheet("Sheet2")
        second["A1"] = "Chỉ có một câu."

    assert told(saved(tmp_path, fill)) == [
        ("heading2", "Thuế suất"),
        ("row", "Mã HS: 01012100; Mô tả: Ngựa thuần chủng; Thuế suất: 0"),
        ("row", "Mã HS: 01013010; Mô tả: Lừa; Thuế suất: 5%"),
        ("heading2", "Sheet2"),
        ("", "Chỉ có một câu."),
    ]


def test_rows_that_a_filter_hides_are_read(tmp_path: Path) -> None:
    def fill(workbook: openpyxl.Workbook) -> None:
        sheet = workbook.worksheets[0]
        sheet.append(["Tỉnh", "Số xã"])
        sheet.append(["Huế", 133])
        sheet.append(["Vinh", 25])
        sheet.auto_filter.ref = "A1:B3"
        sheet.auto_filter.add_filter_column(0, ["Vinh"])
        sheet.row_dimensions[2].hidden = True

    assert told(saved(tmp_path, fill)) == [
        ("row", "Tỉnh: Huế; Số xã: 133"),
        ("row", "Tỉnh: Vinh; Số xã: 25"),
    ]


def test_tables_divided_by_blank_rows_and_one_that_goes_on(tmp_path: Path) -> None:
    def fill(workbook: openpyxl.Workbook) -> None:
        sheet = workbook.worksheets[0]
        for row in (
            ["Vé", "Giá"],
            ["Lượt", 8000],
            [],
            ["Tháng", 100000],
            ["Năm", 900000],
            [],
            ["Ga", "Giờ mở"],
            ["Cát Linh", datetime.time(5, 30)],
        ):
            sheet.append(row)

    assert told(saved(tmp_path, fill)) == [
        ("row", "Vé: Lượt; Giá: 8000"),
        ("row", "Vé: Tháng; Giá: 100000"),
        ("row", "Vé: Năm; Giá: 900000"),
        ("row", "Ga: Cát Linh; Giờ mở: 05:30"),
    ]


def test_a_formula_says_what_was_computed_and_nothing_where_nothing_was(tmp_path: Path) -> None:
    def fill(workbook: openpyxl.Workbook) -> None:
        sheet = workbook.worksheets[0]
        sheet.append(["Món", "Giá", "Cộng"])
        sheet.append(["Phở", 50000, "=B2*2"])

    assert told(saved(tmp_path, fill)) == [("row", "Món: Phở; Giá: 50000")]


@pytest.mark.parametrize(
    ("value", "code", "vietnamese", "text"),
    [
        (None, "General", True, ""),
        ("#N/A", "General", True, ""),
        ("00123", "General", True, "00123"),
        (True, "General", True, "TRUE"),
        (3, "General", True, "3"),
        (3.0, "General", True, "3"),
        (0.1 + 0.2, "General", True, "0,3"),
        (1e21, "General", False, "1000000000000000000000"),
        (1000000, "#,##0", True, "1.000.000"),
        (1000000, "#,##0", False, "1,000,000"),
        (1234.5, "#,##0.00", True, "1.234,50"),
        (1234.5, "#,##0.00", False, "1,234.50"),
        (1234.5, "0.0#", False, "1234.5"),
        (-50000, '#,##0\\ "đồng"', True, "-50.000 đồng"),
        (50000, "#,##0\\ [$₫-42A]", True, "50.000 ₫"),
        (12.5, "[$$-409]#,##0.00", False, "$12.50"),
        (0.05, "0%", True, "5%"),
        (0.125, "0.0%", True, "12,5%"),
        (-0.001, "0", True, "0"),
        (1500000, '#,##0,"k"', False, "1,500k"),
        (7, "000", True, "007"),
        (1012100, "0000\\.00\\.00", True, "0101.21.00"),
        (1234, "0.00E+00", False, "1234"),
        (5, "#,##0;(#,##0);-", True, "5"),
        (5, '_(* #,##0_);_(* (#,##0);_(* "-"_);_(@_)', True, "5"),
        (datetime.datetime(2018, 4, 20), "dd/mm/yyyy", True, "20/04/2018"),
        (datetime.datetime(2018, 4, 20), "dd/mm/yyyy", False, "2018-04-20"),
        (datetime.datetime(2018, 4, 20, 7, 5), "dd/mm/yyyy hh:mm", True, "20/04/2018 07:05"),
        (datetime.datetime(2018, 4, 1), "mm/yyyy", True, "04/2018"),
        (datetime.datetime(2018, 1, 1), "yyyy", True, "2018"),
        (datetime.time(7, 5), "hh:mm", True, "07:05"),
    ],
)
def test_values_as_a_person_sees_them(
    value: CellValue, code: str, vietnamese: bool, text: str
) -> None:
    assert format_value(value, code, vietnamese=vietnamese) == text


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ("Mã,Tên\n01,An\n02,Bình\n".encode(), "a.csv"),
        ("\ufeffMã;Tên\r\n01;An\r\n02;Bình\r\n".encode(), "a.csv"),
        ("Mã\tTên\n01\tAn\n02\tBình\n".encode("utf-16"), "a.csv"),
        ("Mã\tTên\n01\tAn\n02\tBình\n".encode(), "a.tsv"),
        ("Mã|Tên\r01|An\r02|Bình".encode(), "a.csv"),
        ('sep=;\n"Mã";"Tên"\n01;An\n02;"Bình"'.encode(), "a.csv"),
    ],
)
def test_delimiters_and_encodings(tmp_path: Path, data: bytes, name: str) -> None:
    assert csv_rows(tmp_path, data, name) == ["Mã: 01; Tên: An", "Mã: 02; Tên: Bình"]


def test_quoted_breaks_ragged_rows_and_long_cells(tmp_path: Path) -> None:
    answer = "Hành khách phải có mặt trước giờ bay. " * 12
    data = f'Câu hỏi,Trả lời,Ghi chú\n"Mấy giờ\nmở cửa, ở đâu?","{answer}"\nThiếu\n1,2,3,4\n'
    assert csv_rows(tmp_path, data.encode()) == [
        f"Câu hỏi: Mấy giờ mở cửa, ở đâu?; Trả lời: {answer.strip()}",
        "Câu hỏi: Thiếu",
        "Câu hỏi: 1; Trả lời: 2; Ghi chú: 3; 4",
    ]


def test_a_csv_without_header(tmp_path: Path) -> None:
    assert csv_rows(tmp_path, b"1,Hue,50\n2,Vinh,60\n") == ["1; Hue; 50", "2; Vinh; 60"]


def test_what_cannot_be_read_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "hỏng.xlsx"
    path.write_bytes(b"PK\x03\x04 no archive")
    with pytest.raises(DocumentError, match="no Excel file") as raised:
        SheetLoader(LIMIT).load(path)
    assert "Excel" in raised.value.vietnamese
    with pytest.raises(DocumentError, match=r"the limit is 0 MB"):
        SheetLoader(10).load(FILES / "sheet-libreoffice.xlsx")
    monkeypatch.setattr(sheets, "_MAX_ROWS", 3)
    with pytest.raises(DocumentError, match="it has .* rows, the limit is 3; split it"):
        SheetLoader(LIMIT).load(FILES / "sheet-libreoffice.xlsx")
    with pytest.raises(DocumentError, match="it has 5 rows, the limit is 3; split it"):
        csv_rows(tmp_path, b"a,b\n" * 5)


def test_every_row_is_a_slice_of_the_text() -> None:
    extract = SheetLoader(LIMIT).load(FILES / "sheet-libreoffice.xlsx")
    rows = [block for block in extract.blocks if block.kind is BlockKind.ROW]
    assert [extract.text[row.start : row.start + 4] for row in rows] == ["I. L", "I. L", "Tổng"]
