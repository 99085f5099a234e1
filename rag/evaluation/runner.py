"""Score an index on gold questions."""

from collections.abc import Callable, Iterable, Sequence
from statistics import fmean
from typing import Any

import ir_measures
from ir_measures import Qrel, ScoredDoc, Success
from sklearn.metrics import roc_auc_score

from rag.domain.answer import Answer
from rag.evaluation.gold import GoldQuestion, is_right, stands_in
from rag.service.assistant import Assistant

__all__ = ["evaluate", "report_as_table"]

_ALL = "all"
_MANY, _FAR = 10, 1_000  # the rank of a passage that is not among those found
_AT_1, _AT_3 = Success @ 1, Success @ 3


def evaluate(
    assistant: Assistant,
    gold: Sequence[GoldQuestion],
    *,
    typed: Callable[[str], str] = str,
) -> dict[str, Any]:
    """Ask all questions and return the figures, for each group of questions and for all.

    R@1 and R@10 are the shares of answerable questions whose evidence is in the first passage, or
    among the first ten. quote@1 and quote@3 are the shares of answerable questions with a right
    quote first or among the first three; a question that was not answered has none. `false answers`
    is the share of unanswerable questions that were answered, `missed` that of answerable ones that
    were not, `auroc` that of the confidence, and `calibration error` how far it is from the share
    of best quotes that are right. Of all questions, `tenths` has the same in detail: for each tenth
    of confidence the number of questions, their mean confidence and the share that is right.
    """
    asked = [
        (question, assistant.ask(typed(question.question), question.history)) for question in gold
    ]
    groups = [_ALL, *dict.fromkeys(group for question in gold for group in question.groups)]
    report: dict[str, Any] = {
        group: _score([pair for pair in asked if group in (_ALL, *pair[0].groups)], assistant)
        for group in groups
    }
    report[_ALL]["tenths"] = {
        f"{tenth / 10:.1f}": {
            "questions": len(pairs),
            "confidence": round(fmean(confidence for confidence, _ in pairs), 4),
            "right": _share(right for _, right in pairs),
        }
        for tenth, pairs in _tenths(asked).items()
    }
    return report


def _score(asked: Sequence[tuple[GoldQuestion, Answer]], assistant: Assistant) -> dict[str, float]:
    answerable = [pair for pair in asked if pair[0].answerable]
    unanswerable = [pair for pair in asked if not pair[0].answerable]
    figures: dict[str, float] = {"questions": len(asked)}
    if answerable:
        figures |= _right_passages(answerable, assistant) | _right_quotes(answerable)
        figures["missed"] = _share(not answer.answerable for _, answer in answerable)
    if unanswerable:
        figures["false answers"] = _share(answer.answerable for _, answer in unanswerable)
    if answerable and unanswerable:
        confidence = [answer.confidence for _, answer in asked]
        labels = [question.answerable for question, _ in asked]
        figures["auroc"] = round(float(roc_auc_score(labels, confidence)), 4)
    # The expected calibration error of Naeini et al. 2015: the mean over questions of the
    # difference within their tenth.
    differences = [
        abs(sum(confidence for confidence, _ in tenth) - sum(right for _, right in tenth))
        for tenth in _tenths(asked).values()
    ]
    figures["calibration error"] = round(sum(differences) / len(asked), 4)
    return figures


def _tenths(
    asked: Sequence[tuple[GoldQuestion, Answer]],
) -> dict[int, list[tuple[float, bool]]]:
    """Return, by tenths of confidence, each confidence and whether the best quote is right."""
    tenths: dict[int, list[tuple[float, bool]]] = {}
    for question, answer in sorted(asked, key=lambda pair: pair[1].confidence):
        best = answer.quotes[:1] or answer.related[:1]
        right = any(is_right(quote, evidence) for quote in best for evidence in question.evidence)
        tenths.setdefault(min(9, int(10 * answer.confidence)), []).append(
            (answer.confidence, right)
        )
    return tenths


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


def _right_passages(
    asked: Sequence[tuple[GoldQuestion, Answer]], assistant: Assistant
) -> dict[str, float]:
    """Return the shares of questions whose evidence is in the first passage, or the first ten."""
    ranks = [
        next(
            (
                rank
                for rank, hit in enumerate(answer.hits)
                if any(
                    hit.passage.source == evidence.source
                    and stands_in(hit.passage, assistant.document(evidence.source), evidence)
                    for evidence in question.evidence
                )
            ),
            _FAR,
        )
        for question, answer in asked
    ]
    return {
        "R@1": _share(rank < 1 for rank in ranks),
        "R@10": _share(rank < _MANY for rank in ranks),
    }


def _share(values: Iterable[bool]) -> float:
    counted = list(values)
    return round(sum(counted) / len(counted), 4)


def report_as_table(report: dict[str, Any]) -> str:
    """Return the figures as a table in Markdown, and one of the reliability of confidence."""
    tenths = report.get(_ALL, {}).get("tenths", {})
    names = list(dict.fromkeys(name for figures in report.values() for name in figures))
    names = [name for name in names if name != "tenths"]
    lines = ["| | " + " | ".join(names) + " |", "|---" * (len(names) + 1) + "|"]
    for group, figures in report.items():
        cells = [_cell(figures.get(name)) for name in names]
        lines.append(f"| {group} | " + " | ".join(cells) + " |")
    if tenths:
        lines += ["", "| confidence from | questions | mean | right |", "|---|---|---|---|"]
    for low, tenth in tenths.items():
        cells = [_cell(tenth[name]) for name in ("questions", "confidence", "right")]
        lines.append(f"| {low} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def _cell(value: float | None) -> str:
    if value is None:
        return "–"
    return str(value) if isinstance(value, int) else f"{value:.3f}"
