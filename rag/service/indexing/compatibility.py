"""See that an index is searched with what it was built with."""

from pathlib import Path

from rag.config import Settings
from rag.domain.ports import Embedder
from rag.errors import IndexMismatchError
from rag.model.fingerprint import fingerprint_of
from rag.store.manifest import Manifest

__all__ = ["check_model", "check_recipe"]


def check_recipe(index: Path, manifest: Manifest, settings: Settings) -> None:
    """Compare the settings with what an index was built with.

    Raises:
        IndexMismatchError: If they ask for something else.
    """
    asked = settings.model
    if asked is not None and asked != manifest.recipe.model:
        raise IndexMismatchError(
            "index.other_model",
            index=index,
            model=manifest.recipe.model,
            asked=asked,
            source=manifest.source,
        )
    for name in ("query_prompt", "passage_prompt"):
        prompt = getattr(settings, name)
        if prompt is not None and prompt != getattr(manifest, name):
            raise IndexMismatchError(
                "index.other_prompt",
                index=index,
                setting=name.upper(),
                prompt=prompt,
                source=manifest.source,
            )
    chosen = "chunk_tokens" in settings.model_fields_set
    if chosen and settings.chunk_tokens != manifest.recipe.chunk_tokens:
        raise IndexMismatchError(
            "index.other_chunk_tokens",
            index=index,
            built=manifest.recipe.chunk_tokens,
            asked=settings.chunk_tokens,
            source=manifest.source,
        )


def check_model(index: Path, manifest: Manifest, embedder: Embedder) -> None:
    """Compare a model with the one that an index was built with.

    Raises:
        IndexMismatchError: If it is another.
    """
    recipe = manifest.recipe
    same_size = embedder.info.dimension == manifest.dimension
    if not same_size or fingerprint_of(recipe.model) != recipe.fingerprint:
        raise IndexMismatchError(
            "index.model_changed", model=recipe.model, index=index, source=manifest.source
        )
