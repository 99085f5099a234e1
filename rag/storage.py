"""An index on disk: generations, one of which is current.

    index/
      CURRENT              the name of the generation that is served
      lock                 held by whoever builds
      journal.sqlite       what is embedded for the next generation, while it is built
      readings.sqlite      what was read out of files
      damaged/NAME/        the last generation that was found damaged
      generations/NAME/    one whole generation, never changed once it is there:
        manifest.json      what it was built from and with, and the hash of every other file
        corpus.sqlite      documents, passages, sentences
        …                  the files of the vector, token, lexical and syllable indexes

A generation is written under a hidden name, flushed to disk and renamed; then CURRENT is
replaced. A reader therefore finds a whole generation or none. The one before is kept for
readers that still have it open, and to go back to if the current one is damaged.
"""

import hashlib
import json
import logging
import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, ValidationError

from rag.documents import Division, Document, Metadata, Passage
from rag.errors import (
    IndexBusyError,
    IndexDamagedError,
    IndexMissingError,
    IndexWriteError,
)
from rag.permissions import Access
from rag.serialise import document_from_json, document_to_json, metadata_from_json

__all__ = [
    "CorpusStore",
    "FileRecord",
    "Manifest",
    "Recipe",
    "building",
    "check_there",
    "current_generation",
    "current_name",
    "division_of",
    "generation_before",
    "new_generation",
    "sound_generation",
]

_logger = logging.getLogger(__name__)
_CURRENT = "CURRENT"
_MANIFEST = "manifest.json"
_GENERATIONS = "generations"
_DAMAGED = "damaged"
_FORMAT = 5
_SCHEMA = """
CREATE TABLE documents (source TEXT PRIMARY KEY, sha256 TEXT NOT NULL, division TEXT NOT NULL,
    metadata TEXT NOT NULL, collection TEXT NOT NULL, access TEXT NOT NULL, value TEXT NOT NULL);
CREATE TABLE passages (position INTEGER PRIMARY KEY, source TEXT NOT NULL,
    start INTEGER NOT NULL, end INTEGER NOT NULL, content_sha256 TEXT NOT NULL);
CREATE TABLE sections (kind TEXT NOT NULL, number TEXT NOT NULL, source TEXT NOT NULL,
    position INTEGER NOT NULL);
CREATE INDEX sections_by_number ON sections (kind, number);
"""


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileRecord(_Record):
    """A file of a generation, by which damage is seen."""

    bytes: int
    sha256: str


class Recipe(_Record):
    """With what a generation was built; another recipe makes other vectors."""

    model: str
    fingerprint: str
    query_prompt: str | None
    passage_prompt: str | None
    chunk_tokens: int
    chunking: int
    reading: int


class Manifest(_Record):
    """What a generation says of itself.

    Attributes:
        query_prompt: What is put before every question, whoever chose it; likewise
            passage_prompt.
    """

    format: int = _FORMAT
    created: str
    source: str
    corpus_sha256: str
    documents: int
    passages: int
    dimension: int
    recipe: Recipe
    query_prompt: str
    passage_prompt: str
    problems: dict[str, str]
    duplicates: dict[str, str] = {}
    files: dict[str, FileRecord] = {}


def check_there(index: Path) -> None:
    """Find out, without reading it, whether there is an index.

    Raises:
        IndexMissingError: If there is none.
    """
    if index.exists() and not index.is_dir():
        raise IndexMissingError(
            f"{index} is a file, not the directory of an index; name the directory with --index"
        )
    if not (index / _CURRENT).exists():
        raise IndexMissingError(
            f"there is no index in {index}; build one with: trichdan index --source FOLDER "
            f"--index {index}"
        )


def current_generation(index: Path) -> tuple[Path, Manifest]:
    """Return the directory and manifest of the generation that is served, checked.

    Raises:
        IndexMissingError: If there is no index.
        IndexDamagedError: If a file of it is missing or is not what was written.
    """
    check_there(index)
    try:
        name = (index / _CURRENT).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _damaged(index, f"{_CURRENT} cannot be read") from error
    return index / _GENERATIONS / name, _checked(index, name)


def _checked(index: Path, name: str) -> Manifest:
    """Return the manifest of a generation, whose files are what was written."""
    if not _is_name(name):
        raise _damaged(index, f"{_CURRENT} names no generation")
    directory = index / _GENERATIONS / name
    try:
        value = json.loads((directory / _MANIFEST).read_bytes())
        written_in = value["format"]
        manifest = Manifest.model_validate(value) if written_in == _FORMAT else None
    except (OSError, ValidationError, ValueError, KeyError, TypeError) as error:
        raise _damaged(index, f"the manifest of generation {name!r} cannot be read") from error
    if manifest is None:
        raise IndexDamagedError(
            f"the index in {index} was made by another version of this program (its format is "
            f"{written_in}, this one reads {_FORMAT}); build it again with: "
            f"trichdan index --source FOLDER --index {index}"
        )
    for file, record in manifest.files.items():
        if _record(directory / file) != record:
            raise _damaged(index, f"{directory / file} is not what was written")
    return manifest


