"""The archives that .docx, .xlsx, .pptx and their kin are: checks before parsing, parts as XML.

Parts are read one by one, when they are asked for, so that pictures are never unpacked and a
reference to a part that is missing (Word writes and forgives them) does no harm.
"""

import posixpath
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Final
from zipfile import BadZipFile, ZipFile, ZipInfo

from lxml import etree

from rag.errors import DocumentError

__all__ = [
    "Element",
    "OfficeArchive",
    "check_archive",
    "damage_reported",
    "damaged_error",
    "no_text_error",
    "without_dangling_relationships",
]

Element = etree._Element

MAX_UNPACKED_BYTES = 300_000_000
"""The most that an archive may hold, unpacked."""

_MAX_COMPRESSION_RATIO = 200  # unpacked to packed; deflate cannot do more than about 1030
_MIN_BOMB_BYTES = 50_000_000  # bytes; a small file of blanks packs well and harms nobody
_MAX_MEMBERS = 20_000
_CHUNK_BYTES = 1 << 20
_OLE_MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
# What declares entities: no office program writes it, and the standard forbids it.
_DOCTYPES = (b"<!DOCTYPE", "<!DOCTYPE".encode("utf-16-le"), "<!DOCTYPE".encode("utf-16-be"))
_OVERLAP_BYTES = max(map(len, _DOCTYPES)) - 1
_PROGRAM_FOLDERS: Final = {"Word": "word/", "Excel": "xl/", "PowerPoint": "ppt/"}
_OTHER_FORMATS: Final = (  # how files begin that are met under a wrong ending
    (b"%PDF", "PDF"),
    (b"{\\rtf", "RTF"),
    (b"<!doctype html", "HTML"),
    (b"<html", "HTML"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG", "PNG"),
)
# ISO 29500 Strict, which Word can write, names everything anew; the elements are the same.
_STRICT_NAMESPACES: Final = (
    (
        b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
    (
        b"http://purl.oclc.org/ooxml/officeDocument/math",
        b"http://schemas.openxmlformats.org/officeDocument/2006/math",
    ),
    (
        b"http://purl.oclc.org/ooxml/drawingml/main",
        b"http://schemas.openxmlformats.org/drawingml/2006/main",
    ),
)


def damaged_error(kind: str, detail: object) -> DocumentError:
    """Return the error for a file that cannot be parsed.

    Args:
        kind: The program whose file it should be: "Word", "Excel", "PowerPoint", "LibreOffice".
        detail: What the parser reports.
    """
    return DocumentError(
        "office.damaged",
        kind=kind,
        detail=str(detail).strip().rstrip(".") or type(detail).__name__,
    )


def no_text_error() -> DocumentError:
    """Return the error for a file in which there is nothing to quote."""
    return DocumentError(
        "office.no_text",
    )


@contextmanager
def damage_reported(kind: str) -> Iterator[None]:
    """Say that a file is damaged, whatever the libraries raise that read it: they raise anything.

    Args:
        kind: The program whose file it is, as for `check_archive`.

    Raises:
        DocumentError: That says so, or that was raised within.
    """
    try:
        yield
    except (DocumentError, MemoryError):
        raise
    except Exception as error:
        raise damaged_error(kind, error) from error


def check_archive(path: Path, kind: str) -> None:
    """Refuse what cannot be an office file, or is none that can be read safely.

    Args:
        path: The file.
        kind: The program whose file it should be: "Word", "Excel" or "PowerPoint"; any other
            name, such as "LibreOffice", is only used in messages.

    Raises:
        DocumentError: If it has a password, is an old binary file, another format, damaged,
            unpacks to too much, or declares XML entities.
    """
    try:
        with path.open("rb") as file:
            head = file.read(1024)
        if not head.startswith(b"PK"):
            raise _not_an_archive_error(path, head, kind)
        with ZipFile(path) as archive:
            _check_sizes(archive.infolist(), path.stat().st_size)
            _check_folder(archive, kind)
            _check_xml(archive, kind)
    except OSError as error:
        raise DocumentError(
            "document.not_opened",
            error=error.strerror or error,
        ) from error
    except MemoryError:
        raise
    except DocumentError:
        raise
    except Exception as error:  # zipfile and zlib raise many kinds of errors on damage
        raise damaged_error(kind, error) from error


def _not_an_archive_error(path: Path, head: bytes, kind: str) -> DocumentError:
    if not head:
        return DocumentError("document.empty")
    if head.startswith(_OLE_MAGIC):
        if _ENCRYPTED_PACKAGE in path.read_bytes():
            return _password_error(kind)
        return DocumentError(
            "office.old_binary",
            kind=kind,
            suffix=path.suffix.lower(),
        )
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for magic, name in _OTHER_FORMATS:
        if start.startswith(magic.lower()):
            return DocumentError(
                "office.is_another_kind",
                name=name,
                kind=kind,
            )
    return damaged_error(kind, "it does not begin as a ZIP archive")


def _password_error(kind: str) -> DocumentError:
    return DocumentError(
        "office.password",
        kind=kind,
    )


def _check_sizes(members: list[ZipInfo], packed: int) -> None:
    unpacked = sum(member.file_size for member in members)
    is_bomb = unpacked > _MIN_BOMB_BYTES and unpacked > _MAX_COMPRESSION_RATIO * packed
    if unpacked > MAX_UNPACKED_BYTES or is_bomb or len(members) > _MAX_MEMBERS:
        size = f"{unpacked / 1e6:.0f} MB"
        raise DocumentError(
            "office.unpacks_too_large",
            size=size,
            members=len(members),
        )


def _check_folder(archive: ZipFile, kind: str) -> None:
    names = [name.lower().lstrip("/") for name in archive.namelist()]
    expected_folder = _PROGRAM_FOLDERS.get(kind)
    if expected_folder is None or any(name.startswith(expected_folder) for name in names):
        return
    if "content.xml" in names and "mimetype" in names:
        raise DocumentError(
            "office.is_opendocument",
            kind=kind,
        )
    for program, folder in _PROGRAM_FOLDERS.items():
        if any(name.startswith(folder) for name in names):
            raise DocumentError(
                "office.is_of_another_program",
                program=program,
                kind=kind,
            )
    raise damaged_error(kind, f"the archive has no {expected_folder} folder")


def _check_xml(archive: ZipFile, kind: str) -> None:
    """Read every XML part once: that proves its checksum and that it declares no entities."""
    for member in archive.infolist():
        if member.flag_bits & 1:
            raise _password_error(kind)
        name = member.filename.lower()
        if not name.endswith((".xml", ".rels")) or name.startswith("customxml/"):
            continue
        tail = b""
        with archive.open(member) as part:
            while chunk := part.read(_CHUNK_BYTES):
                if any(doctype in tail + chunk for doctype in _DOCTYPES):
                    raise DocumentError(
                        "office.xml_entities",
                        kind=kind,
                    )
                tail = chunk[-_OVERLAP_BYTES:]


class OfficeArchive:
    """The parts of an office file, to be opened after `check_archive`.

    Raises:
        BadZipFile: If it is no archive.
    """

    def __init__(self, path: Path) -> None:
        self._archive = ZipFile(path)
        self._names = {name.lower().lstrip("/"): name for name in self._archive.namelist()}

    def __enter__(self) -> "OfficeArchive":
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def xml(self, name: str) -> Element:
        """Return the root of a part; entities are neither expanded nor fetched.

        Raises:
            BadZipFile: If there is no such part.
            lxml.etree.XMLSyntaxError: If it is not XML.
        """
        stored = self._names.get(name.lower())
        if stored is None:
            raise BadZipFile(f"the part {name} is missing")
        data = self._archive.read(stored)
        if b"http://purl.oclc.org/ooxml/" in data:
            for strict, transitional in _STRICT_NAMESPACES:
                data = data.replace(strict, transitional)
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
        )
        return etree.fromstring(data, parser)

    def related_part(self, part: str, relationship: str) -> str:
        """Return the name of the part that another refers to; "" if there is none.

        Args:
            part: The part that refers; "" for the archive itself.
            relationship: The last segment of the relationship's type, such as "styles".
        """
        folder, file = posixpath.split(part)
        relationships = posixpath.join(folder, "_rels", file + ".rels")
        if relationships.lower() not in self._names:
            return ""
        for reference in self.xml(relationships):
            if reference.get("Type", "").rpartition("/")[2] == relationship:
                name = self._target(folder, reference)
                if name:
                    return name
        return ""

    def without_dangling(self) -> dict[str, bytes]:
        """Return the lists of references that name missing parts, without these references."""
        changed_parts: dict[str, bytes] = {}
        for name, stored in self._names.items():
            if not name.endswith(".rels"):
                continue
            folder = posixpath.dirname(posixpath.dirname(stored.lstrip("/")))
            root = self.xml(name)
            missing = [
                reference
                for reference in root
                if reference.get("TargetMode") != "External" and not self._target(folder, reference)
            ]
            for reference in missing:
                root.remove(reference)
            if missing:
                changed_parts[stored] = etree.tostring(root)
        return changed_parts

    def copy(self, replaced: Mapping[str, bytes]) -> BytesIO:
        """Return the archive with some parts replaced."""
        copied = BytesIO()
        with ZipFile(copied, "w") as target:
            for stored in self._archive.namelist():
                data = replaced.get(stored)
                target.writestr(stored, self._archive.read(stored) if data is None else data)
        return copied

    def _target(self, folder: str, reference: Element) -> str:
        """Return the name of the part that a reference names; "" if it is not in the archive."""
        if reference.get("TargetMode") == "External":
            return ""
        target = posixpath.join("/" + folder, reference.get("Target", ""))
        name = posixpath.normpath(target).lstrip("/")
        return name if name.lower() in self._names else ""


def without_dangling_relationships(path: Path) -> BytesIO | None:
    """Return a copy of an archive without references to missing parts, on which libraries fail.

    None if there are none: then the file can be read as it is.
    """
    with OfficeArchive(path) as archive:
        changed = archive.without_dangling()
        return archive.copy(changed) if changed else None
