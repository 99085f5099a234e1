"""Fit how confidence follows from a reading's features, and write rag/data/confidence.json.

    python -m training.calibrate DATA

DATA is the folder with the sets that docs/reading-model.md lists. What is asked are the questions
of the articles that are held out, in Vietnamese, English and Vietnamese without diacritics, of the
passages of all articles in each language, three times: as they are; with their own passage taken
out, so that only its neighbours are left; and, where they have a number, with that number changed
to one that no passage has. The first quote is right if it holds the answer; confidence is the
probability of that. Half of the articles fit, the other half tell how well it holds.
"""

import argparse
import json
import re
from collections.abc import Iterator
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from rag.config import load_settings
from rag.domain.permissions import Filter
from rag.evaluation import opened
from rag.evaluation.reading import read_passages
from rag.evaluation.squad import source_of
from rag.language.vietnamese import fold, nfc
from rag.read.calibration import FEATURES, Calibrator, ReadingFeatures, speaks_against
from rag.service.assistant import Assistant
from training.squad import Question, read_parallel

_CONFIDENCE_FILE = Path(__file__).parent.parent / "rag" / "data" / "confidence.json"
_TARGET_FALSE_ANSWERS, _TARGET_MISSED = 0.10, 0.07
_COST_TOLERANCE = 1.03
_LEAST_THRESHOLD = 0.15  # a quote that is likely to be right less often is no answer
_NUMBER = re.compile(r"\d+")
_SEED = 20261122


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A question that was asked.

    Attributes:
        direction: The language of the question, or "bare", and of the passages.
        right: Whether the first quote holds the answer.
        answerable: Whether the passages do.
    """

    article: str
    direction: str
    features: ReadingFeatures
    right: bool
    answerable: bool


def _rows(
    assistant: Assistant,
    passages: list[str],
    texts: list[str],
    questions: list[Question],
    direction: str,
) -> Iterator[Row]:
    numbers = {number for passage in passages for number in _NUMBER.findall(passage)}
    absent_number = next(str(number) for number in range(13, 10_000) if str(number) not in numbers)
    for text, question in zip(texts, questions, strict=True):
        source = source_of(passages.index(nfc(question.passage.text)))
        yield _ask(assistant, text, question, source, "", direction)
        yield _ask(assistant, text, question, source, source, direction)
        if _NUMBER.search(text):
            changed = _NUMBER.sub(absent_number, text, count=1)
            yield _ask(assistant, changed, question, "", "", direction)


def _ask(
    assistant: Assistant, text: str, question: Question, source: str, excluded: str, direction: str
) -> Row:
    """Ask a question whose passage is in a source, "" for none, without an excluded source."""
    where = Filter(without=frozenset({excluded}))
    reading = read_passages(assistant, text, where=where)
    assert reading.features is not None, "there are other passages"
    answerable = bool(source) and not excluded
    right = False
    if answerable and reading.quotes and question.answer:
        best = reading.quotes[0]
        start, end = question.answer
        right = best.document.source == source and best.start < end and start < best.end
    return Row(
        article=question.passage.title,
        direction=direction,
        features=reading.features,
        right=right,
        answerable=answerable,
    )


def _fit(rows: list[Row]) -> LogisticRegression:
    features = np.array([astuple(row.features) for row in rows])
    labels = np.array([row.right for row in rows])
    return LogisticRegression(C=10, max_iter=5_000).fit(features, labels)


def _confidence(model: LogisticRegression, rows: list[Row]) -> npt.NDArray[np.float64]:
    probabilities: npt.NDArray[np.float64] = model.predict_proba(
        np.array([astuple(row.features) for row in rows])
    )[:, 1]
    doubted = [speaks_against(row.features) for row in rows]
    return np.where(doubted, np.minimum(probabilities, _shipped()["doubted"]), probabilities)


def _report(confidence: npt.NDArray[np.float64], rows: list[Row]) -> None:
    right = np.array([row.right for row in rows])
    answerable = np.array([row.answerable for row in rows])
    print(f"{len(rows)} questions; AUROC of being right {roc_auc_score(right, confidence):.3f}, ")
    print(f"of being answerable {roc_auc_score(answerable, confidence):.3f}")
    print("\n| question → passages | first quote right |\n|---|---|")
    for direction in dict.fromkeys(row.direction for row in rows):
        right_quotes = [row.right for row in rows if row.answerable and row.direction == direction]
        print(f"| {direction} | {np.mean(right_quotes):.3f} |")
    print("\n| confidence | questions | mean | right |\n|---|---|---|---|")
    for low in np.arange(0, 1, 0.1):
        inside = (confidence >= low) & (confidence < low + 0.1 + (low > 0.85))
        if inside.any():
            mean, share = confidence[inside].mean(), right[inside].mean()
            print(f"| {low:.1f}–{low + 0.1:.1f} | {inside.sum()} | {mean:.2f} | {share:.2f} |")
    print("\n| threshold | missed | false answers |\n|---|---|---|")
    for threshold in np.arange(0.1, 0.75, 0.05):
        missed = (confidence[answerable] < threshold).mean()
        false_answers = (confidence[~answerable] >= threshold).mean()
        print(f"| {threshold:.2f} | {missed:.3f} | {false_answers:.3f} |")


def _threshold(confidence: npt.NDArray[np.float64], rows: list[Row]) -> float:
    """Return the least threshold that is as good as any.

    A question answered falsely and one missed cost as much as what is aimed at allows of each.
    """
    answerable = np.array([row.answerable for row in rows])
    costs = {
        round(float(threshold), 2): (confidence[answerable] < threshold).mean() / _TARGET_MISSED
        + (confidence[~answerable] >= threshold).mean() / _TARGET_FALSE_ANSWERS
        for threshold in np.arange(_LEAST_THRESHOLD, 0.75, 0.05)
    }
    least = min(costs.values())
    return min(threshold for threshold, cost in costs.items() if cost <= _COST_TOLERANCE * least)


def _shipped() -> dict[str, Any]:
    """Return what ships now; what is not fitted here is kept."""
    values: dict[str, Any] = json.loads(_CONFIDENCE_FILE.read_text(encoding="utf-8"))
    return values


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    arguments = parser.parse_args()
    held_out, everything = read_parallel(arguments.data, ("vi", "en"), _SEED)
    rows: list[Row] = []
    settings = load_settings()
    for language in ("vi", "en"):
        passages = list(
            dict.fromkeys(nfc(question.passage.text) for question in everything[language])
        )
        with opened(passages, settings, calibrator=Calibrator.unfitted()) as assistant:
            for question_form in ("vi", "en", "bare"):
                texts = [
                    question.text for question in held_out["en" if question_form == "en" else "vi"]
                ]
                typed = [fold(text) for text in texts] if question_form == "bare" else texts
                rows += _rows(
                    assistant, passages, typed, held_out[language], f"{question_form}→{language}"
                )
    articles = sorted({row.article for row in rows})
    halves = [[row for row in rows if (articles.index(row.article) % 2) == half] for half in (0, 1)]
    # Each half is judged by what the other fitted.
    judged = [(_confidence(_fit(halves[1 - half]), halves[half]), halves[half]) for half in (0, 1)]
    confidence = np.concatenate([half_confidence for half_confidence, _ in judged])
    ordered = [row for _, half in judged for row in half]
    _report(confidence, ordered)
    model = _fit(rows)
    threshold = _threshold(confidence, ordered)
    print(f"\nthreshold {threshold}")
    _CONFIDENCE_FILE.write_text(
        json.dumps(
            {
                **_shipped(),
                "features": FEATURES,
                "coefficients": [round(float(value), 4) for value in model.coef_[0]],
                "intercept": round(float(model.intercept_[0]), 4),
                "threshold": threshold,
            },
            indent=2,
        )
        + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
