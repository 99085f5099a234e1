"""Questions that were passed on, and opinions: kept, found, resolved, exported."""

import csv
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from itertools import cycle
from pathlib import Path

import pytest

from rag.errors import InboxFullError
from rag.service.inbox import MOST_OPEN, EntryKind, Inbox
from rag.store import inbox_file
from tests.conftest import ROOT

# As it was before there was a number of the form.
FIRST_FORM = """
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY, created TEXT NOT NULL, kind TEXT NOT NULL, question TEXT NOT NULL,
    understood TEXT NOT NULL, quoted TEXT NOT NULL, reason TEXT NOT NULL, person TEXT NOT NULL,
    resolved TEXT NOT NULL, note TEXT NOT NULL);
"""


def of_first_form(path: Path, rows: Iterable[tuple[object, ...]]) -> None:
    connection = sqlite3.connect(path)
    connection.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; {FIRST_FORM}")
    connection.executemany("INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()


def put(inbox: Inbox, texts: Iterable[tuple[str, str, str]], kinds: Sequence[EntryKind]) -> None:
    """Put question, understood and reason in without `add`, which makes each last first."""
    inbox._file.use(
        lambda connection: connection.executemany(
            "INSERT INTO entries (created, kind, question, understood, quoted, reason, person,"
            " resolved, note, folded, digest) VALUES ('', ?, ?, ?, '', ?, '', '', '', ?, ?)",
            (
                (
                    kind,
                    *entry,
                    inbox_file.searchable("\n".join(entry)),
                    inbox_file.digest_of(kind, (entry[0], entry[1], "", entry[2], "")),
                )
                for entry, kind in zip(texts, cycle(kinds), strict=False)
            ),
        )
    )


def of_many(inbox: Inbox, count: int) -> None:
    texts = ((f"câu hỏi {i}", "", "") for i in range(count))
    put(inbox, texts, [EntryKind.PASSED_ON, EntryKind.HELPFUL])


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path / "data" / "questions.sqlite")


def test_questions_are_kept_filtered_and_resolved(inbox: Inbox, tmp_path: Path) -> None:
    first = inbox.add(EntryKind.PASSED_ON, "Lương tháng 13 khi nào có?", reason="cần gấp")
    second = inbox.add(EntryKind.UNHELPFUL, "Ai ký?", understood="Ai ký đơn?", quoted="a.txt:0-8")
    again = Inbox(tmp_path / "data" / "questions.sqlite")
    assert [entry.id for entry in again.entries()] == [second, first]
    assert [entry.id for entry in again.entries(kind=EntryKind.PASSED_ON)] == [first]
    assert [entry.id for entry in again.entries(containing="LƯƠNG")] == [first]
    assert again.resolve(first, "đã thêm tài liệu")
    assert [entry.id for entry in again.entries(is_open=True)] == [second]
    [resolved] = again.entries(is_open=False)
    assert (resolved.note, bool(resolved.resolved)) == ("đã thêm tài liệu", True)
    assert again.counts() == {"unhelpful": 1}
    assert again.reopen(first)
    assert len(again.entries(is_open=True)) == 2
    assert not again.resolve(999)


def test_the_same_open_question_is_kept_once(inbox: Inbox) -> None:
    first = inbox.add(EntryKind.PASSED_ON, "Ai ký?")
    assert inbox.add(EntryKind.PASSED_ON, "Ai ký?") == first
    inbox.resolve(first)
    assert inbox.add(EntryKind.PASSED_ON, "Ai ký?") != first


def test_names_are_kept_only_if_that_is_wanted(tmp_path: Path) -> None:
    Inbox(tmp_path / "a").add(EntryKind.HELPFUL, "Ai?", person="Lan")
    assert Inbox(tmp_path / "a").entries()[0].person == ""
    Inbox(tmp_path / "b", keep_names=True).add(EntryKind.HELPFUL, "Ai?", person="Lan")
    assert Inbox(tmp_path / "b").entries()[0].person == "Lan"


def test_csv_has_all_and_no_formulas(inbox: Inbox) -> None:
    inbox.add(EntryKind.PASSED_ON, '=HYPERLINK("http://a")', reason='dòng 1\ndòng "2", hết')
    [row] = csv.DictReader(inbox.as_csv())
    assert row["question"] == '\'=HYPERLINK("http://a")'
    assert row["reason"] == 'dòng 1\ndòng "2", hết'
    assert row["kind"] == "passed-on"


