"""Print how long questions take, stage by stage, over an index that is there.

    python -m benchmarks.latency QUESTIONS.jsonl [--index index]

QUESTIONS has a "question" a line. The baseline is embedding the question, in the same run.
"""

import argparse
import json
import time
from collections import defaultdict
from pathlib import Path

import numpy as np

from rag.assistant import Assistant
from rag.config import load_settings
from rag.embedding import load_embedder
from rag.model.identity import DEFAULT_MODEL

_WARM_UP = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--index", type=Path, default=Path("index"))
    arguments = parser.parse_args()
    lines = arguments.questions.read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines if line.strip()]
    embedder = load_embedder(DEFAULT_MODEL, cache=load_settings().cache_dir)
    assistant = Assistant.open(arguments.index, embedder=embedder)
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
