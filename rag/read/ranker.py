"""Choose the sentences that answer, out of the passages that were found.

No sentence says all that a question does: what the document is about is said once, in its title
or its first sentence, and what is asked stands elsewhere. Each word of a question may therefore
be matched in the sentence, or, for a little less, around it. The default weights were chosen on
sentences of XQuAD and on the seeds' questions (docs/benchmarks.md).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rag.domain.documents import Document, Sentence
from rag.domain.hits import Hit, Retrieved
from rag.domain.ports import ReadingModel
from rag.domain.query import AnswerType, InformationNeed, Query
from rag.domain.quote import Quote
from rag.language.glossary import Glossary
from rag.read.calibration import ReadingFeatures
from rag.read.conflicts import find_conflicts, newest_first
from rag.read.features import SentenceFeatures, missing_numbers, sentence_features
from rag.read.quoting import quote_lists_whole
from rag.read.sentence_candidates import Candidate, find_candidates, quote_of
from rag.read.span_scores import SpanScore, score_spans
from rag.read.standing_policy import AsOf

__all__ = ["RankedQuotes", "SentenceRanker", "Weights"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RankedQuotes:
    """The best quotes, best first, and what speaks for and against their answering.

    Attributes:
        features: Of the sentence that scores best; None if there is none.
        passages: The passages found, best first, by what was read of them too.
        conflicting: How many of the first quotes say the same thing of different times with
            different figures, the newest first; 0 if none do, or if a time was asked for.
    """

    quotes: tuple[Quote, ...]
    features: ReadingFeatures | None
    passages: tuple[Hit, ...]
    conflicting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What each feature counts beside `context`; see `SentenceFeatures`.

    Attributes:
        around: What a match around the sentence is worth beside one in it.
        lacks_type: What lacking the figure or time that is asked for costs; likewise `conflicts`.
        answerable_logit: What a unit of the logit of its window's answering is worth.
        span_logprob: What a unit of the log probability that the answer is in it is worth.
        rerank: What a unit of the logit is worth beside the score of a passage.
    """

    around: float = 0.95
    sentence: float = 0.2
    words: float = 0.5
    asserted: float = 0.3
    maxsim: float = 0.5
    bm25: float = 0.1
    conflicts: float = 0.2
    in_time: float = 0.05
    lacks_type: float = 0.1
    defines: float = 0.5
    answerable_logit: float = 0.01
    span_logprob: float = 0.02
    rerank: float = 0.02


class SentenceRanker:
    """Ranks sentences by late interaction, by shared words, and by the reading model.

    Args:
        glossary: The words of both languages that mean the same.
        model: Reads the best sentences in their surroundings.
        weights: What each of these counts.
    """

    def __init__(
        self, glossary: Glossary, model: ReadingModel, weights: Weights | None = None
    ) -> None:
        self._glossary = glossary
        self._model = model
        self._weights = weights or Weights()

    def rank(
        self,
        query: Query,
        need: InformationNeed,
        retrieved: Retrieved,
        document: Callable[[str], Document],
        as_of: AsOf | None = None,
        keep: Callable[[Document, Sentence], bool] | None = None,
    ) -> RankedQuotes:
        """Return the best quotes of the passages found.

        Args:
            query: The question.
            need: What an answer must say: that of the question, or that without its time.
            retrieved: The passages.
            document: Returns a document by its source.
            as_of: How documents stand at the time that is asked of.
            keep: Tells of a sentence whether it may be quoted; all may by default.
        """
        candidates = list(find_candidates(retrieved, document, keep))
        if not candidates:
            return RankedQuotes(quotes=(), features=None, passages=retrieved.hits)
        features = sentence_features(
            need, query.language, candidates, self._glossary, self._weights.around
        )
        similar = self._similar(features)
        spans = score_spans(self._model, need.text, candidates, similar)
        scores = self._with_spans(similar, spans)
        if as_of is not None:
            sources = [candidate.document.source for candidate in candidates]
            scores = as_of.demote_superseded(sources, scores)
        order = sorted(range(len(candidates)), key=lambda i: (-scores[i], i))
        best = order[0]
        conflicting: list[int] = []
        time_asked = bool(need.years) or (as_of is not None and as_of.asked)
        if need.answer_type is AnswerType.FIGURE and not time_asked:
            conflicting = find_conflicts(order, candidates, scores, spans)
            order = newest_first(order, conflicting, candidates)
        return RankedQuotes(
            quotes=quote_lists_whole(
                [quote_of(candidates[i], scores[i], spans[i].words) for i in order]
            ),
            features=ReadingFeatures(
                sentence=features.sentence[best],
                context=features.context[best],
                words=features.words[best],
                maxsim=retrieved.hits[0].maxsim,
                missing_numbers=missing_numbers(need, candidates[best].document),
                crossing=float(query.language is not candidates[best].document.language),
                answerable_logit=spans[best].answerable_logit,
                span_logprob=spans[best].span_logprob,
                lacks_type=features.lacks_type[best],
            ),
            passages=_reranked(retrieved.hits, candidates, spans, self._weights.rerank),
            conflicting=len(conflicting),
        )

    def _similar(self, features: SentenceFeatures) -> list[float]:
        """Return how similar to the question each sentence is, before any is read."""
        weights = self._weights
        return [
            features.context[i]
            + weights.sentence * features.sentence[i]
            + weights.words * features.words[i]
            + weights.asserted * features.asserted[i]
            + weights.maxsim * features.maxsim[i]
            + weights.bm25 * features.bm25[i]
            - weights.conflicts * features.conflicts[i]
            + weights.in_time * features.in_time[i]
            - weights.lacks_type * features.lacks_type[i]
            + weights.defines * features.defines[i]
            for i in range(len(features.context))
        ]

    def _with_spans(self, similar: Sequence[float], spans: Sequence[SpanScore]) -> list[float]:
        """Return the scores of sentences with what the reading model says of them."""
        weights = self._weights
        return [
            score
            + weights.answerable_logit * span.answerable_logit
            + weights.span_logprob * span.span_logprob
            for score, span in zip(similar, spans, strict=True)
        ]


def _reranked(
    hits: Sequence[Hit],
    candidates: Sequence[Candidate],
    spans: Sequence[SpanScore],
    worth: float,
) -> tuple[Hit, ...]:
    """Return the passages by their scores and by the best that was read in each."""
    best: dict[tuple[str, int], float] = {}
    for candidate, span in zip(candidates, spans, strict=True):
        key = (candidate.hit.passage.source, candidate.hit.passage.start)
        value = worth * span.answerable_logit
        best[key] = max(value, best.get(key, -math.inf))
    least = min(best.values())
    scored = [
        replace(
            hit, score=hit.score + best.get((hit.passage.source, hit.passage.start), least) - least
        )
        for hit in hits
    ]
    return tuple(sorted(scored, key=lambda hit: -hit.score))
