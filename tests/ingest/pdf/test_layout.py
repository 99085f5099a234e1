from collections.abc import Sequence

import pytest

from rag.domain.documents import BlockKind
from rag.ingest.pdf.layout import Glyph, Line, reading_order, rows_of
from rag.ingest.pdf.paragraphs import Page
from rag.ingest.pdf.running import running_lines, without_torn_tops
from rag.ingest.pdf.writer import extract_of

WIDTH = 5.0  # of a character of size 10


def written(
    text: str, x: float, y: float, *, size: float = 10, spaces: bool = True, bold: bool = False
) -> list[Glyph]:
    """Type of one width, as in a typescript."""
    step = WIDTH * size / 10
    return [
        Glyph(character, x + index * step, x + (index + 1) * step, y, size, bold)
        for index, character in enumerate(text)
        if spaces or character != " "
    ]


def page(*pieces: tuple[str, float, float]) -> list[Glyph]:
    return [glyph for text, x, y in pieces for glyph in written(text, x, y)]


def texts(lines: Sequence[Line]) -> list[str]:
    return [line.text for line in lines]


def paragraphs(*pages: Sequence[Glyph]) -> list[str]:
    extract = extract_of([Page(lines=reading_order(glyphs)) for glyphs in pages])
    return [paragraph for paragraph in extract.text.split("\n\n") if paragraph]


def column(
    lines: Sequence[str], *, x: float = 50, top: float = 700
) -> list[tuple[str, float, float]]:
    return [(line, x, top - 12 * index) for index, line in enumerate(lines)]


FULL = ("Luật này quy định về việc thực hiện", "quyền tự do cư trú của họ.")


def test_the_order_of_drawing_does_not_count() -> None:
    glyphs = written("Số 12/2021", 50, 700) + written("Luật", 50, 720)
    assert texts(rows_of(glyphs[::-1])) == ["Luật", "Số 12/2021"]


def test_gaps_between_boxes_are_spaces() -> None:
    assert texts(rows_of(written("Công báo số 12", 50, 700, spaces=False))) == ["Công báo số 12"]


def spaced(gap: float, *, apart: float = 0) -> list[Glyph]:
    """Two words with a narrow space between them, and letters so far apart."""
    glyphs: list[Glyph] = []
    x = 50.0
    for word in ("Điều", "khoản"):
        for index, letter in enumerate(word):
            glyphs.append(Glyph(letter, x, x + 5, 700, 10, False, index == 0 and x > 50))
            x += 5 + apart
        x += gap - apart
    return glyphs


@pytest.mark.parametrize(("gap", "text"), [(1.6, "Điều khoản"), (0.8, "Điềukhoản")])
def test_a_narrow_space_is_one_if_the_font_says_so(gap: float, text: str) -> None:
    assert texts(rows_of(spaced(gap))) == [text]
    assert texts(rows_of([glyph._replace(spaced=False) for glyph in spaced(gap)])) == ["Điềukhoản"]


def test_letters_that_are_spaced_out_a_little_stay_together() -> None:
    glyphs = [glyph._replace(spaced=True) for glyph in spaced(3, apart=1.2)]
    assert texts(rows_of(glyphs)) == ["Điều khoản"]


def test_spaces_that_are_doubled_count_once() -> None:
    assert texts(rows_of(written("Công  báo   số", 50, 700))) == ["Công báo số"]


def test_words_of_a_heading_that_are_spaced_out_stay_so() -> None:
    assert texts(rows_of(written("C Ộ N G", 50, 700))) == ["C Ộ N G"]


@pytest.mark.parametrize("mark_at", [57.0, 55.5])
def test_marks_apart_join_the_letter_they_stand_over(mark_at: float) -> None:
    glyphs = written("viê", 50, 700) + written("t", 65, 700)
    mark = Glyph("\u0323", mark_at + 4, mark_at + 6, 700, 10, False)
    assert texts(rows_of([*glyphs, mark])) == ["việt"]


def test_ligatures_and_marks_of_lists_are_spelled_out() -> None:
    assert texts(rows_of(written("oﬃce ﬁle", 50, 700))) == ["office file"]
    assert texts(rows_of(written("\uf0b7 one", 50, 700))) == ["• one"]


def test_raised_digits_are_superscripts() -> None:
    glyphs = written("25 km", 50, 700) + written("2", 75, 704, size=6) + written("đất", 85, 700)
    assert texts(rows_of(glyphs)) == ["25 km² đất"]


def test_two_columns_are_read_one_after_the_other() -> None:
    left = ["Một hai ba bốn năm sáu bảy", "tám chín mười mười một một", "mười hai mười ba bốn."]
    right = ["Hai mốt hai hai hai ba hai", "tư hai lăm hai sáu hai bảy", "hai tám hai chín ba."]
    glyphs = page(*column(left), *column(right, x=200))
    assert texts(reading_order(glyphs)) == left + right


