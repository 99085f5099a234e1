"""Load the models that an index was built with, or that the settings ask for."""

from rag.config import Settings
from rag.domain.ports import Embedder, ReadingModel
from rag.model.embedder import load_embedder
from rag.model.reading_network import load_reading_model
from rag.store.manifest import Recipe

__all__ = ["embedder_of", "reading_model_of"]


def embedder_of(recipe: Recipe, settings: Settings) -> Embedder:
    """Return the embedder that a recipe names.

    Args:
        recipe: With what an index is built.
        settings: Where the packaged model is unpacked to, and whether its owner chose the model:
            only then is one that is not on this machine fetched.

    Raises:
        ModelError: If there is no such model or it cannot be used.
    """
    return load_embedder(
        recipe.model,
        cache=settings.cache_dir,
        query_prompt=recipe.query_prompt,
        passage_prompt=recipe.passage_prompt,
        may_fetch=settings.model == recipe.model,
    )


def reading_model_of(settings: Settings) -> ReadingModel:
    """Return the reading model that is shipped.

    Raises:
        ModelError: If it cannot be loaded.
    """
    return load_reading_model(settings.cache_dir)
