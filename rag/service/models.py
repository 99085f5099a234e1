"""Load the models that an index was built with, or that the settings ask for.

What loads them takes seconds to import, so that it is imported here, when a model is asked for: who
brings models of their own never pays for it.
"""

from rag.config import Settings
from rag.domain.ports import Embedder, ReadingModel
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
    from rag.model.embedder import load_embedder

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
    from rag.model.reading_network import load_reading_model

    return load_reading_model(settings.cache_dir)
