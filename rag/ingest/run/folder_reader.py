"""Read the documents of one folder, with what its owner says of them beside or in a catalogue."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from rag.domain.documents import Document
from rag.domain.standing import Time
from rag.errors import DocumentError
from rag.ingest.run.cached_reader import (
    CachedReader,
)
from rag.ingest.run.example_questions import read_examples
from rag.ingest.run.folder import (
    EXAMPLES_FILE,
    Collection,
    FolderProblem,
    check_place,
    files_in,
    is_control_file,
    source_of,
)
from rag.ingest.run.problems import Problems
from rag.ingest.run.readings import Reading, UnreadPart
from rag.ingest.structure.metadata import (
    CATALOGUE,
    SIDECAR,
    Entry,
    read_catalogue,
    read_sidecar,
    stated_language,
    with_entry,
)
from rag.language.glossary import GLOSSARY_FILE, check_line
from rag.language.vietnamese import nfc
from rag.language.visible import visible
from rag.law.register import with_sound_dates
from rag.messages import message

__all__ = ["FolderReader"]

# What programs leave beside documents.
_SYSTEM_FILES = frozenset({"thumbs.db", "desktop.ini"})
_TEMPORARY_SUFFIXES = (".tmp", ".part", ".crdownload", ".lock", ".swp")
_SUFFIX_INSTEAD = {
    ".doc": ".docx", ".dot": ".docx", ".rtf": ".docx", ".odt": ".docx", ".wps": ".docx",
    ".xls": ".xlsx", ".ods": ".xlsx", ".ppt": ".pptx", ".odp": ".pptx", ".msg": ".eml",
    ".rar": ".zip", ".7z": ".zip", ".tar": ".zip", ".gz": ".zip", ".epub": ".html",
    ".png": ".pdf", ".jpg": ".pdf", ".jpeg": ".pdf", ".tif": ".pdf", ".tiff": ".pdf",
}  # fmt: skip


class FolderReader:
    """Reads the documents of one collection and notes what fails."""

    def __init__(
        self, collection: Collection, reader: CachedReader, problems: Problems, now: Time
    ) -> None:
        self._collection = collection
        self._reader = reader
        self._problems = problems
        self._now = now
        self._catalogue: Mapping[str, Entry] = {}
        self._listing: tuple[Path, frozenset[str]] = (Path(), frozenset())
        self._matched_names: set[str] = set()  # in the catalogue, and there
        self._deny_access = False  # who may read the documents is said, but cannot be understood
        if not collection.folder.is_dir():
            problems.add(
                collection.name,
                message("run.no_folder", folder=collection.folder),
            )
            return
        path = collection.folder / CATALOGUE
        self._deny_access = True  # until it is known what the catalogue says
        with problems.recording(self._source_of(path)):
            try:
                with _reporting_unopened():
                    catalogue = read_catalogue(
                        collection.folder, lambda error: self._add_problem(path, error)
                    )
            except DocumentError:
                self._deny_access = _may_restrict_access(path)
                raise
            self._catalogue = {nfc(name): entry for name, entry in catalogue.items()}
            self._deny_access = False

    def documents(self, progress: Callable[[int, int], None] | None) -> Iterator[Document]:
        """Yield the documents of all files that can be read."""
        folder = self._collection.folder
        with self._problems.recording(self._source_of(folder / EXAMPLES_FILE)):
            read_examples(folder)
        paths = []
        for file in files_in(folder) if folder.is_dir() else ():
            if isinstance(file, FolderProblem):
                self._problems.add(self._source_of(file.path), file.message)
            else:
                paths.append(file)
        for position, path in enumerate(paths):
            if progress:
                progress(position, len(paths))
            yield from self._documents_of(path)
        if progress:
            progress(len(paths), len(paths))
        for name in sorted(self._catalogue.keys() - self._matched_names):
            self._problems.add(
                self._source_of(folder / CATALOGUE),
                message("run.names_missing_document", name=name),
            )

    def glossary(self) -> list[str]:
        """Return the lines of the owner's glossary that can be understood; others are problems."""
        path = self._collection.folder / GLOSSARY_FILE
        source = self._source_of(path)
        understood: list[str] = []
        with self._problems.recording(source), _reporting_unopened():
            wrong_numbers = []
            for number, line in enumerate(_glossary_lines(path), start=1):
                if not check_line(line):
                    wrong_numbers.append(number)
                elif line.strip():
                    understood.append(line)
            if wrong_numbers:
                shown_numbers = ", ".join(map(str, wrong_numbers[:5]))
                if len(wrong_numbers) > 5:
                    shown_numbers += " …"
                self._problems.add(source, message("run.glossary_lines_wrong", lines=shown_numbers))
        return understood

    def _documents_of(self, path: Path) -> list[Document]:
        """Return the documents of a file; whatever fails is a problem of it, or of a part of it."""
        source = self._source_of(path)
        documents: list[Document] = []
        with self._problems.recording(source):
            try:
                with _reporting_unopened():
                    sidecar_entry, readings = self._read(path)
            except FileNotFoundError:
                return []  # it was removed meanwhile
            for reading in readings:
                name = f"{source}/{visible(reading.name)}" if reading.name else source
                with self._problems.recording(name):
                    if isinstance(reading, UnreadPart):
                        self._problems.add(name, reading.message)
                        continue
                    document = replace(reading.document, source=name)
                    documents.append(self._with_stated_metadata(document, sidecar_entry))
        return documents

    def _read(self, path: Path) -> tuple[Entry | None, list[Reading]]:
        """Return what the owner says of a file, and what is read of it if it is a document."""
        if not self._is_document(path):
            return None, []
        check_place(path, self._collection.folder)
        self._check_suffix(path)
        return self._entry_beside(path), self._reader.read(path)

    def _is_document(self, path: Path) -> bool:
        """Tell documents from what stands beside them."""
        name = path.name.lower()
        is_system_file = name in _SYSTEM_FILES or name.startswith("~$") or name.endswith("~")
        if is_system_file or name.endswith(_TEMPORARY_SUFFIXES):
            return False
        return not is_control_file(path, self._collection.folder)

    def _with_stated_metadata(self, document: Document, sidecar_entry: Entry | None) -> Document:
        """Return a document with what the catalogue or the file beside it says instead."""
        name = document.source
        if self._collection.name:
            name = name.removeprefix(f"{self._collection.name}/")
        metadata, language = document.metadata, document.language
        name = nfc(name)
        self._matched_names.update(self._catalogue.keys() & {name})
        for entry in (sidecar_entry, self._catalogue.get(name)):
            metadata = with_entry(metadata, entry)
            language = stated_language({}, entry) or language
        access = [self._collection.groups] if self._collection.groups else []
        access += [metadata.access] if metadata.access else []
        access += [()] if self._deny_access else []
        stated = replace(
            document,
            metadata=metadata,
            language=language,
            collection=self._collection.name,
            access=tuple(access),
        )
        return with_sound_dates(stated, self._now)

    def _entry_beside(self, path: Path) -> Entry | None:
        """Return what the file beside a document says of it.

        Raises:
            DocumentError: If it cannot be understood: it may say who may read the document.
        """
        name = f"{path.name}{SIDECAR}"
        sidecar = path.with_name(name)
        if not os.path.lexists(sidecar):
            siblings = (
                sibling for sibling in path.parent.glob("*") if sibling.name.lower() == name.lower()
            )
            sidecars = list(siblings) if name.lower() in self._lower_names(path.parent) else []
            if not sidecars:
                return None
            sidecar = sidecars[0]
        try:
            check_place(sidecar, self._collection.folder)
            return read_sidecar(sidecar, lambda error: self._add_problem(sidecar, error))
        except DocumentError as error:
            raise DocumentError(
                "run.sidecar_not_understood",
                sidecar=sidecar.name,
                error=error,
            ) from error

    def _lower_names(self, folder: Path) -> frozenset[str]:
        """Return the names in a folder in lower case; listed once for each folder."""
        if self._listing[0] != folder:
            self._listing = (folder, frozenset(name.lower() for name in os.listdir(folder)))
        return self._listing[1]

    def _check_suffix(self, path: Path) -> None:
        suffix = path.suffix.lower()
        if suffix in self._reader.suffixes:
            return
        instead = _SUFFIX_INSTEAD.get(suffix)
        if not suffix:
            raise DocumentError("run.kind_without_ending")
        if instead:
            raise DocumentError("run.kind_not_read_save_as", kind=suffix, instead=instead)
        raise DocumentError("run.kind_not_read", kind=suffix)

    def _source_of(self, path: Path) -> str:
        return source_of(path, self._collection)

    def _add_problem(self, path: Path, error: DocumentError) -> None:
        self._problems.add(self._source_of(path), error.message)


@contextmanager
def _reporting_unopened() -> Iterator[None]:
    """Say of a file that it cannot be opened, if that is so.

    Raises:
        DocumentError: That says so.
        FileNotFoundError: If it is gone.
    """
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:  # such as of a name that is too long
        reason = error.strerror or str(error)
        raise DocumentError("document.not_opened", error=reason) from error


def _may_restrict_access(catalogue: Path) -> bool:
    """Tell whether a catalogue that cannot be understood may say who may read documents."""
    try:
        return b"access" in catalogue.read_bytes()
    except OSError:
        return True


def _glossary_lines(path: Path) -> list[str]:
    """Return the lines of the owner's glossary; none if there is none.

    Raises:
        DocumentError: If it cannot be read.
    """
    if not path.is_file():
        return []
    try:
        return nfc(path.read_text(encoding="utf-8-sig")).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DocumentError("document.not_read", error=error) from error
