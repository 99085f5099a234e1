"""Decide whether an index must be built, without loading a model."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from rag.config import Settings
from rag.errors import IndexDamagedError, IndexMissingError
from rag.ingest import Corpus, read_corpus
from rag.ingest.loaders import Limits
from rag.ingest.run.file_reader import FileReader
from rag.ingest.run.folder import read_collections
from rag.ingest.run.leftovers import remove_leftovers
from rag.ingest.run.sandbox import Sandbox
from rag.ingest.structure.document import READING_VERSION
from rag.ingest.structure.passages import CHUNKING_VERSION
from rag.model.fingerprint import DEFAULT_MODEL, fingerprint_of
from rag.store.generations import Manifest, Recipe, current_generation
from rag.store.index_files import READINGS
from rag.store.reading_cache import ReadingCache

__all__ = ["Plan", "limits_of", "make_plan", "read_source", "recipe_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A corpus, how to index it, and the manifest of the index if that is so already."""

    corpus: Corpus
    recipe: Recipe
    current: Manifest | None


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
    progress: Callable[[int, int], None] | None = None,
    reader: FileReader | None = None,
    *,
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
        Sandbox(limits) as sandbox,
        ReadingCache(index / READINGS if index.is_dir() else None) as cache,
    ):
        corpus = read_corpus(
            source,
            reader or sandbox,
            cache,
            progress,
            limits.max_bytes,
            may_be_empty=may_be_empty,
            all_may_fail=all_may_fail,
        )
        cache.forget_unused()
    return corpus


def make_plan(
    source: Path,
    index: Path,
    settings: Settings,
    progress: Callable[[int, int], None] | None = None,
    reader: FileReader | None = None,
) -> Plan:
    """Read a corpus and see whether the index holds just that.

    Args:
        source: A folder, or a file that names collections.
        index: The index directory.
        settings: How to read and to build.
        progress: Is told how many files of how many are read.
        reader: Reads files; by default all formats, in a process of its own.

    Raises:
        EmptyCorpusError: If there is nothing to index.
    """
    for collection in read_collections(source):
        remove_leftovers(collection.folder)
    recipe = recipe_of(settings)
    manifest = None
    with suppress(IndexMissingError, IndexDamagedError):
        _, manifest = current_generation(index)
    # Where there is an index, a folder may be emptied; none is made of an empty folder.
    there = manifest is not None
    corpus = read_source(source, index, settings, progress, reader, may_be_empty=there)
    if manifest is None:
        return Plan(corpus=corpus, recipe=recipe, current=None)
    same = manifest.recipe == recipe and manifest.corpus_sha256 == corpus.sha256
    return Plan(corpus=corpus, recipe=recipe, current=manifest if same else None)
