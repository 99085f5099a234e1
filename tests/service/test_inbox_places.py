"""The inbox where nothing can be written, and who may read what it makes."""

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from rag.errors import InboxError
from rag.service.inbox import EntryKind, Inbox
from rag.store.inbox_file import InboxFile
from tests.service.test_inbox_hostile import damaged_files, filled, garbage, sql

NOBODY = 65_534


@contextmanager
def folder_of_nobody() -> Iterator[Path]:
    """Give a folder and be a user whom modes bind, even if the tests are run by root."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        is_root = os.geteuid() == 0
        if is_root:
            os.chown(folder, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        try:
            yield folder
        finally:
            if is_root:
                os.seteuid(0)
            folder.chmod(0o700)


def check_problem(
    inbox: Inbox, path: Path, english: str, vietnamese: str, *, can_be_read: bool = False
) -> None:
    problem = inbox.problem()
    with pytest.raises(InboxError) as raised:
        inbox.add(EntryKind.PASSED_ON, "Ai ký?")
    for error in (problem, raised.value):
        assert isinstance(error, InboxError)
        assert english in str(error)
        assert vietnamese in error.vietnamese
        for text in (str(error), error.vietnamese):
            assert "\n" not in text
            assert "/" not in text
            assert path.name not in text
    with pytest.raises(InboxError):
        inbox.resolve(1)
    if can_be_read:
        assert len(inbox.entries()) == 60
        return
    with pytest.raises(InboxError):
        inbox.entries()
    with pytest.raises(InboxError):
        inbox.as_csv()


def test_a_folder_that_may_not_be_written_to_is_told(caplog: pytest.LogCaptureFixture) -> None:
    with folder_of_nobody() as folder:
        folder.chmod(0o500)
        path = folder / "questions.sqlite"
        inbox = Inbox(path)
        check_problem(inbox, path, "give write permission", "cấp quyền ghi")
        [told] = caplog.records  # once, however often it is tried
        assert str(path) in told.getMessage()
        folder.chmod(0o700)
        assert inbox.problem() is None
        assert inbox.add(EntryKind.PASSED_ON, "Ai ký?") == 1


def test_a_file_that_may_not_be_written_to_is_told() -> None:
    with folder_of_nobody() as folder:
        path = filled(folder / "questions.sqlite")
        path.chmod(0o400)
        content = path.read_bytes()
        check_problem(Inbox(path), path, "give write permission", "cấp quyền ghi", can_be_read=True)
        assert path.read_bytes() == content
        assert damaged_files(folder) == []


def test_a_folder_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    path = tmp_path / "file" / "questions.sqlite"
    check_problem(Inbox(path), path, "TRICHDAN_DATA_DIR", "TRICHDAN_DATA_DIR")


def test_a_file_that_is_a_folder_is_told(tmp_path: Path) -> None:
    path = tmp_path / "questions.sqlite"
    path.mkdir()
    check_problem(Inbox(path), path, "give write permission", "cấp quyền ghi")
    assert path.is_dir()


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = filled(tmp_path / "questions.sqlite")
    inbox = Inbox(path)
    connect = sqlite3.connect

    def full(*args: object, **options: object) -> sqlite3.Connection:
        connection = connect(*args, **options)  # type: ignore[call-overload]
        connection.execute("PRAGMA max_page_count = 1")
        return connection  # type: ignore[no-any-return]

    with monkeypatch.context() as patched:
        patched.setattr(sqlite3, "connect", full)
        with pytest.raises(InboxError, match="the disk is full; .* can make room") as raised:
            inbox.add(EntryKind.PASSED_ON, "dài " * 900, understood="u" * 4_000, quoted="v" * 4_000)
        assert "đĩa đã đầy" in raised.value.vietnamese
    assert len(inbox.entries()) == 60
    assert damaged_files(tmp_path) == []


def test_a_disk_too_full_for_a_new_file_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device", "/a/path")

    path = tmp_path / "questions.sqlite"
    with monkeypatch.context() as patched:
        patched.setattr(os, "open", full)
        check_problem(Inbox(path), path, "the disk is full", "đĩa đã đầy")
    assert Inbox(path).add(EntryKind.HELPFUL, "Ai ký?") == 1


def test_another_program_that_holds_the_file_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = filled(tmp_path / "questions.sqlite")
    inbox = Inbox(path)
    monkeypatch.setattr("rag.store.inbox_file._LOCK_WAIT_S", 0.05)
    with sql(path) as connection:
        connection.execute("BEGIN IMMEDIATE")
        check_problem(inbox, path, "try again in a minute", "thử lại sau một phút")
    with InboxFile(path, private_folder=False)._held():
        check_problem(inbox, path, "try again in a minute", "thử lại sau một phút")
    assert len(inbox.entries()) == 60


# ---- who may read it --------------------------------------------------------------------------


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o277, 0o777])
def test_what_is_made_is_for_its_owner_only(tmp_path: Path, umask: int) -> None:
    path = tmp_path / "data" / "questions.sqlite"
    before = os.umask(umask)
    try:
        inbox = Inbox(path)
        inbox.add(EntryKind.PASSED_ON, "Ai ký?")
    finally:
        os.umask(before)
    assert mode_of(path.parent) == 0o700
    assert {file.name: mode_of(file) for file in path.parent.iterdir()} == {
        "questions.sqlite": 0o600,
        "questions.sqlite.lock": 0o600,
    }
    with sql(path) as connection:
        connection.execute("UPDATE entries SET note = 'x'")
        connection.commit()
        assert mode_of(Path(f"{path}-wal")) == 0o600
        assert mode_of(Path(f"{path}-shm")) == 0o600


def test_files_that_others_may_read_are_closed_to_them(tmp_path: Path) -> None:
    path = filled(tmp_path / "questions.sqlite")
    path.chmod(0o644)
    tmp_path.chmod(0o755)
    with sql(path) as connection:
        connection.execute("UPDATE entries SET note = 'x'")
        connection.commit()
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").chmod(0o666)
        inbox = Inbox(path)
        assert [mode_of(Path(f"{path}{suffix}")) for suffix in ("", "-wal", "-shm")] == [0o600] * 3
    assert len(inbox.entries()) == 60
    assert mode_of(tmp_path) == 0o755  # it was there, and somebody chose it


def test_a_damaged_file_is_closed_to_others_too(tmp_path: Path) -> None:
    path = tmp_path / "questions.sqlite"
    garbage(path)
    path.chmod(0o644)
    Inbox(path)
    assert [mode_of(file) for file in damaged_files(tmp_path)] == [0o600]


def test_the_default_folder_is_closed_to_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("data", "chosen"):
        Path(name).mkdir()
        Path(name).chmod(0o755)
        Inbox(Path(name) / "questions.sqlite")
    assert mode_of(tmp_path / "data") == 0o700
    assert mode_of(tmp_path / "chosen") == 0o755
