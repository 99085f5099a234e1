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

_FIGURES = ("R@1", "R@10", "MRR", "nDCG@10", "span F1")

_Evaluate = Callable[[SquadSet, Callable[[str], str]], dict[str, Any]]


def _dense(passages: SquadSet, embedder: SentenceTransformerEmbedder) -> _Evaluate:
    """Return the baseline: one vector a passage, one a question, and their inner product."""
    encoded = embedder.encode_passages(passages.passages, [""] * len(passages.passages))
    vectors = np.stack([one.vector for one in encoded])

    def run(asked: SquadSet, typed: Callable[[str], str]) -> dict[str, Any]:
        found = [
            int((vectors @ embedder.encode_query(typed(one.text)).vector).argmax()) == one.passage
            for one in asked.questions
        ]
        return {"R@1": sum(found) / len(found)}

    return run


def _whole(assistant: Assistant, *, marks: bool = False) -> _Evaluate:
    """Return the program; without a reading model the words that it marks mean nothing."""

    def run(asked: SquadSet, typed: Callable[[str], str]) -> dict[str, Any]:
        report = evaluate_squad(assistant, asked.questions, typed=typed)
        return report if marks else {name: report[name] for name in _FIGURES if name != "span F1"}

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parallel", type=Path, nargs=2, help="Vietnamese, then English")
    parser.add_argument("--every", type=int, default=1, help="ask each so-manyth question only")
    arguments = parser.parse_args()
    whole = dict(zip(Language, map(read_squad, arguments.parallel), strict=True))
    sets = {
        language: SquadSet(passages=one.passages, questions=one.questions[:: arguments.every])
        for language, one in whole.items()
    }
    settings = load_settings()
    plain = load_embedder(PACKAGED_MODEL, cache=settings.cache_dir)
    embedder = load_embedder(DEFAULT_MODEL, cache=settings.cache_dir)
    model = load_reading_model(settings.cache_dir)
    zero = np.zeros(embedder.info.dimension, dtype=np.float32)
    none = LanguageCentroids(dict.fromkeys(Language, zero), dict.fromkeys(Language, zero))
    silent = SilentReadingModel()
    columns = [
        (asked, read, bare)
        for read in Language
        for asked in Language
        for bare in (False, True)
        if not bare or asked is Language.VIETNAMESE
    ]
    rows: dict[str, list[dict[str, Any]]] = {}
    for read in Language:
        texts = sets[read].passages

        def row(name: str, run: _Evaluate, read: Language = read) -> None:
            rows.setdefault(name, []).extend(
                run(asked_in(sets[asked], sets[read]), fold if bare else str)
                for asked, of, bare in columns
                if of is read
            )

        row("dense vectors (baseline)", _dense(sets[read], plain))
        with opened(texts, settings, embedder=plain, reading_model=silent, centroids=none) as one:
            row("late interaction and words", _whole(one))
        with opened(texts, settings, embedder=plain, reading_model=silent) as one:
            row("+ centring", _whole(one))
        with opened(texts, settings, embedder=embedder, reading_model=silent) as one:
            row("+ tuned encoder", _whole(one))
        with opened(texts, settings, embedder=embedder, reading_model=model) as one:
            row("+ reading model, as shipped", _whole(one, marks=True))
    titles = [f"{asked}{' bare' if bare else ''}→{read}" for asked, read, bare in columns]
    for figure in _FIGURES:
        print(f"\n| {figure} | " + " | ".join(titles) + " |")
        print("|---" * (len(titles) + 1) + "|")
        for name, reports in rows.items():
            if figure in reports[0]:
                cells = " | ".join(f"{report[figure]:.3f}" for report in reports)
                print(f"| {name} | {cells} |")


if __name__ == "__main__":
    main()
