"""Bring an index in step with its sources: the one way in which indexes are made."""

import logging
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rag.config import Settings
from rag.domain.ports import Catalogue, Embedder
from rag.domain.standing import Clock, today
from rag.domain.work import Limits
from rag.errors import IndexDamagedError, IndexMissingError
from rag.ingest import Corpus, Problem, read_corpus
from rag.ingest.run.child_process import ChildProcessRunner
from rag.ingest.run.file_reader import FileReader, RunnerReader
from rag.ingest.run.folder import read_collections
from rag.ingest.run.leftovers import remove_leftovers
from rag.ingest.structure.versions import CHUNKING_VERSION, READING_VERSION
from rag.language.visible import visible
from rag.model.fingerprint import DEFAULT_MODEL, fingerprint_of
from rag.retrieve.language_centroids import LanguageCentroids
from rag.service.indexing.progress import Progress, no_progress
from rag.service.models import embedder_of
from rag.store.catalogue import LocalCatalogue
from rag.store.generations import current_generation
from rag.store.index_files import READINGS
from rag.store.manifest import Manifest, Recipe
from rag.store.reading_cache import SqliteReadingCache

__all__ = ["Indexer", "IndexingResult", "limits_of", "read_source", "recipe_of"]

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexingResult:
    """What came of bringing an index in step.

    Attributes:
        manifest: Of the generation that is served now.
        changed: Whether it is a new one.
        problems: The files that could not be read.
    """

    manifest: Manifest
    changed: bool
    problems: tuple[Problem, ...]

    @property
    def passed_over(self) -> dict[str, str]:
        """What is not in the index, by what it is called, and why."""
        unfit = {source: self.manifest.problems.get(source, "") for source in self.manifest.unfit}
        return {problem.source: problem.reason for problem in self.problems} | unfit


class Indexer:
    """Brings an index in step with its sources, again and again with the same model.

    Args:
        index: The index directory.
        settings: How to read and to build.
        embedder: By default the one that the settings name, loaded when it is needed.
        centroids: What is taken from vectors; by default measured for the embedder.
        reader: Reads files; by default all formats, in a process of its own.
        catalogue: Gives the right to build; by default the directory itself.
        clock: Returns this day; what was published later has no sound date.
    """

    def __init__(
        self,
        index: Path,
        settings: Settings,
        *,
        embedder: Embedder | None = None,
        centroids: LanguageCentroids | None = None,
        reader: FileReader | None = None,
        catalogue: Catalogue | None = None,
        clock: Clock = today,
    ) -> None:
        self._index = index
        self._settings = settings
        self._embedder = embedder
        self._centroids = centroids
        self._reader = reader
        self._catalogue: Catalogue = catalogue or LocalCatalogue(index)
        self._clock = clock

    def bring_in_step(
        self,
        source: Path,
        *,
        on_read: Progress = no_progress,
        on_embedded: Progress = no_progress,
    ) -> IndexingResult:
        """Have an index hold just what its sources do; if it does, nothing is written.

        Args:
            source: A folder, or a file that names collections.
            on_read: Is told how many files of how many are read.
            on_embedded: Is told how many passages of how many are embedded.

        Raises:
            IndexBusyError: If another process is building the index.
            IndexWriteError: If the index cannot be written.
            EmptyCorpusError: If there is nothing to index.
            ModelError: If the model cannot be loaded.
        """
        with self._catalogue.lease():
            for collection in read_collections(source):
                remove_leftovers(collection.folder)
            recipe = recipe_of(self._settings)
            served = self._served()
            # Where there is an index, a folder may be emptied; none is made of an empty folder.
            corpus = read_source(
                source,
                self._index,
                self._settings,
                on_read,
                self._reader,
                clock=self._clock,
                may_be_empty=served is not None,
            )
            if served and served.recipe == recipe and served.corpus_sha256 == corpus.sha256:
                return IndexingResult(manifest=served, changed=False, problems=corpus.problems)
            # Loads FAISS, which an index that is in step does not need.
            from rag.service.indexing.builder import build_generation

            self._embedder = self._embedder or embedder_of(recipe, self._settings)
            manifest = build_generation(
                corpus,
                source=source,
                index=self._index,
                recipe=recipe,
                embedder=self._embedder,
                centroids=self._centroids,
                progress=on_embedded,
            )
            return IndexingResult(manifest=manifest, changed=True, problems=corpus.problems)

    def _served(self) -> Manifest | None:
        """Return what the index says of itself, None if it is to be built anew."""
        with suppress(IndexMissingError):
            try:
                return current_generation(self._index)[1]
            except IndexDamagedError as error:
                reason = (
                    str(error).partition("; build it again")[0].partition("; your documents")[0]
                )
                _logger.warning("%s; it is built anew", visible(reason))
        return None


def recipe_of(settings: Settings) -> Recipe:
    """Return the recipe that the settings ask for."""
    model = settings.model or DEFAULT_MODEL
    return Recipe(
        model=model,
        fingerprint=fingerprint_of(model),
        query_prompt=settings.query_prompt,
        passage_prompt=settings.passage_prompt,
        chunk_tokens=settings.chunk_tokens,
        chunking=CHUNKING_VERSION,
        reading=READING_VERSION,
    )


def limits_of(settings: Settings) -> Limits:
    """Return how much reading a file may take."""
    return Limits(
        max_bytes=round(settings.max_file_mb * 1_000_000),
        max_pages=settings.max_pages,
        seconds=settings.max_file_seconds,
        memory=settings.max_memory_mb * 1_000_000,
    )


def read_source(
    source: Path,
    index: Path,
    settings: Settings,
    progress: Progress = no_progress,
    reader: FileReader | None = None,
    *,
    clock: Clock = today,
    may_be_empty: bool = False,
    all_may_fail: bool = False,
) -> Corpus:
    """Read a folder or collections; what was read before is remembered beside the index.

    See `read_corpus` for what may be.

    Raises:
        EmptyCorpusError: If there is nothing to read.
    """
    limits = limits_of(settings)
    with (
        ChildProcessRunner() as runner,
        SqliteReadingCache(index / READINGS if index.is_dir() else None) as cache,
    ):
        corpus = read_corpus(
            source,
            reader or RunnerReader(runner, limits),
            cache,
            progress,
            limits.max_bytes,
            clock=clock,
            may_be_empty=may_be_empty,
            all_may_fail=all_may_fail,
        )
        cache.forget_unused()
    return corpus
