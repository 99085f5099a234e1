"""The file in which questions and opinions are kept: made, moved on to a new form, set aside.

Whoever uses the file holds a lock file beside it, so that only one process sets a damaged one
aside, and nobody writes into it meanwhile.
"""

import errno
import hashlib
import logging
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

from filelock import FileLock

from rag.errors import InboxError
from rag.language.vietnamese import fold
from rag.messages import Message, message

__all__ = ["InboxFile", "digest_of", "searchable"]

_logger = logging.getLogger(__name__)
_Result = TypeVar("_Result")

_FORM_VERSION = 1  # PRAGMA user_version; 0 is the form without folded, digest and tallies
_LOCK_WAIT_S = 10.0
_ROWS_AT_ONCE = 500  # rows in memory while they are moved on
_SMALLEST_PAGE_BYTES = 512  # of SQLite
_FIRST_COLUMNS = "id, created, kind, question, understood, quoted, reason, person, resolved, note"
_TABLES = """
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY, created TEXT NOT NULL, kind TEXT NOT NULL, question TEXT NOT NULL,
    understood TEXT NOT NULL, quoted TEXT NOT NULL, reason TEXT NOT NULL, person TEXT NOT NULL,
    resolved TEXT NOT NULL, note TEXT NOT NULL, folded TEXT NOT NULL DEFAULT '',
    digest TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS tallies (kind TEXT PRIMARY KEY, open INTEGER NOT NULL);
"""
# The number of open entries is kept by triggers, so that it is right whoever deletes a row.
_INDEXES_AND_TRIGGERS = {
    "entries_same": "INDEX entries_same ON entries (digest) WHERE resolved = ''",
    "entries_by_kind": "INDEX entries_by_kind ON entries (kind)",
    "entries_by_state": "INDEX entries_by_state ON entries ((resolved = ''))",
    "entries_by_both": "INDEX entries_by_both ON entries (kind, (resolved = ''))",
    "entries_added": "TRIGGER entries_added AFTER INSERT ON entries BEGIN"
    " INSERT INTO tallies VALUES (NEW.kind, NEW.resolved = '')"
    " ON CONFLICT (kind) DO UPDATE SET open = open + excluded.open; END",
    "entries_settled": "TRIGGER entries_settled AFTER UPDATE OF resolved ON entries BEGIN"
    " UPDATE tallies SET open = open + (NEW.resolved = '') - (OLD.resolved = '')"
    " WHERE kind = NEW.kind; END",
    "entries_gone": "TRIGGER entries_gone AFTER DELETE ON entries BEGIN"
    " UPDATE tallies SET open = open - (OLD.resolved = '') WHERE kind = OLD.kind; END",
}
_SCHEMA_NAMES = {"entries", "tallies", *_INDEXES_AND_TRIGGERS}

_BY_ERRNO = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), "inbox.full"),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "inbox.denied"),
}
_BY_SQLITE = {
    sqlite3.SQLITE_FULL: "inbox.full",
    **dict.fromkeys((sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM), "inbox.denied"),
    sqlite3.SQLITE_CANTOPEN: "inbox.denied",
    **dict.fromkeys((sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED), "inbox.busy"),
}
_DAMAGE_CODES = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class _DamagedError(sqlite3.DatabaseError):
    """The file is not what was written, although SQLite would take it."""


class _NewerError(sqlite3.DatabaseError):
    """The file is whole, but this version does not know its form."""


