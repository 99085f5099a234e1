"""The parts of laws as addresses, from the text alone."""

import pytest

from rag.domain.documents import Division, Document
from rag.ingest.structure.document import make_document
from rag.ingest.structure.passages import context_of, divide
from rag.law.divisions import article_mark, item_mark

LAW = """\
BỘ TÀI CHÍNH
-------
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
---------------
Số: 39/2018/TT-BTC
Hà Nội, ngày 20 tháng 4 năm 2018

THÔNG TƯ
Quy định về thủ tục hải quan

Căn cứ Luật Hải quan ngày 23 tháng 6 năm 2014;

Chương I
QUY ĐỊNH CHUNG
Mục 1
PHẠM VI
Điều 1. Phạm vi điều chỉnh
Thông tư này quy định về thủ tục.
Điều 2: Đối tượng áp dụng
1. Người khai hải quan gồm:
a) Chủ hàng;
b) Đại lý;
đ) Người khác.
2. Công chức hải quan.
2a. Công chức thuế.
Chương II
Điều 3. Sửa đổi Điều 5 như sau:
“Điều 5. Hồ sơ
1. Hồ sơ gồm:
a) Tờ khai;
b) Hóa đơn.”.
Điều 12 của Luật này được áp dụng.
Điều 4. Thông tư này có hiệu lực thi hành từ ngày 05 tháng 6 năm 2018.
Phụ lục I
DANH MỤC
1. Hàng hóa.
"""


def addresses(document: Document) -> list[tuple[str, str]]:
    return [
        (sentence.section, document.text[sentence.start : sentence.end])
        for sentence in document.sentences
    ]


def test_every_sentence_of_a_regulation_has_its_address() -> None:
    assert addresses(make_document("a.txt", LAW)) == [
        ("", "Căn cứ Luật Hải quan ngày 23 tháng 6 năm 2014;"),
        ("Chương I, Mục 1, Điều 1", "Thông tư này quy định về thủ tục."),
        ("Chương I, Mục 1, Điều 2, khoản 1", "1. Người khai hải quan gồm:"),
        ("Chương I, Mục 1, Điều 2, khoản 1, điểm a", "a) Chủ hàng;"),
        ("Chương I, Mục 1, Điều 2, khoản 1, điểm b", "b) Đại lý;"),
        ("Chương I, Mục 1, Điều 2, khoản 1, điểm đ", "đ) Người khác."),
        ("Chương I, Mục 1, Điều 2, khoản 2", "2. Công chức hải quan."),
        ("Chương I, Mục 1, Điều 2, khoản 2a", "2a. Công chức thuế."),
        ("Chương II, Điều 3", "Điều 3. Sửa đổi Điều 5 như sau:"),
        ("Chương II, Điều 3", "“Điều 5. Hồ sơ"),
        ("Chương II, Điều 3", "1. Hồ sơ gồm:"),
        ("Chương II, Điều 3", "a) Tờ khai;"),
        ("Chương II, Điều 3", "b) Hóa đơn.”."),
        ("Chương II, Điều 3", "Điều 12 của Luật này được áp dụng."),
        (
            "Chương II, Điều 4",
            "Điều 4. Thông tư này có hiệu lực thi hành từ ngày 05 tháng 6 năm 2018.",
        ),
        ("Phụ lục I", "1. Hàng hóa."),
    ]


def test_english_articles_clauses_and_points() -> None:
    document = make_document(
        "a.md",
        "# Manual\n\nIntro here.\n\n## Part I. General\n\nArticle 1. Scope\nThis applies to all.\n\n"
        "Article 2 - Fees\n1. The fee is:\n(a) ten dollars;\n(b) twenty dollars.\n2. No fee.\n",
    )
    assert addresses(document) == [
        ("", "Intro here."),
        ("Part I, Article 1", "This applies to all."),
        ("Part I, Article 2, clause 1", "1. The fee is:"),
        ("Part I, Article 2, clause 1, point a", "(a) ten dollars;"),
        ("Part I, Article 2, clause 1, point b", "(b) twenty dollars."),
        ("Part I, Article 2, clause 2", "2. No fee."),
    ]


def test_sections_take_the_place_of_articles_where_there_are_none() -> None:
    document = make_document(
        "a.txt", "Section 1. Scope\n1. All of it.\n\nSection 2. Fees\n1. None."
    )
    assert [section.kind for section in document.sections] == [
        Division.ARTICLE, Division.CLAUSE, Division.ARTICLE, Division.CLAUSE,
    ]  # fmt: skip
    assert addresses(document)[1] == ("Section 2, clause 1", "1. None.")


def test_headings_of_markdown_are_a_path() -> None:
    document = make_document(
        "a.md", "# Handbook\n\n## Leave\n\n### Sick\n\nTen days.\n\n## Pay\n\nMonthly.\n"
    )
    assert addresses(document) == [("Leave › Sick", "Ten days."), ("Pay", "Monthly.")]


