"""What the reading model says of sentences, and which of them disagree."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.domain.ports import ReadingModel
from rag.language.years import year_of
from rag.read.reading_windows import ReadWindow, read_windows
from rag.read.sentence_candidates import Candidate

__all__ = ["Verdict", "differing", "judge", "newest_first"]

_WINDOWS = 4  # are read
_LEAST_LIKELY = -6.0  # of which no less counts
_NEAR = 0.25  # of the best score, within which another document's sentence may say the same
_ALIKE = 0.70  # the cosine from which two sentences say the same of different times

_NUMBER = re.compile(r"\d+")

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the reading model says of a candidate."""

    answers: float  # the logit of its window's answering
    likely: float  # the log probability of its holding the answer
    words: Span | None  # the likeliest answer in it


def judge(
    model: ReadingModel, question: str, candidates: Sequence[Candidate], similar: Sequence[float]
) -> list[Verdict]:
    """Read the windows around the best candidates; the others count as the worst that was read.

    Args:
        model: What reads them.
        question: What is asked.
        candidates: At least one.
        similar: How similar to the question each is.
    """
    order = sorted(range(len(candidates)), key=lambda i: (-similar[i], i))
    windows = read_windows(
        model, question, ((candidates[i].document, candidates[i].sentence) for i in order), _WINDOWS
    )
    worst = min(window.reading.answers for window in windows)
    return [_verdict(candidate, windows, worst) for candidate in candidates]


def _verdict(candidate: Candidate, windows: Sequence[ReadWindow], worst: float) -> Verdict:
    """Return what the best window that holds a candidate says of it."""
    found = Verdict(answers=worst, likely=_LEAST_LIKELY, words=None)
    for window in windows:
        if window.document.source != candidate.document.source:
            continue
        likely, words = window.answer_within(candidate.sentence.start, candidate.sentence.end)
        if words and (found.words is None or window.reading.answers > found.answers):
            found = Verdict(
                answers=window.reading.answers, likely=max(likely, _LEAST_LIKELY), words=words
            )
    return found


def differing(
    order: Sequence[int],
    candidates: Sequence[Candidate],
    scores: Sequence[float],
    verdicts: Sequence[Verdict],
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


def newest_first(
    order: Sequence[int], differ: Sequence[int], candidates: Sequence[Candidate]
) -> list[int]:
    """Return the order with the sentences that differ first, the newest document's before all."""
    newest = sorted(differ, key=lambda i: -(year_of(candidates[i].document) or 0))
    return [*newest, *(i for i in order if i not in differ)]


def _figures(candidate: Candidate, verdict: Verdict) -> frozenset[str]:
    """Return the figures among the words that answer."""
    if verdict.words is None:
        return frozenset()
    return frozenset(_NUMBER.findall(candidate.document.text[slice(*verdict.words)]))
