from collections.abc import Sequence

from rag.domain.documents import BlockKind
from rag.ingest.pdf.grids import (
    Rule,
    grids_of,
    reading_order_with_grids,
    same_columns,
    without_running_headers,
)
from rag.ingest.pdf.layout import Glyph
from rag.ingest.pdf.loader import PdfLoader
from rag.ingest.pdf.paragraphs import Page
from rag.ingest.pdf.writer import extract_of
from tests.conftest import ROOT

FILES = ROOT / "tests" / "files"
COLUMNS = (50.0, 80.0, 200.0, 280.0)


def written(text: str, x: float, y: float, *, bold: bool = False) -> list[Glyph]:
    return [
        Glyph(character, x + 5 * index, x + 5 * index + 5, y, 10, bold)
        for index, character in enumerate(text)
    ]


def ruled(columns: Sequence[float], rows: Sequence[float]) -> list[Rule]:
    across = [Rule(columns[0], row, columns[-1], row) for row in rows]
    return across + [Rule(column, rows[-1], column, rows[0]) for column in columns]


def table(
    cells: Sequence[Sequence[str]], *, top: float = 700, columns: Sequence[float] = COLUMNS
) -> tuple[list[Glyph], list[Rule]]:
    """Rows of 30 points; lines of a cell are parted by a bar, and stand at its middle."""
    glyphs: list[Glyph] = []
    for row_index, row in enumerate(cells):
        for left, cell in zip(columns, row, strict=False):
            lines = cell.split("|")
            first_baseline = top - 30 * row_index - 20 + 6 * (len(lines) - 1)
            for line_index, text in enumerate(lines):
                glyphs += written(text, left + 3, first_baseline - 12 * line_index)
    return glyphs, ruled(columns, [top - 30 * row_index for row_index in range(len(cells) + 1)])


def page(glyphs: Sequence[Glyph], rules: Sequence[Rule]) -> Page:
    return Page(lines=reading_order_with_grids(glyphs, grids_of(rules, glyphs)))


def paragraphs(*pages: Page) -> list[str]:
    extract = extract_of(pages)
    assert {block.kind for block in extract.blocks} <= {BlockKind.ROW}
    return [paragraph for paragraph in extract.text.split("\n\n") if paragraph]


HEADER = ("STT", "Tên hàng", "Thuế")
ROWS = (("1", "Xe ô tô chở|người", "3,5"), ("2", "Rượu", "6"))


def test_lines_of_a_cell_stay_in_it_wherever_the_others_stand() -> None:
    assert paragraphs(page(*table([HEADER, *ROWS]))) == [
        "STT: 1; Tên hàng: Xe ô tô chở người; Thuế: 3,5",
        "STT: 2; Tên hàng: Rượu; Thuế: 6",
    ]


def test_a_narrow_gutter_is_one_where_a_rule_stands_in_it() -> None:
    columns = (50.0, 72.0, 120.0, 160.0)
    assert paragraphs(page(*table([HEADER, ("1", "Muối ăn.", "5")], columns=columns))) == [
        "STT: 1; Tên hàng: Muối ăn.; Thuế: 5"
    ]


def test_a_table_goes_on_over_a_page_without_its_header() -> None:
    glyphs, rules = table([("3", "Muối", "0"), ("4", "Gạo", "5")])
    note = written("Ghi chú: hết bảng.", 50, 600)
    pages = [page(*table([HEADER, *ROWS])), page(glyphs + note, rules)]
    extract = extract_of(pages)
    assert paragraphs(*pages)[2:] == [
        "STT: 3; Tên hàng: Muối; Thuế: 0",
        "STT: 4; Tên hàng: Gạo; Thuế: 5",
        "Ghi chú: hết bảng.",
    ]
    assert extract.pages == (0, extract.text.index("STT: 3"))


def test_a_repeated_header_is_said_once() -> None:
    pages = page(*table([HEADER, *ROWS])), page(*table([HEADER, ("3", "Muối", "0")]))
    assert paragraphs(*pages)[2:] == ["STT: 3; Tên hàng: Muối; Thuế: 0"]


def test_a_row_that_the_page_cuts_is_put_together() -> None:
    pages = page(*table([HEADER, *ROWS])), page(*table([("", "mạnh", ""), ("3", "Muối", "0")]))
    assert paragraphs(*pages)[1:] == [
        "STT: 2; Tên hàng: Rượu mạnh; Thuế: 6",
        "STT: 3; Tên hàng: Muối; Thuế: 0",
    ]


