"""What people could not find, and what they thought of answers, for the documents' owners.

One SQLite file. Who asked is kept only if the administrator wants that.
"""

import csv
import io
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from rag.errors import InboxError

__all__ = ["Entry", "Inbox", "Kind"]

_LONGEST = 4_000  # characters of each text
_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
    id INTEGER PRIMARY KEY, created TEXT NOT NULL, kind TEXT NOT NULL, question TEXT NOT NULL,
    understood TEXT NOT NULL, quoted TEXT NOT NULL, reason TEXT NOT NULL, person TEXT NOT NULL,
    resolved TEXT NOT NULL, note TEXT NOT NULL);
"""
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Kind(StrEnum):
    """Why an entry is there."""

    PASSED_ON = "passed-on"  # the documents did not say
    HELPFUL = "helpful"
    UNHELPFUL = "unhelpful"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A question that was passed on, or an opinion of an answer.

    Attributes:
        created: When, UTC, ISO 8601; `resolved` likewise, "" while it is open.
        understood: The question as it was asked of the documents.
        quoted: Where the first quote stands, "source:start-end", or "".
        person: Who asked, "" unless names are kept.
        note: What the owner wrote when resolving it.
    """

    id: int
    created: str
    kind: Kind
    question: str
    understood: str
    quoted: str
    reason: str
    person: str
    resolved: str
    note: str


class Inbox:
    """The entries of one file. Safe to use from several threads and processes.

    Args:
        path: The SQLite file; made if missing, with its directory.
        keep_names: Whether to keep who asked.

    Raises:
        InboxError: If the file cannot be opened.
    """

    def __init__(self, path: Path, *, keep_names: bool = False) -> None:
        self._path = path
        self.keep_names = keep_names
        self._lock = threading.Lock()
        with self._connected() as connection:
            connection.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; {_SCHEMA}")

    def add(
        self,
        kind: Kind,
        question: str,
        *,
        understood: str = "",
        quoted: str = "",
        reason: str = "",
        person: str = "",
    ) -> int:
        """Keep a question or an opinion, and return its number.

        What is open already in the same words is not kept twice.
        """
        person = person if self.keep_names else ""
        values = [one[:_LONGEST] for one in (question, understood, quoted, reason, person)]
        with self._connected() as connection:
            same = connection.execute(
                "SELECT id FROM entries WHERE kind = ? AND question = ? AND understood = ?"
                " AND quoted = ? AND reason = ? AND person = ? AND resolved = ''",
                [kind, *values],
            ).fetchone()
            if same:
                return int(same[0])
            cursor = connection.execute(
                "INSERT INTO entries (created, kind, question, understood, quoted, reason, person,"
                " resolved, note) VALUES (?, ?, ?, ?, ?, ?, ?, '', '')",
                [_now(), kind, *values],
            )
            return int(cursor.lastrowid or 0)

    def entries(
        self, *, kind: Kind | None = None, is_open: bool | None = None, containing: str = ""
    ) -> tuple[Entry, ...]:
        """Return entries, newest first.

        Args:
            kind: Only those of a kind.
            is_open: Only those that are open, or only those that are resolved.
            containing: Only those in whose question or reason this occurs, in any case.
        """
        with self._connected() as connection:
            rows = connection.execute("SELECT * FROM entries ORDER BY id DESC").fetchall()
        found = (Entry(**{**dict(row), "kind": Kind(row["kind"])}) for row in rows)
        wanted = containing.casefold()
        return tuple(
            one
            for one in found
            if (kind is None or one.kind is kind)
            and (is_open is None or is_open == (one.resolved == ""))
            and wanted in f"{one.question}\n{one.understood}\n{one.reason}".casefold()
        )

    def resolve(self, number: int, note: str = "") -> bool:
        """Mark an entry as resolved; return whether there is such an entry."""
        return self._set(number, _now(), note[:_LONGEST])

    def reopen(self, number: int) -> bool:
        """Mark an entry as open again; return whether there is such an entry."""
        return self._set(number, "", "")

    def as_csv(self, entries: tuple[Entry, ...]) -> str:
        """Return entries as CSV with a line of names; nothing in it is a formula to Excel."""
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow([field.name for field in fields(Entry)])
        for entry in entries:
            writer.writerow([_plain(value) for value in asdict(entry).values()])
        return out.getvalue()

    def counts(self) -> Mapping[str, int]:
        """Return how many entries of each kind are open."""
        with self._connected() as connection:
            rows = connection.execute(
                "SELECT kind, COUNT(*) FROM entries WHERE resolved = '' GROUP BY kind"
            ).fetchall()
        return {str(kind): int(count) for kind, count in rows}

    def _set(self, number: int, resolved: str, note: str) -> bool:
        with self._connected() as connection:
            cursor = connection.execute(
                "UPDATE entries SET resolved = ?, note = ? WHERE id = ?", (resolved, note, number)
            )
            return cursor.rowcount > 0

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._lock:
                connection = sqlite3.connect(self._path, timeout=10)
                connection.row_factory = sqlite3.Row
                try:
                    with connection:
                        yield connection
                finally:
                    connection.close()
        except (OSError, sqlite3.Error) as error:
            raise InboxError(
                f"the questions in {self._path} cannot be read or written: {error}; make room or "
                "give write permission, or name another directory in TRICHDAN_DATA_DIR"
            ) from error


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _plain(value: object) -> object:
    """Put a quotation mark before what a spreadsheet would take for a formula."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
