"""Fit how confidence follows from a reading's features, and write rag/data/confidence.json.

    python -m benchmarks.calibrate xquad_even.vi.json xquad_even.en.json

The two files hold the same questions and passages in Vietnamese and English, in SQuAD's format;
nothing that is tested on. Each question is asked of the passages in both languages, every third
Vietnamese one without diacritics, three times: as it is; with its own passage taken out, so that
only its neighbours are left; and, where it has a number, with that number changed to one that no
passage has. Only the first is answerable.
"""

import argparse
import json
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from benchmarks.retrieval import index_passages, read_squad
from rag.assistant import Assistant
from rag.config import load_settings
from rag.embedding import load_embedder
from rag.reader import FEATURES
from rag.vietnamese import fold

_TARGET = Path(__file__).parent.parent / "rag" / "data" / "confidence.json"
_EVERY = 2  # of the questions are asked
_PASSAGES = 24  # found, of which those that are left are read
_NUMBER = re.compile(r"\d+")

Row = tuple[tuple[float, ...], bool]


def _rows(assistant: Assistant, questions: list[tuple[str, int]], *, bare: bool) -> Iterator[Row]:
    texts = [assistant.document(source).text for source in assistant.sources()]
    numbers = {number for text in texts for number in _NUMBER.findall(text)}
    absent = next(str(n) for n in range(13, 10_000) if str(n) not in numbers)
    for position, (question, passage) in enumerate(questions[::_EVERY]):
        asked = fold(question) if bare and position % 3 == 0 else question
        yield _features(assistant, asked), True
        yield _features(assistant, asked, without=f"{passage:04d}.txt"), False
        if _NUMBER.search(asked):
            yield _features(assistant, _NUMBER.sub(absent, asked, count=1)), False


def _features(assistant: Assistant, question: str, *, without: str = "") -> tuple[float, ...]:
    def left_in(source: str) -> bool:
        return source != without

    return assistant.read(question, keep=left_in, limit=_PASSAGES).features


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parallel", type=Path, nargs=2, help="Vietnamese, then English")
    arguments = parser.parse_args()
    files = [read_squad(path) for path in arguments.parallel]
    embedder = load_embedder("multilingual-e5-small", cache=load_settings().cache_dir)
    rows: list[Row] = []
    for passages, _ in files:
        with tempfile.TemporaryDirectory() as folder:
            assistant = index_passages(passages, Path(folder), embedder)
            for language, (_, questions) in enumerate(files):
                rows += _rows(assistant, questions, bare=language == 0)
    features = np.array([row[0] for row in rows])
    labels = np.array([row[1] for row in rows])
    model = LogisticRegression(C=10, max_iter=5_000, class_weight="balanced").fit(features, labels)
    confidence = model.predict_proba(features)[:, 1]
    print(f"{len(rows)} readings, AUROC {roc_auc_score(labels, confidence):.3f}")
    print("threshold  missed  false")
    for threshold in np.arange(0.2, 0.75, 0.05):
        missed = (confidence[labels] < threshold).mean()
        false = (confidence[~labels] >= threshold).mean()
        print(f"{threshold:9.2f}  {missed:6.3f}  {false:5.3f}")
    _TARGET.write_text(
        json.dumps(
            {
                "features": FEATURES,
                "coefficients": [round(float(value), 4) for value in model.coef_[0]],
                "intercept": round(float(model.intercept_[0]), 4),
                "threshold": 0.45,
            },
            indent=2,
        )
        + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
