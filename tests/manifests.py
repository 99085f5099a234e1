"""The manifest of an index that no model was needed for."""

from rag.store.manifest import Manifest, Recipe


def manifest_of(*, documents: int, passages: int) -> Manifest:
    """Return what an index of `HashEmbedder` says of itself."""
    return Manifest(
        created="2025-01-01T00:00:00+00:00",
        source="corpus",
        corpus_sha256="",
        documents=documents,
        passages=passages,
        dimension=64,
        recipe=Recipe(
            model="hash",
            fingerprint="1",
            query_prompt=None,
            passage_prompt=None,
            chunk_tokens=64,
            chunking=1,
            reading=1,
        ),
        query_prompt="",
        passage_prompt="",
        problems={},
    )
