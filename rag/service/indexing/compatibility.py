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
            f"the index in {index} was built with the model {manifest.recipe.model!r}, but "
            f"TRICHDAN_MODEL asks for {asked!r}; build it again with: "
            f"trichdan index --source {manifest.source} --index {index}, or unset TRICHDAN_MODEL"
        )
    for name in ("query_prompt", "passage_prompt"):
        prompt = getattr(settings, name)
        if prompt is not None and prompt != getattr(manifest, name):
            raise IndexMismatchError(
                f"the index in {index} was built with another TRICHDAN_{name.upper()} than "
                f"{prompt!r}; build it again with: "
                f"trichdan index --source {manifest.source} --index {index}"
            )
    chosen = "chunk_tokens" in settings.model_fields_set
    if chosen and settings.chunk_tokens != manifest.recipe.chunk_tokens:
        raise IndexMismatchError(
            f"the index in {index} has passages of up to {manifest.recipe.chunk_tokens} tokens, "
            f"but TRICHDAN_CHUNK_TOKENS asks for {settings.chunk_tokens}; build it again with: "
            f"trichdan index --source {manifest.source} --index {index}, or unset it"
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
            f"the model {recipe.model!r} is no longer the one that the index in {index} was built "
            f"with; build it again with: trichdan index --source {manifest.source} --index {index}"
        )
