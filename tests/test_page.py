"""The page in a real browser, served by the real command over the seeds."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.conftest import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.model]

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]


@pytest.fixture(scope="module")
def address(seeds_index: Path) -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "rag.cli",
        "serve",
        "--index",
        str(seeds_index),
        "--port",
        str(port),
    ]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        line = server.stdout.readline()
        assert line == f"Trích Dẫn: http://127.0.0.1:{port}  (Ctrl+C to stop)\n"
        yield f"http://127.0.0.1:{port}"
        server.terminate()


@pytest.fixture(scope="module")
def opened(chromium: str, address: str) -> Iterator[tuple[Page, list[str]]]:
    requests: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        page = browser.new_page(viewport={"width": 1100, "height": 900})
        page.on("request", lambda request: requests.append(request.url))
        page.goto(address)
        yield page, requests
        browser.close()


@pytest.fixture
def page(opened: tuple[Page, list[str]], address: str) -> Page:
    opened[0].goto(address)
    return opened[0]


def ask(page: Page, question: str) -> None:
    count = page.locator(".td-answer").count()
    page.locator("#td-question textarea").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".td-answer")).to_have_count(count + 1, timeout=20_000)


def test_the_example_is_answered_with_a_quote_and_its_citation(page: Page) -> None:
    page.get_by_role("button", name="What did ASEM 13 adopt?").click()
    expect(page.locator("#td-question textarea")).to_have_value("What did ASEM 13 adopt?")
    page.locator("#td-ask").click()
    answer = page.locator(".td-answer")
    expect(answer).to_contain_text("Tuyên bố Hạ Long thể hiện cam kết", timeout=20_000)
    expect(answer).to_contain_text("Original in Vietnamese")
    text = page.locator("blockquote", has_text="Tuyên bố Hạ Long thể hiện")
    quote = answer.locator("figure").filter(has=text)
    expect(quote.locator("figcaption")).to_contain_text("“Ngày 9/10, trong khuôn khổ Diễn đàn")
    expect(quote.locator("figcaption")).to_contain_text("004_dbfe7245748223c2.txt")
    passage = quote.locator(".td-passage")
    expect(passage).to_be_hidden()
    quote.get_by_text("Show the passage around the quote").click()
    expect(passage).to_be_visible()
    expect(passage.locator("mark")).to_contain_text("Tuyên bố Hạ Long")


def test_it_answers_in_the_language_of_the_question(page: Page) -> None:
    ask(page, "chu de nam 2024 cua wco la gi")
    answer = page.locator(".td-answer").last
    expect(answer).to_contain_text("Hiểu là:")
    expect(answer).to_contain_text("chủ đề năm 2024 của wco là gì")
    expect(answer.locator("blockquote").first).to_contain_text("lựa chọn chủ đề năm 2024")
    expect(answer).to_contain_text("Xem đoạn văn chứa câu trích")


def test_a_follow_up_is_understood_from_the_question_before(page: Page) -> None:
    ask(page, "ASEM 13 diễn ra ở đâu?")
    ask(page, "Hội nghị đó đã thông qua những gì?")
    answer = page.locator(".td-answer").last
    expect(answer.locator(".td-understood")).to_contain_text(
        "ASEM 13: Hội nghị đó đã thông qua những gì?"
    )
    expect(answer.locator("blockquote mark").first).to_be_visible()


def test_not_found_is_said_and_what_is_related_is_folded(page: Page) -> None:
    ask(page, "Thời tiết Hà Nội ngày mai thế nào?")
    answer = page.locator(".td-answer").last
    expect(answer).to_contain_text("Không tìm thấy câu trả lời trong tài liệu.")
    expect(answer.locator("blockquote").first).to_be_hidden()
    answer.get_by_text("Những đoạn gần nhất, không phải câu trả lời").click()
    expect(answer.locator("blockquote").first).to_be_visible()


@pytest.mark.parametrize("size", [(1100, 900), (360, 800)])
def test_each_new_answer_is_brought_into_view(page: Page, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for question in ("What is Operation Demeter?", "Chủ đề năm 2024 của WCO là gì?", "ASEM 13?"):
        ask(page, question)
        expect(page.locator(".td-asked").last).to_be_in_viewport()
        expect(page.locator(".td-answer").last.locator(".td-lead")).to_be_in_viewport()
    page.set_viewport_size({"width": 1100, "height": 900})


def test_bad_questions_get_a_sentence_in_both_languages(page: Page) -> None:
    ask(page, "x" * 5_000)
    answer = page.locator(".td-answer").last
    expect(answer).to_contain_text("Câu hỏi dài 5,000 ký tự")
    expect(answer).to_contain_text("The question has 5,000 characters")
    ask(page, "   ")
    expect(page.locator(".td-answer").last).to_contain_text("Chưa có câu hỏi.")


def test_a_question_is_shown_as_it_was_typed(page: Page) -> None:
    ask(page, "<img src=x onerror=document.title='hacked'> **ASEM** 13?")
    expect(page.locator(".td-asked").last).to_have_text(
        "<img src=x onerror=document.title='hacked'> **ASEM** 13?"
    )
    assert page.title() == "Trích Dẫn"


def test_the_page_asks_nothing_of_other_machines(
    page: Page, opened: tuple[Page, list[str]], address: str
) -> None:
    ask(page, "What is Operation Demeter?")
    outside = [url for url in opened[1] if not url.startswith((address, "data:", "blob:"))]
    assert opened[1]
    assert outside == []


def test_a_port_in_use_is_told_at_once(seeds_index: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "rag.cli", "serve", "--index", seeds_index, "--port", port],
            cwd=ROOT, capture_output=True, text=True, check=False, env=os.environ,
        )  # fmt: skip
    assert done.returncode == 1
    assert f"cannot be served on 127.0.0.1:{port}: Address already in use" in done.stderr
