"""The seams: what the rest of the program knows of models, indexes, stores and other processes.

There are five, each a protocol with a suite of tests that every implementation passes
(`rag.testing.contracts`): `Embedder`, `ReadingModel`, `PassageIndex`, `Catalogue`, `Runner`.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Protocol, TypeVar

from rag.domain.documents import Division, Document, Metadata, Passage, PassageId, SectionRef
from rag.domain.hits import Recalled
from rag.domain.permissions import ANYWHERE, Access, Filter
from rag.domain.vectors import (
    EmbedderInfo,
    Encoded,
    EncodedQuery,
    IndexedPassage,
    PassageReading,
    TokenMatrix,
)
from rag.domain.work import Done, Failed, Limits, Task

__all__ = ["Catalogue", "Documents", "Embedder", "PassageIndex", "ReadingModel", "Runner"]

_Item = TypeVar("_Item")
_Value = TypeVar("_Value")


class Embedder(Protocol):
    """What the rest of the program knows of an embedding model."""

    @property
    def info(self) -> EmbedderInfo:
        """What the index must record."""
        ...

    def count_tokens(self, text: str) -> int:
        """Return how many tokens the model makes of the text, special tokens not counted."""
        ...

    def encode_query(self, text: str) -> Encoded:
        """Return the vectors of a question."""
        ...

    def encode_passages(self, texts: Sequence[str], titles: Sequence[str]) -> list[Encoded]:
        """Return the vectors of passages, each read after the title of its document.

        The spans are into the passage's text; the title's tokens are left out.
        """
        ...


class ReadingModel(Protocol):
    """What the rest of the program knows of a reading model."""

    def read(
        self, question: str, leads: Sequence[str], texts: Sequence[str]
    ) -> list[PassageReading]:
        """Read a question beside each of some texts, each with what says what it is about."""
        ...


class PassageIndex(Protocol):
    """Finds passages by what they mean and by their words, and keeps their token vectors."""

    def search(
        self, query: EncodedQuery, where: Filter = ANYWHERE, *, limit: int
    ) -> Sequence[Recalled]:
        """Return the passages nearest by vector and those best by words, each once.

        How rare a word is, is counted over all passages, whatever the filter. The order is that in
        which the passages were put in.

        Args:
            query: The question.
            where: Which passages may be found.
            limit: The most of each of the two kinds; a filter does not lessen them.
        """
        ...

    def tokens(self, ids: Sequence[PassageId]) -> Sequence[TokenMatrix]:
        """Return the tokens of passages, in the order of their ids.

        Raises:
            KeyError: If there is no passage of an id.
        """
        ...

    def replace(self, source: str, passages: Sequence[IndexedPassage]) -> None:
        """Put the passages of a document in the place of those that it had."""
        ...

    def remove(self, sources: Sequence[str]) -> None:
        """Take out the passages of documents; those that are not there are passed over."""
        ...


class Documents(Protocol):
    """The documents of one generation; they never change."""

    @property
    def generation(self) -> str:
        """What the generation is called."""
        ...

    def document(self, source: str) -> Document:
        """Return a document, its text checked against the hash that was stored.

        Raises:
            IndexDamagedError: If it is not there, or is not what was stored.
        """
        ...

    def metadata(self) -> Mapping[str, Metadata]:
        """Return what is known of each document, by source, in order."""
        ...

    def permissions(self) -> Mapping[str, tuple[str, Access]]:
        """Return the collection of each document and who may read it, by source."""
        ...

    def hashes(self) -> Mapping[str, str]:
        """Return the hash of each document's text, by source, in order."""
        ...

    def passages(self) -> Mapping[PassageId, Passage]:
        """Return all passages, in the order in which they were embedded."""
        ...

    def sections(self, kind: Division, number: str) -> Sequence[SectionRef]:
        """Return the sections of a kind and number."""
        ...

    def titled(self, key: str) -> Sequence[SectionRef]:
        """Return the articles of a title, by its `title_key`."""
        ...

    def close(self) -> None:
        """Give back what is held open."""
        ...


class Catalogue(Protocol):
    """Which documents are served, and who may change that; shared by all processes."""

    def current(self) -> str | None:
        """Return what the generation is called that is served, None if there is none."""
        ...

    def documents(self) -> Documents:
        """Open the documents of the current generation.

        Raises:
            IndexMissingError: If there is none.
        """
        ...

    def lease(self) -> AbstractContextManager[None]:
        """Hold the right to make another generation current.

        Raises:
            IndexBusyError: If somebody else holds it.
        """
        ...


class Runner(Protocol):
    """Does work with items, one after the other or side by side."""

    def map(
        self, task: Task[_Item, _Value], items: Iterable[_Item], *, limits: Limits
    ) -> Iterator[Done[_Value] | Failed]:
        """Yield what comes of each item, in their order; one that fails never stops the others."""
        ...
