"""Build an index of a corpus: divide, embed, and write a new generation."""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from rag.abbreviations import as_glossary_lines, find_abbreviations
from rag.centring import Centres, measure_centres
from rag.chunking import context_of, divide, readable_text
from rag.config import Settings
from rag.corpus_store import CorpusStore, division_of
from rag.documents import Document, Passage
from rag.embedding import Embedder, Encoded, load_embedder
from rag.errors import EmptyCorpusError, IndexDamagedError, IndexMissingError
from rag.ingest import Corpus
from rag.journal import EmbeddingJournal
from rag.late_interaction import TokenStore, TokenStoreBuilder
from rag.layout import (
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
from rag.lexical import SqliteLexicalIndex
from rag.storage import Manifest, Recipe, generation_before, new_generation, sound_generation
from rag.syllables import count_syllables
from rag.vectors import FaissIndex

__all__ = ["Progress", "build_generation"]

_BATCH = 32  # passages that are embedded, and kept in the journal, together
_LONGEST_CONTEXT = 160  # tokens that are read before a passage, at most
_SMALLEST_PASSAGE = 16  # tokens
_LONG = 64  # passages to embed, from which on what was deleted is dropped before

_logger = logging.getLogger(__name__)

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
    is dropped before, in a generation of its own.

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
        EmptyCorpusError: If no document has anything to quote.
        ModelError: If the model cannot be loaded.
    """
    embedder = embedder or load_embedder(
        recipe.model,
        cache=settings.cache_dir,
        query_prompt=recipe.query_prompt,
        passage_prompt=recipe.passage_prompt,
    )
    before = _open_before(index, recipe)
    if centres is None:
        centres = before.centres if before else measure_centres(embedder)
    with EmbeddingJournal(index / JOURNAL, recipe.model_dump_json()) as journal:
        builder = _Builder(index, source, recipe, embedder, centres, journal, before, progress)
        work = _divide_all(corpus.documents, recipe.chunk_tokens, embedder, before)
        left = _without_deleted(before, corpus) if before else None
        if left and len(builder.missing(work)) >= _LONG:
            builder.write(left, _divide_all(left.documents, recipe.chunk_tokens, embedder, before))
        manifest = builder.write(corpus, work)
        journal.remove()
    return manifest


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What is to be embedded: passages, what the model reads of each, and hashes of that."""

    documents: Mapping[str, Document]
    passages: Sequence[Passage]
    contents: Sequence[str]

    def text(self, position: int) -> str:
        """Return what the model reads of a passage."""
        passage = self.passages[position]
        return readable_text(self.documents[passage.source], passage.start, passage.end)

    def context(self, position: int) -> str:
        """Return what is read before it."""
        passage = self.passages[position]
        return context_of(self.documents[passage.source], passage)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """What the current generation has embedded with the same recipe."""

    store: CorpusStore
    divisions: Mapping[str, str]
    positions: Mapping[str, int]  # by the hash of what was embedded
    divided: Mapping[str, Sequence[tuple[Passage, str]]]  # passages and hashes by source
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


def _open_before(index: Path, recipe: Recipe) -> _Before | None:
    try:
        directory, manifest = sound_generation(index, held=True)
        if not manifest.passages:  # the folder was emptied; what was before may come back
            directory, manifest = generation_before(index) or (directory, manifest)
    except (IndexMissingError, IndexDamagedError) as error:
        _logger.debug("nothing can be reused: %s", error)
        return None
    if manifest.recipe != recipe:
        return None
    store = CorpusStore(directory / CORPUS)
    contents = store.contents()
    passages = store.passages()
    divided: dict[str, list[tuple[Passage, str]]] = {}
    for passage, content in zip(passages, contents, strict=True):
        divided.setdefault(passage.source, []).append((passage, content))
    return _Before(
        store=store,
        divisions=store.divisions(),
        positions={content: position for position, content in enumerate(contents)},
        divided=divided,
        vectors=FaissIndex.load(directory / VECTORS),
        tokens=TokenStore(directory / TOKENS, directory / SPANS),
        starts=[passage.start for passage in passages],
        centres=Centres.load(directory / CENTRES),
    )


def _without_deleted(before: _Before, corpus: Corpus) -> Corpus | None:
    """Return what can be served at once: the documents indexed before that are still there.

    None if none was deleted. One that changed is served as it was, to those who may read it now.
    """
    there = {document.source: document for document in corpus.documents}
    sources = before.store.sources()
    old = before.store.permissions()
    narrowed = any(
        old[source] != (there[source].collection, there[source].access)
        for source in sources
        if source in there
    )
    if not narrowed and all(source in there for source in sources):
        return None
    kept = []
    for document in corpus.documents:
        if division_of(document) in before.divisions:
            kept.append(document)
        elif document.source in old:
            was = before.store.document(document.source)
            kept.append(replace(was, collection=document.collection, access=document.access))
    return replace(corpus, documents=tuple(kept)) if kept else None


def _divide_all(
    documents: Sequence[Document], max_tokens: int, embedder: Embedder, before: _Before | None
) -> _Work:
    passages: list[Passage] = []
    contents: list[str] = []
    for document in documents:
        known = before.divisions.get(division_of(document)) if before else None
        if before and known is not None:
            for passage, content in before.divided.get(known, ()):
                passages.append(replace(passage, source=document.source))
                contents.append(content)
            continue
        longest = embedder.info.max_tokens - _LONGEST_CONTEXT
        limit = max(_SMALLEST_PASSAGE, min(max_tokens, longest))
        for passage in divide(document, max_tokens=limit, count_tokens=embedder.count_tokens):
            text = readable_text(document, passage.start, passage.end)
            if text.strip():
                passages.append(passage)
                contents.append(_content_hash(document, context_of(document, passage), text))
    if documents and not passages:
        raise EmptyCorpusError("no document has any text to quote; add some and index again")
    return _Work(
        documents={document.source: document for document in documents},
        passages=passages,
        contents=contents,
    )


def _content_hash(document: Document, context: str, text: str) -> str:
    """Return a hash of all that a passage's vectors depend on, beside the recipe."""
    content = "\0".join([document.language, context, text])
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


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
        before: _Before | None,
        progress: Progress,
    ) -> None:
        self._index = index
        self._source = source
        self._recipe = recipe
        self._embedder = embedder
        self._centres = centres
        self._journal = journal
        self._progress = progress
        self._before = before

    def missing(self, work: _Work) -> list[int]:
        """Return the positions of what is still to be embedded, each text once."""
        known = set(self._before.positions) if self._before else set()
        known |= self._journal.contents()
        found = []
        for position, content in enumerate(work.contents):
            if content not in known:
                known.add(content)
                found.append(position)
        return found

    def write(self, corpus: Corpus, work: _Work) -> Manifest:
        """Embed what is missing, and write a generation."""
        self._embed(work, self.missing(work))

        def write(directory: Path) -> Manifest:
            self._write_vectors(directory, work)
            _write_words(directory, corpus, work)
            self._centres.save(directory / CENTRES)
            return self._manifest(corpus, work)

        return new_generation(self._index, write)

    def _manifest(self, corpus: Corpus, work: _Work) -> Manifest:
        return Manifest(
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            source=str(self._source),
            corpus_sha256=corpus.sha256,
            documents=len(work.documents),
            passages=len(work.passages),
            dimension=self._embedder.info.dimension,
            recipe=self._recipe,
            query_prompt=self._embedder.info.query_prompt,
            passage_prompt=self._embedder.info.passage_prompt,
            problems={problem.source: problem.reason for problem in corpus.problems},
            duplicates=dict(corpus.duplicates),
        )

    def _embed(self, work: _Work, positions: Sequence[int]) -> None:
        """Embed passages, batch by batch; what is done is kept in the journal."""
        self._progress(0, len(positions))
        for begin in range(0, len(positions), _BATCH):
            batch = positions[begin : begin + _BATCH]
            found = self._embedder.encode_passages(
                [work.text(i) for i in batch], [work.context(i) for i in batch]
            )
            self._journal.add(
                {
                    work.contents[i]: self._centres.apply(
                        one, work.documents[work.passages[i].source].language
                    )
                    for i, one in zip(batch, found, strict=True)
                }
            )
            self._progress(begin + len(batch), len(positions))

    def _write_vectors(self, directory: Path, work: _Work) -> None:
        """Write the vectors of all passages."""
        known = self._before.positions if self._before else {}
        vectors = np.empty((len(work.passages), self._embedder.info.dimension), dtype=np.float32)
        tokens = TokenStoreBuilder(self._embedder.info.dimension)
        for position, (passage, content) in enumerate(
            zip(work.passages, work.contents, strict=True)
        ):
            if self._before and content in known:
                one = self._before.encoded(content)
            else:
                one = self._journal.encoded(content)
            vectors[position] = one.vector
            tokens.add(one.tokens, one.spans + passage.start)
        FaissIndex(vectors).save(directory / VECTORS)
        tokens.save(directory / TOKENS, directory / SPANS)


def _write_words(directory: Path, corpus: Corpus, work: _Work) -> None:
    """Write the documents and what is found by words."""
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
    lines = [*as_glossary_lines(learnt), *corpus.glossary]
    (directory / GLOSSARY).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
