"""Print what each part brings to the first quote, and what it costs.

    python -m benchmarks.ablation tests/seeds_gold.jsonl tests/seeds_others.jsonl [--source seeds]

Each row is the whole program without one part. "First" is the share of the answerable questions
whose best sentence is right, before anything is refused; AUROC tells how well confidence, fitted
anew on the other half of the questions, divides the answerable from the others; the time is of a
whole question, in the same run, as a ratio to the first row's.
"""

import argparse
import tempfile
import time
from dataclasses import astuple, dataclass, replace
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import cross_val_predict

from rag.config import load_settings
from rag.domain.documents import Language
from rag.domain.ports import ReadingModel
from rag.evaluation import GoldQuestion, is_right, read_gold
from rag.evaluation.reading import read_passages
from rag.model.embedder import load_embedder
from rag.model.fingerprint import DEFAULT_MODEL
from rag.model.reading_network import load_reading_model
from rag.read.ranker import Weights
from rag.retrieve.language_centroids import LanguageCentroids
from rag.service.answering.evidence import READ_PASSAGES
from rag.service.assistant import Assistant
from rag.service.indexing.indexer import Indexer
from rag.testing.reading_models import SilentReadingModel

_SHIPPED_WEIGHTS = Weights()


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """The program without a part."""

    name: str
    weights: Weights = _SHIPPED_WEIGHTS
    model: ReadingModel | None = None
    passages: int = READ_PASSAGES
    centred: bool = True


def _variants() -> list[Variant]:
    silent = SilentReadingModel()
    return [
        Variant(name="everything"),
        Variant(name="no reading model", model=silent),
        Variant(
            name="reading model for marks and refusal only",
            weights=replace(_SHIPPED_WEIGHTS, answerable_logit=0.0, span_logprob=0.0, rerank=0.0),
        ),
        Variant(name="no centring", centred=False),
        Variant(name="sentences of 8 passages, not 30", passages=8),
        Variant(name="no shared words, no glossary", weights=replace(_SHIPPED_WEIGHTS, words=0.0)),
        Variant(
            name="no matches around the sentence", weights=replace(_SHIPPED_WEIGHTS, around=0.0)
        ),
        Variant(name="no passage scores", weights=replace(_SHIPPED_WEIGHTS, maxsim=0.0, bm25=0.0)),
        Variant(name="no marks of what was done", weights=replace(_SHIPPED_WEIGHTS, asserted=0.0)),
        Variant(
            name="no rules: numbered things, kind of answer, time",
            weights=replace(_SHIPPED_WEIGHTS, conflicts=0.0, lacks_type=0.0, in_time=0.0),
        ),
    ]


def _measure(
    assistant: Assistant, questions: list[GoldQuestion], passages: int
) -> tuple[float, float, float]:
    first_is_right, labels, features, times_ms = [], [], [], []
    for question in questions:
        begin = time.perf_counter()
        reading = read_passages(assistant, question.question, limit=passages)
        times_ms.append((time.perf_counter() - begin) * 1000)
        assert reading.features is not None
        features.append(astuple(reading.features))
        labels.append(question.answerable)
        if question.answerable:
            first_is_right.append(
                any(is_right(reading.quotes[0], evidence) for evidence in question.evidence)
            )
    classifier = LogisticRegression(C=10, max_iter=5_000)
    probabilities = cross_val_predict(
        classifier, np.array(features), labels, cv=2, method="predict_proba"
    )
    auroc = roc_auc_score(labels, probabilities[:, 1])
    return sum(first_is_right) / len(first_is_right), auroc, float(np.median(times_ms))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("gold", type=Path, nargs="+")
    parser.add_argument("--source", type=Path, default=Path("seeds"))
    arguments = parser.parse_args()
    gold_sets = [
        [question for question in read_gold(path) if not question.history]
        for path in arguments.gold
    ]
    settings = load_settings()
    embedder = load_embedder(DEFAULT_MODEL, cache=settings.cache_dir)
    model = load_reading_model(settings.cache_dir)
    zero = np.zeros(embedder.info.dimension, dtype=np.float32)
    uncentred = LanguageCentroids(dict.fromkeys(Language, zero), dict.fromkeys(Language, zero))
    titles = [f"{path.stem} first | AUROC" for path in arguments.gold]
    print("| | " + " | ".join(titles) + " | p50 ÷ everything |")
    print("|---" * (2 * len(titles) + 2) + "|")
    baseline_ms = 0.0
    with tempfile.TemporaryDirectory() as folder:
        indexes = {}
        for centred, centroids in ((True, None), (False, uncentred)):
            index = indexes[centred] = Path(folder, str(centred))
            indexer = Indexer(index, settings, embedder=embedder, centroids=centroids)
            indexer.bring_in_step(arguments.source)
        for variant in _variants():
            assistant = Assistant.open(
                indexes[variant.centred],
                settings=settings,
                embedder=embedder,
                reading_model=variant.model or model,
                weights=variant.weights,
            )
            figures = [_measure(assistant, questions, variant.passages) for questions in gold_sets]
            time_ms = float(np.mean([median_ms for _, _, median_ms in figures]))
            baseline_ms = baseline_ms or time_ms
            cells = " | ".join(f"{first:.3f} | {auroc:.3f}" for first, auroc, _ in figures)
            print(f"| {variant.name} | {cells} | {time_ms / baseline_ms:.2f} |", flush=True)


if __name__ == "__main__":
    main()