def test_lists_within_a_clause_are_no_clauses() -> None:
    document = make_document(
        "a.txt",
        "Điều 1. Tên\n1. Một:\na) Việc:\n- Thứ nhất;\n1. Chen vào.\nb) Khác.\n2. Hai.",
    )
    assert [section for section, _ in addresses(document)] == [
        "Điều 1, khoản 1",
        "Điều 1, khoản 1, điểm a",
        "Điều 1, khoản 1, điểm a",
        "Điều 1, khoản 1, điểm a",
        "Điều 1, khoản 1, điểm b",
        "Điều 1, khoản 2",
    ]


def test_a_table_of_contents_is_no_law() -> None:
    document = make_document(
        "a.txt",
        "MỤC LỤC\n\nĐiều 1. Phạm vi ............ 3\nĐiều 2. Mức phí ............ 4\n\n"
        "Điều 1. Phạm vi\nMột câu.\nĐiều 2. Mức phí\nHai câu.\n",
    )
    assert addresses(document) == [("Điều 1", "Một câu."), ("Điều 2", "Hai câu.")]
    assert [
        section.number for section in document.sections if section.kind is Division.ARTICLE
    ] == ["1", "2"]


@pytest.mark.parametrize(
    ("line", "kind", "number"),
    [
        ("Điều 12. Tên điều", Division.ARTICLE, "12"),
        ("**Điều 12a.** Tên điều", Division.ARTICLE, "12a"),
        ("ĐIỀU 3", Division.ARTICLE, "3"),
        ("Dieu 7. Ten dieu", Division.ARTICLE, "7"),
        ("Chương IV: VIỆC KHÁC", Division.CHAPTER, "4"),
        ("PHẦN THỨ HAI", Division.PART, "2"),
        ("Mục 2. TÊN MỤC", Division.SECTION, "2"),
        ("Tiểu mục 1. Tên", Division.SUBSECTION, "1"),
        ("Phụ lục XI", Division.ANNEX, "11"),
        ("Article 5 Fees", Division.ARTICLE, "5"),
    ],
)
def test_marks(line: str, kind: Division, number: str) -> None:
    mark = article_mark(line)
    assert mark is not None
    assert (mark.kind, mark.number) == (kind, number)


@pytest.mark.parametrize(
    "line",
    [
        "Điều 12 của Luật này được áp dụng.",
        "Điều 12 Luật Hải quan quy định về việc này",
        "Điều kiện đăng ký như sau:",
        "Mục tiêu năm 2024",
        "Phần lớn hàng hóa đã thông quan.",
        "Article 5 of the Law applies to imports.",
        "Chương trình làm việc",
    ],
)
def test_lines_that_only_speak_of_divisions(line: str) -> None:
    assert article_mark(line) is None


def test_items() -> None:
    marks = [
        item_mark(line) for line in ("1. Một", "12) Mười hai", "(3) Ba", "đ) Điểm", "1.2. Sâu")
    ]
    assert [(mark.kind.value, mark.number) for mark in marks if mark] == [
        ("clause", "1"), ("clause", "12"), ("clause", "3"), ("point", "đ"), ("clause", "1.2"),
    ]  # fmt: skip
    assert item_mark("1.500 đồng") is None
    assert item_mark("Một. Hai") is None


def test_no_passage_has_two_articles_and_all_is_in_one() -> None:
    articles = "\n\n".join(
        f"Điều {number}. Tên {number}\n\n1. Khoản một của {number}." for number in range(1, 9)
    )
    document = make_document("a.txt", f"Chương I\nTÊN CHƯƠNG\n\n{articles}")
    passages = divide(document, max_tokens=200, count_tokens=lambda text: len(text.split()))
    texts = [document.text[passage.start : passage.end] for passage in passages]
    assert len(texts) == 8
    assert texts[0] == "Chương I\nTÊN CHƯƠNG\n\nĐiều 1. Tên 1\n\n1. Khoản một của 1."
    assert texts[1] == "Điều 2. Tên 2\n\n1. Khoản một của 2."


def test_a_point_is_read_with_its_article_and_lead_in_but_they_are_not_in_it() -> None:
    points = "\n".join(f"{letter}) Việc {letter} phải làm ngay hôm nay;" for letter in "abcdeg")
    document = make_document("a.txt", f"Điều 1. Tên điều\n1. Các việc sau đây:\n{points}")
    passages = divide(document, max_tokens=16, count_tokens=lambda text: len(text.split()))
    last = passages[-1]
    text = document.text[last.start : last.end]
    assert "Tên điều" not in text
    assert context_of(document, last) == "Điều 1. Tên điều\n1. Các việc sau đây:"


def test_rows_of_a_markdown_table_are_read_with_its_head() -> None:
    rows = "\n".join(f"| Hàng {number} | {number} đồng mỗi chiếc |" for number in range(9))
    document = make_document("a.md", f"| Tên | Giá |\n|---|---|\n{rows}\n")
    passages = divide(document, max_tokens=20, count_tokens=lambda text: len(text.split()))
    assert len(passages) > 2
    assert context_of(document, passages[0]) == ""
    assert context_of(document, passages[-1]) == "| Tên | Giá |"