def test_a_letterhead_is_read_cell_by_cell() -> None:
    glyphs = page(
        ("BỘ TÀI CHÍNH", 80, 780),
        ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 250, 780),
        ("Số: 39/2018/TT-BTC", 65, 766),
        ("Độc lập - Tự do - Hạnh phúc", 267, 766),
        ("THÔNG TƯ CỦA BỘ TRƯỞNG BỘ TÀI CHÍNH", 160, 730),
    )
    assert paragraphs(glyphs) == [
        "BỘ TÀI CHÍNH",
        "Số: 39/2018/TT-BTC",
        "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM",
        "Độc lập - Tự do - Hạnh phúc",
        "THÔNG TƯ CỦA BỘ TRƯỞNG BỘ TÀI CHÍNH",
    ]


def test_a_table_is_read_row_by_row_with_the_names_of_its_columns() -> None:
    rows = [("Năm", "Xuất khẩu", "Nhập khẩu"), ("2018", "243", "236"), ("2019", "264", "253")]
    glyphs = page(
        *(
            (cell, x, 700 - 14 * row_index)
            for row_index, row in enumerate(rows)
            for cell, x in zip(row, (50, 150, 250), strict=True)
        )
    )
    extract = extract_of([Page(lines=reading_order(glyphs))])
    assert [(extract.text[block.start : block.end], block.kind) for block in extract.blocks] == [
        ("Năm: 2018; Xuất khẩu: 243; Nhập khẩu: 236", BlockKind.ROW),
        ("Năm: 2019; Xuất khẩu: 264; Nhập khẩu: 253", BlockKind.ROW),
    ]


def test_cells_of_several_lines_stay_in_their_row() -> None:
    pieces = [("STT", 50, 700), ("Công việc", 100, 700), ("Mức thu", 250, 700)]
    pieces += [("1", 50, 688), ("Đăng ký thường", 100, 688), ("20.000", 250, 688)]
    pieces += [("trú lần đầu", 100, 676), ("2", 50, 664), ("Cấp lại", 100, 664)]
    pieces += [("8.000", 250, 664), ("3", 50, 652), ("Xác nhận", 100, 652), ("9.000", 250, 652)]
    assert paragraphs(page(*pieces)) == [
        "STT: 1; Công việc: Đăng ký thường trú lần đầu; Mức thu: 20.000",
        "STT: 2; Công việc: Cấp lại; Mức thu: 8.000",
        "STT: 3; Công việc: Xác nhận; Mức thu: 9.000",
    ]


def test_numbers_of_a_list_are_no_column() -> None:
    glyphs = page(
        *[(f"{number}.", 50, 700 - 12 * number) for number in range(1, 5)],
        *[("Khoản này có chữ", 80, 700 - 12 * number) for number in range(1, 5)],
    )
    assert texts(reading_order(glyphs))[0] == "1. Khoản này có chữ"


def test_lines_are_joined_and_a_short_one_ends_a_paragraph() -> None:
    lines = [*FULL[:1], "quyền tự do.", *FULL]
    assert paragraphs(page(*column(lines))) == [
        "Luật này quy định về việc thực hiện quyền tự do.",
        " ".join(FULL),
    ]


def test_an_item_of_a_list_begins_a_paragraph() -> None:
    lines = [*FULL, "1. Chỗ ở hợp pháp là nơi để ở được;", "a) nhà"]
    assert paragraphs(page(*column(lines))) == [" ".join(FULL), lines[2], lines[3]]


def test_an_article_named_in_a_sentence_begins_none() -> None:
    lines = ["Thực hiện theo quy định khác tại các", "Điều 5 của Luật này."]
    assert paragraphs(page(*column(lines))) == [" ".join(lines)]


def test_what_hangs_behind_a_number_belongs_to_it() -> None:
    pieces = [
        ("1. Chỗ ở hợp pháp là nơi được dùng", 50, 700),
        ("để sinh sống của công dân đó ra sao", 65, 688),
    ]
    pieces.append(("và như thế.", 65, 676))
    assert paragraphs(page(*pieces)) == [" ".join(text for text, _, _ in pieces)]


def test_a_paragraph_runs_over_a_page_and_the_page_begins_within_it() -> None:
    first_page = page(*column([*FULL, *FULL, *FULL, FULL[0]], top=100))
    second_page = page(*column([FULL[1], "Hết."], top=700))
    extract = extract_of(
        [Page(lines=reading_order(glyphs)) for glyphs in (first_page, second_page)]
    )
    assert extract.text.endswith(" ".join(FULL) + "\n\nHết.\n\n")
    assert extract.pages == (0, extract.text.rindex(FULL[1]))


