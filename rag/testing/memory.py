"""The seams in the simplest way that keeps their promises: in memory, comparing all with all."""

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import count
from typing import TypeVar

from rag.domain.documents import Division, Document, Metadata, Passage, PassageId, SectionRef
from rag.domain.hits import Recalled
from rag.domain.permissions import ANYWHERE, Access, Filter
from rag.domain.vectors import EncodedQuery, IndexedPassage, TokenMatrix
from rag.domain.work import Done, Failed, Limits, Task
from rag.errors import IndexBusyError, IndexDamagedError, IndexMissingError, TrichDanError
from rag.language.vietnamese import fold, words
from rag.law.titles import title_key

__all__ = ["InlineRunner", "MemoryCatalogue", "MemoryDocuments", "MemoryPassageIndex"]

_Item = TypeVar("_Item")
_Value = TypeVar("_Value")


class MemoryPassageIndex:
    """A `PassageIndex` in lists. The score by words is the share of the question's words."""

    def __init__(self) -> None:
        self._passages: dict[str, list[IndexedPassage]] = {}

    def search(
        self, query: EncodedQuery, where: Filter = ANYWHERE, *, limit: int
    ) -> list[Recalled]:
        """Return the passages nearest by vector and those best by words; see `PassageIndex`."""
        passages = [
            passage
            for passage in self._all()
            if where.admits(passage.passage, passage.collection, passage.access)
        ]
        dense = {passage.id: float(passage.encoded.vector @ query.vector) for passage in passages}
        shared = {passage.id: _share(query, passage.text) for passage in passages}
        nearest = sorted(dense, key=lambda known: -dense[known])[:limit]
        best = sorted(filter(shared.get, shared), key=lambda known: -shared[known])[:limit]
        return [
            Recalled(
                id=passage.id,
                dense=dense[passage.id] if passage.id in nearest else None,
                bm25=shared[passage.id] if passage.id in best else 0.0,
            )
            for passage in passages
            if passage.id in nearest or passage.id in best
        ]

    def tokens(self, ids: Sequence[PassageId]) -> list[TokenMatrix]:
        """Return the tokens of passages, in the order of their ids."""
        known = {passage.id: passage.encoded for passage in self._all()}
        return [TokenMatrix(known[wanted].tokens, known[wanted].spans) for wanted in ids]

    def replace(self, source: str, passages: Sequence[IndexedPassage]) -> None:
        """Put the passages of a document in the place of those that it had."""
        self._passages[source] = list(passages)

    def remove(self, sources: Sequence[str]) -> None:
        """Take out the passages of documents; those that are not there are passed over."""
        for source in sources:
            self._passages.pop(source, None)

    def _all(self) -> Iterator[IndexedPassage]:
        for passages in self._passages.values():
            yield from passages


def _share(query: EncodedQuery, text: str) -> float:
    """Return the share of a question's words that a text has."""
    key = fold if query.folded else str
    asked = Counter(key(word) for word in words(query.text))
    own = {key(word) for word in words(text)}
    return sum(asked[word] for word in asked if word in own) / max(1, asked.total())


class MemoryDocuments:
    """`Documents` in a dictionary.

    Args:
        documents: All of them, in order.
        passages: Those that they were divided into.
        generation: What their generation is called.
    """

    def __init__(
        self,
        documents: Sequence[Document],
        passages: Mapping[PassageId, Passage] | None = None,
        generation: str = "",
    ) -> None:
        self.generation = generation
        self._documents = {document.source: document for document in documents}
        self._passages = dict(passages or {})

    def document(self, source: str) -> Document:
        """Return a document."""
        try:
            return self._documents[source]
        except KeyError as error:
            raise IndexDamagedError("index.no_such_document", source=source) from error

    def metadata(self) -> dict[str, Metadata]:
        """Return what is known of each document, by source, in order."""
        return {source: document.metadata for source, document in self._documents.items()}

    def permissions(self) -> dict[str, tuple[str, Access]]:
        """Return the collection of each document and who may read it, by source."""
        return {
            source: (document.collection, document.access)
            for source, document in self._documents.items()
        }

    def hashes(self) -> dict[str, str]:
        """Return the hash of each document's text, by source, in order."""
        return {source: document.sha256 for source, document in self._documents.items()}

    def passages(self) -> dict[PassageId, Passage]:
        """Return all passages, in the order in which they were embedded."""
        return dict(self._passages)

    def sections(self, kind: Division, number: str) -> list[SectionRef]:
        """Return the sections of a kind and number."""
        return [
            SectionRef(source=source, position=position)
            for source, document in self._documents.items()
            for position, section in enumerate(document.sections)
            if section.kind is kind and section.number == number
        ]

    def titled(self, key: str) -> list[SectionRef]:
        """Return the articles of a title, by its `title_key`."""
        return [
            SectionRef(source=source, position=position)
            for source, document in self._documents.items()
            for position, section in enumerate(document.sections)
            if section.kind is Division.ARTICLE and title_key(document.title_of(position)) == key
        ]

    def close(self) -> None:
        """Do nothing: nothing is held open."""


class MemoryCatalogue:
    """A `Catalogue` in this process."""

    def __init__(self) -> None:
        self._generations = count(1)
        self._documents: MemoryDocuments | None = None
        self._lease = threading.Lock()

    def publish(self, documents: Sequence[Document]) -> None:
        """Make a generation of documents current."""
        name = f"generation {next(self._generations)}"
        ordered = sorted(documents, key=lambda document: document.source)
        self._documents = MemoryDocuments(ordered, generation=name)

    def current(self) -> str | None:
        """Return what the generation is called that is served, None if there is none."""
        return self._documents.generation if self._documents else None

    def documents(self) -> MemoryDocuments:
        """Return the documents of the current generation."""
        if self._documents is None:
            raise IndexMissingError("index.missing", index="memory")
        return self._documents

    @contextmanager
    def lease(self) -> Iterator[None]:
        """Hold the right to make another generation current."""
        if not self._lease.acquire(blocking=False):
            raise IndexBusyError("index.busy", index="memory")
        try:
            yield
        finally:
            self._lease.release()


class InlineRunner:
    """A `Runner` that does all in this process; no limit on time or memory is kept."""

    def map(
        self, task: Task[_Item, _Value], items: Iterable[_Item], *, limits: Limits
    ) -> Iterator[Done[_Value] | Failed]:
        """Yield what comes of each item, in their order."""
        for item in items:
            try:
                yield Done(task.run(item, limits, lambda: None))
            except TrichDanError as error:
                yield Failed(error)
