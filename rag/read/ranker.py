"""Choose the sentences that answer, out of the passages that were found.

No sentence says all that a question does: what the document is about is said once, in its title
or its first sentence, and what is asked stands elsewhere. Each word of a question may therefore
be matched in the sentence, or, for a little less, around it. The default weights were chosen on
sentences of XQuAD and on the seeds' questions (docs/benchmarks.md).
"""

import math
import re
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rag.domain.documents import Document, Sentence
from rag.domain.hits import Hit, Retrieved
from rag.domain.ports import ReadingModel
from rag.domain.quote import Quote
from rag.language.glossary import Glossary, Term, phrases_of
from rag.language.vietnamese import fold
from rag.language.years import year_of, years_in
from rag.law.register import AsOf
from rag.read.cues.definitions import defined_term, defines
from rag.read.cues.verb_marks import told_in
from rag.read.quoting import quote_lists_whole
from rag.read.sentence_candidates import Candidate, find_candidates, match_around, quote_of
from rag.read.span_scores import Verdict, differing, judge, newest_first
from rag.understand.analyse import Query
from rag.understand.answer_type import Kind, expected, has_kind

__all__ = ["FEATURES", "Reader", "Reading", "SentenceReader", "Weights"]

FEATURES = (
    "sentence",
    "context",
    "words",
    "passage",
    "missing numbers",
    "crossing",
    "answers",
    "likely",
    "wrong kind",
)
"""What is known of the best quote, for judging whether it answers; see `Reading`."""


_NUMBERED = re.compile(r"\b([^\W\d_]++)\s++(\d++)\b")
_NUMBER = re.compile(r"\d+")

