"""Read the documents in a .zip file."""

import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path, PurePosixPath
from zipfile import ZipFile, ZipInfo

from rag.errors import DocumentError
from rag.ingest.containers.members import (
    MemberReader,
    UniqueNames,
    is_inside,
    refused,
    safe_name,
)
from rag.ingest.extract import Extract, Part
from rag.ingest.files import check_size
from rag.ingest.loaders import DocumentLoader
from rag.messages import message

__all__ = ["ArchiveLimits", "ArchiveLoader"]

_ENCRYPTED = 0x1
_UTF8 = 0x800
_LOCAL_HEADER_BYTES = 30  # bytes before the name of a member
_ARCHIVES = frozenset({".zip", ".rar", ".7z", ".tar", ".gz", ".tgz", ".bz2", ".xz"})
_JUNK = frozenset({"__macosx", "thumbs.db", "desktop.ini"})
_MB = 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveLimits:
    """What an archive may hold.

    Attributes:
        file_bytes: The most that the archive itself may have.
        member_bytes: The most that one member may have, unpacked.
        total_bytes: The most that all may have, unpacked.
        members: The most files.
        ratio: The most that the whole may grow, if it grows beyond `ratio_from` bytes.
        ratio_from: See `ratio`; a small file of blanks packs well and harms nobody.
    """

    file_bytes: int = 50 * _MB
    member_bytes: int = 50 * _MB
    total_bytes: int = 500 * _MB
    members: int = 2_000
    ratio: int = 100
    ratio_from: int = 20 * _MB


class ArchiveLoader:
    """Reads the members of an archive, each by the loader of its ending; one level deep."""

    suffixes = frozenset({".zip"})

    def __init__(
        self, loaders: Sequence[DocumentLoader], limits: ArchiveLimits | None = None
    ) -> None:
        self._reader = MemberReader(loaders)
        self._limits = limits or ArchiveLimits()

    def load(self, path: Path) -> Extract:
        """Return what the members say, each in a part of its own.

        Raises:
            DocumentError: If it is no archive, holds nothing, or unpacks to too much.
        """
        check_size(path, self._limits.file_bytes)
        try:
            with ZipFile(path) as archive:
                members = [info for info in archive.infolist() if not _is_junk(info)]
                self._check(archive.infolist(), path.stat().st_size)
                parts = tuple(self._parts(archive, members))
        except (DocumentError, MemoryError):
            raise
        except Exception as error:  # zipfile and zlib raise many kinds of errors on damage
            raise DocumentError(
                "containers.damaged_zip",
                error=error,
            ) from error
        if not parts:
            raise DocumentError("containers.no_files")
        return Extract(text="", parts=parts)

    def _check(self, members: Sequence[ZipInfo], packed: int) -> None:
        """Refuse what is made to harm, by what the archive states and before it is unpacked."""
        limits = self._limits
        if len(members) > limits.members:
            raise DocumentError(
                "containers.too_many_files",
                files=len(members),
                limit=limits.members,
            )
        total = sum(member.file_size for member in members)
        grows = total > limits.ratio_from and total > limits.ratio * packed
        if total > limits.total_bytes or grows or _overlap(members):
            raise DocumentError("containers.unpacks_too_large", size=total / _MB)

    def _parts(self, archive: ZipFile, members: Sequence[ZipInfo]) -> Iterator[Part]:
        unique = UniqueNames()
        for member in members:
            stated = _stated_name(member)
            name = unique(safe_name(stated))
            refusal = self._refusal(member, stated, name)
            if refusal is not None:
                yield refusal
                continue
            data = self._unpacked(archive, member, name)
            if isinstance(data, Part):
                yield data
            else:
                yield from self._reader.parts(name, data)

    def _refusal(self, member: ZipInfo, stated: str, name: str) -> Part | None:
        """Return the part that says why a member is not read, None if it can be."""
        if not is_inside(stated):
            return refused(
                name,
                message("containers.name_leads_out"),
            )
        if stat.S_ISLNK(member.external_attr >> 16):
            return refused(
                name,
                message("containers.is_a_link"),
            )
        if PurePosixPath(name).suffix.lower() in _ARCHIVES:
            return refused(
                name,
                message("containers.archive_within_archive"),
            )
        if not self._reader.reads(name):
            return self._reader.unread(name)
        if member.flag_bits & _ENCRYPTED:
            return refused(
                name,
                message("containers.password"),
            )
        if member.file_size > self._limits.member_bytes:
            return refused(
                name,
                message(
                    "containers.file_too_large",
                    size=member.file_size / _MB,
                    limit=self._limits.member_bytes / _MB,
                ),
            )
        return None

    def _unpacked(self, archive: ZipFile, member: ZipInfo, name: str) -> bytes | Part:
        try:
            with archive.open(member) as file:
                # What is stated may be false: no more than that is ever unpacked.
                data = file.read(member.file_size + 1)
        except MemoryError:
            raise
        except Exception as error:  # zipfile and zlib raise many kinds of errors on damage
            return refused(
                name,
                message("containers.damaged_file", error=error),
            )
        return data


def _is_junk(member: ZipInfo) -> bool:
    """Tell whether a member is a folder, or one that a system hides."""
    pieces = member.filename.replace("\\", "/").split("/")
    named = [piece for piece in pieces if piece not in ("", ".", "..")]
    hidden = any(piece.startswith((".", "~$")) or piece.lower() in _JUNK for piece in named)
    return hidden or not named or member.is_dir() or member.filename.endswith("\\")


def _overlap(members: Sequence[ZipInfo]) -> bool:
    """Tell whether members share their bytes, as only archives made to harm do."""
    spans = sorted(
        (member.header_offset, member.header_offset + _LOCAL_HEADER_BYTES + member.compress_size)
        for member in members
    )
    return any(later[0] < earlier[1] for earlier, later in pairwise(spans))


def _stated_name(member: ZipInfo) -> str:
    """Return a member's name; without the mark for UTF-8, it may still be that, or Vietnamese."""
    name = member.orig_filename
    if member.flag_bits & _UTF8 or name.isascii():
        return name
    try:
        packed = name.encode("cp437")
    except UnicodeEncodeError:
        return name
    for encoding in ("utf-8", "cp1258"):
        try:
            return packed.decode(encoding)
        except UnicodeDecodeError:
            continue
    return name