def sound_generation(index: Path, *, held: bool = False) -> tuple[Path, Manifest]:
    """Return the current generation, or the one before if that is damaged.

    The damaged one is set aside, and what happened is logged as a warning.

    Args:
        index: The index directory.
        held: Whether this process holds it by `building`.

    Raises:
        IndexMissingError: If there is no index.
        IndexDamagedError: If no generation is sound.
    """
    try:
        return current_generation(index)
    except IndexDamagedError as damage:
        damaged = current_name(index)
        found = _newest_sound(index, damaged)
        if found is None:
            if held:
                _set_aside(index, damaged, None, held=held)
            raise
        directory, manifest = found
        aside = _set_aside(index, damaged, directory.name, held=held)
        _logger.warning(
            "%s; %sthe index of %s answers now, bring it up to date with: trichdan index "
            "--source %s --index %s",
            str(damage).partition("; your documents")[0],
            f"it was put into {aside}, and " if aside else "",
            manifest.created,
            manifest.source,
            index,
        )
        return found


def generation_before(index: Path) -> tuple[Path, Manifest] | None:
    """Return the newest sound generation other than the current one, None if there is none."""
    return _newest_sound(index, current_name(index))


def _newest_sound(index: Path, damaged: str | None) -> tuple[Path, Manifest] | None:
    """Return the newest generation that is what was written, other than one."""
    for directory in sorted((index / _GENERATIONS).glob("[!.]*"), reverse=True):
        if directory.name != damaged:
            try:
                return directory, _checked(index, directory.name)
            except IndexDamagedError:
                continue
    return None


def _set_aside(index: Path, damaged: str | None, instead: str | None, *, held: bool) -> Path | None:
    """Move a damaged generation away and make another one current, if that is possible."""
    aside = index / _DAMAGED
    try:
        with nullcontext() if held else FileLock(index / "lock", timeout=0):
            if instead:
                _switch(index, instead)
            if not damaged or not _is_name(damaged):
                return None
            if not (index / _GENERATIONS / damaged).is_dir():
                return None
            shutil.rmtree(aside, ignore_errors=True)
            aside.mkdir()
            (index / _GENERATIONS / damaged).rename(aside / damaged)
    except (OSError, Timeout) as error:  # it may be read-only here, or being built
        _logger.debug("the damaged generation stays where it is: %s", error)
        return None
    return aside


def _is_name(name: str) -> bool:
    """Tell whether this names a directory in another, and nothing above it."""
    return name not in ("", ".", "..") and Path(name).name == name


def _damaged(index: Path, what: str) -> IndexDamagedError:
    return IndexDamagedError(
        f"the index in {index} is damaged: {what}; your documents are untouched, build it again "
        f"with: trichdan index --source FOLDER --index {index}"
    )


def _record(path: Path) -> FileRecord | None:
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return FileRecord(bytes=file.tell(), sha256=digest)
    except OSError:
        return None


@contextmanager
def building(index: Path) -> Iterator[None]:
    """Hold the right to build an index.

    Raises:
        IndexBusyError: If another process holds it.
        IndexWriteError: If the directory cannot be written.
    """
    try:
        index.mkdir(parents=True, exist_ok=True)
        with FileLock(index / "lock", timeout=0):
            yield
    except Timeout as error:
        raise IndexBusyError(
            f"another process is building the index in {index}; wait until it has finished"
        ) from error
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise IndexWriteError(
            f"the index in {index} cannot be written: {reason}; make room or "
            "give write permission, or choose another directory with --index; what was indexed "
            "before is unchanged"
        ) from error


def new_generation(index: Path, write: Callable[[Path], Manifest]) -> Manifest:
    """Have a generation written, make it current, and drop all but the one before.

    Args:
        index: The index directory, held by `building`.
        write: Writes the files into a directory and returns their manifest without records.
    """
    generations = index / _GENERATIONS
    generations.mkdir(parents=True, exist_ok=True)
    for left_over in generations.glob(".*"):
        shutil.rmtree(left_over, ignore_errors=True)
    previous = current_name(index)
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{secrets.token_hex(3)}"
    aside = generations / f".{name}"
    aside.mkdir()
    try:
        manifest = write(aside)
        records = {path.name: _record(path) for path in sorted(aside.iterdir())}
        manifest = manifest.model_copy(update={"files": records})
        (aside / _MANIFEST).write_text(manifest.model_dump_json(indent=2), encoding="utf-8")
        for path in aside.iterdir():
            _flush(path)
        _flush(aside)
        aside.rename(generations / name)
        _flush(generations)
        _switch(index, name)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    for directory in generations.iterdir():
        if directory.name not in (name, previous):
            shutil.rmtree(directory, ignore_errors=True)
    return manifest


