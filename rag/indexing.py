"""Build an index of a folder: read, divide, embed, and write a new generation."""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from rag.abbreviations import as_glossary_lines, find_abbreviations
from rag.centring import Centres, measure_centres
from rag.chunking import divide, readable_text
from rag.config import Settings
from rag.documents import Document, Language, Passage
from rag.embedding import Embedder, Encoded, load_embedder
from rag.errors import EmptyCorpusError, IndexDamagedError, IndexMissingError
from rag.ingest import Corpus
from rag.late_interaction import TokenStore, TokenStoreBuilder
from rag.layout import CENTRES, CORPUS, GLOSSARY, LEXICAL, SPANS, SYLLABLES, TOKENS, VECTORS
from rag.lexical import SqliteLexicalIndex
from rag.storage import CorpusStore, Manifest, Recipe, current_generation, new_generation
from rag.syllables import count_syllables
from rag.vectors import FaissIndex

__all__ = ["Progress", "build_generation"]

_BATCH = 64  # passages between two reports of progress
_LONGEST_TITLE = 200  # characters of a title that are read before each passage
_SMALLEST_PASSAGE = 16  # tokens

_logger = logging.getLogger(__name__)

Progress = Callable[[int, int], None]
"""Is told how many passages of how many are embedded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Work:
    """What is to be embedded: passages, what the model reads of each, and hashes of that."""

    documents: Sequence[Document]
    languages: Sequence[Language]
    passages: Sequence[Passage]
    texts: Sequence[str]
    titles: Sequence[str]
    contents: Sequence[str]


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

    What the current generation has embedded with the same recipe is not embedded again.

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
    work = _divide_all(corpus.documents, recipe.chunk_tokens, embedder)
    before = _open_before(index, recipe)
    centres = centres or (before.centres if before else measure_centres(embedder))

    def write(directory: Path) -> Manifest:
        _write_vectors(directory, work, embedder, centres, before, progress)
        _write_words(directory, work, corpus.glossary)
        centres.save(directory / CENTRES)
        return Manifest(
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            source=str(source),
            corpus_sha256=corpus.sha256,
            documents=len(work.documents),
            passages=len(work.passages),
            dimension=embedder.info.dimension,
            recipe=recipe,
            query_prompt=embedder.info.query_prompt,
            passage_prompt=embedder.info.passage_prompt,
            problems={problem.source: problem.reason for problem in corpus.problems},
        )

    return new_generation(index, write)


def _divide_all(documents: Sequence[Document], max_tokens: int, embedder: Embedder) -> _Work:
    passages: list[Passage] = []
    texts: list[str] = []
    titles: list[str] = []
    contents: list[str] = []
    languages: list[Language] = []
    for document in documents:
        title = document.metadata.title[:_LONGEST_TITLE]
        before = embedder.count_tokens(f"{embedder.info.passage_prompt}{title}\n")
        limit = max(_SMALLEST_PASSAGE, min(max_tokens, embedder.info.max_tokens - before))
        for passage in divide(document, max_tokens=limit, count_tokens=embedder.count_tokens):
            text = readable_text(document, passage.start, passage.end)
            if text.strip():
                passages.append(passage)
                texts.append(text)
                titles.append(title)
                contents.append(_content_hash(document, text))
                languages.append(document.language)
    if not passages:
        raise EmptyCorpusError("no document has any text to quote; add some and index again")
    return _Work(
        documents=documents,
        languages=languages,
        passages=passages,
        texts=texts,
        titles=titles,
        contents=contents,
    )


def _content_hash(document: Document, text: str) -> str:
    """Return a hash of all that a passage's vectors depend on, beside the recipe."""
    content = "\0".join([document.language, document.metadata.title, text])
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Before:
    """What the current generation has embedded with the same recipe."""

    positions: Mapping[str, int]  # by the hash of what was embedded
    passages: Sequence[Passage]
    vectors: FaissIndex
    tokens: TokenStore
    centres: Centres

    def encoded(self, content: str) -> Encoded:
        """Return the centred vectors of what was embedded, by its hash."""
        position = self.positions[content]
        return Encoded(
            vector=self.vectors.vector(position),
            tokens=self.tokens.tokens(position),
            spans=self.tokens.spans(position) - self.passages[position].start,
        )


def _open_before(index: Path, recipe: Recipe) -> _Before | None:
    try:
        directory, manifest = current_generation(index)
    except (IndexMissingError, IndexDamagedError) as error:
        _logger.debug("nothing can be reused: %s", error)
        return None
    if manifest.recipe != recipe:
        return None
    store = CorpusStore(directory / CORPUS)
    return _Before(
        positions={content: position for position, content in enumerate(store.contents())},
        passages=store.passages(),
        vectors=FaissIndex.load(directory / VECTORS),
        tokens=TokenStore(directory / TOKENS, directory / SPANS),
        centres=Centres.load(directory / CENTRES),
    )


def _write_words(directory: Path, work: _Work, glossary: Sequence[str]) -> None:
    """Write the documents and what is found by words."""
    CorpusStore.build(directory / CORPUS, work.documents, work.passages, work.contents)
    SqliteLexicalIndex.build(
        directory / LEXICAL,
        (f"{title}\n{text}" for title, text in zip(work.titles, work.texts, strict=True)),
    )
    count_syllables(document.text for document in work.documents).write(directory / SYLLABLES)
    learnt = find_abbreviations(document.text for document in work.documents)
    lines = [*as_glossary_lines(learnt), *glossary]
    (directory / GLOSSARY).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def _write_vectors(
    directory: Path,
    work: _Work,
    embedder: Embedder,
    centres: Centres,
    before: _Before | None,
    progress: Progress,
) -> None:
    """Embed what is new, batch by batch, and write the vectors of all passages."""
    known = before.positions.keys() if before else frozenset[str]()
    total = sum(content not in known for content in work.contents)
    done = 0
    progress(done, total)
    vectors = []
    tokens = TokenStoreBuilder(embedder.info.dimension)
    for begin in range(0, len(work.passages), _BATCH):
        batch = range(begin, min(begin + _BATCH, len(work.passages)))
        new = [i for i in batch if work.contents[i] not in known]
        embedded = _embed(work, new, embedder, centres)
        for i in batch:
            if i in embedded:
                one = embedded[i]
            elif before is not None:
                one = before.encoded(work.contents[i])
            vectors.append(one.vector)
            tokens.add(one.tokens, one.spans + work.passages[i].start)
        done += len(new)
        progress(done, total)
    FaissIndex(np.stack(vectors)).save(directory / VECTORS)
    tokens.save(directory / TOKENS, directory / SPANS)


def _embed(
    work: _Work, positions: Sequence[int], embedder: Embedder, centres: Centres
) -> dict[int, Encoded]:
    """Return the centred vectors of some passages, by position."""
    found = embedder.encode_passages(
        [work.texts[i] for i in positions], [work.titles[i] for i in positions]
    )
    return {
        i: centres.apply(one, work.languages[i]) for i, one in zip(positions, found, strict=True)
    }