class InboxFile:
    """One SQLite file, for several threads and processes.

    Nothing is opened before it is used. A file that is missing is made, one of the first form is
    moved on in place; one that is damaged is renamed, never deleted, and another is begun.

    Args:
        path: The file.
        private_folder: Whether its directory is ours, so that others are kept out of it even if it
            is there already. One that is made here always is.
    """

    def __init__(self, path: Path, *, private_folder: bool) -> None:
        self._path = path
        self._private_folder = private_folder
        self._threads = threading.Lock()
        self._failure = ""  # what was logged last, to say it once

    def use(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
        """Return what some work on the file returns; it is one transaction.

        The work is done again, on a new file, if the file turns out to be damaged.

        Raises:
            InboxError: If the file cannot be read or written. Its message tells no path: anybody
                may see it. The log has the path and the reason.
        """
        try:
            with self._held():
                try:
                    result = self._once(work)
                except sqlite3.DatabaseError as error:
                    if not _is_damage(error):
                        raise
                    self._set_aside(str(error))
                    result = self._once(work)
        except (OSError, sqlite3.Error) as error:
            raise self._failed(error) from error
        self._failure = ""
        return result

    @contextmanager
    def _held(self) -> Iterator[None]:
        """Keep out other threads and other processes, which also wait at most `_LOCK_WAIT_S`."""
        until = time.monotonic() + _LOCK_WAIT_S
        if not self._threads.acquire(timeout=_LOCK_WAIT_S):
            raise TimeoutError("another thread holds it")
        try:
            self._make_folder()
            lock = FileLock(
                f"{self._path}.lock",
                timeout=max(0.0, until - time.monotonic()),
                mode=0o600,
                poll_interval=0.01,
            )
            with lock:
                yield
        finally:
            self._threads.release()

    def check(self) -> None:
        """Find out whether the file can be written, by writing what is there already.

        Raises:
            InboxError: If it cannot.
        """
        self.use(lambda connection: connection.execute(f"PRAGMA user_version = {_FORM_VERSION}"))

    def _once(self, work: Callable[[sqlite3.Connection], _Result]) -> _Result:
        _check_before(self._path)
        _make_private(self._path)
        connection = sqlite3.connect(self._path, timeout=_LOCK_WAIT_S / 2, isolation_level=None)
        with closing(connection):
            # Bytes turned by a failing disk are shown as such, and the rest beside them.
            connection.text_factory = lambda value: value.decode("utf-8", "replace")
            connection.row_factory = sqlite3.Row
            _check_form(connection)
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.execute("BEGIN IMMEDIATE")
            _prepare(connection)
            result = work(connection)
            connection.execute("COMMIT")  # what is not committed is gone when it is closed
            return result

    def _make_folder(self) -> None:
        folder = self._path.parent
        is_new = not folder.exists()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if is_new:
            folder.chmod(0o700)  # whatever the umask
        elif self._private_folder:
            _tighten(folder)

    def _set_aside(self, reason: str) -> None:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        aside = self._path.with_name(f"{self._path.name}.damaged-{stamp}")
        # The file itself last: were this broken off after it, SQLite would take the log of the old
        # file for the new one's.
        for suffix in ("-shm", "-wal", "-journal", ""):
            part = _beside(self._path, suffix)
            if part.exists():
                _tighten(part)
                part.rename(_beside(aside, suffix))
        _logger.warning(
            "the questions in %s are damaged (%s): kept as %s, and begun anew",
            self._path,
            reason,
            aside,
        )

    def _failed(self, error: OSError | sqlite3.Error) -> InboxError:
        if str(error) != self._failure:
            self._failure = str(error)
            _logger.warning("the questions in %s cannot be used: %s", self._path, error)
        return InboxError("inbox.not_available", reason=_reason(error))


def digest_of(kind: str, texts: tuple[str, ...]) -> str:
    """Return a key that is the same for entries in the same words only."""
    return hashlib.sha256("\0".join((kind, *texts)).encode("utf-8", "replace")).hexdigest()


def searchable(text: str) -> str:
    """Return a text without case and diacritics.

    What occurs in another text in any case occurs in it after this as well.
    """
    return fold(text.casefold())


def _check_before(path: Path) -> None:
    """Find damage before SQLite opens the file: it overwrites what is too short for a page.

    With a log beside it the file may be as a crash left it, and is for SQLite to put right; but it
    deletes the log of a file that is gone.
    """
    size = _size(path)
    log = _size(_beside(path, "-wal")) or _size(_beside(path, "-journal"))
    if log and not size:
        raise _DamagedError("only its log is left")
    if size % _SMALLEST_PAGE_BYTES and not log:
        raise _DamagedError("it has been cut off")


def _check_form(connection: sqlite3.Connection) -> None:
    """See that the file is of a form that can be used, before anything is written to it."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > _FORM_VERSION:
        raise _NewerError(f"its form is {version}, this version knows {_FORM_VERSION}")
    columns = _columns(connection)
    if columns and not columns >= set(_FIRST_COLUMNS.split(", ")):
        raise _DamagedError("its table has other columns")


def _prepare(connection: sqlite3.Connection) -> None:
    """Make the tables, or move those of the first form on, all in one transaction."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    names = {row["name"] for row in connection.execute("SELECT name FROM sqlite_master")}
    if version == _FORM_VERSION and names >= _SCHEMA_NAMES:
        return
    for statement in _TABLES.split(";\n")[:-1]:
        connection.execute(statement)
    for name in {"folded", "digest"} - _columns(connection):
        connection.execute(f"ALTER TABLE entries ADD COLUMN {name} TEXT NOT NULL DEFAULT ''")
    _fill(connection)
    connection.execute("DELETE FROM tallies")
    connection.execute(
        "INSERT INTO tallies SELECT kind, SUM(resolved = '') FROM entries GROUP BY kind"
    )
    for name, part in _INDEXES_AND_TRIGGERS.items():
        if name not in names:
            connection.execute(f"CREATE {part}")
    connection.execute(f"PRAGMA user_version = {_FORM_VERSION}")


def _columns(connection: sqlite3.Connection) -> set[str]:
    return {row["name"] for row in connection.execute("PRAGMA table_info(entries)")}


def _fill(connection: sqlite3.Connection) -> None:
    """Give entries of the first form what they are found by."""
    last = -(2**63)
    while True:
        rows = connection.execute(
            f"SELECT {_FIRST_COLUMNS} FROM entries WHERE id > ? AND digest = ''"
            " ORDER BY id LIMIT ?",
            [last, _ROWS_AT_ONCE],
        ).fetchall()
        if not rows:
            return
        last = rows[-1]["id"]
        connection.executemany(
            "UPDATE entries SET folded = ?, digest = ? WHERE id = ?", map(_found_by, rows)
        )


def _found_by(row: sqlite3.Row) -> tuple[str, str, int]:
    kind, question, understood, quoted, reason, person = map(str, tuple(row)[2:8])
    return (
        searchable(f"{question}\n{understood}\n{reason}"),
        digest_of(kind, (question, understood, quoted, reason, person)),
        int(row["id"]),
    )


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return isinstance(error, _DamagedError) or _code(error) in _DAMAGE_CODES


def _code(error: sqlite3.Error) -> int:
    """Return the primary code; what Python's module itself raises has none."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF


def _reason(error: OSError | sqlite3.Error) -> Message:
    """Return what can be done about an error."""
    if isinstance(error, _NewerError):
        return message("inbox.newer")
    if isinstance(error, TimeoutError):
        return message("inbox.busy")
    if isinstance(error, OSError):
        return message(_BY_ERRNO.get(error.errno or 0, "inbox.other"))
    return message(_BY_SQLITE.get(_code(error), "inbox.other"))


def _beside(path: Path, suffix: str) -> Path:
    return path.with_name(f"{path.name}{suffix}")


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def _make_private(path: Path) -> None:
    """Make a file that only its owner may read, or make it so; SQLite's others take its mode."""
    if not path.exists():
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)  # whatever the umask
    for suffix in ("", "-wal", "-shm", "-journal"):
        part = _beside(path, suffix)
        if part.exists():
            _tighten(part)


def _tighten(path: Path) -> None:
    """Keep all but the owner out."""
    mode = path.stat().st_mode & 0o7777
    if mode & 0o077:
        try:
            path.chmod(mode & 0o700)
        except PermissionError:  # it is another user's, who lets us in and may go on so
            _logger.debug("the mode of %s stays %o: it is another user's", path, mode)
