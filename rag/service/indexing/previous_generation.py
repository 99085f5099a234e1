"""What an index has embedded already, so that it is not embedded again."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rag.domain.documents import Passage
from rag.domain.ports import Encoded
from rag.errors import IndexDamagedError, IndexMissingError
from rag.ingest import Corpus
from rag.retrieve.faiss_index import FaissIndex
from rag.retrieve.language_centroids import Centres
from rag.retrieve.token_store import TokenStore
from rag.store.documents import CorpusStore, division_of
from rag.store.generations import Recipe, generation_before, sound_generation
from rag.store.index_files import CENTRES, CORPUS, SPANS, TOKENS, VECTORS

__all__ = ["Earlier", "open_earlier", "without_deleted"]

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """What the current generation has embedded with the same recipe.

    Attributes:
        divisions: Of each way to divide a document (see `division_of`) one that was divided so.
        positions: Of the passages, by the hash of what was embedded.
        divided: The passages of each document and the hashes of what was embedded.
        starts: Where each passage begins in its document.
    """

    store: CorpusStore
    divisions: Mapping[str, str]
    positions: Mapping[str, int]
    divided: Mapping[str, Sequence[tuple[Passage, str]]]
    vectors: FaissIndex
    tokens: TokenStore
    starts: Sequence[int]
    centres: Centres

    def encoded(self, content: str) -> Encoded:
        """Return the centred vectors of what was embedded, by its hash."""
        position = self.positions[content]
        return Encoded(
            vector=self.vectors.vector(position),
            tokens=self.tokens.tokens(position),
            spans=self.tokens.spans(position) - self.starts[position],
        )


def open_earlier(index: Path, recipe: Recipe) -> Earlier | None:
    """Return what an index that `storage.building` holds has; None if nothing of it can be used."""
    try:
        directory, manifest = sound_generation(index, held=True)
        if not manifest.passages:  # the folder was emptied; what was before may come back
            directory, manifest = generation_before(index) or (directory, manifest)
        return _opened(directory) if manifest.recipe == recipe else None
    except (IndexMissingError, IndexDamagedError) as error:
        _logger.debug("nothing can be reused: %s", error)
        return None


def _opened(directory: Path) -> Earlier:
    store = CorpusStore(directory / CORPUS)
    contents = store.contents()
    passages = store.passages()
    divided: dict[str, list[tuple[Passage, str]]] = {}
    for passage, content in zip(passages, contents, strict=True):
        divided.setdefault(passage.source, []).append((passage, content))
    return Earlier(
        store=store,
        divisions=store.divisions(),
        positions={content: position for position, content in enumerate(contents)},
        divided=divided,
        vectors=FaissIndex.load(directory / VECTORS),
        tokens=TokenStore(directory / TOKENS, directory / SPANS),
        starts=[passage.start for passage in passages],
        centres=Centres.load(directory / CENTRES),
    )


def without_deleted(earlier: Earlier, corpus: Corpus) -> Corpus | None:
    """Return what can be served at once: the documents indexed before that are still there.

    None if none was deleted. One that changed is served as it was, to those who may read it now.
    """
    there = {document.source: document for document in corpus.documents}
    sources = earlier.store.sources()
    old = earlier.store.permissions()
    narrowed = any(
        old[source] != (there[source].collection, there[source].access)
        for source in sources
        if source in there
    )
    if not narrowed and all(source in there for source in sources):
        return None
    kept = []
    for document in corpus.documents:
        if division_of(document) in earlier.divisions:
            kept.append(document)
        elif document.source in old:
            was = earlier.store.document(document.source)
            kept.append(replace(was, collection=document.collection, access=document.access))
    return replace(corpus, documents=tuple(kept)) if kept else None
