"""Who may read what the program keeps: its user, and a group that was chosen for that.

An index holds the texts of all documents, also of those that only some may read, and so do the
documents that were removed or replaced. Whatever the umask is, directories that are made for them
get the mode 0700 and the files in them 0600. A directory that is there already keeps its mode; the
files in it get 0600 all the same.

An administrator shares an index with a group by letting that group, and nobody else, into its
directory:

    chgrp readers index
    chmod 2750 index

What is written into such a directory belongs to the group and follows the directory's mode: files
get 0640 and directories 0750, or 0660 and 0770 where the group may write too. What is there already
follows when the index is next built. Rights for everybody are not followed, since a directory of
mode 0755 is what `mkdir` makes for a person who has chosen nothing.
"""

import contextlib
import logging
import os
import stat
from dataclasses import dataclass
from pathlib import Path

__all__ = ["PRIVATE", "Rights", "make_directory", "make_file", "rights_in", "set_rights"]

_logger = logging.getLogger(__name__)
_ENTER_AND_LIST = 0o050
_OTHERS = 0o007


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """Who may read files beside the one whose they are.

    Attributes:
        group: The number of a group; None for nobody.
        bits: What it may do, as in the mode of a directory.
    """

    group: int | None = None
    bits: int = 0

    @property
    def file(self) -> int:
        """The mode of a file."""
        return 0o600 | self.bits & 0o060

    @property
    def directory(self) -> int:
        """The mode of a directory."""
        return 0o700 | self.bits


PRIVATE = Rights()
"""The rights of what is for one user only."""


def rights_in(directory: Path) -> Rights:
    """Return the rights of what is written into a directory."""
    try:
        status = directory.stat()
    except OSError:
        return PRIVATE
    mode = stat.S_IMODE(status.st_mode)
    if os.name == "nt" or mode & _OTHERS or mode & _ENTER_AND_LIST != _ENTER_AND_LIST:
        return PRIVATE
    return Rights(group=status.st_gid, bits=mode & 0o070)


def make_directory(path: Path, rights: Rights = PRIVATE) -> None:
    """Make a directory with such rights; one that is there is left as it is.

    Raises:
        OSError: If it cannot be made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        if not path.is_dir():
            raise
    else:
        set_rights(path, rights)


def make_file(path: Path, rights: Rights = PRIVATE) -> None:
    """Make an empty file, or leave what is in it, and give it such rights.

    Raises:
        OSError: If it is not there and cannot be made.
    """
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    set_rights(path, rights)


def set_rights(path: Path, rights: Rights) -> None:
    """Give a file or directory such rights, if it is this user's; links are left alone."""
    if os.name == "nt":  # where a file has the rights of the folder that it is in
        return
    try:
        status = path.lstat()
        if stat.S_ISLNK(status.st_mode) or status.st_uid != os.geteuid():
            return
        mode = rights.directory if stat.S_ISDIR(status.st_mode) else rights.file
        if rights.group is not None and status.st_gid != rights.group:
            try:
                os.chown(path, -1, rights.group)
            except OSError:  # this user is not in the group, and no other is to read it instead
                mode &= 0o700
        if stat.S_ISDIR(status.st_mode):
            mode |= status.st_mode & stat.S_ISGID
        if stat.S_IMODE(status.st_mode) != mode:
            path.chmod(mode)
    except OSError as error:
        _logger.debug("the rights of %s stay as they are: %s", path, error)
