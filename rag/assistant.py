"""The whole way from a question to an answer, over one index."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from rag.answer import Answer
from rag.centring import Centres
from rag.confidence import Calibration
from rag.config import Settings, load_settings
from rag.conversation import understand
from rag.documents import Document
from rag.embedding import Embedder, load_embedder
from rag.errors import IndexMismatchError
from rag.glossary import Glossary
from rag.late_interaction import TokenStore
from rag.layout import CENTRES, CORPUS, GLOSSARY, LEXICAL, SPANS, SYLLABLES, TOKENS, VECTORS
from rag.lexical import SqliteLexicalIndex
from rag.model.identity import fingerprint_of
from rag.query import Analyser, Query
from rag.quote import Quote
from rag.reader import Reader, Reading, SentenceReader, Weights
from rag.reading_model import ReadingModel, load_reading_model
from rag.retrieve import Hit, Retriever
from rag.storage import CorpusStore, Manifest, current_generation
from rag.syllables import SyllableModel
from rag.vectors import FaissIndex

__all__ = ["Assistant"]

_READ_PASSAGES = 30  # quotes are chosen out of this many passages
_QUOTES = 3
_RELATED = 3
_GOING_ON = 0.5  # the confidence from which a question that may stand alone is a follow-up
_NEAR = 0.2  # of the best score; a sentence further behind hardly ever answers


class Assistant:
    """Answers questions from one generation of an index. Safe to use from several threads."""

    def __init__(
        self,
        *,
        store: CorpusStore,
        retriever: Retriever,
        analyser: Analyser,
        reader: Reader,
        calibration: Calibration,
        manifest: Manifest,
    ) -> None:
        self.manifest = manifest
        self._store = store
        self._retriever = retriever
        self._analyser = analyser
        self._reader = reader
        self._calibration = calibration
        self._newest_date = cache(lambda: max(store.dates(), default=""))

    @classmethod
    def open(
        cls,
        index_dir: str | Path,
        *,
        settings: Settings | None = None,
        embedder: Embedder | None = None,
        reading_model: ReadingModel | None = None,
        weights: Weights | None = None,
    ) -> "Assistant":
        """Open the current generation of an index.

        Args:
            index_dir: Where `trichdan index` wrote it.
            settings: From the environment by default.
            embedder: The model to embed questions with; by default the one the index names.
            reading_model: The model that reads passages; by default the one that is shipped.
            weights: What counts for a sentence; for measuring.

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
        learnt = (directory / GLOSSARY).read_text(encoding="utf-8").splitlines()
        glossary = Glossary.with_lines(learnt)
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
            analyser=Analyser(SyllableModel(directory / SYLLABLES), glossary),
            reader=SentenceReader(
                glossary, reading_model or load_reading_model(settings.cache_dir), weights
            ),
            calibration=Calibration.load(),
            manifest=manifest,
        )

    def ask(
        self,
        question: str,
        history: Sequence[Mapping[str, Any]] = (),
        *,
        as_typed: bool = False,
    ) -> Answer:
        """Answer a question by quoting.

        Args:
            question: In Vietnamese, however it is typed, or in English.
            history: Earlier questions of the conversation, oldest first, each under "question";
                what else an entry has is passed over.
            as_typed: Take the question word for word and by itself.

        Raises:
            QuestionError: If the question is empty, too long or no text.
        """
        timings: dict[str, float] = {}
        with _timed(timings, "total"):
            with _timed(timings, "analyse"):
                earlier = [str(one["question"]) for one in history if one.get("question")]
                if as_typed:
                    query, follow_up = self._analyser.as_typed(question), None
                else:
                    query, follow_up = understand(question, earlier, self._analyser)
                if follow_up and follow_up.certain:
                    query = follow_up.query
            answer = self._answer(query, timings)
            if follow_up and not follow_up.certain:
                going_on = self._answer(follow_up.query, timings)
                if going_on.confidence > max(answer.confidence, _GOING_ON):
                    answer = going_on
        rounded = {stage: round(ms, 2) for stage, ms in timings.items()}
        return replace(answer, timings_ms=rounded)

    def _answer(self, query: Query, timings: dict[str, float]) -> Answer:
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
            quotes=_that_may_answer(reading) if answerable else (),
            related=() if answerable else reading.quotes[:_RELATED],
            differ=reading.differ if answerable else 0,
            hits=reading.passages,
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
        query = self._analyser.analyse(question)
        retrieved = self._retriever.retrieve(query, limit)
        kept = [hit for hit in retrieved.hits if keep(hit.passage.source)]
        retrieved = replace(retrieved, hits=tuple(kept[:_READ_PASSAGES]))
        return self._reader.read(query, retrieved, self.document)

    def search(self, query: str, limit: int = 10) -> tuple[Hit, ...]:
        """Return the passages nearest a query, best first.

        Raises:
            QuestionError: If the query is empty, too long or no text.
        """
        analysed = self._analyser.analyse(query)
        retrieved = self._retriever.retrieve(analysed, max(limit, _READ_PASSAGES))
        return self._reader.read(analysed, retrieved, self.document).passages[:limit]

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

    def passage_counts(self) -> Mapping[str, int]:
        """Return how many passages each document was divided into."""
        return Counter(passage.source for passage in self._store.passages())

    def newest_date(self) -> str:
        """Return the newest date of the documents, ISO 8601, or "" if none is known."""
        return self._newest_date()

    def sources(self) -> tuple[str, ...]:
        """Return what the documents of the index are called by."""
        return self._store.sources()


def _that_may_answer(reading: Reading) -> tuple[Quote, ...]:
    """Return the quotes that may answer: one where one stands out, several where several do."""
    best = max(quote.score for quote in reading.quotes)
    return tuple(
        quote
        for position, quote in enumerate(reading.quotes[:_QUOTES])
        if position < reading.differ or quote.score >= best - _NEAR
    )


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
        if prompt is not None and prompt != getattr(manifest, name):
            raise IndexMismatchError(
                f"the index in {index} was built with another TRICHDAN_{name.upper()} than "
                f"{prompt!r}; build it again with: "
                f"trichdan index --source {manifest.source} --index {index}"
            )
    chosen = "chunk_tokens" in settings.model_fields_set
    if chosen and settings.chunk_tokens != manifest.recipe.chunk_tokens:
        raise IndexMismatchError(
            f"the index in {index} has passages of up to {manifest.recipe.chunk_tokens} tokens, "
            f"but TRICHDAN_CHUNK_TOKENS asks for {settings.chunk_tokens}; build it again with: "
            f"trichdan index --source {manifest.source} --index {index}, or unset it"
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
    timings[stage] = timings.get(stage, 0.0) + (time.perf_counter() - begin) * 1000
