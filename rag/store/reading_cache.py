"""Remember what was read out of files, so that unchanged ones are not read again."""

import json
import logging
import sqlite3
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rag.domain.serialise import read_json
from rag.store.rights import make_file, rights_in

__all__ = ["SqliteReadingCache"]

_logger = logging.getLogger(__name__)
_LOCK_WAIT_S = 10.0
_SCHEMA = """
CREATE TABLE IF NOT EXISTS readings (key TEXT PRIMARY KEY, value BLOB NOT NULL) WITHOUT ROWID;
"""


class SqliteReadingCache:
    """Values in JSON by keys, in a SQLite file.

    It is no more than a help: without it, or where it cannot be written, all is read anew.

    Args:
        path: The file; None to remember nothing.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._used: set[str] = set()
        self._connection = self._opened(path) if path else None

    def __enter__(self) -> "SqliteReadingCache":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def get(self, key: str) -> Any:
        """Return the value under a key, None if there is none."""
        self._used.add(key)
        row = self._tried(
            lambda connection: connection.execute(
                "SELECT value FROM readings WHERE key = ?", (key,)
            ).fetchone()
        )
        try:
            return read_json(zlib.decompress(row[0])) if row else None
        except (ValueError, TypeError, zlib.error):  # TypeError: it is no bytes at all
            return None

    def put(self, key: str, value: Any) -> None:
        """Remember a value, at once and for good."""
        data = zlib.compress(
            json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass"), 1
        )
        self._tried(
            lambda connection: connection.execute(
                "INSERT OR REPLACE INTO readings VALUES (?, ?)", (key, data)
            )
        )

    def forget_unused(self) -> None:
        """Drop what was neither asked for nor put since this was opened."""

        def drop(connection: sqlite3.Connection) -> None:
            keys = [row[0] for row in connection.execute("SELECT key FROM readings")]
            unused = [(key,) for key in keys if key not in self._used]
            with connection:
                connection.execute("BEGIN")
                connection.executemany("DELETE FROM readings WHERE key = ?", unused)

        self._tried(drop)

    def close(self) -> None:
        """Close the file."""
        if self._connection:
            self._connection.close()
            self._connection = None

    def _tried(self, use: Callable[[sqlite3.Connection], Any]) -> Any:
        if self._connection is None:
            return None
        try:
            return use(self._connection)
        except sqlite3.DatabaseError as error:
            _logger.debug("what was read cannot be remembered: %s", error)
            self.close()
            return None

    def _opened(self, path: Path) -> sqlite3.Connection | None:
        for attempt in (1, 2):
            try:
                make_file(path, rights_in(path.parent))
                return _connected(path)
            except (OSError, sqlite3.OperationalError) as error:  # in use, or not to be written
                _logger.debug("%s cannot be used: %s", path, error)
                return None
            except sqlite3.DatabaseError:  # it is damaged, and not worth mending
                if attempt == 1:
                    for suffix in ("", "-wal", "-shm"):
                        path.with_name(path.name + suffix).unlink(missing_ok=True)
        return None


def _connected(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(
        path, timeout=_LOCK_WAIT_S, isolation_level=None, check_same_thread=False
    )
    try:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.executescript(_SCHEMA)
    except BaseException:
        connection.close()
        raise
    return connection
