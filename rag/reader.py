"""Choose the sentences that answer, out of the passages that were found.

No sentence says all that a question does: what the document is about is said once, in its title
or its first sentence, and what is asked stands elsewhere. Each word of a question may therefore
be matched in the sentence, or, for a little less, around it. The weights below were chosen on
sentences of XQuAD and on the seeds' questions (docs/benchmarks.md).
"""

import itertools
import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rag.documents import Document, Sentence
from rag.expectation import Kind, expected, has_kind
from rag.glossary import Glossary, Term, phrases_of
from rag.lists import quote_lists_whole
from rag.query import Query
from rag.quote import Quote
from rag.reading_model import ReadingModel
from rag.retrieve import Hit, Retrieved
from rag.timeline import year_of, years_in
from rag.vietnamese import fold
from rag.windows import ReadWindow, read_windows

__all__ = ["FEATURES", "Reader", "Reading", "SentenceReader"]

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

_AROUND = 0.95  # what a match around the sentence is worth beside one in it
_IN_SENTENCE = 0.2  # what a match in the sentence is worth besides
_WORDS = 0.5  # what finding all words of the question is worth
_PASSAGE = 0.5  # what the passage's late interaction score is worth
_PASSAGE_WORDS = 0.1  # and its lexical score
_CONFLICT = 0.2  # what "ASEM 12" costs where "ASEM 13" is asked for
_WINDOWS = 4  # are read by the reading model
_ANSWERS = 0.01  # what a unit of the logit of a window's answering is worth
_LIKELY = 0.02  # and of the log probability that the answer is in the sentence
_LEAST_LIKELY = -6.0  # of which no less counts
_RERANK = 0.02  # what a unit of it is worth beside the score of a passage
_TIME = 0.05  # what a sentence of the time that is asked for is worth
_WRONG_KIND = 0.1  # what lacking the figure or time that is asked for costs
_NEAR = 0.25  # of the best score, within which another document's sentence may say the same
_ALIKE = 0.70  # the cosine from which two sentences say the same of different times
_LONG = 600  # characters; of a longer sentence a part may be quoted
_CLEARLY = 0.045  # how much better per token a clause must match than its sentence's beginning

_NUMBERED = re.compile(r"([^\W\d_]+)\s+(\d+)\b")
_NUMBER = re.compile(r"\d+")
_CLAUSE = re.compile(r";\s+")

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


class Reader(Protocol):
    """Chooses quotes."""

    def read(
        self, query: Query, retrieved: Retrieved, document: Callable[[str], Document]
    ) -> Reading:
        """Return the best quotes of the passages found."""
        ...


