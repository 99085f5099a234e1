"""Files on their way into a folder, and those that were left by a run that was killed.

A file is written under a hidden name and then renamed. While that goes on it is locked, so that
another process can tell it from one that was left.
"""

import contextlib
import logging
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path

from rag.language.visible import visible

__all__ = ["ADDING", "KEEPING", "claim", "remove_leftovers"]

ADDING = ".adding-"
"""What the name of a document begins with that is being added."""

KEEPING = ".keeping-"
"""What the name of a copy begins with that is being made of a removed document."""

_TEMPORARY_NAME = re.compile(
    rf"(?:{re.escape(ADDING)}|{re.escape(KEEPING)})[a-z0-9_]{{8}}(?:\..*)?", re.S
)
_MIN_AGE_S = 3_600.0  # an hour: where files cannot be locked, nobody takes as long
_logger = logging.getLogger(__name__)


def claim(descriptor: int) -> bool:
    """Lock an open file for this process; return False if another holds it.

    Where that cannot be done (Windows, some network folders) all seem free.
    """
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError as error:
        _logger.debug("a file cannot be locked: %s", error)
    return True


def remove_leftovers(folder: Path) -> None:
    """Remove what was left anywhere in a folder for an hour, and that no process works on."""
    for path in _leftovers(folder):
        with contextlib.suppress(OSError):  # it is gone meanwhile, or the folder is read-only
            if time.time() - path.lstat().st_mtime > _MIN_AGE_S and _is_free(path):
                path.unlink()
                _logger.info(
                    "%s was left by a run that was stopped, and is removed", visible(str(path))
                )


def _leftovers(folder: Path) -> Iterator[Path]:
    for parent, subfolders, names in os.walk(folder):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        for name in names:
            if _TEMPORARY_NAME.fullmatch(name):
                yield Path(parent, name)


def _is_free(path: Path) -> bool:
    """Tell whether no process works on a file."""
    if path.is_symlink() or not path.is_file():
        return False
    descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    try:
        return claim(descriptor)
    finally:
        os.close(descriptor)