def test_a_page_without_text_counts() -> None:
    first_page, third_page = page(*column(["Trang đầu."])), page(*column(["Trang ba."]))
    extract = extract_of(
        [Page(lines=reading_order(glyphs)) for glyphs in (first_page, [], third_page)]
    )
    assert extract.pages == (0, 12, 12)


def test_footnotes_do_not_stand_in_a_sentence() -> None:
    note = written("1 Xem Công báo.", 50, 40, size=8)
    first_page = (
        page(*column(["Mở đầu.", "1. Một.", "2. Hai.", "3. Ba.", "4. Bốn.", FULL[0]], top=140))
        + note
    )
    second_page = page(*column([FULL[1], "Hết."], top=700))
    assert paragraphs(first_page, second_page)[4:] == [
        "4. Bốn.",
        "1 Xem Công báo.",
        " ".join(FULL),
        "Hết.",
    ]


@pytest.mark.parametrize(
    ("first", "second", "joined"),
    [
        ("these are regu-", "lation and rules", "these are regulation and rules"),
        ("relations of ASEAN-", "EU and of others", "relations of ASEAN-EU and of others"),
        (
            "chính sách của Việt-",
            "Nam và các nước khác",
            "chính sách của Việt-Nam và các nước khác",
        ),
        ("Tổng cục trưởng/", "Cao ủy các nước", "Tổng cục trưởng/Cao ủy các nước"),
    ],
)
def test_hyphens_at_the_end_of_a_line(first: str, second: str, joined: str) -> None:
    assert paragraphs(page(*column([first, second]))) == [joined]


def test_a_compound_met_elsewhere_keeps_its_hyphen() -> None:
    lines = ["a well-known rule of the kind for well-", "known people"]
    assert paragraphs(page(*column(lines))) == [
        "a well-known rule of the kind for well-known people"
    ]


def test_larger_short_lines_are_headings_by_rank() -> None:
    glyphs = written("Luật", 50, 780, size=20) + written("Phần một", 50, 750, size=14)
    glyphs += page(*column([*FULL, *FULL]))
    extract = extract_of([Page(lines=reading_order(glyphs))])
    assert [(extract.text[block.start : block.end], block.level) for block in extract.blocks] == [
        ("Luật", 1),
        ("Phần một", 2),
    ]


def line(text: str, y: float) -> Line:
    return Line(text=text, x0=50, x1=200, y=y, size=10)


def test_running_lines_repeat_at_one_place() -> None:
    pages = [
        [line("CÔNG BÁO/Số 12", 800), line(f"Nội dung {name}", 760), line(f"- {page_number} -", 30)]
        for page_number, name in enumerate(("một", "hai", "ba"), 1)
    ]
    assert running_lines(pages, [842] * 3) == [{800, 30}] * 3


@pytest.mark.parametrize(
    ("text", "running"),
    [("Trang 1/10", True), ("- 1 -", True), ("1", True), ("2018", False), ("1. Mở đầu", False)],
)
def test_page_numbers_on_a_single_page(text: str, running: bool) -> None:
    assert running_lines([[line("Nội dung", 400), line(text, 30)]], [842]) == [
        {30} if running else set()
    ]


@pytest.mark.parametrize("last", ["2023.", "50.", "2023", "3"])
def test_the_last_line_of_a_paragraph_is_no_page_number(last: str) -> None:
    body = [
        line(f"Dòng {name}", 140 - 20 * index) for index, name in enumerate(("một", "hai", "ba"))
    ]
    pages = [
        [*body, line(last if index == 2 else "hết", 80), line(str(index + 1), 20)]
        for index in range(3)
    ]
    assert running_lines(pages, [842] * 3)[2] == {20}
    assert running_lines([page[:-1] for page in pages], [842] * 3)[2] == set()


@pytest.mark.parametrize(
    ("numbers", "running"),
    [
        (("15", "16", "17"), (True, True, True)),
        (("ii", "iii", "iv"), (True, True, True)),
        (("1", "", "3"), (True, False, True)),
        (("40", "", "50"), (False, False, False)),
        (("Trang 7.", "", ""), (True, False, False)),
        (("7.", "8.", "9."), (False, False, False)),
    ],
)
def test_page_numbers_follow_each_other(numbers: Sequence[str], running: Sequence[bool]) -> None:
    pages = [
        [line("Nội dung", 400), line(number or "Hết", 30 + 20 * index)]
        for index, number in enumerate(numbers)
    ]
    assert [bool(baselines) for baselines in running_lines(pages, [842] * 3)] == list(running)


def test_tops_of_letters_of_the_next_page_are_left_out() -> None:
    body = written("Chủ tịch nước.", 50, 80)
    next_page = written("do Chủ tịch Ủy ban", 50, 770)
    assert without_torn_tops([body + written("Ủ", 110, 43), next_page]) == [body, next_page]
    for bottom in (written("x", 110, 43), written("do", 50, 43)):
        assert without_torn_tops([body + bottom, next_page])[0] == body + bottom
