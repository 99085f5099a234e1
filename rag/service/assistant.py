"""The whole way from a question to an answer, over one index."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from rag.config import Settings, load_settings
from rag.domain.documents import Document, Language, Passage, Sentence
from rag.domain.hits import Hit, Retrieved
from rag.domain.permissions import EVERYTHING, Scope
from rag.domain.ports import Embedder, ReadingModel
from rag.domain.quote import Quote
from rag.language.glossary import Glossary
from rag.language.syllables import SyllableModel
from rag.language.vietnamese import folded_words
from rag.law.named_regulations import english_law_in, named_in, without_source
from rag.law.places import (
    Place,
    can_say,
    find_places,
    find_titled,
    is_within,
    quote_place,
    speaks_of,
)
from rag.law.reference import Address, find_address
from rag.law.register import AsOf, Register, Standing, asked_time, standing_of, today
from rag.law.same_number import beside_twins
from rag.model.embedder import load_embedder
from rag.model.reading_network import load_reading_model
from rag.present.answer import Answer
from rag.read.calibration import DOUBTED, Calibration
from rag.read.ranker import Reader, Reading, SentenceReader, Weights
from rag.read.selection import MOST_QUOTES, each_once, that_may_answer
from rag.retrieve.faiss_index import FaissIndex
from rag.retrieve.fts5_index import SqliteLexicalIndex
from rag.retrieve.language_centroids import Centres
from rag.retrieve.retriever import Retriever
from rag.retrieve.token_store import TokenStore
from rag.service.answering.refusal import is_of_what_is_named, refused
from rag.service.answering.scope import Allowed, find_allowed, passages_at
from rag.service.indexing.compatibility import check_model, check_recipe
from rag.store.documents import CorpusStore
from rag.store.generations import Manifest, sound_generation
from rag.store.index_files import (
    CENTRES,
    CORPUS,
    GLOSSARY,
    LEXICAL,
    SPANS,
    SYLLABLES,
    TOKENS,
    VECTORS,
)
from rag.understand.analyse import Analyser, Query
from rag.understand.follow_up import understand

__all__ = ["Assistant"]

_READ_PASSAGES = 30  # quotes are chosen out of this many passages
_RELATED = 3
_GOING_ON = 0.5  # the confidence from which a question that may stand alone is a follow-up
_WORDING = 0.95  # the confidence of quoting what stands where the question points
_WORDING_ONLY = 0.6  # and of that if the question asks for more, or several documents have it


class Assistant:
    """Answers questions from one generation of an index. Safe to use from several threads."""

    def __init__(
        self,
        *,
        store: CorpusStore,
        passages: Sequence[Passage],
        retriever: Retriever,
        analyser: Analyser,
        reader: Reader,
        calibration: Calibration,
        manifest: Manifest,
        glossary: Glossary,
    ) -> None:
        self.manifest = manifest
        self._store = store
        self._passages = passages
        self._permissions = store.permissions()
        self._known = store.metadata()
        self._register = Register(self._known)
        self._allowed = lru_cache(maxsize=256)(
            lambda scope: find_allowed(scope, store.hashes(), self._permissions, passages)
        )
        self._retriever = retriever
        self._analyser = analyser
        self._reader = reader
        self._calibration = calibration
        self._glossary = glossary

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
        directory, manifest = sound_generation(index)
        check_recipe(index, manifest, settings)
        recipe = manifest.recipe
        embedder = embedder or load_embedder(
            recipe.model,
            cache=settings.cache_dir,
            query_prompt=recipe.query_prompt,
            passage_prompt=recipe.passage_prompt,
            may_fetch=settings.model == recipe.model,
        )
        check_model(index, manifest, embedder)
        store = CorpusStore(directory / CORPUS)
        learnt = (directory / GLOSSARY).read_text(encoding="utf-8").splitlines()
        glossary = Glossary.with_lines(learnt)
        passages = store.passages()
        return cls(
            store=store,
            passages=passages,
            retriever=Retriever(
                passages=passages,
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
            glossary=glossary,
        )

    def ask(
        self,
        question: str,
        history: Sequence[Mapping[str, Any]] = (),
        *,
        as_typed: bool = False,
        scope: Scope = EVERYTHING,
    ) -> Answer:
        """Answer a question by quoting.

        Args:
            question: In Vietnamese, however it is typed, or in English.
            history: Earlier questions of the conversation, oldest first, each under "question";
                what else an entry has is passed over.
            as_typed: Take the question word for word and by itself.
            scope: What is searched; nothing else has any influence on what is found.

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
                address = _address_of(query, earlier)
                if follow_up and follow_up.certain and address is None:
                    query = follow_up.query
            answer = self._answer(query, address, scope, timings)
            if follow_up and not follow_up.certain and address is None:
                going_on = self._answer(follow_up.query, None, scope, timings)
                if going_on.confidence > max(answer.confidence, _GOING_ON):
                    answer = going_on
        rounded = {stage: round(ms, 2) for stage, ms in timings.items()}
        return replace(answer, timings_ms=rounded)

    def _answer(
        self, query: Query, address: Address | None, scope: Scope, timings: dict[str, float]
    ) -> Answer:
        with _timed(timings, "retrieve"):
            allowed = self._allowed(scope)
            retrieved = self._retriever.retrieve(query, _READ_PASSAGES, allowed.passages)
        if address is not None:
            answer = self._answer_at(query, address, retrieved, allowed, timings)
            if answer is not None:
                return answer
        titled = find_titled(query.text, self._store, self.document, allowed.sources.__contains__)
        if titled:
            return self._wording(query, titled, retrieved, allowed)
        return self._answer_from(query, retrieved, allowed, timings)

    def _answer_at(
        self,
        query: Query,
        address: Address,
        retrieved: Retrieved,
        allowed: Allowed,
        timings: dict[str, float],
    ) -> Answer | None:
        """Return the answer at the address that a question names; None if no document has it."""
        places, named = self._places(query.text, address, allowed, retrieved)
        if not places:
            if not named:
                return None
            nothing = self._answer_from(query, retrieved, allowed, timings)
            around, _ = self._places(query.text, address.without_detail(), allowed, retrieved)
            near = [quote for place in around for quote in quote_place(place, 0.0)]
            related = self._with_standing(near) or nothing.related or nothing.quotes
            return refused(nothing, related[:_RELATED])
        if not all(place.asked for place in places):
            within = self._retriever.retrieve(
                query, _READ_PASSAGES, passages_at(places, self._passages) & allowed.passages
            )

            def keep(document: Document, sentence: Sentence) -> bool:
                return any(
                    place.document.source == document.source and is_within(place.section, sentence)
                    for place in places
                )

            answer = self._answer_from(query, within, allowed, timings, keep)
            there = [quote for place in places for quote in quote_place(place, 0.0)]
            if not any(can_say(place, query) for place in places):
                return refused(answer, self._with_standing(there[:_RELATED]))
            if answer.answerable:
                return answer
            if not all(speaks_of(place, query, address) for place in places):
                return replace(answer, related=self._with_standing(there[:_RELATED]))
        most = 1 if named else MOST_QUOTES
        return self._wording(query, places, retrieved, allowed, most)

    def _places(
        self, question: str, address: Address, allowed: Allowed, retrieved: Retrieved
    ) -> tuple[list[Place], bool]:
        """Return the places that an address names, and whether a document is named."""
        nearest = list(dict.fromkeys(hit.passage.source for hit in retrieved.hits))
        may_be = self._called(english_law_in(question))
        if may_be is not None and not may_be & allowed.sources:
            return [], True

        def may_be_read(source: str) -> bool:
            return source in allowed.sources and (may_be is None or source in may_be)

        return find_places(
            address,
            self._store,
            self._known,
            self.document,
            may_be_read,
            nearest,
            named_in(question),
        )

    def _called(self, law: str) -> frozenset[str] | None:
        """Return the documents that are called by an English name or what it means in Vietnamese.

        None if there is no name, or the glossary knows nothing of it.
        """
        terms = self._glossary.terms(law, Language.ENGLISH, Language.VIETNAMESE) if law else []
        phrases = [f" {' '.join(phrase)} " for term in terms if len(term) > 1 for phrase in term]
        if not phrases:
            return None
        called = {
            source: folded_words(f"{metadata.title} {source}")
            for source, metadata in self._known.items()
        }
        return frozenset(
            source for source, name in called.items() if any(one in name for one in phrases)
        )

    def _wording(
        self,
        query: Query,
        places: Sequence[Place],
        retrieved: Retrieved,
        allowed: Allowed,
        most: int = MOST_QUOTES,
    ) -> Answer:
        """Return what stands at the places as an answer; of several none is sure."""
        as_of = self._as_of(query)
        chosen = sorted(places, key=lambda place: not as_of.holds(place.document.source))
        chosen = chosen[:most]
        alone = len(chosen) == 1 and chosen[0].asked
        sure = _WORDING if alone else _WORDING_ONLY
        quotes = [quote for place in chosen for quote in quote_place(place, sure)]
        shown, twins = beside_twins(quotes, self.document, allowed.sources.__contains__)
        return Answer(
            query=query,
            answerable=True,
            confidence=sure,
            quotes=self._with_standing(shown),
            related=(),
            pieces=len(shown) if len(chosen) == 1 else 0,
            twins=twins,
            hits=retrieved.hits,
        )

    def _answer_from(
        self,
        query: Query,
        retrieved: Retrieved,
        allowed: Allowed,
        timings: dict[str, float],
        keep: Callable[[Document, Sentence], bool] | None = None,
    ) -> Answer:
        as_of, read = self._as_of(query), replace(query, text=without_source(query.text))
        if as_of.asked and self._knows(as_of, retrieved):
            # What held then does not say so: the time is no word that its text must have.
            _, without = asked_time(read.text) or (None, read.text)
            read = replace(read, text=without or read.text)
        else:
            as_of = replace(as_of, asked=False)
        with _timed(timings, "read"):
            reading = self._reader.read(read, retrieved, self.document, as_of, keep)
        confidence = self._calibration.confidence(reading.features)
        answerable = bool(reading.quotes) and confidence >= self._calibration.threshold
        quotes = each_once(reading.quotes)
        if as_of.asked and quotes and as_of.holds(quotes[0].document.source):
            quotes = tuple(one for one in quotes if as_of.holds(one.document.source))
        if answerable and not is_of_what_is_named(query, quotes[0]):
            answerable, confidence = False, min(confidence, DOUBTED)
        chosen = that_may_answer(quotes, reading.differ) if answerable else ()
        best, twins = beside_twins(chosen, self.document, allowed.sources.__contains__)
        return Answer(
            query=query,
            answerable=answerable,
            confidence=confidence,
            quotes=self._with_standing(best),
            related=() if answerable else self._with_standing(quotes[:_RELATED]),
            differ=reading.differ if answerable else 0,
            twins=twins,
            hits=reading.passages,
        )

    def _as_of(self, query: Query) -> AsOf:
        asked = asked_time(query.text)
        time = asked[0] if asked else today()
        return AsOf(register=self._register, time=time, asked=asked is not None)

    def _knows(self, as_of: AsOf, retrieved: Retrieved) -> bool:
        """Tell whether the best passage is of a document that says from when to when it holds."""
        nearest = [hit.passage.source for hit in retrieved.hits[:1]]
        return any(
            self._register.standing(source, as_of.time) is not Standing.UNKNOWN
            for source in nearest
        )

    def _with_standing(self, quotes: Iterable[Quote]) -> tuple[Quote, ...]:
        now = today()
        return tuple(
            replace(quote, standing=standing_of(quote.document.metadata, now)) for quote in quotes
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

    def search(self, query: str, limit: int = 10, scope: Scope = EVERYTHING) -> tuple[Hit, ...]:
        """Return the passages nearest a query, best first; where one names an article, its own.

        Raises:
            QuestionError: If the query is empty, too long or no text.
        """
        analysed = self._analyser.analyse(query)
        allowed = self._allowed(scope)
        most = max(limit, _READ_PASSAGES)
        retrieved = self._retriever.retrieve(analysed, most, allowed.passages)
        found = self._reader.read(
            analysed, retrieved, self.document, self._as_of(analysed)
        ).passages
        address = find_address(analysed.text)
        if address is not None:
            places, _ = self._places(analysed.text, address, allowed, retrieved)
            there = self._retriever.retrieve(
                analysed, most, passages_at(places, self._passages) & allowed.passages
            )
            at = {(hit.passage.source, hit.passage.start) for hit in there.hits}
            others = (h for h in found if (h.passage.source, h.passage.start) not in at)
            found = (*there.hits, *others)
        return found[:limit]

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
        return Counter(passage.source for passage in self._passages)

    def newest_date(self, scope: Scope = EVERYTHING) -> str:
        """Return the newest date of the documents, ISO 8601, or "" if none is known."""
        return max((self._known[source].date for source in self.sources(scope)), default="")

    def sources(self, scope: Scope = EVERYTHING) -> tuple[str, ...]:
        """Return what the documents of the index are called by."""
        return tuple(source for source in self._known if scope.allows(*self._permissions[source]))

    def may_read(self, source: str, scope: Scope) -> bool:
        """Tell whether there is a document of this name in the scope."""
        known = self._permissions.get(source)
        return known is not None and scope.allows(*known)

    def collections(self, scope: Scope = EVERYTHING) -> tuple[str, ...]:
        """Return the names of the collections that have a document in the scope."""
        names = {self._permissions[source][0] for source in self.sources(scope)}
        return tuple(sorted(name for name in names if name))

    def standing(self, source: str) -> Standing:
        """Return whether a document is in force today."""
        return self._register.standing(source, today())


def _address_of(query: Query, earlier: Sequence[str]) -> Address | None:
    """Return where a question points, completed by the one before: "còn khoản 4?"."""
    address = find_address(query.text)
    if address is None or address.root is not None:
        return address
    before = next((find_address(one) for one in reversed(earlier)), None)
    address = address.within(before)
    return address if address.root is not None else None


@contextmanager
def _timed(timings: dict[str, float], stage: str) -> Iterator[None]:
    begin = time.perf_counter()
    yield
    timings[stage] = timings.get(stage, 0.0) + (time.perf_counter() - begin) * 1000
