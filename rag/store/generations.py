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

Nobody else may read it, unless its directory is made for a group to read: see `rights`.
"""

import hashlib
import logging
import os
import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout
from pydantic import ValidationError

from rag.domain.serialise import read_json
from rag.errors import (
    IndexBusyError,
    IndexDamagedError,
    IndexMissingError,
    IndexWriteError,
)
from rag.language.visible import visible
from rag.store.manifest import FORMAT, FileRecord, Manifest
from rag.store.rights import Rights, make_directory, make_file, rights_in, set_rights

__all__ = [
    "building",
    "check_there",
    "current_generation",
    "current_name",
    "generation_before",
    "new_generation",
    "sound_generation",
]

_logger = logging.getLogger(__name__)
_CURRENT = "CURRENT"
_MANIFEST = "manifest.json"
_GENERATIONS = "generations"
_DAMAGED = "damaged"
_LOCK = "lock"
_BESIDE = (_CURRENT, f".{_CURRENT}", _LOCK, "journal.sqlite*", "readings.sqlite*")


def check_there(index: Path) -> None:
    """Find out, without reading it, whether there is an index.

    Raises:
        IndexMissingError: If there is none.
    """
    if index.exists() and not index.is_dir():
        raise IndexMissingError("index.not_a_directory", index=index)
    if not (index / _CURRENT).exists():
        raise IndexMissingError("index.missing", index=index)


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
        value = read_json((directory / _MANIFEST).read_bytes())
        written_in = value["format"]
        manifest = Manifest.model_validate(value) if written_in == FORMAT else None
    except (OSError, ValidationError, ValueError, KeyError, TypeError) as error:
        raise _damaged(index, f"the manifest of generation {name!r} cannot be read") from error
    if manifest is None:
        raise IndexDamagedError(
            "index.other_format",
            index=index,
            written_in=visible(str(written_in))[:20],
            format=FORMAT,
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
        before = _newest_sound(index, damaged)
        if before is None:
            if held:
                _set_aside(index, damaged, None, held=held)
            raise
        directory, manifest = before
        aside = _set_aside(index, damaged, directory.name, held=held)
        _logger.warning(
            "%s; %sthe index of %s answers now, bring it up to date with: trichdan index "
            "--source %s --index %s",
            visible(str(damage).partition("; your documents")[0]),
            f"it was put into {aside}, and " if aside else "",
            visible(manifest.created),
            visible(manifest.source),
            index,
        )
        return before


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
        with nullcontext() if held else _lock(index):
            if instead:
                _switch(index, instead, rights_in(index))
            if not damaged or not _is_name(damaged):
                return None
            if not (index / _GENERATIONS / damaged).is_dir():
                return None
            shutil.rmtree(aside, ignore_errors=True)
            make_directory(aside, rights_in(index))
            (index / _GENERATIONS / damaged).rename(aside / damaged)
    except (OSError, Timeout) as error:  # it may be read-only here, or being built
        _logger.debug("the damaged generation stays where it is: %s", error)
        return None
    return aside


def _is_name(name: str) -> bool:
    """Tell whether this names a directory in another, and nothing above it."""
    return name not in ("", ".", "..") and Path(name).name == name


def _damaged(index: Path, what: str) -> IndexDamagedError:
    return IndexDamagedError("index.damaged", index=index, what=what)


def _record(path: Path) -> FileRecord | None:
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
            return FileRecord(bytes=file.tell(), sha256=digest)
    except (OSError, ValueError):  # a name that no file can have is a ValueError
        return None


@contextmanager
def building(index: Path) -> Iterator[None]:
    """Hold the right to build an index.

    Raises:
        IndexBusyError: If another process holds it.
        IndexWriteError: If the directory cannot be written.
    """
    try:
        make_directory(index)
        with _lock(index):
            _set_all_rights(index)
            yield
    except Timeout as error:
        raise IndexBusyError("index.busy", index=index) from error
    except (OSError, sqlite3.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise IndexWriteError("index.not_written", index=index, reason=reason) from error


def _lock(index: Path) -> FileLock:
    return FileLock(index / _LOCK, timeout=0, mode=rights_in(index).file)


def _set_all_rights(index: Path) -> None:
    """Give all that was written before the rights of the index's directory as it is now."""
    rights = rights_in(index)
    for pattern in _BESIDE:
        for path in index.glob(pattern):
            set_rights(path, rights)
    for name in (_GENERATIONS, _DAMAGED):
        for path in (index / name, *(index / name).rglob("*")):
            set_rights(path, rights)


def new_generation(index: Path, write: Callable[[Path], Manifest]) -> Manifest:
    """Have a generation written, make it current, and drop all but the one before.

    Args:
        index: The index directory, held by `building`.
        write: Writes the files into a directory and returns their manifest without records.
    """
    generations = index / _GENERATIONS
    rights = rights_in(index)
    make_directory(generations, rights)
    for left_over in generations.glob(".*"):
        shutil.rmtree(left_over, ignore_errors=True)
    previous = current_name(index)
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}-{secrets.token_hex(3)}"
    aside = generations / f".{name}"
    make_directory(aside, rights)
    try:
        manifest = write(aside)
        records = {path.name: _record(path) for path in sorted(aside.iterdir())}
        manifest = manifest.model_copy(update={"files": records})
        (aside / _MANIFEST).write_text(manifest.model_dump_json(indent=2), encoding="utf-8")
        for path in aside.iterdir():
            set_rights(path, rights)
            _flush(path)
        _flush(aside)
        aside.rename(generations / name)
        _flush(generations)
        _switch(index, name, rights)
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


def _switch(index: Path, name: str, rights: Rights) -> None:
    pointer = index / f".{_CURRENT}"
    make_file(pointer, rights)
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
