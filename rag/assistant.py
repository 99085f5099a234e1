"""The whole way from a question to an answer, over one index."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from rag.answer import Answer
from rag.centring import Centres
from rag.confidence import Calibration
from rag.config import Settings, load_settings
from rag.diacritics import DiacriticRestorer
from rag.documents import Document
from rag.embedding import Embedder, load_embedder
from rag.errors import IndexMismatchError
from rag.glossary import Glossary
from rag.late_interaction import TokenStore
from rag.layout import CENTRES, CORPUS, LEXICAL, SPANS, SYLLABLES, TOKENS, VECTORS
from rag.lexical import SqliteLexicalIndex
from rag.model.identity import fingerprint_of
from rag.query import analyse
from rag.reader import Reader, Reading, SentenceReader
from rag.retrieve import Hit, Retriever
from rag.storage import CorpusStore, Manifest, current_generation
from rag.vectors import FaissIndex

__all__ = ["Assistant"]

_READ_PASSAGES = 8  # quotes are chosen out of this many passages
_QUOTES = 3
_RELATED = 3


class Assistant:
    """Answers questions from one generation of an index. Safe to use from several threads."""

    def __init__(
        self,
        *,
        store: CorpusStore,
        retriever: Retriever,
        restorer: DiacriticRestorer,
        reader: Reader,
        calibration: Calibration,
        manifest: Manifest,
    ) -> None:
        self.manifest = manifest
        self._store = store
        self._retriever = retriever
        self._restorer = restorer
        self._reader = reader
        self._calibration = calibration

    @classmethod
    def open(
        cls,
        index_dir: str | Path,
        *,
        settings: Settings | None = None,
        embedder: Embedder | None = None,
    ) -> "Assistant":
        """Open the current generation of an index.

        Args:
            index_dir: Where `trichdan index` wrote it.
            settings: From the environment by default.
            embedder: The model to embed questions with; by default the one the index names.

        Raises:
            IndexMissingError: If there is no index.
            IndexDamagedError: If it is not what was written.
            IndexMismatchError: If it was built with another model than is asked for.
            ModelError: If its model cannot be loaded.
        """
        settings = settings or load_settings()
        index = Path(index_dir)
        directory, manifest = current_generation(index)
        _check_recipe(index, manifest, settings)
        recipe = manifest.recipe
        embedder = embedder or load_embedder(
            recipe.model,
            cache=settings.cache_dir,
            query_prompt=recipe.query_prompt,
            passage_prompt=recipe.passage_prompt,
        )
        _check_model(index, manifest, embedder)
        store = CorpusStore(directory / CORPUS)
        return cls(
            store=store,
            retriever=Retriever(
                passages=store.passages(),
                embedder=embedder,
                centres=Centres.load(directory / CENTRES),
                vectors=FaissIndex.load(directory / VECTORS),
                lexical=SqliteLexicalIndex(directory / LEXICAL),
                tokens=TokenStore(directory / TOKENS, directory / SPANS),
            ),
            restorer=DiacriticRestorer(directory / SYLLABLES),
            reader=SentenceReader(Glossary.default()),
            calibration=Calibration.load(),
            manifest=manifest,
        )

    def ask(
        self,
        question: str,
        history: Sequence[Mapping[str, Any]] = (),  # noqa: ARG002
    ) -> Answer:
        """Answer a question by quoting.

        Args:
            question: In Vietnamese, with or without diacritics, or in English.
            history: Earlier questions of the conversation; accepted, not yet used.

        Raises:
            QuestionError: If the question is empty, too long or no text.
        """
        timings: dict[str, float] = {}
        with _timed(timings, "total"):
            with _timed(timings, "analyse"):
                query = analyse(question, self._restorer)
            with _timed(timings, "retrieve"):
                retrieved = self._retriever.retrieve(query, _READ_PASSAGES)
            with _timed(timings, "read"):
                reading = self._reader.read(query, retrieved, self.document)
        confidence = self._calibration.confidence(reading.features)
        answerable = bool(reading.quotes) and confidence >= self._calibration.threshold
        return Answer(
            query=query,
            answerable=answerable,
            confidence=confidence,
            quotes=reading.quotes[:_QUOTES] if answerable else (),
            related=() if answerable else reading.quotes[:_RELATED],
            timings_ms={stage: round(ms, 2) for stage, ms in timings.items()},
        )

    def read(
        self, question: str, *, keep: Callable[[str], bool], limit: int = _READ_PASSAGES
    ) -> Reading:
        """Read the best passages of those documents that are kept; for calibration.

        Args:
            question: The question.
            keep: Tells of each source whether it may be read.
            limit: How many passages are retrieved before others are dropped.
        """
        query = analyse(question, self._restorer)
        retrieved = self._retriever.retrieve(query, limit)
        kept = [hit for hit in retrieved.hits if keep(hit.passage.source)]
        retrieved = replace(retrieved, hits=tuple(kept[:_READ_PASSAGES]))
        return self._reader.read(query, retrieved, self.document)

    def search(self, query: str, limit: int = 10) -> tuple[Hit, ...]:
        """Return the passages nearest a query, best first.

        Raises:
            QuestionError: If the query is empty, too long or no text.
        """
        return self._retriever.retrieve(analyse(query, self._restorer), limit).hits

    def hit_as_json(self, hit: Hit) -> dict[str, Any]:
        """Return a hit in the form that the command line and other interfaces give it."""
        document = self.document(hit.passage.source)
        return {
            "source": document.source,
            "start": hit.passage.start,
            "end": hit.passage.end,
            "text": document.text[hit.passage.start : hit.passage.end],
            "title": document.metadata.title,
            "score": round(hit.score, 4),
        }

    def document(self, source: str) -> Document:
        """Return a document of the index, its text checked against the hash that was stored."""
        return self._store.document(source)

    def sources(self) -> tuple[str, ...]:
        """Return what the documents of the index are called by."""
        return self._store.sources()


def _check_recipe(index: Path, manifest: Manifest, settings: Settings) -> None:
    asked = settings.model
    if asked is not None and asked != manifest.recipe.model:
        raise IndexMismatchError(
            f"the index in {index} was built with the model {manifest.recipe.model!r}, but "
            f"TRICHDAN_MODEL asks for {asked!r}; build it again with: "
            f"trichdan index --source {manifest.source} --index {index}, or unset TRICHDAN_MODEL"
        )
    for name in ("query_prompt", "passage_prompt"):
        prompt = getattr(settings, name)
        if prompt is not None and prompt != getattr(manifest.recipe, name):
            raise IndexMismatchError(
                f"the index in {index} was built with another TRICHDAN_{name.upper()} than "
                f"{prompt!r}; build it again with: "
                f"trichdan index --source {manifest.source} --index {index}"
            )


def _check_model(index: Path, manifest: Manifest, embedder: Embedder) -> None:
    recipe = manifest.recipe
    same_size = embedder.info.dimension == manifest.dimension
    if not same_size or fingerprint_of(recipe.model) != recipe.fingerprint:
        raise IndexMismatchError(
            f"the model {recipe.model!r} is no longer the one that the index in {index} was built "
            f"with; build it again with: trichdan index --source {manifest.source} --index {index}"
        )


@contextmanager
def _timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    begin = time.perf_counter()
    yield
    timings[stage] = (time.perf_counter() - begin) * 1000
