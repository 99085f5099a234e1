"""Read files that may change meanwhile, and none twice."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Protocol

from rag.errors import DocumentError, IndexWriteError, ReaderDiedError
from rag.ingest.files import check_size
from rag.ingest.pdf.ocr import available as can_read_scans
from rag.ingest.run.file_reader import FileReader
from rag.ingest.run.readings import Reading, UnreadPart, readings_from_json, readings_to_json
from rag.ingest.structure.versions import READING_VERSION

__all__ = ["CachedReader", "NullCache", "ReadingCache", "temporary_copies"]

_COPY_PREFIX = "trichdan-reading-"
_CHUNK_BYTES = 1 << 22


@contextmanager
def temporary_copies() -> Iterator[Path]:
    """Give a directory for copies; those that were left by a run that was killed are removed."""
    _remove_stale_copies()
    with tempfile.TemporaryDirectory(prefix=f"{_COPY_PREFIX}{os.getpid()}-") as directory:
        yield Path(directory)


def _remove_stale_copies() -> None:
    """Remove the copies that were left by a run that was killed."""
    for stale_copies in Path(tempfile.gettempdir()).glob(f"{_COPY_PREFIX}*-*"):
        process_id = stale_copies.name.removeprefix(_COPY_PREFIX).split("-")[0]
        if process_id.isdigit() and not _is_running(int(process_id)):
            shutil.rmtree(stale_copies, ignore_errors=True)


def _is_running(process_id: int) -> bool:
    if os.name == "nt":  # where asking would end it
        return True
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


class ReadingCache(Protocol):
    """What was read before, by keys."""

    def get(self, key: str) -> Any:
        """Return the value under a key, None if there is none."""
        ...

    def put(self, key: str, value: Any) -> None:
        """Remember a value that JSON can hold."""
        ...


class NullCache:
    """A cache that remembers nothing."""

    def get(self, key: str) -> Any:
        """Return nothing."""
        del key

    def put(self, key: str, value: Any) -> None:
        """Forget a value at once."""
        del key, value


class CachedReader:
    """Reads single files, or remembers what was read of files that hold the same.

    Args:
        reader: Reads files.
        cache: What was read before.
        directory: A directory into which files are copied to be read.
        max_bytes: The largest file that is read.
    """

    def __init__(
        self, reader: FileReader, cache: ReadingCache, directory: Path, max_bytes: int
    ) -> None:
        self._reader = reader
        self._max_bytes = max_bytes
        self._cache = cache
        self._directory = directory
        self._key_prefix = f"{READING_VERSION} {can_read_scans()} {reader.circumstances}"

    @property
    def suffixes(self) -> frozenset[str]:
        """The file name endings that are read."""
        return self._reader.suffixes

    def read(self, path: Path) -> list[Reading]:
        """Return the documents of a file, or why there are none.

        The file is copied first, so that it may change meanwhile.

        Raises:
            DocumentError: If it cannot be opened; other failures are remembered like readings.
            FileNotFoundError: If it is gone.
        """
        copy = self._directory / path.name
        copy.unlink(missing_ok=True)
        digest = hashlib.sha256(f"{self._key_prefix} {path.suffix.lower()} ".encode())
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
        readings = self._cached(key)
        if readings is None:
            try:
                readings = self._reader.read(copy)
            except ReaderDiedError as error:  # it is tried again the next time
                readings = [UnreadPart(name="", message=error.message)]
            except DocumentError as error:
                readings = [UnreadPart(name="", message=error.message)]
                self._cache.put(key, readings_to_json(readings))
            else:
                self._cache.put(key, readings_to_json(readings))
        copy.unlink(missing_ok=True)
        return readings

    def _cached(self, key: str) -> list[Reading] | None:
        """Return what was read before; None if nothing was, or it cannot be understood."""
        value = self._cache.get(key)
        try:
            return (readings_from_json(value) or None) if value is not None else None
        except (KeyError, TypeError, ValueError, AttributeError):
            return None

    def _copy(self, file: IO[bytes], copy: Path, digest: "hashlib._Hash") -> None:
        while file.tell() <= self._max_bytes and (chunk := file.read(_CHUNK_BYTES)):
            digest.update(chunk)
            try:
                with copy.open("ab") as target:
                    target.write(chunk)
            except OSError as error:  # no fault of the document's
                raise IndexWriteError(
                    "run.copies_not_written",
                    parent=self._directory.parent,
                    error=error.strerror,
                ) from error


def _not_opened(reason: str) -> DocumentError:
    return DocumentError("document.not_opened", error=reason)
