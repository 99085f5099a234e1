"""What a spreadsheet makes of the inbox's CSV, however it divides the lines."""

import csv
import io
import unicodedata
from pathlib import Path

from rag.service.inbox import EntryKind, Inbox
from tests.service.test_inbox import put

INVISIBLE = ["", " ", "\u00a0", "\0", "\u200b", "\ufeff", "\u2060", "\u202e", "\u3000", "\u00ad"]
INVISIBLE += ["\t", "\r", "\n", "\x1b", "\u3164", "\u034f", "\U000e0020", '"', '""', " \u200b\t"]
FORMULAS = ["=", "+", "-", "@", "＝", "＋", "－", "＠", "﹦", "\u2212"]
BREAKS = ["", "Hỏi;", "Hỏi,", "Hỏi\t", "Hỏi|", "Hỏi\n", "Hỏi\r\n", "Hỏi\r", 'Hỏi"', 'Hỏi";', 'a";"']
BREAKS += ["Hỏi\u2028", "Hỏi\x85", "Hỏi\x0b", ";;", '","', '";"', '"\n"']
HOSTILE = [
    f"{before}{unseen}{formula}cmd|'/C calc'!A0;x"
    for before in BREAKS
    for unseen in INVISIBLE
    for formula in FORMULAS
]


def begins_formula(cell: str) -> bool:
    """Tell whether what is first to be seen in a cell begins a formula, or is a tab or return."""
    if cell.startswith(("\t", "\r")):
        return True
    for character in unicodedata.normalize("NFKC", cell):
        if character in "=+-@\u2212":
            return True
        if unicodedata.category(character)[0] not in "CMZ" and character not in '"\u3164\u1160':
            return False
    return False


def test_no_cell_begins_a_formula_however_it_is_divided(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path / "questions.sqlite")
    put(inbox, [(text, f"{text}\n{text}", text) for text in HOSTILE], [EntryKind.PASSED_ON])
    content = "".join(inbox.as_csv())
    assert len(list(inbox.as_csv())) == len(HOSTILE) + 1
    for delimiter in ",;\t|":
        for lines in (io.StringIO(content, newline=""), content.splitlines(keepends=True)):
            rows = list(csv.reader(lines, delimiter=delimiter))
            wrong = [cell for row in rows for cell in row if begins_formula(cell)]
            assert wrong == [], (delimiter, wrong[:3])


def test_the_known_ways_into_a_cell_are_closed(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path / "questions.sqlite")
    inbox.add(
        EntryKind.PASSED_ON, "Hỏi;=cmd|'/C calc'!A0;x", reason="\u200b\uff1d1+1", understood="\tAi?"
    )
    [names, row] = csv.reader(inbox.as_csv())
    texts = dict(zip(names, row, strict=True))
    assert texts["question"] == "Hỏi;'=cmd|'/C calc'!A0;x"
    assert texts["reason"] == "\u200b'\uff1d1+1"
    assert texts["understood"] == " Ai?"
    divided = list(csv.reader(inbox.as_csv(), delimiter=";"))[1]
    assert divided[1] == "'=cmd|'/C calc'!A0"


def test_words_stay_complete(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path / "questions.sqlite")
    texts = [
        "Lương tháng 13 là bao nhiêu, khi nào có; ai trả?",
        "Hợp đồng Việt-Nhật 2024: giá = 5 + 3 (a@b.vn)",
        'Ông "Ba" nói: "không"',
        "Dòng 1\nDòng 2\n\nDòng 3 👩‍👩‍👧",
        "e\u0323\u0302m a\u0301",
    ]
    for text in texts:
        inbox.add(EntryKind.PASSED_ON, text)
    rows = list(csv.DictReader(inbox.as_csv()))
    assert [row["question"] for row in rows] == texts[::-1]
    put(inbox, [(text, "", "") for text in HOSTILE], [EntryKind.PASSED_ON])
    marked = [row["question"] for row in csv.DictReader(inbox.as_csv())]

    def words(text: str) -> str:
        return "".join(
            character for character in text if character.isprintable() and character not in " '"
        )

    assert [words(text) for text in marked] == [words(text) for text in [*texts, *HOSTILE][::-1]]