def test_a_cell_over_several_rows_is_said_with_each() -> None:
    glyphs, rules = table([("Nhóm", "Tên", "Mức"), ("Một", "Xe", "3"), ("", "Tàu", "5")])
    rules = [rule for rule in rules if rule.y0 != 640 or rule.y1 != 640]
    rules.append(Rule(80, 640, 280, 640))
    assert paragraphs(page(glyphs, rules)) == [
        "Nhóm: Một; Tên: Xe; Mức: 3",
        "Nhóm: Một; Tên: Tàu; Mức: 5",
    ]


def test_numbered_rows_without_rules_between_them() -> None:
    glyphs, rules = table([HEADER, *ROWS])
    inner = [rule for rule in rules if rule.y0 != 640 or rule.y1 != 640]
    moved = [glyph._replace(y=glyph.y - 3) if glyph.text in "12" else glyph for glyph in glyphs]
    assert len(grids_of(inner, moved)[0].rows) == 3
    placed = [("1", 53, 660), ("2", 53, 632), ("Xe ô tô", 83, 660), ("chở người", 83, 648)]
    placed += [("Rượu", 83, 632), ("3,5", 203, 660), ("6", 203, 632)]
    glyphs = table([HEADER])[0] + [glyph for cell in placed for glyph in written(*cell)]
    assert paragraphs(page(glyphs, inner)) == [
        "STT: 1; Tên hàng: Xe ô tô chở người; Thuế: 3,5",
        "STT: 2; Tên hàng: Rượu; Thuế: 6",
    ]


def test_cells_that_only_lay_out_a_page_are_read_one_by_one() -> None:
    columns = (50.0, 200.0, 280.0)
    cells = [
        ("BỘ TÀI CHÍNH", "ĐỘC LẬP - TỰ DO"),
        ("Số: 39/2018/TT-BTC", "Ở Hà Nội, ngày|20 tháng 4"),
    ]
    assert paragraphs(page(*table(cells, columns=columns))) == [
        "BỘ TÀI CHÍNH",
        "ĐỘC LẬP - TỰ DO",
        "Số: 39/2018/TT-BTC",
        "Ở Hà Nội, ngày 20 tháng 4",
    ]


def test_names_and_values_at_their_side() -> None:
    cells = [("Họ và tên", "Nguyễn Văn A"), ("Địa chỉ", "Số 1 phố Huế")]
    assert paragraphs(page(*table(cells, columns=(50.0, 120.0, 250.0)))) == [
        "Họ và tên: Nguyễn Văn A",
        "Địa chỉ: Số 1 phố Huế",
    ]


def test_what_is_no_table() -> None:
    glyphs, rules = table([HEADER, *ROWS])
    assert grids_of(ruled((50, 280), (700, 610)), glyphs) == []  # a frame
    assert grids_of(rules, glyphs + written("bên cạnh", 300, 650)) == []  # columns of text
    assert grids_of(rules, []) == []
    assert grids_of([Rule(50, 640, 280, 640)], glyphs) == []  # an underline


def test_running_headers_in_frames_and_single_rows() -> None:
    glyphs, rules = table([("CÔNG BÁO", "Số 12", "Trang 1")], top=830)
    (header,) = grids_of(rules, glyphs)
    assert without_running_headers([[header], [header]], [glyphs, glyphs], [842, 842]) == [[], []]
    table_glyphs, table_rules = table([HEADER, *ROWS], top=200)
    (grid,) = grids_of(table_rules, table_glyphs)
    assert same_columns(grid.columns, header.columns)
    continued = without_running_headers([[grid], [header]], [table_glyphs, glyphs], [842, 842])
    assert continued == [[grid], [header]]
    assert without_running_headers([[header]], [glyphs], [842]) == [[]]


def test_a_ruled_table_by_chromium() -> None:
    extract = PdfLoader(10).load(FILES / "pdf-chromium-table.pdf")
    rows = [
        extract.text[block.start : block.end]
        for block in extract.blocks
        if block.kind is BlockKind.ROW
    ]
    assert rows == [
        f"STT: {number}; Mã HS: {8700 + number}.10; Tên hàng: Mặt hàng số {number} "
        + (
            "dùng trong công nghiệp chế biến thực phẩm và sản xuất đồ uống đóng chai"
            if number % 2
            else "loại mới"
        )
        + f"; Thuế: {3 * number},5"
        for number in range(1, 9)
    ]
    assert extract.text.startswith("Biểu này áp dụng từ ngày 01 tháng 01 năm 2024.\n\nSTT: 1;")
    assert extract.text.endswith("\n\nGhi chú: thuế suất trên chưa gồm phụ thu.\n\n")
