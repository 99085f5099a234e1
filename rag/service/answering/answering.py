"""The way of a question: understand it, find evidence, calibrate, compose."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from rag.domain.answer import Answer
from rag.domain.hits import Hit
from rag.domain.permissions import Scope
from rag.domain.ports import Documents
from rag.domain.query import Query
from rag.domain.quote import Quote
from rag.domain.standing import Clock, standing_of
from rag.language.glossary import Glossary
from rag.language.vietnamese import nfc
from rag.law.register import Register
from rag.law.same_number import with_counterparts
from rag.read.calibration import Calibrator
from rag.read.ranker import SentenceRanker
from rag.read.standing_policy import AsOf
from rag.retrieve.retriever import Retriever
from rag.service.answering.evidence import (
    READ_PASSAGES,
    AtReference,
    ByReading,
    ByTitle,
    EvidenceSource,
    Proposal,
)
from rag.service.answering.inquiry import Inquiry, Stopwatch
from rag.service.answering.scope import Readable, readable_in
from rag.understand.analyse import MAX_QUESTION, Analyser
from rag.understand.follow_up import Meaning, Understanding, understand
from rag.understand.follow_up_model import FollowUpModel
from rag.understand.message import questions_in

__all__ = ["Answering", "TriedMeaning"]

_MOST_QUESTIONS = 5  # of one message that are answered
_MOST_KEPT_SCOPES = 256  # of which it is remembered what may be read


@dataclass(frozen=True, slots=True, kw_only=True)
class TriedMeaning:
    """What came out of asking what a question may mean.

    Attributes:
        is_same: Whether the best quote is of the document that is nearest to the question before.
    """

    meaning: Meaning
    answer: Answer
    is_same: bool


class Answering:
    """Answers questions from one generation of an index. Safe to use from several threads.

    Args:
        documents: What is quoted.
        retriever: Finds passages.
        analyser: Understands questions.
        ranker: Chooses sentences.
        calibrator: Tells how sure an answer is.
        glossary: The terms of both languages.
        follow_ups: Chooses what a question means that goes on from another.
        clock: Returns this day.
    """

    def __init__(
        self,
        *,
        documents: Documents,
        retriever: Retriever,
        analyser: Analyser,
        ranker: SentenceRanker,
        calibrator: Calibrator,
        glossary: Glossary,
        follow_ups: FollowUpModel,
        clock: Clock,
    ) -> None:
        self._documents = documents
        self._retriever = retriever
        self._analyser = analyser
        self._calibrator = calibrator
        self._follow_ups = follow_ups
        self._clock = clock
        self._register = Register(documents.metadata())
        self._readable = lru_cache(maxsize=_MOST_KEPT_SCOPES)(self._readable_in)
        self._reading = ByReading(documents, ranker)
        self._at_reference = AtReference(documents, retriever, self._reading, glossary)
        # In this order: the first that proposes anything is the way of a question.
        self._sources: Sequence[EvidenceSource] = (
            self._at_reference,
            ByTitle(documents),
            self._reading,
        )

    def ask(
        self, question: str, earlier: Sequence[str], scope: Scope, *, as_typed: bool = False
    ) -> Answer:
        """Answer a question by quoting; see `Assistant.ask`."""
        whole = as_typed or len(question) > MAX_QUESTION
        questions = () if whole else questions_in(nfc(question))
        if len(questions) < 2:
            return self._ask_one(question, earlier, scope, as_typed=as_typed)
        answers = [
            self._ask_one(one, [*earlier, *questions[:position]], scope)
            for position, one in enumerate(questions[:_MOST_QUESTIONS])
        ]
        return replace(
            answers[0],
            more=tuple(answers[1:]),
            left_out=max(0, len(questions) - _MOST_QUESTIONS),
        )

    def _ask_one(
        self, question: str, earlier: Sequence[str], scope: Scope, *, as_typed: bool = False
    ) -> Answer:
        stopwatch = Stopwatch()
        with stopwatch.stage("total"):
            with stopwatch.stage("analyse"):
                understood = understand(
                    question, earlier, self._analyser, self._follow_ups.likeliest, as_typed=as_typed
                )
            answer = self._answer_likeliest(understood, scope, stopwatch)
        return replace(answer, timings_ms=stopwatch.timings_ms())

    def _answer_likeliest(
        self, understood: Understanding, scope: Scope, stopwatch: Stopwatch
    ) -> Answer:
        """Ask all that a question may mean, and return the answer of what it most likely does."""
        meanings = self._follow_ups.worth_asking(understood)
        if len(meanings) == 1:
            return self._answer(meanings[0].query, scope, stopwatch)
        tried = self.try_meanings(understood, meanings, scope, stopwatch)
        scores = [
            self._follow_ups.score(
                understood, one.meaning, confidence=one.answer.confidence, is_same=one.is_same
            )
            for one in tried
        ]
        return tried[scores.index(max(scores))].answer

    def try_meanings(
        self,
        understood: Understanding,
        meanings: Sequence[Meaning],
        scope: Scope,
        stopwatch: Stopwatch,
    ) -> list[TriedMeaning]:
        """Ask some of what a question may mean after the one before."""
        nearest: list[str] = []
        if understood.before is not None:
            nearest = self._inquiry(understood.before, scope, stopwatch, READ_PASSAGES).nearest
        tried = []
        for meaning in meanings:
            answer = self._answer(meaning.query, scope, stopwatch)
            best = (*answer.quotes, *answer.related)[:1]
            tried.append(
                TriedMeaning(
                    meaning=meaning,
                    answer=answer,
                    is_same=[quote.document.source for quote in best] == nearest[:1],
                )
            )
        return tried

    def search(self, question: str, limit: int, scope: Scope) -> tuple[Hit, ...]:
        """Return the passages nearest a question; where it names an article, its own first."""
        query = self._analyser.analyse(question)
        inquiry = self._inquiry(query, scope, Stopwatch(), max(limit, READ_PASSAGES))
        (read,) = self._reading.find(inquiry)
        hits = read.hits
        if query.reference is not None:
            places, _ = self._at_reference.places(inquiry, query.reference)
            own = self._at_reference.within(inquiry, places).retrieved.hits
            first = {(hit.passage.source, hit.passage.start) for hit in own}
            others = (hit for hit in hits if (hit.passage.source, hit.passage.start) not in first)
            hits = (*own, *others)
        return hits[:limit]

    def _answer(self, query: Query, scope: Scope, stopwatch: Stopwatch) -> Answer:
        inquiry = self._inquiry(query, scope, stopwatch, READ_PASSAGES)
        proposals = next(filter(None, (source.find(inquiry) for source in self._sources)))
        judged = [
            (proposal, self._calibrator.probability(proposal.evidence)) for proposal in proposals
        ]
        for proposal, probability in judged:
            if proposal.quotes and probability >= self._calibrator.threshold:
                return self._composed(inquiry, proposal, probability)
        return self._refused(inquiry, *judged[0])

    def _inquiry(self, query: Query, scope: Scope, stopwatch: Stopwatch, limit: int) -> Inquiry:
        with stopwatch.stage("retrieve"):
            readable = self._readable(scope)
            encoded = self._retriever.encode(query)
            retrieved = self._retriever.retrieve(encoded, limit, readable.where)
        return Inquiry(
            query=query,
            encoded=encoded,
            readable=readable,
            as_of=AsOf(
                register=self._register,
                time=query.time or self._clock(),
                asked=query.time is not None,
            ),
            retrieved=retrieved,
            stopwatch=stopwatch,
        )

    def _readable_in(self, scope: Scope) -> Readable:
        return readable_in(scope, self._documents.hashes(), self._documents.permissions())

    def _composed(self, inquiry: Inquiry, proposal: Proposal, probability: float) -> Answer:
        """Return the quotes of a proposal as an answer."""
        shown, twins = with_counterparts(
            proposal.quotes, self._documents.document, inquiry.readable.sources.__contains__
        )
        return Answer(
            query=inquiry.query,
            answerable=True,
            confidence=probability,
            quotes=self._with_standing(shown),
            related=(),
            conflicting=proposal.conflicting,
            pieces=len(shown) if proposal.is_one_place else 0,
            twins=twins,
            hits=proposal.hits,
        )

    def _refused(self, inquiry: Inquiry, proposal: Proposal, probability: float) -> Answer:
        """Return that there is no answer, and what is nearest to one."""
        return Answer(
            query=inquiry.query,
            answerable=False,
            confidence=probability,
            quotes=(),
            related=self._with_standing(proposal.related),
            hits=proposal.hits,
        )

    def _with_standing(self, quotes: Iterable[Quote]) -> tuple[Quote, ...]:
        now = self._clock()
        return tuple(
            replace(quote, standing=standing_of(quote.document.metadata, now)) for quote in quotes
        )
