"""Put documents into a folder and take them out of it, so that nothing is ever lost or half there.

What is new is written aside, under a hidden name, and then takes its place in one step; of two who
add the same name at once, in whatever processes, one wins. What is removed or replaced is copied
before, in the same way.

A document that is added gets the mode 0600; one that replaces another gets that one's mode, and its
owner if this process may give files away.
"""

import contextlib
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from rag.ingest.run.leftovers import ADDING, KEEPING, claim
from rag.store.rights import make_directory, rights_in, set_rights

__all__ = ["put_in_place", "take_out", "written_aside"]

_LONGEST_NAME_BYTES = 255  # of nearly all file systems
_FOLDER_WAIT_S = 10.0  # for others who change the folder; each takes as long as copying a file
_RETRY_S = 0.02


@contextlib.contextmanager
def written_aside(content: bytes, target: Path) -> Iterator[Path]:
    """Give a file with some content beside where it shall be; it is gone after, or moved.

    Raises:
        OSError: If it cannot be written.
    """
    with _hidden(target.parent, ADDING, target.suffix) as (aside, file):
        file.write(content)
        _finish(file)
        yield aside


def put_in_place(aside: Path, target: Path, *, replacing: bool, removed: Path) -> None:
    """Move a file that was written aside to where it shall be.

    Args:
        aside: See `written_aside`.
        target: Where it shall be, in the same folder.
        replacing: Whether it may take the place of another, of which a copy is kept.
        removed: Where copies are kept.

    Raises:
        FileExistsError: If another is there and may not be replaced.
        OSError: If it cannot be written; all is as it was before.
    """
    with _alone_in(target.parent):
        if _placed(aside, target):
            pass
        elif not replacing:
            raise FileExistsError(f"{target} is there")
        else:
            if not target.is_symlink():  # what a link leads to stays where it is
                _keep(target, removed)
                _take_rights(aside, target)
            aside.replace(target)
        _flush_directory(target.parent)


def take_out(target: Path, *, removed: Path) -> None:
    """Take a file out of its folder; a copy is kept, unless it is a link.

    Raises:
        OSError: If that cannot be done; it is still there then.
    """
    with _alone_in(target.parent):
        if not target.is_symlink():
            _keep(target, removed)
        target.unlink()
        _flush_directory(target.parent)


def _keep(path: Path, removed: Path) -> None:
    """Copy a file to the removed ones, whole or not at all."""
    if not path.is_file():
        raise OSError(f"{path.name} is no ordinary file")
    make_directory(removed.parent)
    make_directory(removed, rights_in(removed.parent))
    with _hidden(removed, KEEPING, "") as (aside, copy), path.open("rb") as original:
        shutil.copyfileobj(original, copy)
        _finish(copy)
        set_rights(aside, rights_in(removed))
        while not _placed(aside, removed / _kept_name(path.name, datetime.now(UTC))):
            time.sleep(_RETRY_S)
        _flush_directory(removed)


def _kept_name(name: str, now: datetime) -> str:
    """Return what a copy is called: when it was made, and the name, shortened where need be."""
    stamp = f"{now:%Y%m%dT%H%M%S.%f}-"
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 (a name may have bytes that are no text)
    room = _LONGEST_NAME_BYTES - len(stamp)
    if len(os.fsencode(suffix)) >= room:
        stem, suffix = name, ""
    while len(os.fsencode(stem + suffix)) > room:
        stem = stem[:-1]
    return f"{stamp}{stem}{suffix}"


@contextlib.contextmanager
def _hidden(folder: Path, prefix: str, suffix: str) -> Iterator[tuple[Path, IO[bytes]]]:
    """Give a new file under a hidden name, which is gone after if it was not moved."""
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=prefix, suffix=suffix)
    aside = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            claim(descriptor)  # as long as it is open
            if os.name != "nt":
                os.fchmod(descriptor, 0o600)  # whatever the umask
            yield aside, file
    finally:
        aside.unlink(missing_ok=True)


def _finish(file: IO[bytes]) -> None:
    """Have all that was written reach the disk."""
    file.flush()
    os.fsync(file.fileno())
    if os.name == "nt":  # where no open file can be moved
        file.close()


def _placed(aside: Path, target: Path) -> bool:
    """Give a file its name; return False if another has it. There is nothing in between."""
    try:
        os.link(aside, target)
    except FileExistsError:
        return False
    except OSError:  # a file system without links
        try:
            os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        except FileExistsError:
            return False
        try:
            aside.replace(target)
        except OSError:
            target.unlink(missing_ok=True)
            raise
    return True


def _take_rights(aside: Path, target: Path) -> None:
    """Give a file the mode of the one that it replaces, and its owner if that may be done."""
    status = target.stat()
    if os.name != "nt":
        try:
            os.chown(aside, status.st_uid, status.st_gid)
        except OSError:
            with contextlib.suppress(OSError):
                os.chown(aside, -1, status.st_gid)
    aside.chmod(stat.S_IMODE(status.st_mode) & 0o777)


@contextlib.contextmanager
def _alone_in(folder: Path) -> Iterator[None]:
    """Keep out other processes that change a folder, where folders can be locked.

    Raises:
        TimeoutError: If another holds it for long.
    """
    if os.name == "nt":
        yield
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        until = time.monotonic() + _FOLDER_WAIT_S
        while not claim(descriptor):
            if time.monotonic() > until:
                raise TimeoutError(f"another program is changing {folder}; try again")
            time.sleep(_RETRY_S)
        yield
    finally:
        os.close(descriptor)


def _flush_directory(folder: Path) -> None:
    """Have the names in a folder reach the disk, where that can be asked for."""
    if os.name == "nt":
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
