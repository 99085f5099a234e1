"""Questions that were passed on, and opinions: kept, found, resolved, exported."""

import csv
import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rag.errors import InboxError
from rag.inbox import Inbox, Kind
from tests.conftest import ROOT


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    return Inbox(tmp_path / "data" / "questions.sqlite")


def test_questions_are_kept_filtered_and_resolved(inbox: Inbox, tmp_path: Path) -> None:
    first = inbox.add(Kind.PASSED_ON, "Lương tháng 13 khi nào có?", reason="cần gấp")
    second = inbox.add(Kind.UNHELPFUL, "Ai ký?", understood="Ai ký đơn?", quoted="a.txt:0-8")
    again = Inbox(tmp_path / "data" / "questions.sqlite")
    assert [one.id for one in again.entries()] == [second, first]
    assert [one.id for one in again.entries(kind=Kind.PASSED_ON)] == [first]
    assert [one.id for one in again.entries(containing="LƯƠNG")] == [first]
    assert again.resolve(first, "đã thêm tài liệu")
    assert [one.id for one in again.entries(is_open=True)] == [second]
    [resolved] = again.entries(is_open=False)
    assert (resolved.note, bool(resolved.resolved)) == ("đã thêm tài liệu", True)
    assert again.counts() == {"unhelpful": 1}
    assert again.reopen(first)
    assert len(again.entries(is_open=True)) == 2
    assert not again.resolve(999)


def test_the_same_open_question_is_kept_once(inbox: Inbox) -> None:
    first = inbox.add(Kind.PASSED_ON, "Ai ký?")
    assert inbox.add(Kind.PASSED_ON, "Ai ký?") == first
    inbox.resolve(first)
    assert inbox.add(Kind.PASSED_ON, "Ai ký?") != first


def test_names_are_kept_only_if_that_is_wanted(tmp_path: Path) -> None:
    Inbox(tmp_path / "a").add(Kind.HELPFUL, "Ai?", person="Lan")
    assert Inbox(tmp_path / "a").entries()[0].person == ""
    Inbox(tmp_path / "b", keep_names=True).add(Kind.HELPFUL, "Ai?", person="Lan")
    assert Inbox(tmp_path / "b").entries()[0].person == "Lan"


def test_csv_has_all_and_no_formulas(inbox: Inbox) -> None:
    inbox.add(Kind.PASSED_ON, '=HYPERLINK("http://a")', reason='dòng 1\ndòng "2", hết')
    [row] = csv.DictReader(io.StringIO(inbox.as_csv(inbox.entries())))
    assert row["question"] == '\'=HYPERLINK("http://a")'
    assert row["reason"] == 'dòng 1\ndòng "2", hết'
    assert row["kind"] == "passed-on"


def test_what_was_accepted_survives_a_kill(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from rag.inbox import Inbox, Kind\n"
        "inbox = Inbox(Path(sys.argv[1]))\n"
        "for i in range(100000):\n"
        "    print(inbox.add(Kind.PASSED_ON, f'question {i}'), flush=True)\n"
    )
    path = tmp_path / "questions.sqlite"
    with subprocess.Popen(
        [sys.executable, "-c", code, path], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as writer:
        assert writer.stdout is not None
        accepted = [int(writer.stdout.readline()) for _ in range(20)]
        os.kill(writer.pid, signal.SIGKILL)
    kept = {one.id for one in Inbox(path).entries()}
    assert set(accepted) <= kept


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InboxError, match="TRICHDAN_DATA_DIR"):
        Inbox(tmp_path / "file" / "questions.sqlite")
