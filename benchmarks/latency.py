"""Print how long questions take, stage by stage, over an index that is there.

    python -m benchmarks.latency QUESTIONS.jsonl [--index index]
    python -m benchmarks.latency --squad xquad.vi.json xquad.en.json

QUESTIONS has a "question" a line; with sets in SQuAD's format, all their passages are indexed
together and every tenth question is asked. The baseline is embedding the question, in the same run.
"""

import argparse
import json
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

from rag.config import load_settings
from rag.domain.ports import Embedder
from rag.evaluation import opened, read_squad
from rag.model.embedder import load_embedder
from rag.model.fingerprint import DEFAULT_MODEL
from rag.service.assistant import Assistant

_WARM_UP_QUESTIONS = 5
_ASK_EVERY = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", type=Path, nargs="?")
    parser.add_argument("--index", type=Path, default=Path("index"))
    parser.add_argument("--squad", type=Path, nargs="+", default=[])
    arguments = parser.parse_args()
    settings = load_settings()
    embedder = load_embedder(DEFAULT_MODEL, cache=settings.cache_dir)
    if arguments.squad:
        squad_sets = [read_squad(path) for path in arguments.squad]
        questions = [
            question.text
            for squad_set in squad_sets
            for question in squad_set.questions[::_ASK_EVERY]
        ]
        passages = [passage for squad_set in squad_sets for passage in squad_set.passages]
        with opened(passages, settings) as assistant:
            _report(assistant, embedder, questions)
    elif arguments.questions:
        lines = arguments.questions.read_text(encoding="utf-8").splitlines()
        questions = [json.loads(line)["question"] for line in lines if line.strip()]
        _report(Assistant.open(arguments.index, embedder=embedder), embedder, questions)
    else:
        parser.error("name a file of questions, or sets with --squad")


def _report(assistant: Assistant, embedder: Embedder, questions: list[str]) -> None:
    for question in questions[:_WARM_UP_QUESTIONS]:
        assistant.ask(question)
    times_ms: defaultdict[str, list[float]] = defaultdict(list)
    for question in questions:
        begin = time.perf_counter()
        embedder.encode_query(question)
        times_ms["embedding alone (baseline)"].append((time.perf_counter() - begin) * 1000)
        for stage, time_ms in assistant.ask(question).timings_ms.items():
            times_ms[stage].append(time_ms)
    baseline_ms = float(np.median(times_ms["embedding alone (baseline)"]))
    print(f"{len(questions)} questions, {assistant.manifest.passages} passages")
    print("| stage | p50 ms | p95 ms | p50 ÷ baseline |\n|---|---|---|---|")
    for stage, stage_times_ms in times_ms.items():
        p50, p95 = np.percentile(stage_times_ms, [50, 95])
        print(f"| {stage} | {p50:.1f} | {p95:.1f} | {p50 / baseline_ms:.2f} |")


if __name__ == "__main__":
    main()
