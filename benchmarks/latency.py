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

_WARM_UP = 5
_EVERY = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", type=Path, nargs="?")
    parser.add_argument("--index", type=Path, default=Path("index"))
    parser.add_argument("--squad", type=Path, nargs="+", default=[])
    arguments = parser.parse_args()
    settings = load_settings()
    embedder = load_embedder(DEFAULT_MODEL, cache=settings.cache_dir)
    if arguments.squad:
        sets = [read_squad(path) for path in arguments.squad]
        asked = [one.text for found in sets for one in found.questions[::_EVERY]]
        with opened([text for one in sets for text in one.passages], settings) as assistant:
            _report(assistant, embedder, asked)
    elif arguments.questions:
        lines = arguments.questions.read_text(encoding="utf-8").splitlines()
        asked = [json.loads(line)["question"] for line in lines if line.strip()]
        _report(Assistant.open(arguments.index, embedder=embedder), embedder, asked)
    else:
        parser.error("name a file of questions, or sets with --squad")


def _report(assistant: Assistant, embedder: Embedder, questions: list[str]) -> None:
    for question in questions[:_WARM_UP]:
        assistant.ask(question)
    times: defaultdict[str, list[float]] = defaultdict(list)
    for question in questions:
        begin = time.perf_counter()
        embedder.encode_query(question)
        times["embedding alone (baseline)"].append((time.perf_counter() - begin) * 1000)
        for stage, spent in assistant.ask(question).timings_ms.items():
            times[stage].append(spent)
    baseline = float(np.median(times["embedding alone (baseline)"]))
    print(f"{len(questions)} questions, {assistant.manifest.passages} passages")
    print("| stage | p50 ms | p95 ms | p50 ÷ baseline |\n|---|---|---|---|")
    for stage, spent_ms in times.items():
        p50, p95 = np.percentile(spent_ms, [50, 95])
        print(f"| {stage} | {p50:.1f} | {p95:.1f} | {p50 / baseline:.2f} |")


if __name__ == "__main__":
    main()
