"""What is to be indexed: documents, divided into passages, and what the model reads of each."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from rag.domain.documents import Document, Passage, readable_text
from rag.domain.ports import Embedder
from rag.errors import EmptyCorpusError
from rag.ingest import Corpus
from rag.ingest.run.problems import Problems
from rag.ingest.structure.passages import context_of, divide
from rag.service.indexing.previous_generation import PreviousGeneration
from rag.store.documents import division_key

__all__ = ["Work", "divide_all"]

_LONGEST_CONTEXT_TOKENS = 160  # tokens that are read before a passage, at most
_SMALLEST_PASSAGE_TOKENS = 16  # tokens

_Divided = Mapping[str, Sequence[tuple[Passage, str]]]


@dataclass(frozen=True, kw_only=True)
class Work:
    """Documents that are to be indexed, and their passages in the order of embedding.

    Attributes:
        corpus: All that was read.
        documents: Those of it that are to be indexed, by source.
        divided: Their passages, and the hash of all that the vectors of each depend on, by source.
        problems: Why others cannot be indexed.
    """

    corpus: Corpus
    documents: Mapping[str, Document]
    divided: _Divided
    problems: Problems
    passages: Sequence[Passage] = field(init=False)
    contents: Sequence[str] = field(init=False)

    def __post_init__(self) -> None:
        pieces = [piece for source in self.documents for piece in self.divided[source]]
        object.__setattr__(self, "passages", [passage for passage, _ in pieces])
        object.__setattr__(self, "contents", [content for _, content in pieces])

    def text(self, position: int) -> str:
        """Return what the model reads of a passage."""
        passage = self.passages[position]
        return readable_text(self.documents[passage.source], passage.start, passage.end)

    def context(self, position: int) -> str:
        """Return what is read before it."""
        passage = self.passages[position]
        return context_of(self.documents[passage.source], passage)

    def of(self, documents: Iterable[Document]) -> "Work":
        """Return what is to be done of some of the documents."""
        return replace(self, documents={document.source: document for document in documents})

    def without_failed(self) -> "Work":
        """Return what is left to do where documents have failed.

        Raises:
            EmptyCorpusError: If that is nothing.
        """
        failed = {problem.source: problem.reason for problem in self.problems.collected()}
        kept = self.of(
            document for document in self.documents.values() if document.source not in failed
        )
        if self.corpus.documents and not kept.passages:
            first = next(
                (document for document in self.corpus.documents if document.source in failed), None
            )
            if first is None:
                raise EmptyCorpusError("index.nothing_to_quote")
            raise EmptyCorpusError(
                "index.no_document_fits", source=first.source, reason=failed[first.source]
            )
        return kept


def divide_all(
    corpus: Corpus, max_tokens: int, embedder: Embedder, previous: PreviousGeneration | None
) -> Work:
    """Divide the documents of a corpus; one that cannot be divided is a problem.

    Args:
        corpus: What was read.
        max_tokens: The most tokens a passage may have.
        embedder: Counts them.
        previous: What was divided before.

    Raises:
        EmptyCorpusError: If there is nothing to quote in it.
    """
    problems = Problems()
    divided: dict[str, Sequence[tuple[Passage, str]]] = {}
    for document in corpus.documents:
        with problems.recording(document.source):
            divided[document.source] = _divide(document, max_tokens, embedder, previous)
    return Work(
        corpus=corpus,
        documents={
            document.source: document for document in corpus.documents if document.source in divided
        },
        divided=divided,
        problems=problems,
    ).without_failed()


def _divide(
    document: Document, max_tokens: int, embedder: Embedder, previous: PreviousGeneration | None
) -> list[tuple[Passage, str]]:
    divided_before = previous.divisions.get(division_key(document)) if previous else None
    if previous and divided_before is not None:
        return [
            (replace(passage, source=document.source), content)
            for passage, content in previous.divided.get(divided_before, ())
        ]
    longest = embedder.info.max_tokens - _LONGEST_CONTEXT_TOKENS
    limit = max(_SMALLEST_PASSAGE_TOKENS, min(max_tokens, longest))
    divided = []
    for passage in divide(document, max_tokens=limit, count_tokens=embedder.count_tokens):
        text = readable_text(document, passage.start, passage.end)
        if text.strip():
            content = _content_hash(document, context_of(document, passage), text)
            divided.append((passage, content))
    return divided


def _content_hash(document: Document, context: str, text: str) -> str:
    """Return a hash of all that a passage's vectors depend on, beside the recipe."""
    content = "\0".join([document.language, context, text])
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
