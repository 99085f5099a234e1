"""Print how fast the page is in headless Chromium: first paint, and a question to its answer.

    python -m benchmarks.page tests/seeds_gold.jsonl [--address http://127.0.0.1:7860]

The page must be served, by `make run`, at the address. The baseline is answering alone, as the
command line does, over the same index, in the same run.
"""

import argparse
import json
import shutil
import time
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

from rag.service.assistant import Assistant

_PAGE_LOADS = 10
_MOST_QUESTIONS = 30
_FIRST_PAINT_SCRIPT = """() => new Promise((resolve) => new PerformanceObserver((list) =>
  resolve(list.getEntriesByName("first-contentful-paint")[0]?.startTime))
  .observe({ type: "paint", buffered: true }))"""


def _first_paint_ms(page: Page, address: str) -> float:
    page.goto(address)
    return float(page.evaluate(_FIRST_PAINT_SCRIPT))


def _answer_ms(page: Page, question: str) -> float:
    count = page.locator(".answer").count()
    page.locator("#question").fill(question)
    begin = time.perf_counter()
    page.keyboard.press("Enter")
    page.locator(".answer").nth(count).wait_for()
    return (time.perf_counter() - begin) * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("questions", type=Path)
    parser.add_argument("--address", default="http://127.0.0.1:7860")
    parser.add_argument("--index", type=Path, default=Path("index"))
    arguments = parser.parse_args()
    lines = arguments.questions.read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines if line.strip()][:_MOST_QUESTIONS]
    assistant = Assistant.open(arguments.index)
    for question in questions[:5]:
        assistant.ask(question)
    alone_ms = [assistant.ask(question).timings_ms["total"] for question in questions]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        paints_ms = []
        for _ in range(_PAGE_LOADS):
            context = browser.new_context()
            paints_ms.append(_first_paint_ms(context.new_page(), arguments.address))
            context.close()
        page = browser.new_context().new_page()
        page.goto(arguments.address)
        answered_ms = [_answer_ms(page, question) for question in questions]
        browser.close()
    baseline_ms = float(np.median(alone_ms))
    print("| | p50 ms | p95 ms | p50 ÷ baseline |\n|---|---|---|---|")
    for name, times_ms in (
        ("answering alone (baseline)", alone_ms),
        ("first paint, nothing cached", paints_ms),
        ("from Enter to the answer on the page", answered_ms),
    ):
        p50, p95 = np.percentile(times_ms, [50, 95])
        print(f"| {name} | {p50:.0f} | {p95:.0f} | {p50 / baseline_ms:.2f} |")


if __name__ == "__main__":
    main()
