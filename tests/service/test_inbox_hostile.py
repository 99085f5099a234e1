"""The inbox whose file is damaged, deleted or newer: kept, and begun anew."""

import logging
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rag.service.inbox import EntryKind, Inbox
from tests.conftest import ROOT
from tests.service.test_inbox import put


def filled(path: Path) -> Path:
    put(
        Inbox(path),
        [(f"câu hỏi {i}", "", "lý do " * 300) for i in range(60)],
        [EntryKind.PASSED_ON],
    )
    return path


def damaged_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("questions.sqlite.damaged-*"))


@contextmanager
def sql(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path)
    try:
        with connection:
            yield connection
    finally:
        connection.close()


def garbage(path: Path) -> None:
    path.write_bytes(b"garbage" * 1_000)


def one_byte(path: Path) -> None:
    path.write_bytes(b"S")


def zeros(path: Path) -> None:
    path.write_bytes(b"\0" * path.stat().st_size)


def zeros_at_its_head(path: Path) -> None:
    with path.open("r+b") as file:
        file.write(b"\0" * 5_000)


def half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def a_few_bytes(path: Path) -> None:
    os.truncate(path, 99)


def all_but_a_byte(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 1)


def malformed_schema(path: Path) -> None:
    with sql(path) as connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute("UPDATE sqlite_master SET sql = 'CREATE x' WHERE name = 'entries'")


def other_columns(path: Path) -> None:
    path.unlink()
    with sql(path) as connection:
        connection.execute("CREATE TABLE entries (id INTEGER PRIMARY KEY, question TEXT)")


DAMAGES = [
    garbage,
    one_byte,
    zeros,
    zeros_at_its_head,
    half,
    a_few_bytes,
    all_but_a_byte,
    malformed_schema,
    other_columns,
]


@pytest.mark.parametrize("is_open_already", [False, True], ids=["at the start", "while serving"])
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_set_aside(
    tmp_path: Path, damage: object, is_open_already: bool, caplog: pytest.LogCaptureFixture
) -> None:
    path = filled(tmp_path / "questions.sqlite")
    serving = Inbox(path)
    damage(path)  # type: ignore[operator]
    content = path.read_bytes()
    caplog.clear()
    inbox = serving if is_open_already else Inbox(path)
    assert inbox.add(EntryKind.PASSED_ON, "sau đó") == 1
    assert [entry.question for entry in inbox.entries()] == ["sau đó"]
    assert inbox.problem() is None
    [aside] = damaged_files(tmp_path)
    assert aside.read_bytes() == content
    [told] = caplog.records
    assert told.levelno == logging.WARNING
    assert str(aside) in told.getMessage()


def test_damage_that_is_met_late_is_set_aside_too(tmp_path: Path) -> None:
    path = filled(tmp_path / "questions.sqlite")
    inbox = Inbox(path)
    content = bytearray(path.read_bytes())
    for at in range(4_096 * 30, len(content), 4_096):
        content[at : at + 4_096] = b"\xff" * 4_096
    path.write_bytes(content)
    for _ in range(2):
        assert len(inbox.entries(containing="không có")) == 0
    assert inbox.add(EntryKind.HELPFUL, "sau đó") == 1
    [aside] = damaged_files(tmp_path)
    assert aside.read_bytes() == bytes(content)


