"""Build an index of a corpus: divide, embed, and write a new generation."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from rag.config import Settings
from rag.domain.documents import Document
from rag.domain.ports import Embedder, Encoded
from rag.errors import IndexDamagedError
from rag.ingest import Corpus
from rag.ingest.run.folder import text_of
from rag.ingest.run.problems import Problems
from rag.language.abbreviations import as_glossary_lines, find_abbreviations
from rag.language.syllables import count_syllables
from rag.model.embedder import load_embedder
from rag.retrieve.faiss_index import FaissIndex
from rag.retrieve.fts5_index import SqliteLexicalIndex
from rag.retrieve.language_centroids import Centres, measure_centres
from rag.retrieve.token_store import TokenStoreBuilder
from rag.service.indexing.previous_generation import Earlier, open_earlier, without_deleted
from rag.service.indexing.work import Work, divide_all
from rag.store.documents import CorpusStore
from rag.store.embedding_journal import EmbeddingJournal
from rag.store.generations import Manifest, Recipe, Unfit, new_generation
from rag.store.index_files import (
    CENTRES,
    CORPUS,
    GLOSSARY,
    JOURNAL,
    LEXICAL,
    SPANS,
    SYLLABLES,
    TOKENS,
    VECTORS,
)

__all__ = ["Progress", "build_generation"]

_BATCH = 32  # passages that are embedded, and kept in the journal, together
_LONG = 64  # passages to embed, from which on what was deleted is dropped before

Progress = Callable[[int, int], None]
"""Is told how many passages of how many are embedded."""


def build_generation(
    corpus: Corpus,
    source: Path,
    index: Path,
    recipe: Recipe,
    settings: Settings,
    progress: Progress,
    embedder: Embedder | None = None,
    centres: Centres | None = None,
) -> Manifest:
    """Write a new generation of an index that `storage.building` holds, and make it current.

    What the current generation has embedded with the same recipe is not embedded again, nor what
    an earlier run had embedded that was stopped. Where much is to be embedded, what was deleted
    is dropped before, in a generation of its own. Documents that cannot be indexed are left out,
    and are problems in the manifest.

    Args:
        corpus: What to index.
        source: Where it was read from; recorded, so that messages can name it.
        index: The index directory.
        recipe: With what to build; see `plan.recipe_of`.
        settings: Where to unpack the packaged model to.
        progress: Is told how many passages are embedded.
        embedder: By default the one that the recipe names.
        centres: By default measured for the embedder.

    Raises:
        EmptyCorpusError: If no document has anything to quote, or none can be indexed.
        ModelError: If the model cannot be loaded.
    """
    embedder = embedder or load_embedder(
        recipe.model,
        cache=settings.cache_dir,
        query_prompt=recipe.query_prompt,
        passage_prompt=recipe.passage_prompt,
        may_fetch=settings.model == recipe.model,
    )
    earlier = open_earlier(index, recipe)
    if centres is None:
        centres = earlier.centres if earlier else measure_centres(embedder)
    with EmbeddingJournal(index / JOURNAL, recipe.model_dump_json()) as journal:
        builder = _Builder(index, source, recipe, embedder, centres, journal, earlier, progress)
        work = divide_all(corpus, recipe.chunk_tokens, embedder, earlier)
        sound = replace(corpus, documents=tuple(work.documents.values()))
        left = without_deleted(earlier, sound) if earlier else None
        if left and len(builder.missing(work)) >= _LONG:
            builder.write(divide_all(left, recipe.chunk_tokens, embedder, earlier))
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
        centres: Centres,
        journal: EmbeddingJournal,
        earlier: Earlier | None,
        progress: Progress,
    ) -> None:
        self._index = index
        self._source = source
        self._recipe = recipe
        self._embedder = embedder
        self._centres = centres
        self._journal = journal
        self._progress = progress
        self._earlier = earlier

    def missing(self, work: Work) -> list[int]:
        """Return the positions of what is still to be embedded, each text once."""
        known = set(self._earlier.positions) if self._earlier else set()
        known |= self._journal.contents()
        found = []
        for position, content in enumerate(work.contents):
            if content not in known:
                known.add(content)
                found.append(position)
        return found

    def write(self, work: Work) -> Manifest:
        """Embed what is missing, and write a generation.

        Raises:
            EmptyCorpusError: If no document is left that can be embedded and written.
        """
        work = self._embedded(work)

        def write(directory: Path) -> Manifest:
            written = _write_words(directory, work)
            self._write_vectors(directory, written)
            self._centres.save(directory / CENTRES)
            return self._manifest(written)

        return new_generation(self._index, write)

    def _manifest(self, work: Work) -> Manifest:
        failed = {problem.source: problem for problem in work.problems.found()}
        problems = Problems((*work.corpus.problems, *failed.values())).found()
        return Manifest(
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            source=text_of(str(self._source)),
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
                one.source: Unfit(sha256=one.sha256, vietnamese=failed[one.source].vietnamese)
                for one in work.corpus.documents
                if one.source in failed
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
                raise IndexDamagedError(
                    f"{self._index / JOURNAL} does not keep what is embedded; delete it and index "
                    "again"
                )
            missing, work = still, left
        return work

    def _embed(self, work: Work, positions: Sequence[int]) -> None:
        """Embed passages, batch by batch; what is done is kept in the journal."""
        self._progress(0, len(positions))
        for begin in range(0, len(positions), _BATCH):
            batch = positions[begin : begin + _BATCH]
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
            chosen = [at for document in documents for at in by_document[document.source]]
            if not chosen:
                return {}
            found = self._embedder.encode_passages(
                [work.text(at) for at in chosen], [work.context(at) for at in chosen]
            )
            return {
                work.contents[at]: self._centres.apply(
                    one, work.documents[work.passages[at].source].language
                )
                for at, one in zip(chosen, found, strict=True)
            }

        return work.problems.leave_out([work.documents[source] for source in by_document], encode)

    def _write_vectors(self, directory: Path, work: Work) -> None:
        """Write the vectors of all passages."""
        known = self._earlier.positions if self._earlier else {}
        vectors = np.empty((len(work.passages), self._embedder.info.dimension), dtype=np.float32)
        tokens = TokenStoreBuilder(self._embedder.info.dimension)
        for position, (passage, content) in enumerate(
            zip(work.passages, work.contents, strict=True)
        ):
            if self._earlier and content in known:
                one = self._earlier.encoded(content)
            else:
                one = self._journal.encoded(content)
            vectors[position] = one.vector
            tokens.add(one.tokens, one.spans + passage.start)
        FaissIndex(vectors).save(directory / VECTORS)
        tokens.save(directory / TOKENS, directory / SPANS)


def _write_words(directory: Path, work: Work) -> Work:
    """Write the documents and what is found by words; return what was written of the work.

    Raises:
        EmptyCorpusError: If no document can be written.
    """

    def write(documents: Sequence[Document]) -> None:
        _write_words_of(directory, work.of(documents))

    work.problems.leave_out(list(work.documents.values()), write)
    return work.without_failed()


def _write_words_of(directory: Path, work: Work) -> None:
    for name in (CORPUS, LEXICAL, SYLLABLES, GLOSSARY):
        (directory / name).unlink(missing_ok=True)  # of an attempt that failed
    documents = list(work.documents.values())
    CorpusStore.build(directory / CORPUS, documents, work.passages, work.contents)
    SqliteLexicalIndex.build(
        directory / LEXICAL,
        (f"{work.context(i)}\n{work.text(i)}" for i in range(len(work.passages))),
    )
    # How questions are understood must not tell of documents that only some may read.
    public = [document for document in documents if not document.access] or documents
    count_syllables(document.text for document in public).write(directory / SYLLABLES)
    learnt = find_abbreviations(document.text for document in public)
    lines = [*as_glossary_lines(learnt), *work.corpus.glossary]
    (directory / GLOSSARY).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
