"""Tables: rows that can stand alone, and tables that only lay out a page."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.ingest.extract import clean
from rag.ingest.structure.tables import table_rows


def test_a_row_names_its_columns_and_skips_empty_cells() -> None:
    rows = [
        ["STT", "Loại phí", "Mức thu", "Ghi chú"],
        ["1", "Cấp mới hộ chiếu", "200.000 đồng/lần", ""],
        ["2", "Cấp lại do bị hỏng\nhoặc mất", "400.000 đồng/lần", "Điểm b khoản 2"],
    ]
    assert table_rows(rows) == (
        "STT: 1; Loại phí: Cấp mới hộ chiếu; Mức thu: 200.000 đồng/lần",
        "STT: 2; Loại phí: Cấp lại do bị hỏng hoặc mất; Mức thu: 400.000 đồng/lần; Ghi chú: Điểm b khoản 2",
    )


@pytest.mark.parametrize("merged", ["", None], ids=["empty", "repeated"])
def test_names_over_several_columns_are_joined_to_those_below(merged: str | None) -> None:
    def cells(*values: str | None) -> list[str]:
        row: list[str] = []
        for value in values:
            row.append(value if value is not None else ("" if merged == "" else row[-1]))
        return row

    rows = [
        cells("STT", "Phương tiện", "Mức thu", None),
        [
            "" if merged == "" else "STT",
            "" if merged == "" else "Phương tiện",
            "Lần đầu",
            "Lần sau",
        ],
        ["(1)", "(2)", "(3)", "(4)"],
        cells("A. Xe máy", None, None, None),
        ["1", "Xe số", "50.000", "20.000"],
        cells("B. Ô tô", None, None, None),
        ["1", "Xe con", "500.000", ""],
        cells("Tổng cộng", None, "550.000", "20.000"),
    ]
    assert table_rows(rows) == (
        "A. Xe máy — STT: 1; Phương tiện: Xe số; Mức thu – Lần đầu: 50.000; Mức thu – Lần sau: 20.000",
        "B. Ô tô — STT: 1; Phương tiện: Xe con; Mức thu – Lần đầu: 500.000",
        "Tổng cộng — Mức thu – Lần đầu: 550.000; Mức thu – Lần sau: 20.000",
    )


def test_a_first_column_without_a_name_is_the_rows_label() -> None:
    rows = [["", "2019", "2020"], ["Hà Nội", "8,05", "8,25"], ["Đà Nẵng", "1,13", "1,17"]]
    assert table_rows(rows) == (
        "Hà Nội — 2019: 8,05; 2020: 8,25",
        "Đà Nẵng — 2019: 1,13; 2020: 1,17",
    )


def test_sections_nest_and_end_and_none_is_lost() -> None:
    rows = [
        ["TT", "Đường", "Giá đất"],
        ["A", "Đất ở", ""],
        ["I", "Quận 1", ""],
        ["1", "Lê Lợi", "162.000"],
        ["II", "Quận 3", ""],
        ["1", "Võ Văn Tần", "90.000"],
        ["B", "Đất khác", ""],
    ]
    assert table_rows(rows) == (
        "A. Đất ở — I. Quận 1 — TT: 1; Đường: Lê Lợi; Giá đất: 162.000",
        "A. Đất ở — II. Quận 3 — TT: 1; Đường: Võ Văn Tần; Giá đất: 90.000",
        "B. Đất khác",
    )


def test_a_name_alone_in_its_row_is_no_section() -> None:
    rows = [["Tỉnh", "Dân số", "Diện tích"], ["Cà Mau", "", ""], ["Hà Nội", "8.000", "3.359"]]
    assert table_rows(rows) == ("Tỉnh: Cà Mau", "Tỉnh: Hà Nội; Dân số: 8.000; Diện tích: 3.359")


def test_numbers_of_columns_are_kept_where_they_tell_how_one_is_computed() -> None:
    rows = [
        ["Hàng", "Đơn giá", "Số lượng", "Thành tiền"],
        ["(1)", "(2)", "(3)", "(4)=(2)x(3)"],
        ["Bàn", "500", "3", "1500"],
    ]
    assert table_rows(rows) == (
        "Hàng (1): Bàn; Đơn giá (2): 500; Số lượng (3): 3; Thành tiền (4)=(2)x(3): 1500",
    )


def test_a_header_repeated_on_the_next_page_is_said_once() -> None:
    rows = [["Mã", "Tên"], ["01", "An"], ["Mã", "Tên"], ["02", "Bình"]]
    assert table_rows(rows) == ("Mã: 01; Tên: An", "Mã: 02; Tên: Bình")


def test_tables_without_header() -> None:
    assert table_rows([["Họ và tên:", "Nguyễn Văn A"], ["Ngày sinh:", "01/01/1990"]]) == (
        "Họ và tên: Nguyễn Văn A",
        "Ngày sinh: 01/01/1990",
    )
    assert table_rows([["Cấp mới", "50.000"], ["Cấp lại", "60.000"]]) == (
        "Cấp mới: 50.000",
        "Cấp lại: 60.000",
    )
    assert table_rows([["1", "Xe máy", "50.000"], ["2", "Ô tô", "60.000"]]) == (
        "1; Xe máy; 50.000",
        "2; Ô tô; 60.000",
    )
    assert table_rows([["Mã", "Tên"], ["01", "An"]], header=False) == ("Mã: Tên", "01: An")


OFFICIAL = [
    ["BỘ TÀI CHÍNH\n-------", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM\nĐộc lập - Tự do - Hạnh phúc"],
    ["Số: 39/2018/TT-BTC", "Hà Nội, ngày 20 tháng 4 năm 2018"],
]
SIGNED = [["Nơi nhận:\n- Như Điều 3;\n- Lưu: VT.", "KT. BỘ TRƯỞNG\nTHỨ TRƯỞNG"], ["", "Vũ Thị Mai"]]
SIGNED_BY_TWO = [
    ["NGƯỜI LẬP BIỂU", "GIÁM ĐỐC"],
    ["(Ký, ghi rõ họ tên)", "(Ký, đóng dấu)"],
    ["Nguyễn Văn A", "Trần B"],
]
PARAGRAPHS = [["Bản tiếng Việt", "English version"], ["Câu dài. " * 60, "Long sentence. " * 60]]


@pytest.mark.parametrize(
    "rows",
    [
        OFFICIAL,
        SIGNED,
        SIGNED_BY_TWO,
        PARAGRAPHS,
        [["một cột"], ["hai dòng"]],
        [["một", "dòng"]],
        [["", ""], ["", ""]],
        [],
        [["Hành khách có mặt trước giờ bay.", "Quầy mở cửa lúc 6 giờ."], ["Xin chào.", "Cảm ơn."]],
    ],
)
def test_layout_is_no_data(rows: list[list[str]]) -> None:
    assert table_rows(rows) is None


def test_a_stated_header_is_believed() -> None:
    rows = [["Hỏi đáp.", "Trả lời."], ["Mấy giờ?", "6 giờ."]]
    assert table_rows(rows) is None
    assert table_rows(rows, header=True) == ("Hỏi đáp.: Mấy giờ?; Trả lời.: 6 giờ.",)


CELLS = st.one_of(
    st.just(""),
    st.sampled_from(
        ["STT", "I", "A", "1", "(1)", "2", "Tổng cộng", "2020", "Mức thu:", "50.000", "Có"]
    ),
    st.text(max_size=12),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.lists(CELLS, max_size=5), max_size=7), st.sampled_from([None, True, False]))
def test_no_cell_below_the_header_is_lost(rows: list[list[str]], header: bool | None) -> None:
    lines = table_rows(rows, header=header)
    if lines is None:
        return
    joined = "\n".join(lines)
    cells = [[clean(cell).replace("\n", " ") for cell in row] for row in rows]
    cells = [row for row in cells if any(row)]
    for row in cells:
        counts_columns = all(len(cell.strip("()[].")) <= 1 or cell.isdigit() for cell in row)
        for cell in row:
            # A column that has a name and no value has nothing to say.
            named = cell.rstrip(": ") in joined or row in cells[:4]
            assert cell.rstrip(".)") in joined or named or counts_columns


def test_a_title_across_the_top_is_no_column_name() -> None:
    rows = [["Bảng giá", "Bảng giá"], ["Loại", "Giá"], ["Vé lượt", "8.000"]]
    assert table_rows(rows) == ("Bảng giá", "Loại: Vé lượt; Giá: 8.000")


def test_words_of_heads_and_signatures_may_stand_in_data() -> None:
    rows = [
        ["Văn bản", "Trạng thái"],
        ["Hiến pháp nước Cộng hòa xã hội chủ nghĩa Việt Nam", "Đã ký"],
    ]
    assert table_rows(rows) == (
        "Văn bản: Hiến pháp nước Cộng hòa xã hội chủ nghĩa Việt Nam; Trạng thái: Đã ký",
    )
