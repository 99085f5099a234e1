"""Build an index of a corpus: divide, embed, and write a new generation."""

from collections import defaultdict
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from rag.domain.documents import Document, passage_id
from rag.domain.ports import Embedder
from rag.domain.vectors import Encoded, IndexedPassage
from rag.errors import IndexDamagedError
from rag.ingest import Corpus
from rag.ingest.run.folder import escaped_path
from rag.ingest.run.problems import Problems
from rag.language.abbreviations import as_glossary_lines, find_abbreviations
from rag.language.syllables import count_syllables
from rag.retrieve.faiss_passage_index import FaissPassageIndex
from rag.retrieve.language_centroids import LanguageCentroids, measure_centroids
from rag.service.indexing.previous_generation import (
    PreviousGeneration,
    open_previous,
    without_deleted,
)
from rag.service.indexing.progress import Progress, no_progress
from rag.service.indexing.work import Work, divide_all
from rag.store.documents import SqliteDocuments
from rag.store.embedding_journal import EmbeddingJournal
from rag.store.generations import new_generation
from rag.store.index_files import CENTROIDS, CORPUS, GLOSSARY, JOURNAL, SYLLABLES
from rag.store.manifest import Manifest, Recipe, Unfit

__all__ = ["build_generation"]

_BATCH_PASSAGES = 32  # passages that are embedded, and kept in the journal, together
_MANY_PASSAGES = 64  # passages to embed, from which on what was deleted is dropped before


def build_generation(
    corpus: Corpus,
    *,
    source: Path,
    index: Path,
    recipe: Recipe,
    embedder: Embedder,
    centroids: LanguageCentroids | None = None,
    progress: Progress = no_progress,
) -> Manifest:
    """Write a new generation of an index whose lease is held, and make it current.

    What the current generation has embedded with the same recipe is not embedded again, nor what
    an earlier run had embedded that was stopped. Where much is to be embedded, what was deleted
    is dropped before, in a generation of its own. Documents that cannot be indexed are left out,
    and are problems in the manifest.

    Args:
        corpus: What to index.
        source: Where it was read from; recorded, so that messages can name it.
        index: The index directory.
        recipe: With what to build.
        embedder: The model that the recipe names.
        centroids: By default measured for the embedder.
        progress: Is told how many passages are embedded.

    Raises:
        EmptyCorpusError: If no document has anything to quote, or none can be indexed.
    """
    with (
        EmbeddingJournal(index / JOURNAL, recipe.model_dump_json()) as journal,
        ExitStack() as opened,
    ):
        previous = open_previous(index, recipe)
        if previous:
            opened.callback(previous.close)
        if centroids is None:
            centroids = previous.centroids if previous else measure_centroids(embedder)
        builder = _Builder(index, source, recipe, embedder, centroids, journal, previous, progress)
        work = divide_all(corpus, recipe.chunk_tokens, embedder, previous)
        sound = replace(corpus, documents=tuple(work.documents.values()))
        left = without_deleted(previous, sound) if previous else None
        if left and len(builder.missing(work)) >= _MANY_PASSAGES:
            builder.write(divide_all(left, recipe.chunk_tokens, embedder, previous))
        manifest = builder.write(work)
        journal.remove()
    return manifest