def killed(path: Path) -> bytes:
    """Have a process killed that has written to the log beside the file; return the log."""
    code = (
        "import os, signal, sqlite3, sys; from pathlib import Path\n"
        "from rag.service.inbox import Inbox, EntryKind\n"
        "inbox = Inbox(Path(sys.argv[1])); inbox.add(EntryKind.HELPFUL, 'Ai ký?')\n"
        "other = sqlite3.connect(sys.argv[1])\n"
        "other.execute(\"UPDATE entries SET note = 'Thư ký ký.'\"); other.commit()\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, path], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    log = Path(f"{path}-wal").read_bytes()
    assert "Thư ký ký.".encode() in log
    return log


def test_the_log_of_a_killed_process_is_taken_up(tmp_path: Path) -> None:
    path = tmp_path / "questions.sqlite"
    killed(path)
    assert [entry.note for entry in Inbox(path).entries()] == ["Thư ký ký."]
    assert damaged_files(tmp_path) == []


def test_the_log_of_a_damaged_file_is_kept_with_it(tmp_path: Path) -> None:
    path = tmp_path / "questions.sqlite"
    killed(path)
    with path.open("r+b") as file:
        file.write(b"\0" * path.stat().st_size)
    inbox = Inbox(path)
    assert inbox.problem() is None
    assert inbox.add(EntryKind.HELPFUL, "sau đó")
    kept = b"".join(file.read_bytes() for file in tmp_path.iterdir())
    assert "Thư ký ký.".encode() in kept


def test_what_stands_beside_goes_with_it(tmp_path: Path) -> None:
    path = tmp_path / "questions.sqlite"
    texts = {"": "", "-wal": "log", "-shm": "index", "-journal": "undo"}
    for suffix, text in texts.items():
        Path(f"{path}{suffix}").write_text(text)
    assert Inbox(path).add(EntryKind.HELPFUL, "Ai ký?") == 1
    [*aside] = damaged_files(tmp_path)
    assert [file.read_text() for file in aside] == ["", "undo", "index", "log"]
    assert [file.name.removeprefix(aside[0].name) for file in aside] == [
        "",
        "-journal",
        "-shm",
        "-wal",
    ]


def test_a_table_that_is_gone_is_made_again(tmp_path: Path) -> None:
    path = tmp_path / "questions.sqlite"
    inbox = Inbox(path)
    inbox.add(EntryKind.HELPFUL, "trước")
    with sql(path) as connection:
        connection.execute("DROP TABLE tallies")
        connection.execute("DROP INDEX entries_same")
    inbox.add(EntryKind.HELPFUL, "sau")
    assert inbox.counts() == {"helpful": 2}
    with sql(path) as connection:
        connection.execute("DROP TABLE entries")
    assert inbox.add(EntryKind.HELPFUL, "sau nữa") == 1
    assert inbox.counts() == {"helpful": 1}


def test_a_file_that_is_deleted_while_serving_is_begun_anew(tmp_path: Path) -> None:
    inbox = Inbox(tmp_path / "data" / "questions.sqlite")
    inbox.add(EntryKind.PASSED_ON, "trước")
    for file in (tmp_path / "data").iterdir():
        file.unlink()
    assert inbox.entries() == ()
    assert inbox.add(EntryKind.PASSED_ON, "sau") == 1
    for file in (tmp_path / "data").iterdir():
        file.unlink()
    (tmp_path / "data").rmdir()
    assert inbox.add(EntryKind.PASSED_ON, "sau nữa") == 1
    assert [entry.question for entry in inbox.entries()] == ["sau nữa"]


def test_the_log_of_a_file_that_was_deleted_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "questions.sqlite"
    log = killed(path)
    path.unlink()
    assert Inbox(path).entries() == ()
    assert log in [file.read_bytes() for file in damaged_files(tmp_path)]


def test_a_file_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    path = filled(tmp_path / "questions.sqlite")
    with sql(path) as connection:
        connection.execute("PRAGMA user_version = 2")
    content = path.read_bytes()
    problem = Inbox(path).problem()
    assert problem is not None
    assert "newer version" in str(problem)
    assert "phiên bản mới hơn" in problem.vietnamese
    assert path.read_bytes() == content
    assert damaged_files(tmp_path) == []


def test_two_processes_set_a_damaged_file_aside_once(tmp_path: Path) -> None:
    path = tmp_path / "questions.sqlite"
    code = (
        "import sys, threading; from pathlib import Path; from rag.service.inbox import Inbox, EntryKind\n"
        "path, name = Path(sys.argv[1]), sys.argv[2]\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "inbox = Inbox(path)\n"
        "def add(thread):\n"
        "    for i in range(10): inbox.add(EntryKind.PASSED_ON, f'{name} {thread} {i}')\n"
        "threads = [threading.Thread(target=add, args=[thread]) for thread in range(3)]\n"
        "for thread in threads: thread.start()\n"
        "for thread in threads: thread.join()\n"
    )
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", code, path, name],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in ("một", "hai", "ba")
    ]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    garbage(path)
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    errors = "".join(writer.communicate()[1] for writer in writers)
    assert "Traceback" not in errors, errors
    assert errors.count("begun anew") == 1, errors
    assert [path.read_bytes() for path in damaged_files(tmp_path)] == [b"garbage" * 1_000]
    kept = {entry.question for entry in Inbox(path).entries(limit=1_000)}
    assert kept == {
        f"{name} {thread} {i}"
        for name in ("một", "hai", "ba")
        for thread in range(3)
        for i in range(10)
    }
