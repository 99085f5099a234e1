"""What people could not find, and what they thought of answers, for the documents' owners.

One SQLite file. Who asked is kept only if the administrator wants that.
"""

import csv
import io
import re
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import astuple, dataclass, fields
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from rag.config import Settings
from rag.errors import InboxError, InboxFullError
from rag.store.inbox_file import InboxFile, digest_of, searchable

__all__ = ["MOST_OPEN", "Entry", "EntryKind", "Inbox"]

MOST_OPEN = 10_000
"""Entries that may be open: more than owners will read, and at most about 1 GB."""

_LONGEST_TEXT = 4_000  # characters of each text
_LONGEST_PAGE = 1_000  # entries
_DEFAULT_PAGE = 100
_LARGEST_NUMBER = 2**63 - 1  # the largest number that SQLite can give
_NOT_STORED = re.compile("[\0\ud800-\udfff]")  # half a character is no UTF-8; NUL ends a C string
_DIVIDER = re.compile("([,;|\n\u2028\u2029])")  # that may begin a cell or a line
_CONTROLS = {code: " " for code in (*range(0x20), *range(0x7F, 0xA0)) if chr(code) != "\n"}
_FILLERS = frozenset('"\u115f\u1160\u2800\u3164\uffa0')  # vanish, or look as if nothing were there
_FORMULA = frozenset("=+-@\u2212")  # and what is written like them, full-width or small


class EntryKind(StrEnum):
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
    kind: EntryKind
    question: str
    understood: str
    quoted: str
    reason: str
    person: str
    resolved: str
    note: str


_FIELD_NAMES = [field.name for field in fields(Entry)]