@dataclass(frozen=True, slots=True)
class _Candidate:
    document: Document
    hit: Hit
    sentence: Sentence
    matches: FloatArray  # best cosine with each token of the question
    around: FloatArray  # the same over the passage
    spans: npt.NDArray[np.int32]
    similarities: FloatArray  # of the sentence's tokens
    meaning: FloatArray  # the mean of its tokens' vectors, of length 1

    @property
    def text(self) -> str:
        return self.document.text[self.sentence.start : self.sentence.end]


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What the reading model says of a candidate."""

    answers: float  # the logit of its window's answering
    likely: float  # the log probability of its holding the answer
    words: Span | None  # the likeliest answer in it


class SentenceReader:
    """Ranks sentences by late interaction, by shared words, and by the reading model.

    Args:
        glossary: The words of both languages that mean the same.
        model: Reads the best sentences in their surroundings.
    """

    def __init__(self, glossary: Glossary, model: ReadingModel) -> None:
        self._glossary = glossary
        self._model = model

    def read(
        self, query: Query, retrieved: Retrieved, document: Callable[[str], Document]
    ) -> Reading:
        """Return the best quotes of the passages found."""
        candidates = list(_candidates(retrieved, document))
        if not candidates:
            return Reading(quotes=(), features=(0.0,) * len(FEATURES), passages=retrieved.hits)
        matches = np.stack([candidate.matches for candidate in candidates])
        context = np.maximum(matches, _AROUND * _around(candidates))
        found_words = self._found_words(query, candidates)
        asked_years = years_in(query.text)
        kind = expected(query)
        wrong_kind = [kind is not None and not has_kind(one.text, kind) for one in candidates]
        similar = [
            float(context[i].mean())
            + _IN_SENTENCE * float(matches[i].mean())
            + _WORDS * found_words[i]
            + _PASSAGE * one.hit.late
            + _PASSAGE_WORDS * one.hit.lexical
            - _CONFLICT * _conflicts(query.text, one.text)
            + _TIME * _in_time(asked_years, one)
            - _WRONG_KIND * wrong_kind[i]
            for i, one in enumerate(candidates)
        ]
        verdicts = self._verdicts(query, candidates, similar)
        scores = [
            score + _ANSWERS * verdict.answers + _LIKELY * verdict.likely
            for score, verdict in zip(similar, verdicts, strict=True)
        ]
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
        if kind is Kind.FIGURE and not asked_years:
            differ = _differing(order, candidates, scores, verdicts)
            order = _newest_first(order, differ, candidates)
        return Reading(
            quotes=quote_lists_whole(
                [_quote(candidates[i], scores[i], verdicts[i].words) for i in order]
            ),
            features=features,
            passages=_reranked(retrieved.hits, candidates, verdicts),
            differ=len(differ),
        )

    def _verdicts(
        self, query: Query, candidates: Sequence[_Candidate], similar: Sequence[float]
    ) -> list[_Verdict]:
        """Read the best candidates; the others count as the worst that was read."""
        order = sorted(range(len(candidates)), key=lambda i: (-similar[i], i))
        windows = read_windows(
            self._model,
            query.text,
            ((candidates[i].document, candidates[i].sentence) for i in order),
            _WINDOWS,
        )
        worst = min(window.reading.answers for window in windows)
        return [_verdict(candidate, windows, worst) for candidate in candidates]

    def _found_words(self, query: Query, candidates: Sequence[_Candidate]) -> list[float]:
        """Return the share of the question's words found in or around each candidate.

        Words that few candidates have count more, and words that none has count most, so that
        the share fades where the glossary does not know the words.
        """
        shares = []
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
                weight * (1.0 if term & own else _AROUND if term & lead else 0.0)
                for term, weight in terms
            ]
            total = sum(weight for _, weight in terms)
            shares.append(sum(found) / total if terms else 0.0)
        return shares


def _candidates(retrieved: Retrieved, document: Callable[[str], Document]) -> Iterator[_Candidate]:
    """Yield the sentences of the passages found, each once."""
    seen = set()
    for hit in retrieved.hits:
        source = document(hit.passage.source)
        similarities = hit.tokens @ retrieved.query_tokens.T
        around: FloatArray = similarities.max(axis=0, initial=-1.0)
        for sentence in source.sentences:
            start = max(sentence.start, hit.passage.start)
            end = min(sentence.end, hit.passage.end)
            inside = (hit.spans[:, 0] < end) & (hit.spans[:, 1] > start)
            if start >= end or not inside.any() or (source.source, start) in seen:
                continue
            seen.add((source.source, start))
            yield _Candidate(
                document=source,
                hit=hit,
                sentence=Sentence(start=start, end=end, section=sentence.section),
                matches=similarities[inside].max(axis=0),
                around=around,
                spans=hit.spans[inside],
                similarities=similarities[inside],
                meaning=_unit(hit.tokens[inside].mean(axis=0)),
            )


def _verdict(candidate: _Candidate, windows: Sequence[ReadWindow], worst: float) -> _Verdict:
    """Return what the best window that holds a candidate says of it."""
    found = _Verdict(answers=worst, likely=_LEAST_LIKELY, words=None)
    for window in windows:
        if window.document.source != candidate.document.source:
            continue
        likely, words = window.answer_within(candidate.sentence.start, candidate.sentence.end)
        if words and (found.words is None or window.reading.answers > found.answers):
            found = _Verdict(
                answers=window.reading.answers, likely=max(likely, _LEAST_LIKELY), words=words
            )
    return found


def _reranked(
    hits: Sequence[Hit], candidates: Sequence[_Candidate], verdicts: Sequence[_Verdict]
) -> tuple[Hit, ...]:
    """Return the passages by their scores and by the best that was read in each."""
    best: dict[tuple[str, int], float] = {}
    for candidate, verdict in zip(candidates, verdicts, strict=True):
        key = (candidate.hit.passage.source, candidate.hit.passage.start)
        value = _RERANK * verdict.answers
        best[key] = max(value, best.get(key, -math.inf))
    least = min(best.values())
    scored = [
        replace(
            hit, score=hit.score + best.get((hit.passage.source, hit.passage.start), least) - least
        )
        for hit in hits
    ]
    return tuple(sorted(scored, key=lambda hit: -hit.score))


def _around(candidates: Sequence[_Candidate]) -> FloatArray:
    """Return the best match of each token anywhere in the candidate's document."""
    best: dict[str, FloatArray] = {}
    for candidate in candidates:
        source = candidate.document.source
        known = best.get(source)
        best[source] = candidate.around if known is None else np.maximum(known, candidate.around)
    return np.stack([best[candidate.document.source] for candidate in candidates])


def _lead(document: Document) -> str:
    """Return what says what a document is about: its title and its first sentence."""
    first = document.sentences[0]
    return f"{document.metadata.title}. {document.text[first.start : first.end]}"


