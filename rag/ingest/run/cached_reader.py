"""Read files that may change meanwhile, and none twice."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from rag.domain.documents import Document
from rag.domain.serialise import document_from_json
from rag.errors import DocumentError, IndexWriteError, ReaderDiedError
from rag.ingest.files import check_size
from rag.ingest.pdf.ocr import available as can_read_scans
from rag.ingest.run.file_reader import FileReader, Reading
from rag.ingest.structure.document import READING_VERSION
from rag.store.reading_cache import ReadingCache

__all__ = ["Found", "RememberingReader", "copies_aside"]

_ASIDE = "trichdan-reading-"
_CHUNK = 1 << 22  # bytes


@contextmanager
def copies_aside() -> Iterator[Path]:
    """Give a directory for copies; those that were left by a run that was killed are removed."""
    _sweep()
    with tempfile.TemporaryDirectory(prefix=f"{_ASIDE}{os.getpid()}-") as aside:
        yield Path(aside)


def _sweep() -> None:
    """Remove the copies that were left by a run that was killed."""
    for left in Path(tempfile.gettempdir()).glob(f"{_ASIDE}*-*"):
        owner = left.name.removeprefix(_ASIDE).split("-")[0]
        if owner.isdigit() and not _is_running(int(owner)):
            shutil.rmtree(left, ignore_errors=True)


def _is_running(process: int) -> bool:
    if os.name == "nt":  # where asking would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was read of a file, or of a file within it.

    Attributes:
        name: Its name within the file, "" for the file itself.
        document: None if there is none; `reason` says why.
    """

    name: str
    document: Document | None = None
    reason: str = ""
    vietnamese: str = ""


class RememberingReader:
    """Reads single files, or remembers what was read of files that hold the same.

    Args:
        reader: Reads files.
        cache: What was read before.
        aside: A directory into which files are copied to be read.
        max_bytes: The largest file that is read.
    """

    def __init__(
        self, reader: FileReader, cache: ReadingCache, aside: Path, max_bytes: int
    ) -> None:
        self._reader = reader
        self._max_bytes = max_bytes
        self._cache = cache
        self._aside = aside
        self._circumstances = f"{READING_VERSION} {can_read_scans()} {reader.circumstances}"

    @property
    def suffixes(self) -> frozenset[str]:
        """The file name endings that are read."""
        return self._reader.suffixes

    def read(self, path: Path) -> list[Found]:
        """Return the documents of a file, or why there are none.

        The file is copied first, so that it may change meanwhile.

        Raises:
            DocumentError: If it cannot be opened; other failures are remembered like readings.
            FileNotFoundError: If it is gone.
        """
        copy = self._aside / path.name
        copy.unlink(missing_ok=True)
        digest = hashlib.sha256(f"{self._circumstances} {path.suffix.lower()} ".encode())
        try:
            with path.open("rb") as file:
                if os.fstat(file.fileno()).st_size > self._max_bytes:
                    check_size(path, self._max_bytes)
                self._copy(file, copy, digest)
        except FileNotFoundError:
            if path.is_symlink():
                raise _not_opened("No such file or directory") from None
            raise
        except OSError as error:
            raise _not_opened(error.strerror or str(error)) from error
        key = digest.hexdigest()
        found = self._remembered(key)
        if found is None:
            readings = self._read_anew(copy)
            found = _found(readings)
            if not any(reading.get("passing") for reading in readings):
                self._cache.put(key, readings)
        copy.unlink(missing_ok=True)
        return found

    def _remembered(self, key: str) -> list[Found] | None:
        """Return what was read before; None if nothing was, or it cannot be understood."""
        readings = self._cache.get(key)
        try:
            return (_found(readings) or None) if readings is not None else None
        except (KeyError, TypeError, ValueError, AttributeError):
            return None

    def _copy(self, file: IO[bytes], copy: Path, digest: "hashlib._Hash") -> None:
        while file.tell() <= self._max_bytes and (chunk := file.read(_CHUNK)):
            digest.update(chunk)
            try:
                with copy.open("ab") as kept:
                    kept.write(chunk)
            except OSError as error:  # no fault of the document's
                raise IndexWriteError(
                    f"{self._aside.parent}, where files are copied to be read, cannot be "
                    f"written: {error.strerror}; make room there, or set TMPDIR to another "
                    "directory"
                ) from error

    def _read_anew(self, path: Path) -> list[Reading]:
        try:
            return self._reader.read(path)
        except DocumentError as error:
            passing = isinstance(error, ReaderDiedError)  # it is tried again the next time
            reason = {"name": "", "reason": str(error), "vietnamese": error.vietnamese}
            return [{**reason, "passing": passing}]


def _found(readings: Any) -> list[Found]:
    """Return what readings, as they come out of JSON, say.

    Raises:
        KeyError, TypeError, ValueError or AttributeError: If they are nothing of the kind.
    """
    return [
        Found(name=str(one["name"]), document=document_from_json(one["document"]))
        if "document" in one
        else Found(
            name=str(one["name"]), reason=str(one["reason"]), vietnamese=str(one["vietnamese"])
        )
        for one in readings
    ]


def _not_opened(reason: str) -> DocumentError:
    return DocumentError(f"it cannot be opened: {reason}", f"Không mở được tệp: {reason}.")
