"""A folder of documents, its index, and the assistant that answers while both change."""

import logging
import os
import shutil
import tempfile
import threading
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path, PurePosixPath

from rag.assistant import Assistant
from rag.config import Settings, load_settings
from rag.documents import Document
from rag.embedding import Embedder, load_embedder
from rag.errors import DocumentError, DocumentExistsError, EmptyCorpusError, TrichDanError
from rag.indexing import build_generation
from rag.ingest import Problem
from rag.ingest.folder import Collection, read_collections, source_of
from rag.ingest.reading import Reading
from rag.ingest.sandbox import SUFFIXES, Sandbox
from rag.plan import limits_of, make_plan, read_source
from rag.reading_model import ReadingModel, load_reading_model
from rag.storage import Recipe, building, current_name, sound_generation

__all__ = ["Indexing", "Library", "ListedDocument", "State"]

_logger = logging.getLogger(__name__)
_LONGEST_NAME = 180  # characters


class State(StrEnum):
    """How a document stands to the index."""

    INDEXED = "indexed"
    WAITING = "waiting"  # added or changed since
    GONE = "gone"  # still answered from, but no longer in the folder
    FAILED = "failed"  # cannot be read
    SAME = "same"  # says the same as another, which is cited


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDocument:
    """A document or file of the folder.

    Attributes:
        document: None if it cannot be read.
        passages: How many are indexed.
        reason: Why it cannot be read; `vietnamese` is the same for the page.
    """

    source: str
    state: State
    document: Document | None
    passages: int = 0
    reason: str = ""
    vietnamese: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Indexing:
    """How far the indexing is, or how the last one ended.

    Attributes:
        done: How many of `total` new passages are embedded.
        error: Why it failed, or "".
    """

    running: bool = False
    done: int = 0
    total: int = 0
    finished: str = ""
    error: str = ""


