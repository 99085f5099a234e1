"""Sentences of different times that say the same with other figures."""

import re
from collections.abc import Sequence

from rag.language.years import year_of
from rag.read.sentence_candidates import Candidate
from rag.read.span_scores import SpanScore

__all__ = ["find_conflicts", "newest_first"]

_LARGEST_SCORE_GAP = (
    0.25  # of the best score, within which another document's sentence may say the same
)
_LEAST_COSINE = 0.70  # the cosine from which two sentences say the same of different times

_NUMBER = re.compile(r"\d+")


def find_conflicts(
    order: Sequence[int],
    candidates: Sequence[Candidate],
    scores: Sequence[float],
    span_scores: Sequence[SpanScore],
) -> list[int]:
    """Return the best sentence and those of other documents that give other figures.

    Those say much the same of another year, and the words that answer in them are figures too.
    """
    best = candidates[order[0]]
    best_figures = _figures(best, span_scores[order[0]])
    conflicting = [order[0]]
    for i in order[1:] if best_figures else ():
        candidate = candidates[i]
        if scores[i] < scores[order[0]] - _LARGEST_SCORE_GAP:
            break
        figures = _figures(candidate, span_scores[i])
        if (
            figures
            and figures != best_figures
            and candidate.document.source
            not in {candidates[j].document.source for j in conflicting}
            and year_of(candidate.document) != year_of(best.document)
            and float(candidate.meaning @ best.meaning) >= _LEAST_COSINE
        ):
            conflicting.append(i)
    return conflicting if len(conflicting) > 1 else []


def newest_first(
    order: Sequence[int], conflicting: Sequence[int], candidates: Sequence[Candidate]
) -> list[int]:
    """Return the order with the conflicting sentences first, the newest document's before all."""
    newest = sorted(conflicting, key=lambda i: -(year_of(candidates[i].document) or 0))
    return [*newest, *(i for i in order if i not in conflicting)]


def _figures(candidate: Candidate, span_score: SpanScore) -> frozenset[str]:
    """Return the figures among the words that answer."""
    if span_score.words is None:
        return frozenset()
    return frozenset(_NUMBER.findall(candidate.document.text[slice(*span_score.words)]))
