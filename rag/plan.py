"""Decide whether an index must be built, without loading a model."""

from dataclasses import dataclass
from pathlib import Path

from rag.chunking import CHUNKING_VERSION
from rag.config import Settings
from rag.errors import IndexDamagedError, IndexMissingError
from rag.ingest import Corpus, read_corpus
from rag.ingest.loaders import default_loaders
from rag.model.identity import DEFAULT_MODEL, fingerprint_of
from rag.storage import Manifest, Recipe, current_generation

__all__ = ["Plan", "make_plan", "recipe_of"]


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
    )


def make_plan(source: Path, index: Path, settings: Settings) -> Plan:
    """Read a corpus and see whether the index holds just that.

    Raises:
        EmptyCorpusError: If there is nothing to index.
    """
    corpus = read_corpus(source, default_loaders(round(settings.max_file_mb * 1_000_000)))
    recipe = recipe_of(settings)
    try:
        _, manifest = current_generation(index)
    except (IndexMissingError, IndexDamagedError):
        return Plan(corpus=corpus, recipe=recipe, current=None)
    same = manifest.recipe == recipe and manifest.corpus_sha256 == corpus.sha256
    return Plan(corpus=corpus, recipe=recipe, current=manifest if same else None)