class Inbox:
    """The entries of one file. Safe to use from several threads and processes.

    Making one raises nothing: without it the page can still answer. `problem` tells whether it can
    be used; all others raise InboxError while it cannot, and work again as soon as it can.

    Args:
        path: The SQLite file; made if missing, with its directory, for their owner's eyes only.
        keep_names: Whether to keep who asked.
    """

    def __init__(self, path: Path, *, keep_names: bool = False) -> None:
        default = Settings.model_fields["data_dir"].default
        self._file = InboxFile(path, private_folder=path.parent == default)
        self.keep_names = keep_names
        self.problem()  # a damaged or an old file is put right now, not at the first question

    def problem(self) -> InboxError | None:
        """Return why nothing can be kept now, None if it can."""
        try:
            self._file.check()
        except InboxError as error:
            return error
        return None

    def add(
        self,
        kind: EntryKind,
        question: str,
        *,
        understood: str = "",
        quoted: str = "",
        reason: str = "",
        person: str = "",
    ) -> int:
        """Keep a question or an opinion, and return its number.

        What is open already in the same words is not kept twice. Texts are cut at 4,000 characters.

        Raises:
            InboxFullError: If `MOST_OPEN` are open.
            InboxError: If the file cannot be read or written.
        """
        person = person if self.keep_names else ""
        question, understood, reason = map(_stored, (question, understood, reason))
        texts = (question, understood, _stored(quoted), reason, _stored(person))
        digest = digest_of(kind, texts)
        folded = searchable(f"{question}\n{understood}\n{reason}")

        def work(connection: sqlite3.Connection) -> int:
            same = connection.execute(
                "SELECT id FROM entries WHERE digest = ? AND resolved = ''", [digest]
            ).fetchone()
            if same:
                return int(same[0])
            [count] = connection.execute("SELECT TOTAL(open) FROM tallies").fetchone()
            if count >= MOST_OPEN:
                raise _full()
            cursor = connection.execute(
                "INSERT INTO entries (created, kind, question, understood, quoted, reason, person,"
                " resolved, note, folded, digest) VALUES (?, ?, ?, ?, ?, ?, ?, '', '', ?, ?)",
                [_now(), kind, *texts, folded, digest],
            )
            return int(cursor.lastrowid or 0)

        return self._file.use(work)

    def entries(
        self,
        *,
        kind: EntryKind | None = None,
        is_open: bool | None = None,
        containing: str = "",
        before: int | None = None,
        limit: int = _DEFAULT_PAGE,
    ) -> tuple[Entry, ...]:
        """Return a page of entries, newest first.

        Args:
            kind: Only those of a kind.
            is_open: Only those that are open, or only those that are resolved.
            containing: Only those in whose question or reason this occurs, in any case, with or
                without diacritics.
            before: Only those with smaller numbers: the last of the page before.
            limit: At most so many, 1 to 1,000.

        Raises:
            InboxError: If the file cannot be read.
        """
        last = _LARGEST_NUMBER if before is None else min(max(before, 0), _LARGEST_NUMBER)
        wanted: dict[str, object] = {"id < ?": last}
        if kind is not None:
            wanted["kind = ?"] = kind
        if is_open is not None:
            wanted["(resolved = '') = ?"] = is_open
        if containing:
            wanted["instr(folded, ?) > 0"] = searchable(_stored(containing))
        query = (
            f"SELECT {', '.join(_FIELD_NAMES)} FROM entries WHERE {' AND '.join(wanted)}"
            " ORDER BY id DESC LIMIT ?"
        )
        values = [*wanted.values(), min(max(limit, 1), _LONGEST_PAGE)]
        return self._file.use(
            lambda connection: tuple(map(_entry, connection.execute(query, values)))
        )

    def resolve(self, number: int, note: str = "") -> bool:
        """Mark an entry as resolved; return whether there is such an entry."""
        return self._set(number, _now(), _stored(note))

    def reopen(self, number: int) -> bool:
        """Mark an entry as open again; return whether there is such an entry."""
        return self._set(number, "", "")

    def as_csv(
        self, *, kind: EntryKind | None = None, is_open: bool | None = None, containing: str = ""
    ) -> Iterator[str]:
        """Return the lines of a CSV file of entries, chosen as `entries` does, newest first.

        The first line has the names. A page of entries at a time is in memory. A line has line
        breaks in it where a text has them.

        Cells are quoted and divided by commas. Where the decimal sign is a comma, as in Vietnam
        and Germany, Excel divides at semicolons instead; a first line `sep=,` would tell it not to,
        but makes it misread UTF-8. Excel minds quotation marks only where they begin a cell, so it
        then finds cells inside the texts: "Hỏi;=1+1" becomes two. Therefore an apostrophe stands
        before whatever could begin a formula, at the start of a text and after all that could end
        a cell or a line inside it (, ; | and line breaks, whatever blank or invisible follows);
        control characters become spaces. All other characters are as they were.

        Raises:
            InboxError: If the file cannot be read; of the first page at once, not on iterating.
        """
        first = self.entries(kind=kind, is_open=is_open, containing=containing)

        def pages() -> Iterator[Iterable[Entry]]:
            page = first
            while page:
                yield page
                page = self.entries(
                    kind=kind, is_open=is_open, containing=containing, before=page[-1].id
                )

        return _csv_lines(pages())

    def counts(self) -> Mapping[str, int]:
        """Return how many entries of each kind are open."""
        return self._file.use(
            lambda connection: {
                str(kind): int(count)
                for kind, count in connection.execute("SELECT * FROM tallies WHERE open > 0")
            }
        )

    def _set(self, number: int, resolved: str, note: str) -> bool:
        if not 0 < number <= _LARGEST_NUMBER:
            return False

        def work(connection: sqlite3.Connection) -> bool:
            cursor = connection.execute(
                "UPDATE entries SET resolved = ?, note = ? WHERE id = ?", (resolved, note, number)
            )
            return cursor.rowcount > 0

        return self._file.use(work)


def _entry(row: sqlite3.Row) -> Entry:
    texts = {name: str(row[name]) for name in _FIELD_NAMES[1:]}
    # A kind that a failing disk has garbled must not hide the other entries.
    kind = EntryKind(texts.pop("kind")) if row["kind"] in set(EntryKind) else EntryKind.PASSED_ON
    return Entry(id=row["id"], kind=kind, **texts)


def _stored(text: str) -> str:
    return _NOT_STORED.sub("\ufffd", text[:_LONGEST_TEXT])


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _full() -> InboxFullError:
    return InboxFullError("inbox.too_many_open", count=MOST_OPEN)


def _csv_lines(pages: Iterable[Iterable[Entry]]) -> Iterator[str]:
    yield _csv_line(_FIELD_NAMES)
    for page in pages:
        for entry in page:
            yield _csv_line(map(str, astuple(entry)))


def _csv_line(texts: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, quoting=csv.QUOTE_ALL).writerow(map(_plain, texts))
    return line.getvalue()


def _plain(text: str) -> str:
    """Return a text of which a spreadsheet takes nothing for a formula, however it divides it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").translate(_CONTROLS)
    return "".join(map(_marked, _DIVIDER.split(lines)))


def _marked(cell: str) -> str:
    """Put an apostrophe before a formula, whatever blank or invisible stands before that."""
    for position, character in enumerate(cell):
        if unicodedata.normalize("NFKC", character)[0] in _FORMULA:
            return f"{cell[:position]}'{cell[position:]}"
        if character not in _FILLERS and unicodedata.category(character)[0] not in "CMZ":
            break
    return cell
