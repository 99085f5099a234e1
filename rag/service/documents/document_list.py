"""What is in a folder and in its index, document by document."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from rag.domain.documents import Document
from rag.errors import IndexDamagedError
from rag.ingest import Corpus
from rag.ingest.run.problems import Problems
from rag.messages import Message, message
from rag.service.assistant import Assistant

__all__ = ["ListedDocument", "State", "list_documents"]


class State(StrEnum):
    """How a document stands to the index."""

    INDEXED = "indexed"
    WAITING = "waiting"  # added or changed since
    GONE = "gone"  # still answered from, but no longer in the folder
    FAILED = "failed"  # cannot be read or indexed
    SAME = "same"  # says the same as another, which is cited


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDocument:
    """A document or file of the folder.

    Attributes:
        document: None if it cannot be read.
        passages: How many are indexed.
        message: Why it cannot be read or indexed, if it cannot.
    """

    source: str
    state: State
    document: Document | None
    passages: int = 0
    message: Message | None = None

    @property
    def reason(self) -> str:
        """The message in English, "" if there is none."""
        return self.message.english if self.message else ""

    @property
    def vietnamese(self) -> str:
        """The message in Vietnamese, "" if there is none."""
        return self.message.vietnamese if self.message else ""


def list_documents(assistant: Assistant, corpus: Corpus) -> tuple[ListedDocument, ...]:
    """Return what is in a folder and in an index, in the order of their names.

    A single document fails alone, also if what the index has of it is damaged.

    Args:
        assistant: Over the index.
        corpus: What is in the folder now.
    """
    problems = Problems(corpus.problems)
    indexed = _indexed(assistant, problems)
    counts = assistant.passage_counts()
    listed: dict[str, ListedDocument] = {}
    documents = {document.source: document for document in corpus.documents}
    for source, document in documents.items():
        with problems.recording(source):
            same = source in indexed and indexed[source] == document
            unfit = _unfit(assistant, document)
            if unfit is not None:
                problems.add(source, unfit)
            listed[source] = ListedDocument(
                source=source,
                state=State.INDEXED if same else State.WAITING,
                document=document,
                passages=counts.get(source, 0),
            )
    for source, original in corpus.duplicates.items():
        listed[source] = ListedDocument(
            source=source,
            state=State.SAME,
            document=documents.get(original),
            message=message("folder.says_same", original=original),
        )
    for problem in problems.collected():
        listed[problem.source] = ListedDocument(
            source=problem.source,
            state=State.FAILED,
            document=indexed.get(problem.source) or documents.get(problem.source),
            passages=counts.get(problem.source, 0),
            message=problem.message,
        )
    for source, stored in indexed.items():
        listed.setdefault(
            source,
            ListedDocument(
                source=source, state=State.GONE, document=stored, passages=counts.get(source, 0)
            ),
        )
    return tuple(listed[source] for source in sorted(listed))


def _indexed(assistant: Assistant, problems: Problems) -> Mapping[str, Document]:
    """Return the documents of the index by source; one that is damaged there is a problem."""
    documents: dict[str, Document] = {}
    for source in assistant.sources():
        with problems.recording(source):
            try:
                documents[source] = assistant.document(source)
            except IndexDamagedError:
                problems.add(
                    source,
                    message("folder.indexed_document_damaged"),
                )
    return documents


def _unfit(assistant: Assistant, document: Document) -> Message | None:
    """Return why a document was not indexed as it is now, if that was tried."""
    manifest = assistant.manifest
    unfit = manifest.unfit.get(document.source)
    if unfit is None or unfit.sha256 != document.sha256:
        return None
    return Message(manifest.problems.get(document.source, ""), unfit.vietnamese)
