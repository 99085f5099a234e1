"""A folder of documents, its index, and the assistant that answers while both change."""

import logging
import os
import threading
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from rag.config import Settings, load_settings
from rag.domain.ports import Catalogue, Embedder, ReadingModel
from rag.domain.standing import Clock, today
from rag.errors import DocumentError, DocumentExistsError, TrichDanError
from rag.ingest import Corpus
from rag.ingest.run.child_process import ChildProcessRunner
from rag.ingest.run.file_reader import SUFFIXES, RunnerReader
from rag.ingest.run.folder import (
    Collection,
    file_of,
    is_control_file,
    read_collections,
    source_of,
    unescaped_path,
)
from rag.ingest.run.leftovers import remove_leftovers
from rag.ingest.run.readings import Reading, UnreadPart
from rag.ingest.structure.metadata import SIDECAR
from rag.language.visible import visible
from rag.messages import Message, message
from rag.service.assistant import Assistant
from rag.service.documents.document_list import ListedDocument, State, list_documents
from rag.service.documents.uploads import put_in_place, take_out, written_aside
from rag.service.indexing.indexer import Indexer, limits_of, read_source
from rag.service.indexing.progress import Progress
from rag.service.models import embedder_of, reading_model_of
from rag.store.catalogue import LocalCatalogue
from rag.store.generations import sound_generation

__all__ = ["Indexing", "Library", "ListedDocument", "State"]

_logger = logging.getLogger(__name__)
_LONGEST_NAME_BYTES = 180  # in UTF-8


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexing:
    """How far the indexing is, or how the last one ended.

    Attributes:
        done: How many of `total` new passages are embedded.
        error: Why it failed, if it did.
    """

    running: bool = False
    done: int = 0
    total: int = 0
    finished: str = ""
    error: Message | None = None


