"""Print how well questions of a set in SQuAD's format find their passage and their answer.

    python -m benchmarks.retrieval xquad.vi.json xquad.en.json

The two files hold the same questions and passages in Vietnamese and English. The passages are
written to a folder as text files and indexed like any other. Rows: what is searched with;
columns: questions → passages, and Vietnamese questions without diacritics.
"""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from rag.config import load_settings
from rag.domain.documents import Language
from rag.evaluation import SquadSet, asked_in, evaluate_squad, opened, read_squad
from rag.language.vietnamese import fold
from rag.model.embedder import SentenceTransformerEmbedder, load_embedder
from rag.model.fingerprint import DEFAULT_MODEL, PACKAGED_MODEL
from rag.model.reading_network import load_reading_model
from rag.retrieve.language_centroids import LanguageCentroids
from rag.service.assistant import Assistant
from rag.testing.reading_models import SilentReadingModel

_METRICS = ("R@1", "R@10", "MRR", "nDCG@10", "span F1")

_Evaluate = Callable[[SquadSet, Callable[[str], str]], dict[str, Any]]


def _dense_baseline(passages: SquadSet, embedder: SentenceTransformerEmbedder) -> _Evaluate:
    """Return the baseline: one vector a passage, one a question, and their inner product."""
    encoded = embedder.encode_passages(passages.passages, [""] * len(passages.passages))
    vectors = np.stack([passage.vector for passage in encoded])

    def run(squad_set: SquadSet, typed: Callable[[str], str]) -> dict[str, Any]:
        first_is_right = [
            int((vectors @ embedder.encode_query(typed(question.text)).vector).argmax())
            == question.passage
            for question in squad_set.questions
        ]
        return {"R@1": sum(first_is_right) / len(first_is_right)}

    return run


def _whole_program(assistant: Assistant, *, marks_words: bool = False) -> _Evaluate:
    """Return the program; without a reading model the words that it marks mean nothing."""

    def run(squad_set: SquadSet, typed: Callable[[str], str]) -> dict[str, Any]:
        report = evaluate_squad(assistant, squad_set.questions, typed=typed)
        if marks_words:
            return report
        return {name: report[name] for name in _METRICS if name != "span F1"}

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parallel", type=Path, nargs=2, help="Vietnamese, then English")
    parser.add_argument("--every", type=int, default=1, help="ask each so-manyth question only")
    arguments = parser.parse_args()
    full_sets = dict(zip(Language, map(read_squad, arguments.parallel), strict=True))
    squad_sets = {
        language: SquadSet(
            passages=full_set.passages, questions=full_set.questions[:: arguments.every]
        )
        for language, full_set in full_sets.items()
    }
    settings = load_settings()
    untuned = load_embedder(PACKAGED_MODEL, cache=settings.cache_dir)
    embedder = load_embedder(DEFAULT_MODEL, cache=settings.cache_dir)
    model = load_reading_model(settings.cache_dir)
    zero = np.zeros(embedder.info.dimension, dtype=np.float32)
    uncentred = LanguageCentroids(dict.fromkeys(Language, zero), dict.fromkeys(Language, zero))
    silent = SilentReadingModel()
    columns = [
        (question_language, passage_language, bare)
        for passage_language in Language
        for question_language in Language
        for bare in (False, True)
        if not bare or question_language is Language.VIETNAMESE
    ]
    rows: dict[str, list[dict[str, Any]]] = {}
    for language in Language:
        passages = squad_sets[language].passages

        def add_row(name: str, evaluate: _Evaluate, language: Language = language) -> None:
            rows.setdefault(name, []).extend(
                evaluate(
                    asked_in(squad_sets[question_language], squad_sets[language]),
                    fold if bare else str,
                )
                for question_language, passage_language, bare in columns
                if passage_language is language
            )

        add_row("dense vectors (baseline)", _dense_baseline(squad_sets[language], untuned))
        with opened(
            passages, settings, embedder=untuned, reading_model=silent, centroids=uncentred
        ) as assistant:
            add_row("late interaction and words", _whole_program(assistant))
        with opened(passages, settings, embedder=untuned, reading_model=silent) as assistant:
            add_row("+ centring", _whole_program(assistant))
        with opened(passages, settings, embedder=embedder, reading_model=silent) as assistant:
            add_row("+ tuned encoder", _whole_program(assistant))
        with opened(passages, settings, embedder=embedder, reading_model=model) as assistant:
            add_row("+ reading model, as shipped", _whole_program(assistant, marks_words=True))
    titles = [
        f"{question_language}{' bare' if bare else ''}→{passage_language}"
        for question_language, passage_language, bare in columns
    ]
    for metric in _METRICS:
        print(f"\n| {metric} | " + " | ".join(titles) + " |")
        print("|---" * (len(titles) + 1) + "|")
        for name, reports in rows.items():
            if metric in reports[0]:
                cells = " | ".join(f"{report[metric]:.3f}" for report in reports)
                print(f"| {name} | {cells} |")


if __name__ == "__main__":
    main()