def current_name(index: Path) -> str | None:
    """Return what the current generation is called, None if there is none."""
    try:
        return (index / _CURRENT).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None


def _switch(index: Path, name: str) -> None:
    pointer = index / f".{_CURRENT}"
    pointer.write_text(name + "\n", encoding="utf-8")
    _flush(pointer)
    pointer.replace(index / _CURRENT)
    _flush(index)


def _flush(path: Path) -> None:
    """Have a file or directory written to disk."""
    if os.name == "nt" and path.is_dir():
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class CorpusStore:
    """The documents and passages of a generation, in a SQLite file opened for reading."""

    def __init__(self, path: Path) -> None:
        self._connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
        )
        self.document = lru_cache(maxsize=256)(self._document)

    @staticmethod
    def build(
        path: Path,
        documents: Iterable[Document],
        passages: Sequence[Passage],
        contents: Sequence[str],
    ) -> None:
        """Write documents and passages; `contents` are hashes of what was embedded."""
        connection = sqlite3.connect(path)
        with connection:
            connection.executescript(_SCHEMA)
            for document in documents:
                connection.execute(
                    "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?, ?)", _row(document)
                )
                connection.executemany(
                    "INSERT INTO sections VALUES (?, ?, ?, ?)",
                    (
                        (section.kind.value, section.number, document.source, position)
                        for position, section in enumerate(document.sections)
                        if section.number
                    ),
                )
            connection.executemany(
                "INSERT INTO passages VALUES (?, ?, ?, ?, ?)",
                (
                    (position, passage.source, passage.start, passage.end, content)
                    for position, (passage, content) in enumerate(
                        zip(passages, contents, strict=True)
                    )
                ),
            )
        connection.close()

    def passages(self) -> tuple[Passage, ...]:
        """Return all passages in the order in which they were embedded."""
        rows = self._connection.execute("SELECT source, start, end FROM passages ORDER BY position")
        return tuple(Passage(source=row[0], start=row[1], end=row[2]) for row in rows)

    def contents(self) -> list[str]:
        """Return the hash of what was embedded of each passage, in the same order."""
        rows = self._connection.execute("SELECT content_sha256 FROM passages ORDER BY position")
        return [str(row[0]) for row in rows]

    def sources(self) -> tuple[str, ...]:
        """Return what the documents are called by, in order."""
        rows = self._connection.execute("SELECT source FROM documents ORDER BY source")
        return tuple(str(row[0]) for row in rows)

    def metadata(self) -> dict[str, Metadata]:
        """Return what is known of each document, by source."""
        rows = self._connection.execute("SELECT source, metadata FROM documents ORDER BY source")
        return {str(row[0]): metadata_from_json(json.loads(row[1])) for row in rows}

    def permissions(self) -> dict[str, tuple[str, Access]]:
        """Return of each document, by source, its collection and who may read it."""
        rows = self._connection.execute("SELECT source, collection, access FROM documents")
        return {
            str(source): (str(collection), tuple(map(tuple, json.loads(access))))
            for source, collection, access in rows
        }

    def hashes(self) -> dict[str, str]:
        """Return the hash of each document's text, by source, in order."""
        rows = self._connection.execute("SELECT source, sha256 FROM documents ORDER BY source")
        return {str(source): str(sha256) for source, sha256 in rows}

    def divisions(self) -> dict[str, str]:
        """Return of each way in which a document was divided (see `division_of`) one source."""
        rows = self._connection.execute("SELECT division, source FROM documents")
        return {str(division): str(source) for division, source in rows}

    def sections(self, kind: Division, number: str) -> list[tuple[str, int]]:
        """Return the sections of a kind and number: source, and position in that document."""
        rows = self._connection.execute(
            "SELECT source, position FROM sections WHERE kind = ? AND number = ? ORDER BY rowid",
            (kind.value, number),
        )
        return [(str(source), int(position)) for source, position in rows]

    def _document(self, source: str) -> Document:
        """Return a document, and check that its text is the one that was indexed.

        Raises:
            IndexDamagedError: If it is not.
        """
        row = self._connection.execute(
            "SELECT value, sha256 FROM documents WHERE source = ?", (source,)
        ).fetchone()
        if row is None:
            raise IndexDamagedError(f"the index has no document {source!r}; build it again")
        document = document_from_json(json.loads(row[0]))
        if document.sha256 != row[1]:
            raise IndexDamagedError(f"the stored text of {source!r} has changed; build it again")
        return document


def division_of(document: Document) -> str:
    """Return a hash of all that tells how a document is divided into passages and embedded."""
    known = (document.sha256, document.metadata.title, document.language.value)
    return hashlib.sha256(repr(known).encode()).hexdigest()


def _row(document: Document) -> tuple[str, ...]:
    value = document_to_json(document)
    return (
        document.source,
        document.sha256,
        division_of(document),
        json.dumps(value["metadata"], ensure_ascii=False),
        document.collection,
        json.dumps(document.access, ensure_ascii=False),
        json.dumps(value),
    )