class Library:
    """Answers from the current generation of an index, and changes the folder it is made from.

    Models are loaded once and shared by all generations.

    Args:
        index: The index directory.
        settings: From the environment by default.
        removed: Where documents are kept that were removed or replaced.
        embedder: By default the one that the index was built with.
        reading_model: By default the one that is shipped.
        catalogue: Tells which generation is served; by default the directory itself.
        clock: Returns the day that is taken for this one.

    Raises:
        TrichDanError: If the index cannot be opened.
    """

    def __init__(
        self,
        index: Path,
        *,
        settings: Settings | None = None,
        removed: Path | None = None,
        embedder: Embedder | None = None,
        reading_model: ReadingModel | None = None,
        catalogue: Catalogue | None = None,
        clock: Clock = today,
    ) -> None:
        self._index = index
        self._clock = clock
        self._catalogue: Catalogue = catalogue or LocalCatalogue(index)
        self._settings = settings or load_settings()
        self._removed = removed or self._settings.data_dir / "removed"
        _, manifest = sound_generation(index)
        self._embedder = embedder or embedder_of(manifest.recipe, self._settings)
        self._model = reading_model or reading_model_of(self._settings)
        self._opening = threading.Lock()
        self._changing = threading.Lock()
        self._generation = self._catalogue.current()
        self._assistant = self._open(self._embedder)
        self._indexing = Indexing()
        self._remove_leftovers()

    @property
    def source(self) -> Path:
        """The folder that the index was made from, or the file that names several."""
        return Path(unescaped_path(self._assistant.manifest.source))

    @property
    def folder(self) -> Path:
        """The folder to which documents are added: the first, if there are several.

        Raises:
            EmptyCorpusError: If it is not there.
        """
        return self._collections()[0].folder

    def _collections(self) -> tuple[Collection, ...]:
        return read_collections(self.source)

    @property
    def suffixes(self) -> frozenset[str]:
        """The endings of the files that can be read."""
        return SUFFIXES

    @property
    def max_bytes(self) -> int:
        """The largest file that is read."""
        return round(self._settings.max_file_mb * 1_000_000)

    def assistant(self) -> Assistant:
        """Return the assistant over the newest generation; a damaged one is not taken up."""
        name = self._catalogue.current()
        if name != self._generation and self._opening.acquire(blocking=False):
            try:
                recipe = sound_generation(self._index)[1].recipe
                if recipe != self._assistant.manifest.recipe:
                    self._embedder = embedder_of(recipe, self._settings)
                self._assistant = self._open(self._embedder)
            except TrichDanError:
                _logger.exception("the new index is not used; the one before goes on")
            finally:
                self._generation = name
                self._opening.release()
        return self._assistant

    def close(self) -> None:
        """Close the files of the index; nothing can be asked afterwards."""
        self._assistant.close()

    def documents(self) -> tuple[tuple[ListedDocument, ...], Message | None]:
        """Return what is in the folder and in the index, and why the folder fails if it does."""
        assistant = self.assistant()
        try:
            corpus = read_source(
                self.source,
                self._index,
                self._settings,
                clock=self._clock,
                may_be_empty=True,
                all_may_fail=True,
            )
        except TrichDanError as error:
            return list_documents(assistant, Corpus(documents=(), problems=())), error.message
        return list_documents(assistant, corpus), None

    def add(self, name: str, content: bytes, *, replacing: bool = False) -> str:
        """Put a file into the folder, and return what it is called by.

        It is read first: what cannot be read is not taken in. A file that it replaces is kept
        among the removed ones. Its mode is told in `uploads`.

        Raises:
            DocumentError: If the name or the content will not do, or there is such a file already.
        """
        target, collection = self._place_for(name, replacing=replacing)
        source = source_of(target, collection)
        with self._changing:
            try:
                if os.path.lexists(target) and not replacing:
                    raise FileExistsError
                with written_aside(content, target) as aside:
                    with ChildProcessRunner() as runner:
                        reader = RunnerReader(runner, limits_of(self._settings))
                        _check_readable(reader.read(aside))
                    put_in_place(aside, target, replacing=replacing, removed=self._removed)
            except FileExistsError as error:
                raise DocumentExistsError(
                    "folder.already_there",
                    source=source,
                ) from error
            except OSError as error:
                raise DocumentError(
                    "folder.not_written",
                    source=source,
                    error=error.strerror or error,
                ) from error
        return source

    def _place_for(self, name: str, *, replacing: bool) -> tuple[Path, Collection]:
        """Return where a file is to be put, and in which collection that is.

        Raises:
            DocumentError: If its name will not do.
        """
        collections = self._collections()
        place = file_of(name, collections) if replacing else None
        if place is None or place[0].suffix.lower() not in self.suffixes:
            first = collections[0]
            place = first.folder / _checked_name(name, self.suffixes), first
        target, collection = place
        # In any case of its letters, as some file systems take one for the other.
        if is_control_file(target.with_name(target.name.lower()), collection.folder):
            raise _steering(target.name)
        return place

    def remove(self, source: str) -> None:
        """Take a file out of the folder and keep it among the removed ones.

        Raises:
            DocumentError: If there is no such file or it cannot be moved.
        """
        place = file_of(source, self._collections())
        if place is None:
            raise DocumentError(
                "folder.no_such_file",
                source=visible(source),
            )
        target, collection = place
        if is_control_file(target, collection.folder):
            raise _steering(target.name)
        with self._changing:
            try:
                take_out(target, removed=self._removed)
            except OSError as error:
                raise DocumentError(
                    "folder.not_removed",
                    source=source,
                    error=error.strerror or error,
                ) from error

    def _remove_leftovers(self) -> None:
        """Remove what an earlier process left that was killed while it added or removed."""
        remove_leftovers(self._removed)
        try:
            folders = [collection.folder for collection in self._collections()]
        except TrichDanError as error:  # answering goes on without the folder
            _logger.debug("there is nothing to tidy up: %s", error)
            return
        for folder in folders:
            remove_leftovers(folder)

    def start_indexing(self) -> bool:
        """Begin to index the folder beside the questions; return False if that is going on."""
        with self._changing:
            if self._indexing.running:
                return False
            self._indexing = Indexing(running=True)
        threading.Thread(target=self._run_indexing, daemon=True).start()
        return True

    def indexing(self) -> Indexing:
        """Return how far the indexing is."""
        return self._indexing

    def _run_indexing(self) -> None:
        def progress(done: int, total: int) -> None:
            self._indexing = replace(self._indexing, done=done, total=total)

        error: Message | None = None
        try:
            self._build(progress)
        except TrichDanError as problem:
            reason = problem.message
            error = Message(visible(reason.english), visible(reason.vietnamese))
        except Exception:
            _logger.exception("the folder could not be indexed")
            error = message("page.something_went_wrong")
        finished = datetime.now(UTC).isoformat(timespec="seconds")
        self._indexing = replace(self._indexing, running=False, finished=finished, error=error)

    def _build(self, progress: Progress) -> None:
        recipe = self.assistant().manifest.recipe
        settings = self._settings.model_copy(
            update={
                "model": recipe.model,
                "chunk_tokens": recipe.chunk_tokens,
                "query_prompt": recipe.query_prompt,
                "passage_prompt": recipe.passage_prompt,
            }
        )
        indexer = Indexer(
            self._index,
            settings,
            embedder=self._embedder,
            catalogue=self._catalogue,
            clock=self._clock,
        )
        indexer.bring_in_step(self.source, on_embedded=progress)
        self.assistant()

    def _open(self, embedder: Embedder) -> Assistant:
        return Assistant.open(
            self._index,
            settings=self._settings,
            embedder=embedder,
            reading_model=self._model,
            clock=self._clock,
        )


def _check_readable(readings: Sequence[Reading]) -> None:
    """Refuse a file of which nothing can be read.

    Raises:
        DocumentError: With the first reason that there is.
    """
    unread = [reading for reading in readings if isinstance(reading, UnreadPart)]
    if len(unread) < len(readings):
        return
    if unread:
        first = unread[0]
        raise DocumentError(
            Message(
                visible(f"{first.name}: {first.message.english}"),
                visible(first.message.vietnamese),
            )
        )
    raise DocumentError("document.no_text")


def _steering(name: str) -> DocumentError:
    return DocumentError(
        "folder.not_a_document",
        name=visible(name),
    )


def _checked_name(name: str, suffixes: frozenset[str]) -> str:
    """Return the last part of a path as a file name.

    Raises:
        DocumentError: If it will not do.
    """
    cleaned = unicodedata.normalize("NFC", name.replace("\\", "/"))
    last = PurePosixPath(cleaned).name
    last = "".join(
        character for character in last if unicodedata.category(character)[0] != "C"
    ).strip()
    if not last or last.startswith(".") or len(last.encode()) > _LONGEST_NAME_BYTES:
        raise DocumentError(
            "folder.name_unusable",
            name=visible(name[:60]),
        )
    if last.lower().endswith(SIDECAR):
        raise _steering(last)
    if PurePosixPath(last).suffix.lower() not in suffixes:
        raise DocumentError(
            "folder.kind_not_read",
            last=last,
            suffixes=" ".join(sorted(suffixes)),
        )
    return last
