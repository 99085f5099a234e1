"""Read folders of files as documents; a file that cannot be read never stops the others."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from rag.domain.documents import Document
from rag.domain.standing import Clock, today
from rag.domain.work import Limits
from rag.errors import EmptyCorpusError
from rag.ingest.run.cached_reader import (
    CachedReader,
    NullCache,
    ReadingCache,
    temporary_copies,
)
from rag.ingest.run.file_reader import FileReader
from rag.ingest.run.folder import (
    read_collections,
)
from rag.ingest.run.folder_reader import FolderReader
from rag.ingest.run.problems import Problem, Problems
from rag.law.register import resolve_relations
from rag.messages import message

__all__ = ["Corpus", "Problem", "read_corpus"]


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
        for document in self.documents:
            values = (
                document.source,
                document.sha256,
                document.metadata,
                document.collection,
                document.access,
            )
            digest.update(repr((*values, document.language)).encode("utf-8", "backslashreplace"))
        return digest.hexdigest()


def read_corpus(
    source: Path,
    reader: FileReader,
    cache: ReadingCache | None = None,
    progress: Callable[[int, int], None] | None = None,
    max_bytes: int = Limits().max_bytes,
    *,
    clock: Clock = today,
    may_be_empty: bool = False,
    all_may_fail: bool = False,
) -> Corpus:
    """Read all files of a folder, or of the collections that a file names.

    Args:
        source: The folder or file; see `read_collections`.
        reader: Reads files.
        cache: What was read before.
        progress: Is told how many files of how many are read.
        max_bytes: The largest file that is read.
        clock: Returns this day; nothing was published later.
        may_be_empty: Whether a folder without any file will do.
        all_may_fail: Whether one will do of which no file can be read.

    Raises:
        EmptyCorpusError: If the folder is not there, or no document in it could be read.
    """
    now = clock()
    problems = Problems()
    glossary: list[str] = []
    documents: list[Document] = []
    with temporary_copies() as directory:
        cached_reader = CachedReader(reader, cache or NullCache(), directory, max_bytes)
        collections = read_collections(source)
        public = [collection for collection in collections if not collection.groups] or collections
        for collection in collections:
            folder = FolderReader(collection, cached_reader, problems, now)
            glossary += folder.glossary() if collection in public else ()
            documents += folder.documents(progress)
    kept, duplicates = _without_duplicates(documents, problems)
    resolved = problems.run_without_failing(
        kept, lambda subset: resolve_relations(subset, now), _without_relations
    )
    if not resolved and not (all_may_fail if problems else may_be_empty):
        raise _empty_corpus_error(source, reader, problems)
    return Corpus(
        documents=resolved,
        problems=problems.collected(),
        glossary=tuple(glossary),
        duplicates=duplicates,
    )


def _empty_corpus_error(source: Path, reader: FileReader, problems: Problems) -> EmptyCorpusError:
    suffixes = " ".join(sorted(reader.suffixes))
    passed_over = "; ".join(
        f"{problem.source}: {problem.reason}" for problem in problems.collected()[:3]
    )
    if passed_over:
        return EmptyCorpusError(
            "run.nothing_readable_because", source=source, known=suffixes, passed_over=passed_over
        )
    return EmptyCorpusError("run.nothing_readable", source=source, known=suffixes)


def _without_relations(document: Document) -> Document:
    """Return a document that says nothing of others."""
    metadata = replace(document.metadata, replaces=(), replaced_by=(), amends=())
    return replace(document, metadata=metadata)


def _without_duplicates(
    documents: Sequence[Document], problems: Problems
) -> tuple[tuple[Document, ...], dict[str, str]]:
    """Return the documents of which no other says the same to the same people, and the others."""
    first: dict[tuple[Any, ...], str] = {}
    duplicates = {}
    by_name: dict[str, Document] = {}
    for document in documents:
        if document.source in by_name:
            problems.add(
                document.source,
                message("run.same_name"),
            )
            continue
        by_name[document.source] = document
        key = (document.sha256, document.collection, document.access)
        original = first.setdefault(key, document.source)
        if original != document.source:
            duplicates[document.source] = original
    kept = (document for document in by_name.values() if document.source not in duplicates)
    return tuple(kept), duplicates