def _rarity(term: Term, phrases: Sequence[frozenset[tuple[str, ...]]]) -> float:
    """Return how telling a term is among the candidates: the logarithm of how few have it."""
    having = sum(1 for own in phrases if term & own)
    return max(0.05, math.log((len(phrases) + 1) / (having + 0.5)))


def _conflicts(question: str, sentence: str) -> int:
    """Count the numbered things of a question of which the sentence has only other numbers."""
    folded = fold(sentence)
    count = 0
    for word, number in _NUMBERED.findall(fold(question)):
        numbers = re.findall(rf"\b{re.escape(word)}\s+(\d+)\b", folded)
        count += bool(numbers) and number not in numbers
    return count


def _missing_numbers(question: str, document: Document) -> float:
    """Return the share of a question's numbers that its best document does not have."""
    asked = set(_NUMBER.findall(question))
    there = set(_NUMBER.findall(f"{document.metadata.date} {document.text}"))
    return len(asked - there) / len(asked) if asked else 0.0


def _in_time(asked: frozenset[int], candidate: _Candidate) -> float:
    """Return 1 if a sentence names a year that is asked for, or its document is of one."""
    if not asked:
        return 0.0
    named = years_in(candidate.text)
    return float(bool(asked & named) or (not named and year_of(candidate.document) in asked))


def _differing(
    order: Sequence[int],
    candidates: Sequence[_Candidate],
    scores: Sequence[float],
    verdicts: Sequence[_Verdict],
) -> list[int]:
    """Return the best sentence and those of other documents that give other figures.

    Those say much the same of another year, and the words that answer in them are figures too.
    """
    best = candidates[order[0]]
    told = _figures(best, verdicts[order[0]])
    found = [order[0]]
    for i in order[1:] if told else ():
        one = candidates[i]
        if scores[i] < scores[order[0]] - _NEAR:
            break
        figures = _figures(one, verdicts[i])
        if (
            figures
            and figures != told
            and one.document.source not in {candidates[j].document.source for j in found}
            and year_of(one.document) != year_of(best.document)
            and float(one.meaning @ best.meaning) >= _ALIKE
        ):
            found.append(i)
    return found if len(found) > 1 else []


def _figures(candidate: _Candidate, verdict: _Verdict) -> frozenset[str]:
    """Return the figures among the words that answer."""
    if verdict.words is None:
        return frozenset()
    return frozenset(_NUMBER.findall(candidate.document.text[slice(*verdict.words)]))


def _newest_first(
    order: Sequence[int], differ: Sequence[int], candidates: Sequence[_Candidate]
) -> list[int]:
    """Return the order with the sentences that differ first, the newest document's before all."""
    newest = sorted(differ, key=lambda i: -(year_of(candidates[i].document) or 0))
    return [*newest, *(i for i in order if i not in differ)]


def _unit(vector: FloatArray) -> FloatArray:
    return vector / max(float(np.linalg.norm(vector)), 1e-9)


def _quote(candidate: _Candidate, score: float, words: Span | None) -> Quote:
    start, end = _telling_part(candidate)
    passage = candidate.hit.passage
    highlights = []
    if words and max(words[0], start) < min(words[1], end):
        highlights.append((max(words[0], start), min(words[1], end)))
    return Quote(
        document=candidate.document,
        start=start,
        end=end,
        score=score,
        section=candidate.sentence.section,
        context=(min(passage.start, start), max(passage.end, end)),
        highlights=tuple(highlights),
    )


def _telling_part(candidate: _Candidate) -> tuple[int, int]:
    """Return the clause of a long sentence that matches the question, or all of the sentence.

    Where the clause that announces a list matches best, the list is what is asked for.
    """
    start, end = candidate.sentence.start, candidate.sentence.end
    cuts = [start, *(start + cut.end() for cut in _CLAUSE.finditer(candidate.text)), end]
    if end - start <= _LONG or len(cuts) < 3:
        return start, end
    clauses = list(itertools.pairwise(cuts))
    rival = []
    for low, high in clauses:
        inside = (candidate.spans[:, 0] >= low) & (candidate.spans[:, 1] <= high)
        rival.append(candidate.similarities[inside].max(axis=0, initial=-1.0))
    wins = np.stack(rival)
    # A clause tells as far as it matches what the sentence's beginning does not.
    gains = np.maximum(wins - wins[0], 0).sum(axis=1)
    best = int(gains.argmax())
    if best == 0 or gains[best] < _CLEARLY * wins.shape[1]:
        return start, end
    low, high = clauses[best]
    text = candidate.document.text[low:high].rstrip()
    return low, low + len(text)
