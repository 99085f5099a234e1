"""Read folders of files as documents; a file that cannot be read never stops the others."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rag.documents import Document
from rag.errors import DocumentError, EmptyCorpusError
from rag.glossary import GLOSSARY_FILE, check_line
from rag.ingest.cache import ReadingCache
from rag.ingest.folder import (
    Collection,
    FolderProblem,
    check_place,
    files_in,
    read_collections,
    source_of,
)
from rag.ingest.loaders import Limits
from rag.ingest.metadata import (
    CATALOGUE,
    SIDECAR,
    Entry,
    language_said,
    read_catalogue,
    read_sidecar,
    with_entry,
)
from rag.ingest.reading import FileReader
from rag.ingest.remembering import RememberingReader, copies_aside
from rag.serialise import document_from_json
from rag.validity import resolve_relations
from rag.vietnamese import nfc

__all__ = ["Corpus", "Problem", "read_corpus"]

# What programs leave beside documents.
_LEFT_BEHIND = frozenset({"thumbs.db", "desktop.ini"})
_TEMPORARY = (".tmp", ".part", ".crdownload", ".lock", ".swp")
_INSTEAD = {
    ".doc": ".docx", ".dot": ".docx", ".rtf": ".docx", ".odt": ".docx", ".wps": ".docx",
    ".xls": ".xlsx", ".ods": ".xlsx", ".ppt": ".pptx", ".odp": ".pptx", ".msg": ".eml",
    ".rar": ".zip", ".7z": ".zip", ".tar": ".zip", ".gz": ".zip", ".epub": ".html",
    ".png": ".pdf", ".jpg": ".pdf", ".jpeg": ".pdf", ".tif": ".pdf", ".tiff": ".pdf",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A file that was passed over, and why."""

    source: str
    reason: str
    vietnamese: str = ""  # the reason, for the page


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """The documents of some folders, in the order of their names, and the files passed over.

    Attributes:
        glossary: The lines of the owner's glossary.
        duplicates: Files that say the same as a document, by what they are called, and that
            document.
    """

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]
    glossary: tuple[str, ...] = ()
    duplicates: Mapping[str, str] = field(default_factory=dict)

    @property
    def sha256(self) -> str:
        """A hash of all that an index is made from."""
        digest = hashlib.sha256(repr((self.glossary, sorted(self.duplicates.items()))).encode())
        for one in self.documents:
            known = (one.source, one.sha256, one.metadata, one.collection, one.access)
            digest.update(repr((*known, one.language)).encode("utf-8", "backslashreplace"))
        return digest.hexdigest()


def read_corpus(
    source: Path,
    reader: FileReader,
    cache: ReadingCache | None = None,
    progress: Callable[[int, int], None] | None = None,
    max_bytes: int = Limits().max_bytes,
    *,
    may_be_empty: bool = False,
) -> Corpus:
    """Read all files of a folder, or of the collections that a file names.

    Args:
        source: The folder or file; see `read_collections`.
        reader: Reads files.
        cache: What was read before.
        progress: Is told how many files of how many are read.
        max_bytes: The largest file that is read.
        may_be_empty: Whether a folder without any file will do.

    Raises:
        EmptyCorpusError: If the folder is not there, or no document in it could be read.
    """
    problems: list[Problem] = []
    glossary: list[str] = []
    documents: list[Document] = []
    with copies_aside() as aside:
        remembering = RememberingReader(reader, cache or ReadingCache(), aside, max_bytes)
        collections = read_collections(source)
        public = [one for one in collections if not one.groups] or collections
        for collection in collections:
            folder = _Folder(collection, remembering, problems)
            glossary += folder.glossary() if collection in public else ()
            documents += folder.documents(progress)
    if not documents and not (may_be_empty and not problems):
        raise _empty(source, reader, problems)
    kept, duplicates = _without_duplicates(documents)
    return Corpus(
        documents=resolve_relations(kept),
        problems=tuple(problems),
        glossary=tuple(glossary),
        duplicates=duplicates,
    )