class Library:
    """Answers from the current generation of an index, and changes the folder it is made from.

    Models are loaded once and shared by all generations.

    Args:
        index: The index directory.
        settings: From the environment by default.
        removed: Where documents are kept that were removed or replaced.

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
    ) -> None:
        self._index = index
        self._settings = settings or load_settings()
        self._removed = removed or self._settings.data_dir / "removed"
        _, manifest = sound_generation(index)
        self._embedder = embedder or _embedder_of(manifest.recipe, self._settings)
        self._model = reading_model or load_reading_model(self._settings.cache_dir)
        self._opening = threading.Lock()
        self._changing = threading.Lock()
        self._generation = current_name(index)
        self._assistant = self._open(self._embedder)
        self._indexing = Indexing()

    @property
    def source(self) -> Path:
        """The folder that the index was made from, or the file that names several."""
        return Path(self._assistant.manifest.source)

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
        name = current_name(self._index)
        if name != self._generation and self._opening.acquire(blocking=False):
            try:
                recipe = sound_generation(self._index)[1].recipe
                if recipe != self._assistant.manifest.recipe:
                    self._embedder = _embedder_of(recipe, self._settings)
                self._assistant = self._open(self._embedder)
            except TrichDanError:
                _logger.exception("the new index is not used; the one before goes on")
            finally:
                self._generation = name
                self._opening.release()
        return self._assistant

    def documents(self) -> tuple[tuple[ListedDocument, ...], str]:
        """Return what is in the folder and in the index, and why the folder fails, or ""."""
        folder_problem = ""
        assistant = self.assistant()
        counts = assistant.passage_counts()
        indexed = {source: assistant.document(source) for source in assistant.sources()}
        listed: dict[str, ListedDocument] = {}
        try:
            corpus = read_source(self.source, self._index, self._settings, may_be_empty=True)
        except EmptyCorpusError as error:
            folder_problem = str(error)
            documents: dict[str, Document] = {}
            problems: tuple[Problem, ...] = ()
            duplicates: Mapping[str, str] = {}
        else:
            documents = {one.source: one for one in corpus.documents}
            problems = corpus.problems
            duplicates = corpus.duplicates
        for source, document in documents.items():
            same = source in indexed and indexed[source] == document
            listed[source] = ListedDocument(
                source=source,
                state=State.INDEXED if same else State.WAITING,
                document=document,
                passages=counts.get(source, 0),
            )
        for source, original in duplicates.items():
            listed[source] = ListedDocument(
                source=source,
                state=State.SAME,
                document=documents.get(original),
                reason=f"it says the same as {original}",
                vietnamese=f"Nội dung giống {original}.",
            )
        for problem in problems:
            listed[problem.source] = ListedDocument(
                source=problem.source,
                state=State.FAILED,
                document=indexed.get(problem.source),
                passages=counts.get(problem.source, 0),
                reason=problem.reason,
                vietnamese=problem.vietnamese,
            )
        for source, document in indexed.items():
            listed.setdefault(
                source,
                ListedDocument(
                    source=source, state=State.GONE, document=document, passages=counts[source]
                ),
            )
        return tuple(listed[source] for source in sorted(listed)), folder_problem

    def add(self, name: str, content: bytes, *, replacing: bool = False) -> str:
        """Put a file into the folder, and return what it is called by.

        It is read first: what cannot be read is not taken in. A file that it replaces is kept
        among the removed ones.

        Raises:
            DocumentError: If the name or the content will not do, or there is such a file already.
        """
        there = self._file_of(name) if replacing else None
        if there and there.suffix.lower() in self.suffixes:
            source, target = name, there
        else:
            first = self._collections()[0]
            target = first.folder / _checked_name(name, self.suffixes)
            source = source_of(target, first)
        aside = ""
        with self._changing:
            if target.exists() and not replacing:
                raise DocumentExistsError(
                    f"{source} is there already; replace it or choose another name",
                    f"Đã có tệp {source}; hãy thay thế hoặc đặt tên khác.",
                )
            try:
                descriptor, aside = tempfile.mkstemp(
                    dir=target.parent, prefix=".adding-", suffix=target.suffix
                )
                with os.fdopen(descriptor, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                with Sandbox(limits_of(self._settings)) as sandbox:
                    readings = sandbox.read(Path(aside))
                _check_readable(readings)
                if target.exists():
                    self._keep(target)  # a copy, so that there is never none
                Path(aside).replace(target)
                target.chmod(0o644)
            except OSError as error:
                raise DocumentError(
                    f"{source} cannot be written: {error.strerror or error}",
                    f"Không ghi được {source}: {error.strerror or error}.",
                ) from error
            finally:
                if aside:
                    Path(aside).unlink(missing_ok=True)
        return source

    def _file_of(self, source: str) -> Path | None:
        """Return the file that a document is called by, None if there is none."""
        for collection in self._collections():
            name = source
            if collection.name:
                name = source.removeprefix(f"{collection.name}/")
                if name == source:
                    continue
            folder = collection.folder.resolve()
            target = folder / name
            inside = target.parent.resolve().is_relative_to(folder)
            shown = target.name not in ("", "..") and not target.name.startswith(".")
            if inside and shown and (target.is_file() or target.is_symlink()):
                return target
        return None

    def remove(self, source: str) -> None:
        """Take a file out of the folder and keep it among the removed ones.

        Raises:
            DocumentError: If there is no such file or it cannot be moved.
        """
        target = self._file_of(source)
        if target is None:
            raise DocumentError(
                f"there is no file {source} in the folder",
                f"Không có tệp {source} trong thư mục.",
            )
        with self._changing:
            try:
                if not target.is_symlink():
                    self._keep(target)
                target.unlink()
            except OSError as error:
                raise DocumentError(
                    f"{source} cannot be removed: {error.strerror or error}",
                    f"Không gỡ được {source}: {error.strerror or error}.",
                ) from error

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

        error = ""
        try:
            self._build(progress)
        except TrichDanError as problem:
            error = str(problem)
        except Exception:
            _logger.exception("the folder could not be indexed")
            error = "something went wrong; the reason is in the log of the server"
        finished = datetime.now(UTC).isoformat(timespec="seconds")
        self._indexing = replace(self._indexing, running=False, finished=finished, error=error)

    def _build(self, progress: Callable[[int, int], None]) -> None:
        recipe = self.assistant().manifest.recipe
        settings = self._settings.model_copy(
            update={
                "model": recipe.model,
                "chunk_tokens": recipe.chunk_tokens,
                "query_prompt": recipe.query_prompt,
                "passage_prompt": recipe.passage_prompt,
            }
        )
        with building(self._index):
            plan = make_plan(self.source, self._index, settings)
            if plan.current is None:
                build_generation(
                    plan.corpus,
                    self.source,
                    self._index,
                    plan.recipe,
                    settings,
                    progress,
                    self._embedder,
                )
        self.assistant()

    def _open(self, embedder: Embedder) -> Assistant:
        return Assistant.open(
            self._index, settings=self._settings, embedder=embedder, reading_model=self._model
        )

    def _keep(self, path: Path) -> None:
        self._removed.mkdir(parents=True, exist_ok=True)
        stamp = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%f}"
        kept = self._removed / f"{stamp}-{path.name}"
        shutil.copyfile(path, kept)


def _embedder_of(recipe: Recipe, settings: Settings) -> Embedder:
    return load_embedder(
        recipe.model,
        cache=settings.cache_dir,
        query_prompt=recipe.query_prompt,
        passage_prompt=recipe.passage_prompt,
    )


def _check_readable(readings: Sequence[Reading]) -> None:
    """Refuse a file of which nothing can be read.

    Raises:
        DocumentError: With the first reason that there is.
    """
    if any("document" in reading for reading in readings):
        return
    reason = next((reading for reading in readings if "reason" in reading), None)
    if reason:
        raise DocumentError(f"{reason['name']}: {reason['reason']}", reason["vietnamese"])
    raise DocumentError("there is no text in it", "Tệp không có chữ.")


def _checked_name(name: str, suffixes: frozenset[str]) -> str:
    """Return the last part of a path as a file name.

    Raises:
        DocumentError: If it will not do.
    """
    cleaned = unicodedata.normalize("NFC", name.replace("\\", "/"))
    last = PurePosixPath(cleaned).name
    last = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip()
    if not last or last.startswith(".") or len(last.encode()) > _LONGEST_NAME:
        raise DocumentError(
            f"{name[:60]!r} is no name for a document; give the file another name",
            f"“{name[:60]}” không dùng làm tên tài liệu được; hãy đặt tên khác.",
        )
    if PurePosixPath(last).suffix.lower() not in suffixes:
        raise DocumentError(
            f"{last}: files of this kind cannot be read yet; save it as one of "
            f"{' '.join(sorted(suffixes))}",
            f"{last}: chưa đọc được loại tệp này; hãy lưu thành một trong các loại "
            f"{' '.join(sorted(suffixes))}.",
        )
    return last