def test_csv_is_read_a_page_at_a_time(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    of_many(inbox, 500)
    pages: list[int] = []
    page_of = Inbox.entries

    def counted(self: Inbox, **wanted: object) -> object:
        page = page_of(self, **wanted)  # type: ignore[arg-type]
        pages.append(len(page))
        return page

    monkeypatch.setattr(Inbox, "entries", counted)
    lines = inbox.as_csv(kind=EntryKind.HELPFUL)
    assert next(lines).startswith('"id","created","kind","question"')
    assert next(lines).startswith('"500",')
    assert pages == [100]
    assert len(list(lines)) == 249
    assert pages == [100, 100, 50, 0]


def test_what_was_accepted_survives_a_kill(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from rag.service.inbox import Inbox, EntryKind\n"
        "inbox = Inbox(Path(sys.argv[1]))\n"
        "for i in range(100000):\n"
        "    print(inbox.add(EntryKind.PASSED_ON, f'question {i}'), flush=True)\n"
    )
    path = tmp_path / "questions.sqlite"
    with subprocess.Popen(
        [sys.executable, "-c", code, path], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        accepted = [int(writer.stdout.readline()) for _ in range(20)]
        os.kill(writer.pid, signal.SIGKILL)
    kept = {entry.id for entry in Inbox(path).entries()}
    assert set(accepted) <= kept


def test_entries_come_in_pages(inbox: Inbox) -> None:
    numbers = [inbox.add(EntryKind.PASSED_ON, f"câu hỏi {i}") for i in range(5)]
    newest = [entry.id for entry in inbox.entries(limit=2)]
    assert newest == [numbers[4], numbers[3]]
    assert [entry.id for entry in inbox.entries(before=newest[-1], limit=2)] == numbers[2:0:-1]
    assert [entry.id for entry in inbox.entries(before=numbers[0])] == []
    assert [entry.id for entry in inbox.entries(before=10**30, limit=-5)] == [numbers[4]]
    assert inbox.entries(before=-(10**30)) == ()
    assert not inbox.resolve(10**30)


def test_a_page_has_a_hundred_entries_by_itself_and_a_thousand_at_most(inbox: Inbox) -> None:
    of_many(inbox, 1_100)
    assert len(inbox.entries()) == 100
    assert len(inbox.entries(limit=5_000)) == 1_000


@pytest.mark.parametrize(
    ("typed", "matches"),
    [
        ("lương THÁNG", True),
        ("luong thang", True),
        ("LƯƠNG", True),
        ("tie\u0302\u0300n đo", True),  # decomposed
        ("straße", True),
        ("STRASSE", True),
        ("a_b%", True),
        ("a_b_", False),
        ("lương năm", False),
    ],
)
def test_a_search_minds_neither_case_nor_diacritics(
    inbox: Inbox, typed: str, matches: bool
) -> None:
    inbox.add(EntryKind.PASSED_ON, "Lương tháng 13?", understood="Straße a_b%", reason="TIỀN ĐÔ")
    assert len(inbox.entries(containing=typed)) == matches


def test_half_characters_and_nul_are_replaced(inbox: Inbox) -> None:
    first = inbox.add(EntryKind.PASSED_ON, "q\ud800\0b", reason="\udfff")
    assert inbox.add(EntryKind.PASSED_ON, "q\ud800\0b", reason="\udfff") == first
    [entry] = inbox.entries(containing="\ud800")
    assert (entry.question, entry.reason) == ("q\ufffd\ufffdb", "\ufffd")
    assert inbox.resolve(first, "\udc80")
    assert inbox.entries()[0].note == "\ufffd"


def test_texts_are_cut(inbox: Inbox) -> None:
    inbox.add(EntryKind.PASSED_ON, "q" * 5_000, understood="u" * 5_000, quoted="v" * 5_000)
    [entry] = inbox.entries()
    assert (len(entry.question), len(entry.understood), len(entry.quoted)) == (4_000,) * 3


def test_so_many_may_be_open_and_no_more(inbox: Inbox) -> None:
    of_many(inbox, MOST_OPEN)
    assert inbox.counts() == {"helpful": MOST_OPEN // 2, "passed-on": MOST_OPEN // 2}
    with pytest.raises(InboxFullError, match="10,000 .* owners .* as resolved") as raised:
        inbox.add(EntryKind.PASSED_ON, "thêm một câu")
    assert "10.000 câu hỏi và ý kiến chưa xử lý" in raised.value.vietnamese
    assert inbox.add(EntryKind.PASSED_ON, "câu hỏi 0") == 1  # it is there already
    assert inbox.resolve(1)
    assert inbox.resolve(1)  # twice counts once
    assert inbox.add(EntryKind.PASSED_ON, "thêm một câu") == MOST_OPEN + 1
    with pytest.raises(InboxFullError):
        inbox.add(EntryKind.PASSED_ON, "câu hỏi 0")


def work_of(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> tuple[int, list[str]]:
    """Return how many steps SQLite takes for something, and the statements."""
    steps = [0]
    statements: list[str] = []
    connect = sqlite3.connect

    def step() -> int:
        steps[0] += 1
        return 0

    def counting(*args: object, **options: object) -> sqlite3.Connection:
        connection = connect(*args, **options)  # type: ignore[call-overload]
        connection.set_progress_handler(step, 1)
        connection.set_trace_callback(statements.append)
        return connection  # type: ignore[no-any-return]

    with monkeypatch.context() as patched:
        patched.setattr(sqlite3, "connect", counting)
        act()
    return steps[0], [
        statement for statement in statements if statement.startswith(("SELECT id", "UPDATE"))
    ]


def test_work_does_not_grow_with_the_entries(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few, many = Inbox(tmp_path / "few.sqlite"), Inbox(tmp_path / "many.sqlite")
    of_many(few, 200)
    of_many(many, 9_900)
    acts: list[Callable[[Inbox], object]] = [
        lambda inbox: inbox.add(EntryKind.UNHELPFUL, "mới"),
        lambda inbox: inbox.add(EntryKind.PASSED_ON, "câu hỏi 0"),
        lambda inbox: inbox.entries(limit=20),
        lambda inbox: inbox.entries(limit=20, before=100),
        lambda inbox: inbox.entries(kind=EntryKind.UNHELPFUL),
        lambda inbox: inbox.entries(is_open=False),
        lambda inbox: inbox.entries(kind=EntryKind.PASSED_ON, is_open=False),
        lambda inbox: inbox.entries(kind=EntryKind.PASSED_ON, is_open=True, limit=20),
        lambda inbox: inbox.entries(containing="câu", limit=20),
        lambda inbox: inbox.resolve(7),
        lambda inbox: inbox.counts(),
    ]
    plain = sqlite3.connect(tmp_path / "many.sqlite")
    for number, act in enumerate(acts):
        steps_of_few, _ = work_of(monkeypatch, lambda act=act: act(few))  # type: ignore[misc]
        steps_of_many, statements = work_of(monkeypatch, lambda act=act: act(many))  # type: ignore[misc]
        assert steps_of_many <= steps_of_few * 1.2, number
        plans = [
            plain.execute(f"EXPLAIN QUERY PLAN {statement}").fetchall() for statement in statements
        ]
        assert all("SEARCH entries USING" in steps[0][3] for steps in plans), (number, plans)
        assert not [steps for steps in plans if "TEMP B-TREE" in str(steps)], number
    plain.close()


def test_a_file_of_the_first_form_is_moved_on(tmp_path: Path) -> None:
    path = tmp_path / "questions.sqlite"
    kinds = list(EntryKind)
    rows = [
        (i, f"t{i}", kinds[i % 3].value, f"Câu hỏi {i}", "Hiểu", "a.txt:0-8", "Lý do", "Lan")
        + (("", "") if i % 4 else (f"r{i}", "xong"))
        for i in range(1, 1_301)
    ]
    of_first_form(path, rows)
    inbox = Inbox(path, keep_names=True)
    assert inbox.problem() is None
    kept = [*inbox.entries(limit=1_000), *inbox.entries(limit=1_000, before=301)]
    assert [tuple(asdict(entry).values()) for entry in kept] == rows[::-1]
    assert sum(inbox.counts().values()) == 975
    assert [entry.id for entry in inbox.entries(containing="cau hoi 1300")] == [1_300]
    same = {"understood": "Hiểu", "quoted": "a.txt:0-8", "reason": "Lý do", "person": "Lan"}
    assert inbox.add(kinds[1], "Câu hỏi 1", **same) == 1
    assert inbox.add(kinds[1], "Câu hỏi 4", **same) == 1_301  # 4 is resolved
    assert not list(tmp_path.glob("*damaged*"))


def test_a_move_that_is_broken_off_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "questions.sqlite"
    rows = [(i, "t", "helpful", f"Câu {i}", "", "", "", "", "", "") for i in range(1, 6)]
    of_first_form(path, rows)

    def broken(kind: str, texts: tuple[str, ...]) -> str:
        if texts[0] == "Câu 4":
            raise KeyboardInterrupt
        return ""

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(inbox_file, "digest_of", broken)
        Inbox(path)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA user_version").fetchone() == (0,)
    assert connection.execute("SELECT * FROM entries").fetchall() == rows
    connection.close()
    assert [entry.id for entry in Inbox(path).entries()] == [5, 4, 3, 2, 1]
