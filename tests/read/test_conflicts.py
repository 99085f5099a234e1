"""Sentences of different times that give other figures for the same."""

import pytest

from rag.ingest.structure.document import make_document
from rag.ingest.structure.metadata import Entry
from rag.read.conflicts import find_conflicts, newest_first
from rag.read.sentence_candidates import Candidate
from rag.read.span_scores import SpanScore
from tests.read.candidates import candidate

SAME, NEARLY, OTHER = (1.0, 0.0), (0.8, 0.6), (0.0, 1.0)


def statement(
    source: str, day: str, figure: str, meaning: tuple[float, float] = SAME
) -> tuple[Candidate, SpanScore]:
    """Return a sentence with its figure, and that the figure is what answers."""
    text = f"Hải quan đã ký {figure} thỏa thuận."
    document = make_document(source, text, Entry.model_validate({"date": day}))
    start = text.index(figure)
    answer = SpanScore(answerable_logit=1.0, span_logprob=-1.0, words=(start, start + len(figure)))
    return candidate(document, meaning=meaning), answer


def conflicting(*statements: tuple[Candidate, SpanScore], scores: tuple[float, ...]) -> list[int]:
    candidates, spans = zip(*statements, strict=True)
    return find_conflicts(range(len(candidates)), candidates, scores, spans)


OLD, NEW = statement("a.txt", "2020", "40"), statement("b.txt", "2025", "50")


@pytest.mark.parametrize("meaning", [SAME, NEARLY])
def test_other_figures_of_another_year(meaning: tuple[float, float]) -> None:
    newer = statement("b.txt", "2025", "50", meaning)
    assert conflicting(OLD, newer, scores=(1.0, 0.9)) == [0, 1]


def test_each_document_counts_once() -> None:
    again = statement("b.txt", "2025", "51")
    third = statement("c.txt", "2023", "45")
    assert conflicting(OLD, NEW, again, third, scores=(1.0, 0.9, 0.9, 0.8)) == [0, 1, 3]


@pytest.mark.parametrize(
    ("other", "score"),
    [
        (statement("b.txt", "2025", "40"), 0.9),  # the same figure
        (statement("b.txt", "2020", "50"), 0.9),  # the same year
        (statement("a.txt", "2025", "50"), 0.9),  # the same document
        (statement("b.txt", "2025", "nhiều"), 0.9),  # no figure
        (statement("b.txt", "2025", "50", OTHER), 0.9),  # another thing
        (NEW, 0.7),  # far behind
    ],
)
def test_what_does_not_conflict(other: tuple[Candidate, SpanScore], score: float) -> None:
    assert conflicting(OLD, other, scores=(1.0, score)) == []


def test_without_a_figure_nothing_conflicts() -> None:
    assert conflicting(statement("a.txt", "2020", "nhiều"), NEW, scores=(1.0, 1.0)) == []


def test_what_was_not_read_conflicts_with_nothing() -> None:
    unread = SpanScore(answerable_logit=0.0, span_logprob=-6.0, words=None)
    assert conflicting(OLD, (NEW[0], unread), scores=(1.0, 1.0)) == []


def test_the_newest_comes_first_and_the_rest_stays_in_order() -> None:
    undated = candidate(make_document("d.txt", "Một câu."))
    candidates = [OLD[0], undated, NEW[0], undated]
    assert newest_first([0, 1, 2, 3], [0, 2], candidates) == [2, 0, 1, 3]
    assert newest_first([3, 1, 0, 2], [], candidates) == [3, 1, 0, 2]
