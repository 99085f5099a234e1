"""What an index has embedded already, so that it is not embedded again."""

import logging
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from rag.domain.documents import Passage, PassageId
from rag.domain.vectors import Encoded
from rag.errors import IndexDamagedError, IndexMissingError
from rag.ingest import Corpus
from rag.retrieve.faiss_passage_index import FaissPassageIndex
from rag.retrieve.language_centroids import LanguageCentroids
from rag.store.documents import SqliteDocuments, division_key
from rag.store.generations import generation_before, sound_generation
from rag.store.index_files import CENTROIDS, CORPUS
from rag.store.manifest import Recipe

__all__ = ["PreviousGeneration", "open_previous", "without_deleted"]

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class PreviousGeneration:
    """What the current generation has embedded with the same recipe.

    Attributes:
        divisions: Of each way to divide a document (see `division_key`) one that was divided so.
        passages: One passage for each hash of what was embedded.
        divided: The passages of each document and the hashes of what was embedded.
    """

    documents: SqliteDocuments
    index: FaissPassageIndex
    divisions: Mapping[str, str]
    passages: Mapping[str, PassageId]
    divided: Mapping[str, Sequence[tuple[Passage, str]]]
    centroids: LanguageCentroids

    def encoded(self, content: str) -> Encoded:
        """Return the centred vectors of what was embedded, by its hash."""
        return self.index.encoded(self.passages[content])

    def close(self) -> None:
        """Give back the files that are held open."""
        self.documents.close()
        self.index.close()


def open_previous(index: Path, recipe: Recipe) -> PreviousGeneration | None:
    """Return what an index whose lease is held has; None if nothing of it can be used."""
    try:
        directory, manifest = sound_generation(index, held=True)
        if not manifest.passages:  # the folder was emptied; what was before may come back
            directory, manifest = generation_before(index) or (directory, manifest)
        return _opened(directory) if manifest.recipe == recipe else None
    except (IndexMissingError, IndexDamagedError) as error:
        _logger.debug("nothing can be reused: %s", error)
        return None


def _opened(directory: Path) -> PreviousGeneration:
    with ExitStack() as on_failure:
        documents = SqliteDocuments(directory / CORPUS, directory.name)
        on_failure.callback(documents.close)
        index = FaissPassageIndex.open(directory)
        on_failure.callback(index.close)
        divided: dict[str, list[tuple[Passage, str]]] = {}
        passages = documents.passages().values()
        for passage, content in zip(passages, documents.contents(), strict=True):
            divided.setdefault(passage.source, []).append((passage, content))
        previous = PreviousGeneration(
            documents=documents,
            index=index,
            divisions=documents.divisions(),
            passages=index.contents(),
            divided=divided,
            centroids=LanguageCentroids.load(directory / CENTROIDS),
        )
        on_failure.pop_all()  # whoever asked for it closes it
    return previous


def without_deleted(previous: PreviousGeneration, corpus: Corpus) -> Corpus | None:
    """Return what can be served at once: the documents indexed before that are still there.

    None if none was deleted. One that changed is served as it was, to those who may read it now.
    """
    kept_in_folder = {document.source: document for document in corpus.documents}
    sources = previous.documents.sources()
    permissions = previous.documents.permissions()
    narrowed = any(
        permissions[source] != (kept_in_folder[source].collection, kept_in_folder[source].access)
        for source in sources
        if source in kept_in_folder
    )
    if not narrowed and all(source in kept_in_folder for source in sources):
        return None
    kept = []
    for document in corpus.documents:
        if division_key(document) in previous.divisions:
            kept.append(document)
        elif document.source in permissions:
            former = previous.documents.document(document.source)
            kept.append(replace(former, collection=document.collection, access=document.access))
    return replace(corpus, documents=tuple(kept)) if kept else None