FloatArray = npt.NDArray[np.float32]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The best quotes, best first, and what speaks for and against their answering.

    Attributes:
        features: Of the best quote, in the order of `FEATURES`: the mean cosine of the question's
            tokens with the sentence's; the same where matches around count; the share of the
            question's words that are found; the passage's late interaction score; the share of
            the question's numbers that the document lacks; 1 if the languages differ; the logit
            of its window's answering; how likely the answer is in the sentence;
            1 if the sentence lacks the figure or time that is asked for.
        passages: The passages found, best first, by what was read of them too.
        differ: How many of the first quotes say the same thing of different times with different
            figures, the newest first; 0 if none do, or if a time was asked for.
    """

    quotes: tuple[Quote, ...]
    features: tuple[float, ...]
    passages: tuple[Hit, ...]
    differ: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Weights:
    """What speaks for a sentence, beside the cosine of its best matches with the question's words.

    Attributes:
        around: What a match around the sentence is worth beside one in it.
        in_sentence: What a match in the sentence is worth besides.
        words: What finding all words of the question is worth.
        told: What it is worth besides that they are what the sentence says was done.
        passage: What the passage's late interaction score is worth.
        passage_words: And its lexical score.
        conflict: What "ASEM 12" costs where "ASEM 13" is asked for.
        time: What being of the time that is asked for is worth.
        wrong_kind: What lacking the figure or time that is asked for costs.
        defines: What saying what a word means is worth where that is asked for.
        answers: What a unit of the logit of its window's answering is worth.
        likely: What a unit of the log probability that the answer is in it is worth.
        rerank: What a unit of the logit is worth beside the score of a passage.
    """

    around: float = 0.95
    in_sentence: float = 0.2
    words: float = 0.5
    told: float = 0.3
    passage: float = 0.5
    passage_words: float = 0.1
    conflict: float = 0.2
    time: float = 0.05
    wrong_kind: float = 0.1
    defines: float = 0.5
    answers: float = 0.01
    likely: float = 0.02
    rerank: float = 0.02


class Reader(Protocol):
    """Chooses quotes."""

    def read(
        self,
        query: Query,
        retrieved: Retrieved,
        document: Callable[[str], Document],
        as_of: AsOf | None = None,
        keep: Callable[[Document, Sentence], bool] | None = None,
    ) -> Reading:
        """Return the best quotes of the passages found.

        Args:
            query: The question.
            retrieved: The passages.
            document: Returns a document by its source.
            as_of: How documents stand at the time that is asked of.
            keep: Tells of a sentence whether it may be quoted; all may by default.
        """
        ...


class SentenceReader:
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

    def read(
        self,
        query: Query,
        retrieved: Retrieved,
        document: Callable[[str], Document],
        as_of: AsOf | None = None,
        keep: Callable[[Document, Sentence], bool] | None = None,
    ) -> Reading:
        """Return the best quotes of the passages found; see `Reader`."""
        candidates = list(find_candidates(retrieved, document, keep))
        if not candidates:
            return Reading(quotes=(), features=(0.0,) * len(FEATURES), passages=retrieved.hits)
        weights = self._weights
        matches = np.stack([candidate.matches for candidate in candidates])
        context = np.maximum(matches, weights.around * match_around(candidates))
        found_words, told_words = self._found_words(query, candidates)
        asked_years = years_in(query.text)
        asked_numbers = _numbered(query.text)
        kind = expected(query)
        term = defined_term(query.text)
        wrong_kind = [kind is not None and not has_kind(one.text, kind) for one in candidates]
        similar = [
            float(context[i].mean())
            + weights.in_sentence * float(matches[i].mean())
            + weights.words * found_words[i]
            + weights.told * told_words[i]
            + weights.passage * one.hit.late
            + weights.passage_words * one.hit.lexical
            - weights.conflict * _conflicts(asked_numbers, one.text)
            + weights.time * _in_time(asked_years, one)
            - weights.wrong_kind * wrong_kind[i]
            + weights.defines * defines(term, one.text)
            for i, one in enumerate(candidates)
        ]
        verdicts = judge(self._model, query.text, candidates, similar)
        scores = [
            score + weights.answers * verdict.answers + weights.likely * verdict.likely
            for score, verdict in zip(similar, verdicts, strict=True)
        ]
        if as_of is not None:
            scores = as_of.held_first([one.document.source for one in candidates], scores)
        order = sorted(range(len(candidates)), key=lambda i: (-scores[i], i))
        best = order[0]
        features = (
            float(matches[best].mean()),
            float(context[best].mean()),
            found_words[best],
            retrieved.hits[0].late,
            _missing_numbers(query.text, candidates[best].document),
            float(query.language is not candidates[best].document.language),
            verdicts[best].answers,
            verdicts[best].likely,
            float(wrong_kind[best]),
        )
        differ: list[int] = []
        if kind is Kind.FIGURE and not asked_years and not (as_of and as_of.asked):
            differ = differing(order, candidates, scores, verdicts)
            order = newest_first(order, differ, candidates)
        return Reading(
            quotes=quote_lists_whole(
                [quote_of(candidates[i], scores[i], verdicts[i].words) for i in order]
            ),
            features=features,
            passages=_reranked(retrieved.hits, candidates, verdicts, weights.rerank),
            differ=len(differ),
        )

    def _found_words(
        self, query: Query, candidates: Sequence[Candidate]
    ) -> tuple[list[float], list[float]]:
        """Return the share of the question's words found in or around each candidate, and told.

        Told are words that a sentence says was done, by the marks of its verbs.

        Words that few candidates have count more, and words that none has count most, so that
        the share fades where the glossary does not know the words.
        """
        shares, told_shares = [], []
        phrases = [phrases_of(candidate.text) for candidate in candidates]
        leads = {one.document.source: phrases_of(_lead(one.document)) for one in candidates}
        weighted = {
            language: [
                (term, _rarity(term, phrases))
                for term in self._glossary.terms(query.text, query.language, language)
            ]
            for language in {one.document.language for one in candidates}
        }
        for candidate, own in zip(candidates, phrases, strict=True):
            lead = leads[candidate.document.source]
            terms = weighted[candidate.document.language]
            found = [
                weight * (1.0 if term & own else self._weights.around if term & lead else 0.0)
                for term, weight in terms
            ]
            told = told_in(candidate.text, candidate.document.language)
            total = sum(weight for _, weight in terms) or 1.0
            shares.append(sum(found) / total)
            told_shares.append(sum(weight for term, weight in terms if term & told) / total)
        return shares, told_shares


def _reranked(
    hits: Sequence[Hit],
    candidates: Sequence[Candidate],
    verdicts: Sequence[Verdict],
    worth: float,
) -> tuple[Hit, ...]:
    """Return the passages by their scores and by the best that was read in each."""
    best: dict[tuple[str, int], float] = {}
    for candidate, verdict in zip(candidates, verdicts, strict=True):
        key = (candidate.hit.passage.source, candidate.hit.passage.start)
        value = worth * verdict.answers
        best[key] = max(value, best.get(key, -math.inf))
    least = min(best.values())
    scored = [
        replace(
            hit, score=hit.score + best.get((hit.passage.source, hit.passage.start), least) - least
        )
        for hit in hits
    ]
    return tuple(sorted(scored, key=lambda hit: -hit.score))


def _lead(document: Document) -> str:
    """Return what says what a document is about: its title and its first sentence."""
    first = document.sentences[0]
    return f"{document.metadata.title}. {document.text[first.start : first.end]}"


def _rarity(term: Term, phrases: Sequence[frozenset[tuple[str, ...]]]) -> float:
    """Return how telling a term is among the candidates: the logarithm of how few have it."""
    having = sum(1 for own in phrases if term & own)
    return max(0.05, math.log((len(phrases) + 1) / (having + 0.5)))


def _numbered(text: str) -> list[tuple[str, str]]:
    """Return the numbered things of a text, folded, each as its word and its number."""
    return [(match[1], match[2]) for match in _NUMBERED.finditer(fold(text))]


def _conflicts(asked: Sequence[tuple[str, str]], sentence: str) -> int:
    """Count the numbered things that are asked for of which a sentence has only other numbers."""
    numbers: defaultdict[str, set[str]] = defaultdict(set)
    for word, number in _numbered(sentence) if asked else ():
        numbers[word].add(number)
    return sum(word in numbers and number not in numbers[word] for word, number in asked)


def _missing_numbers(question: str, document: Document) -> float:
    """Return the share of a question's numbers that its best document does not have."""
    asked = set(_NUMBER.findall(question))
    there = set(_NUMBER.findall(f"{document.metadata.date} {document.text}"))
    return len(asked - there) / len(asked) if asked else 0.0


def _in_time(asked: frozenset[int], candidate: Candidate) -> float:
    """Return 1 if a sentence names a year that is asked for, or its document is of one."""
    if not asked:
        return 0.0
    named = years_in(candidate.text)
    return float(bool(asked & named) or (not named and year_of(candidate.document) in asked))
