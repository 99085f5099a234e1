"""What the reading model says of sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

from rag.domain.ports import ReadingModel
from rag.read.reading_windows import ReadWindow, read_windows
from rag.read.sentence_candidates import Candidate

__all__ = ["SpanScore", "score_spans"]

_MOST_WINDOWS = 4  # that are read for a question
_LEAST_LIKELY = -6.0  # of which no less counts

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class SpanScore:
    """What the reading model says of a sentence."""

    answerable_logit: float  # of its window's answering
    span_logprob: float  # the log probability of its holding the answer
    words: Span | None  # the likeliest answer in it


def score_spans(
    model: ReadingModel, question: str, candidates: Sequence[Candidate], similar: Sequence[float]
) -> list[SpanScore]:
    """Read the windows around the best candidates; the others count as the worst that was read.

    Args:
        model: What reads them.
        question: What is asked.
        candidates: At least one.
        similar: How similar to the question each is.
    """
    order = sorted(range(len(candidates)), key=lambda i: (-similar[i], i))
    windows = read_windows(
        model,
        question,
        ((candidates[i].document, candidates[i].sentence) for i in order),
        _MOST_WINDOWS,
    )
    worst = min(window.reading.answerable_logit for window in windows)
    return [_score(candidate, windows, worst) for candidate in candidates]


def _score(candidate: Candidate, windows: Sequence[ReadWindow], worst: float) -> SpanScore:
    """Return what the best window that holds a candidate says of it."""
    best = SpanScore(answerable_logit=worst, span_logprob=_LEAST_LIKELY, words=None)
    for window in windows:
        if window.document.source != candidate.document.source:
            continue
        logprob, words = window.answer_within(candidate.sentence.start, candidate.sentence.end)
        logit = window.reading.answerable_logit
        if words and (best.words is None or logit > best.answerable_logit):
            best = SpanScore(
                answerable_logit=logit, span_logprob=max(logprob, _LEAST_LIKELY), words=words
            )
    return best
