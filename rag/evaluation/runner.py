"""Score an index on gold questions."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import ir_measures
from ir_measures import Qrel, ScoredDoc, Success
from sklearn.metrics import roc_auc_score

from rag.domain.answer import Answer
from rag.evaluation.gold import GoldQuestion, is_right
from rag.service.assistant import Assistant

__all__ = ["evaluate", "report_as_table"]

_ALL = "all"
_AT_1, _AT_3 = Success @ 1, Success @ 3


def evaluate(
    assistant: Assistant,
    gold: Sequence[GoldQuestion],
    *,
    typed: Callable[[str], str] = str,
) -> dict[str, Any]:
    """Ask all questions and return the figures, for each group of questions and for all.

    quote@1 and quote@3 are the shares of answerable questions with a right quote first or among
    the first three; a question that was not answered has none. `false answers` is the share of
    unanswerable questions that were answered, `missed` that of answerable ones that were not,
    and `auroc` that of the confidence, over all questions.
    """
    asked = [
        (question, assistant.ask(typed(question.question), question.history)) for question in gold
    ]
    groups = [_ALL, *dict.fromkeys(question.group for question in gold)]
    report: dict[str, Any] = {
        group: _score([pair for pair in asked if group in (_ALL, pair[0].group)])
        for group in groups
    }
    answerable = [question.answerable for question in gold]
    if len(set(answerable)) > 1:
        confidence = [answer.confidence for _, answer in asked]
        report[_ALL]["auroc"] = round(float(roc_auc_score(answerable, confidence)), 4)
    return report


def _score(asked: Sequence[tuple[GoldQuestion, Answer]]) -> dict[str, float]:
    answerable = [pair for pair in asked if pair[0].answerable]
    unanswerable = [pair for pair in asked if not pair[0].answerable]
    figures: dict[str, float] = {"questions": len(asked)}
    if answerable:
        figures |= _right_quotes(answerable)
        figures["missed"] = _share(not answer.answerable for _, answer in answerable)
    if unanswerable:
        figures["false answers"] = _share(answer.answerable for _, answer in unanswerable)
    return figures


def _right_quotes(asked: Sequence[tuple[GoldQuestion, Answer]]) -> dict[str, float]:
    """Return quote@1 and quote@3: each rank is a document, relevant if the quote is right."""
    relevant: list[Qrel] = []
    run: list[ScoredDoc] = []
    for question, answer in asked:
        relevant.append(Qrel(question.identifier, "-", 0))
        for rank, quote in enumerate(answer.quotes):
            right = any(is_right(quote, evidence) for evidence in question.evidence)
            relevant.append(Qrel(question.identifier, str(rank), int(right)))
            run.append(ScoredDoc(question.identifier, str(rank), -float(rank)))
    figures = ir_measures.calc_aggregate([_AT_1, _AT_3], relevant, run)
    return {"quote@1": round(figures[_AT_1], 4), "quote@3": round(figures[_AT_3], 4)}


def _share(values: Iterable[bool]) -> float:
    counted = list(values)
    return round(sum(counted) / len(counted), 4)


def report_as_table(report: dict[str, Any]) -> str:
    """Return the figures as a table in Markdown."""
    names = list(dict.fromkeys(name for figures in report.values() for name in figures))
    lines = ["| | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for group, figures in report.items():
        cells = [_cell(figures.get(name)) for name in names]
        lines.append(f"| {group} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(value: float | None) -> str:
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.3f}"
