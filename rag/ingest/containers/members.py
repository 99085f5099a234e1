"""Read the files that stand within another: members of archives, attachments of messages."""

import re
import tempfile
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path, PurePosixPath

from rag.errors import DocumentError
from rag.ingest.extract import Part
from rag.ingest.loaders import DocumentLoader
from rag.language.vietnamese import nfc
from rag.messages import Message, message

__all__ = ["MemberReader", "UniqueNames", "is_inside", "refused", "safe_name"]

_INVISIBLE_CATEGORIES = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_MAX_PIECE_CHARS = 200  # characters of each piece of a path
_MAX_PATH_PIECES = 12
_DRIVE = re.compile(r"[A-Za-z]:")
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}")


def safe_name(name: str) -> str:
    """Return a name fit to be shown: a relative path with forward slashes, all of it visible."""
    shown = "".join("_" if unicodedata.category(c) in _INVISIBLE_CATEGORIES else c for c in name)
    pieces = [piece.strip() for piece in nfc(shown).replace("\\", "/").split("/")]
    kept = [piece for piece in pieces if piece not in ("", ".", "..") and not piece.isspace()]
    return "/".join(_shortened(piece) for piece in kept[-_MAX_PATH_PIECES:]) or "_"


def _shortened(piece: str) -> str:
    piece = _DRIVE.sub("_", piece, count=1) if _DRIVE.match(piece) else piece
    if len(piece) <= _MAX_PIECE_CHARS:
        return piece
    suffix = PurePosixPath(piece).suffix[:10]
    return piece[: _MAX_PIECE_CHARS - len(suffix)] + suffix


def is_inside(name: str) -> bool:
    """Tell whether a name stays within the place where it is unpacked."""
    path = name.replace("\\", "/")
    return not (path.startswith("/") or _DRIVE.match(path) or ".." in path.split("/"))


def refused(name: str, why: Message) -> Part:
    """Return the part for a file that is not read."""
    return Part(name=name, message=why)


class UniqueNames:
    """Gives each part a name of its own: "a.txt", "a (2).txt"."""

    def __init__(self) -> None:
        self._given: set[str] = set()

    def __call__(self, name: str) -> str:
        """Return the name, with a number if it was given before."""
        path = PurePosixPath(name)
        unique, count = name, 1
        while unique.casefold() in self._given:
            count += 1
            unique = str(path.with_name(f"{path.stem} ({count}){path.suffix}"))
        self._given.add(unique.casefold())
        return unique


class MemberReader:
    """Reads files out of others, each by the loader of its ending.

    Args:
        loaders: Of every format that is read.
    """

    def __init__(self, loaders: Sequence[DocumentLoader]) -> None:
        self._loaders = {suffix: loader for loader in loaders for suffix in loader.suffixes}

    def reads(self, name: str) -> bool:
        """Tell whether there is a loader for a file of that name."""
        return PurePosixPath(name).suffix.lower() in self._loaders

    def unread(self, name: str) -> Part:
        """Return the part for a file of a format that is not read."""
        suffix = PurePosixPath(name).suffix.lower()
        shown = suffix if _SUFFIX.fullmatch(suffix) else ""
        return refused(
            name,
            message(
                "containers.kind_not_read",
                ending=shown or message("containers.no_ending"),
            ),
        )

    def parts(self, name: str, data: bytes) -> Iterator[Part]:
        """Yield what was read of a file, then of the files within it.

        The file is given to its loader under a name of our own, never under its.
        """
        suffix = PurePosixPath(name).suffix.lower()
        try:
            with tempfile.TemporaryDirectory(prefix="trichdan-") as folder:
                path = Path(folder) / f"document{suffix}"
                path.write_bytes(data)
                extract = self._loaders[suffix].load(path)
        except DocumentError as error:
            yield refused(name, error.message)
            return
        except OSError as error:
            yield refused(
                name,
                message("containers.not_unpacked", error=error.strerror or error),
            )
            return
        if extract.text.strip() or not extract.parts:
            yield Part(name=name, extract=replace(extract, parts=()))
        for part in extract.parts:
            yield replace(part, name=f"{name}/{part.name}")