def _empty(source: Path, reader: FileReader, problems: list[Problem]) -> EmptyCorpusError:
    known = " ".join(sorted(reader.suffixes))
    passed_over = "; ".join(f"{problem.source}: {problem.reason}" for problem in problems[:3])
    return EmptyCorpusError(
        f"no document in {source} can be read (of {known})"
        + (f": {passed_over}" if passed_over else "; put some there and index again")
    )


def _without_duplicates(
    documents: list[Document],
) -> tuple[tuple[Document, ...], dict[str, str]]:
    """Return the documents of which no other says the same to the same people, and the others."""
    first: dict[tuple[Any, ...], str] = {}
    duplicates = {}
    for document in documents:
        key = (document.sha256, document.collection, document.access)
        original = first.setdefault(key, document.source)
        if original != document.source:
            duplicates[document.source] = original
    return tuple(one for one in documents if one.source not in duplicates), duplicates


class _Folder:
    """Reads the documents of one collection and notes what fails."""

    def __init__(
        self, collection: Collection, reader: RememberingReader, problems: list[Problem]
    ) -> None:
        self._collection = collection
        self._reader = reader
        self._problems = problems
        self._catalogue: Mapping[str, Entry] = {}
        self._listed: tuple[Path, frozenset[str]] = (Path(), frozenset())
        self._named: set[str] = set()  # in the catalogue, and there
        self._closed = False  # who may read the documents is said, but cannot be understood
        if not collection.folder.is_dir():
            self._fail(collection.name, f"there is no folder {collection.folder}")
            return
        try:
            self._catalogue = {
                nfc(name): entry for name, entry in read_catalogue(collection.folder).items()
            }
        except DocumentError as error:
            path = collection.folder / CATALOGUE
            self._fail(self._called(path), str(error), error.vietnamese)
            self._closed = b"access" in path.read_bytes()

    def documents(self, progress: Callable[[int, int], None] | None) -> Iterator[Document]:
        """Yield the documents of all files that can be read."""
        folder = self._collection.folder
        paths = []
        for found in files_in(folder) if folder.is_dir() else ():
            if isinstance(found, FolderProblem):
                self._fail(self._called(found.path), found.reason, found.vietnamese)
            else:
                paths.append(found)
        for position, path in enumerate(paths):
            if progress:
                progress(position, len(paths))
            if self._is_document(path):
                yield from self._documents_of(path)
        if progress:
            progress(len(paths), len(paths))
        for name in sorted(self._catalogue.keys() - self._named):
            reason = f"it names {name!r}, but there is no such document"
            vietnamese = f"Có nêu “{name}” nhưng không có tài liệu này."
            self._fail(self._called(folder / CATALOGUE), reason, vietnamese)

    def glossary(self) -> Iterator[str]:
        """Yield the lines of the owner's glossary that can be understood; others are problems."""
        path = self._collection.folder / GLOSSARY_FILE
        if not path.is_file():
            return
        try:
            lines = nfc(path.read_text(encoding="utf-8-sig")).splitlines()
        except (OSError, UnicodeDecodeError) as error:
            self._fail(self._called(path), f"it cannot be read: {error}")
            return
        wrong = [number for number, line in enumerate(lines, start=1) if not check_line(line)]
        if wrong:
            which = ", ".join(map(str, wrong[:5])) + (" …" if len(wrong) > 5 else "")
            reason = f"neither English, a tab, Vietnamese nor SHORT = long stands in line {which}"
            self._fail(self._called(path), reason)
        yield from (line for line in lines if line.strip() and check_line(line))

    def _is_document(self, path: Path) -> bool:
        """Tell documents from what stands beside them."""
        name = path.name.lower()
        if path.parent == self._collection.folder and path.name in (CATALOGUE, GLOSSARY_FILE):
            return False
        if name.endswith(SIDECAR) and path.with_suffix("").exists():
            return False
        left_behind = name in _LEFT_BEHIND or name.startswith("~$") or name.endswith("~")
        return not left_behind and not name.endswith(_TEMPORARY)

    def _documents_of(self, path: Path) -> Iterator[Document]:
        source = self._called(path)
        try:
            check_place(path, self._collection.folder)
            self._check_kind(path)
            beside = self._entry_beside(path)
            readings = self._reader.read(path)
        except FileNotFoundError:
            return  # it was removed meanwhile
        except OSError as error:  # such as a name that is too long
            reason = error.strerror or str(error)
            self._fail(source, f"it cannot be opened: {reason}", f"Không mở được tệp: {reason}.")
            return
        except DocumentError as error:
            self._fail(source, str(error), error.vietnamese)
            return
        for reading in readings:
            name = f"{source}/{reading['name']}" if reading["name"] else source
            if "reason" in reading:
                self._fail(name, reading["reason"], reading["vietnamese"])
            else:
                document = document_from_json(reading["document"])
                yield self._with_owners_word(replace(document, source=name), beside)

    def _with_owners_word(self, document: Document, beside: Entry | None) -> Document:
        """Return a document with what the catalogue or the file beside it says instead."""
        name = document.source
        if self._collection.name:
            name = name.removeprefix(f"{self._collection.name}/")
        metadata, language = document.metadata, document.language
        name = nfc(name)
        self._named.update(self._catalogue.keys() & {name})
        for entry in (beside, self._catalogue.get(name)):
            metadata = with_entry(metadata, entry)
            language = language_said({}, entry) or language
        access = [self._collection.groups] if self._collection.groups else []
        access += [metadata.access] if metadata.access else []
        access += [()] if self._closed else []
        return replace(
            document,
            metadata=metadata,
            language=language,
            collection=self._collection.name,
            access=tuple(access),
        )

    def _entry_beside(self, path: Path) -> Entry | None:
        """Return what the file beside a document says of it.

        Raises:
            DocumentError: If it cannot be understood: it may say who may read the document.
        """
        name = f"{path.name}{SIDECAR}"
        sidecar = path.with_name(name)
        if not os.path.lexists(sidecar):
            found = (one for one in path.parent.glob("*") if one.name.lower() == name.lower())
            others = list(found) if name.lower() in self._lower_names(path.parent) else []
            if not others:
                return None
            sidecar = others[0]
        try:
            check_place(sidecar, self._collection.folder)
            return read_sidecar(sidecar)
        except DocumentError as error:
            raise DocumentError(
                f"what {sidecar.name} says of it cannot be understood: {error}",
                f"Không hiểu được nội dung {sidecar.name}: {error.vietnamese}",
            ) from error

    def _lower_names(self, folder: Path) -> frozenset[str]:
        """Return the names in a folder in lower case; listed once for each folder."""
        if self._listed[0] != folder:
            self._listed = (folder, frozenset(name.lower() for name in os.listdir(folder)))
        return self._listed[1]

    def _check_kind(self, path: Path) -> None:
        suffix = path.suffix.lower()
        if suffix in self._reader.suffixes:
            return
        instead = _INSTEAD.get(suffix)
        kind = suffix or "without an ending in its name"
        raise DocumentError(
            f"files of this kind ({kind}) are not read; "
            + (f"save it as {instead}" if instead else "save its text in a kind that is"),
            f"Chưa đọc được loại tệp này ({suffix or 'không có đuôi'}); "
            + (f"hãy lưu thành {instead}." if instead else "hãy lưu nội dung thành loại khác."),
        )

    def _called(self, path: Path) -> str:
        return source_of(path, self._collection)

    def _fail(self, source: str, reason: str, vietnamese: str = "") -> None:
        self._problems.append(Problem(source=source, reason=reason, vietnamese=vietnamese))