class _Builder:
    """Writes generations of one index with one model."""

    def __init__(
        self,
        index: Path,
        source: Path,
        recipe: Recipe,
        embedder: Embedder,
        centroids: LanguageCentroids,
        journal: EmbeddingJournal,
        previous: PreviousGeneration | None,
        progress: Progress,
    ) -> None:
        self._index = index
        self._source = source
        self._recipe = recipe
        self._embedder = embedder
        self._centroids = centroids
        self._journal = journal
        self._progress = progress
        self._previous = previous

    def missing(self, work: Work) -> list[int]:
        """Return the positions of what is still to be embedded, each text once."""
        embedded = set(self._previous.passages) if self._previous else set()
        embedded |= self._journal.contents()
        positions = []
        for position, content in enumerate(work.contents):
            if content not in embedded:
                embedded.add(content)
                positions.append(position)
        return positions

    def write(self, work: Work) -> Manifest:
        """Embed what is missing, and write a generation.

        Raises:
            EmptyCorpusError: If no document is left that can be embedded and written.
        """
        work = self._embedded(work)

        def write(directory: Path) -> Manifest:
            with closing(self._indexed(work)) as passages:
                written = _write_words(directory, work.without_failed())
                passages.remove(
                    [source for source in work.documents if source not in written.documents]
                )
                passages.save(directory)
            self._centroids.save(directory / CENTROIDS)
            return self._manifest(written)

        return new_generation(self._index, write)

    def _manifest(self, work: Work) -> Manifest:
        failed = {problem.source: problem for problem in work.problems.collected()}
        problems = Problems((*work.corpus.problems, *failed.values())).collected()
        return Manifest(
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            source=escaped_path(str(self._source)),
            corpus_sha256=work.corpus.sha256,
            documents=len(work.documents),
            passages=len(work.passages),
            dimension=self._embedder.info.dimension,
            recipe=self._recipe,
            query_prompt=self._embedder.info.query_prompt,
            passage_prompt=self._embedder.info.passage_prompt,
            problems={problem.source: problem.reason for problem in problems},
            duplicates=dict(work.corpus.duplicates),
            unfit={
                document.source: Unfit(
                    sha256=document.sha256, vietnamese=failed[document.source].vietnamese
                )
                for document in work.corpus.documents
                if document.source in failed
            },
        )

    def _embedded(self, work: Work) -> Work:
        """Embed what is missing, and return what is left of the work where documents fail.

        Raises:
            EmptyCorpusError: If nothing is left.
            IndexDamagedError: If the journal does not keep what is embedded.
        """
        missing = self.missing(work)
        while missing:
            self._embed(work, missing)
            left = work.without_failed()
            # What a document that failed has in common with another is missing still.
            still = self.missing(left)
            if len(still) >= len(missing) and len(left.documents) == len(work.documents):
                raise IndexDamagedError("index.not_a_journal", index=self._index / JOURNAL)
            missing, work = still, left
        return work

    def _embed(self, work: Work, positions: Sequence[int]) -> None:
        """Embed passages, batch by batch; what is done is kept in the journal."""
        self._progress(0, len(positions))
        for begin in range(0, len(positions), _BATCH_PASSAGES):
            batch = positions[begin : begin + _BATCH_PASSAGES]
            self._journal.add(self._encoded(work, batch))
            self._progress(begin + len(batch), len(positions))

    def _encoded(self, work: Work, batch: Sequence[int]) -> dict[str, Encoded]:
        """Return the centred vectors of passages by the hashes of what was embedded.

        Where that fails, it is done document by document, without those that make it fail.
        """
        by_document: defaultdict[str, list[int]] = defaultdict(list)
        for position in batch:
            source = work.passages[position].source
            if source not in work.problems:
                by_document[source].append(position)

        def encode(documents: Sequence[Document]) -> dict[str, Encoded]:
            chosen = [
                position for document in documents for position in by_document[document.source]
            ]
            if not chosen:
                return {}
            vectors = self._embedder.encode_passages(
                [work.text(position) for position in chosen],
                [work.context(position) for position in chosen],
            )
            return {
                work.contents[position]: self._centroids.subtract(
                    encoded, work.documents[work.passages[position].source].language
                )
                for position, encoded in zip(chosen, vectors, strict=True)
            }

        return work.problems.run_without_failing(
            [work.documents[source] for source in by_document], encode
        )

    def _indexed(self, work: Work) -> FaissPassageIndex:
        """Return an index of all passages; a document that cannot be indexed is a problem."""
        index = FaissPassageIndex(self._embedder.info.dimension)
        position = 0
        for source, document in work.documents.items():
            divided = work.divided[source]
            with work.problems.recording(source):
                index.replace(
                    source,
                    [
                        self._passage(work, document, position + offset)
                        for offset in range(len(divided))
                    ],
                )
            position += len(divided)
        return index

    def _passage(self, work: Work, document: Document, position: int) -> IndexedPassage:
        passage, content = work.passages[position], work.contents[position]
        encoded = self._stored(content)
        return IndexedPassage(
            id=passage_id(document.source, passage.start, content),
            passage=passage,
            content=content,
            text=f"{work.context(position)}\n{work.text(position)}",
            collection=document.collection,
            access=document.access,
            encoded=replace(encoded, spans=encoded.spans + passage.start),
        )

    def _stored(self, content: str) -> Encoded:
        """Return what was embedded before, now or by an earlier run, by its hash."""
        if self._previous and content in self._previous.passages:
            return self._previous.encoded(content)
        return self._journal.encoded(content)


def _write_words(directory: Path, work: Work) -> Work:
    """Write the documents and what is known of their words; return what was written of the work.

    Raises:
        EmptyCorpusError: If no document can be written.
    """

    def write(documents: Sequence[Document]) -> None:
        _write_words_of(directory, work.of(documents))

    work.problems.run_without_failing(list(work.documents.values()), write)
    return work.without_failed()


def _write_words_of(directory: Path, work: Work) -> None:
    for name in (CORPUS, SYLLABLES, GLOSSARY):
        (directory / name).unlink(missing_ok=True)  # of an attempt that failed
    documents = list(work.documents.values())
    SqliteDocuments.build(directory / CORPUS, documents, work.passages, work.contents)
    # How questions are understood must not tell of documents that only some may read.
    public = [document for document in documents if not document.access] or documents
    count_syllables(document.text for document in public).write(directory / SYLLABLES)
    learnt = find_abbreviations(document.text for document in public)
    lines = [*as_glossary_lines(learnt), *work.corpus.glossary]
    (directory / GLOSSARY).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
