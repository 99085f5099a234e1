"""The page in a real browser, served by the real command over a copy of the seeds."""

import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import (
    Browser,
    FilePayload,
    Page,
    Route,
    ViewportSize,
    expect,
    sync_playwright,
)

from tests.conftest import ROOT, SEEDS

pytestmark = [pytest.mark.browser, pytest.mark.model]

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"]
_DESK: ViewportSize = {"width": 1280, "height": 850}
_PHONE: ViewportSize = {"width": 360, "height": 740}
_ZOOMED: ViewportSize = {"width": 640, "height": 400}  # a desk at 200%
_HOSTILE = """\
# <script>document.title='hacked'</script> Nội quy kho bãi \u202egpj.exe

Kho Bạch Đằng mở cửa lúc 7 giờ <img src=x onerror="document.title='hacked'"> hằng ngày
[bấm](javascript:document.title='hacked') **ngay**.
"""

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(SEEDS, folder / "documents")
    (folder / "documents" / "kho.md").write_text(_HOSTILE, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def address(folder: Path) -> Iterator[str]:
    trichdan = [sys.executable, "-m", "rag.cli"]
    environment = {**os.environ, "TRICHDAN_DATA_DIR": str(folder / "data")}
    index = ["--index", str(folder / "index")]
    source = ["--source", str(folder / "documents")]
    subprocess.run([*trichdan, "index", *index, *source], cwd=ROOT, check=True, env=environment)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with subprocess.Popen(
        [*trichdan, "serve", *index, "--port", str(port), "--owner-here"],
        cwd=ROOT, stdout=subprocess.PIPE, text=True, env=environment,
    ) as server:  # fmt: skip
        assert server.stdout is not None
        line = server.stdout.readline()
        assert line == f"Trích Dẫn: http://127.0.0.1:{port}  (Ctrl+C to stop)\n"
        yield f"http://127.0.0.1:{port}"
        server.terminate()


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, address: str) -> Iterator[OpenPage]:
    contexts = []
    problems: list[str] = []

    def run(path: str = "/", *, viewport: ViewportSize = _DESK, **options: str) -> Page:
        options = {"locale": "vi-VN", **options}
        context = browser.new_context(viewport=viewport, **options)  # type: ignore[arg-type]
        contexts.append(context)
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=address)
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(address + path)
        return page

    yield run
    for context in contexts:
        context.close()
    assert problems == []


def ask(page: Page, question: str) -> None:
    count = page.locator(".answer").count()
    page.get_by_label(re.compile("^(Câu hỏi|Question)$")).fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".answer")).to_have_count(count + 1, timeout=20_000)


def status_of(request: str | urllib.request.Request) -> tuple[int, str]:
    """Return the status of an answer and its Content-Security-Policy."""
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, response.headers["content-security-policy"]
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.headers["content-security-policy"]


def confirm(page: Page, **fields: str) -> None:
    for name, text in fields.items():
        page.locator(f"dialog [name={name}]").fill(text)
    page.locator("#dialog-yes").click()


# ---- what is asked and answered -------------------------------------------------------------


def test_the_first_screen_says_what_this_is_and_its_examples_work(open_page: OpenPage) -> None:
    page = open_page()
    expect(page.get_by_role("heading", level=1)).to_contain_text("đọc đúng câu trả lời")
    expect(page.locator("#known")).to_contain_text("6 tài liệu, mới nhất ngày 29/12/2025")
    expect(page.get_by_label("Câu hỏi", exact=True)).to_be_focused()
    examples = page.locator("#examples button")
    expect(examples).to_have_count(6, timeout=30_000)
    for i, text in enumerate(examples.all_inner_texts(), start=1):
        if i > 1:
            page.get_by_role("button", name="Cuộc hỏi đáp mới").click()
        page.get_by_role("button", name=text, exact=True).first.click()
        verdict = page.locator(".answer .verdict")
        expect(verdict).to_have_class(re.compile("found|possible"), timeout=20_000)


def test_an_answer_is_a_quote_with_its_words_marked_and_its_source(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, "chu de nam 2024 cua wco la gi")
    answer = page.locator(".answer")
    expect(answer.locator(".understood")).to_contain_text("chủ đề năm 2024 của wco là gì")
    first = answer.locator("figure").first
    expect(first.locator("blockquote")).to_contain_text("lựa chọn chủ đề năm 2024")
    expect(first.locator("mark")).to_contain_text("đối tác")
    expect(first.locator("figcaption")).to_contain_text("001_07751c1e7a0a3035.txt")
    expect(page.locator("#announce")).to_contain_text("Đã có câu trả lời: WCO vừa qua")
    first.get_by_role("button", name="Sao chép kèm nguồn").click()
    expect(page.locator("#toast")).to_have_text("Đã sao chép")
    copied = page.evaluate("navigator.clipboard.readText()")
    text = (SEEDS / "001_07751c1e7a0a3035.txt").read_text(encoding="utf-8")
    assert re.match("“(.+?)” — ", copied, re.DOTALL)[1] in text  # type: ignore[index]
    assert "001_07751c1e7a0a3035.txt:" in copied


def test_what_was_understood_can_be_taken_back(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, "chu de nam 2024 cua wco la gi")
    page.get_by_role("button", name="Hỏi đúng như đã gõ").click()
    expect(page.locator(".answer")).to_have_count(2, timeout=20_000)
    expect(page.locator(".answer").last.locator(".understood")).to_have_count(0)


def test_a_follow_up_is_understood_and_said_to_be_one(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, "ASEM 13 diễn ra ở đâu?")
    ask(page, "Hội nghị đó có bao nhiêu đoàn tham dự?")
    last = page.locator(".turn").last
    expect(last.locator(".tag")).to_have_text("hỏi tiếp")
    expect(last.locator(".follows")).to_contain_text("ASEM 13")


def test_the_questions_of_a_message_are_answered_one_by_one(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_label("Câu hỏi", exact=True).fill(
        "Chào anh chị, em cảm ơn trước. Chủ đề năm 2024 của WCO là gì? ASEM 13 diễn ra ở đâu vậy ạ?"
    )
    page.keyboard.press("Enter")
    answers = page.locator(".turn .answer")
    expect(answers).to_have_count(2, timeout=20_000)
    expect(answers.first.locator("h3")).to_have_text("1. Chủ đề năm 2024 của WCO là gì?")
    expect(answers.first.locator("blockquote").first).to_contain_text("lựa chọn chủ đề năm 2024")
    expect(answers.last.locator("h3")).to_have_text("2. ASEM 13 diễn ra ở đâu vậy ạ?")
    expect(answers.last.locator("blockquote").first).to_contain_text("ASEM 13")
    expect(page.locator('.turn [data-act="helpful"]')).to_have_count(1)
    answers.last.locator("a.chip").first.click()
    expect(page.locator("#source-body")).to_contain_text("ASEM 13")


def test_a_follow_up_to_a_follow_up_keeps_its_subject(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, "ASEM 13 diễn ra ở đâu?")
    ask(page, "Hội nghị đó có bao nhiêu đoàn tham dự?")
    ask(page, "Hội nghị này đã thông qua những gì?")
    expect(page.locator(".turn").last.locator(".follows")).to_contain_text("ASEM 13")


def test_an_answer_in_the_other_language_says_so(open_page: OpenPage) -> None:
    page = open_page(locale="en-GB")
    ask(page, "What was the WCO theme for 2024?")
    expect(page.locator(".answer .note").first).to_have_text("Original in Vietnamese")


def test_a_question_without_an_answer_is_passed_on_to_the_owners(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, "Thời tiết Hà Nội ngày mai thế nào?")
    answer = page.locator(".answer")
    expect(answer.locator(".verdict")).to_have_text("Tài liệu không nói đến điều này")
    expect(answer.locator(".related h3")).to_have_text("Đoạn liên quan, không phải câu trả lời")
    page.get_by_role("button", name="Chuyển câu hỏi cho người phụ trách").click()
    confirm(page, reason="Cần cho chuyến công tác")
    expect(answer).to_contain_text("Đã chuyển cho người phụ trách tài liệu.")
    page.get_by_role("link", name="Câu hỏi gửi đến").click()
    row = page.locator("tr", has_text="Thời tiết Hà Nội")
    expect(row).to_contain_text("Cần cho chuyến công tác")
    with page.expect_download() as download:
        page.get_by_role("link", name="Tải về CSV").click()
    assert "Thời tiết Hà Nội ngày mai thế nào?" in download.value.path().read_text("utf-8")
    row.get_by_role("button", name="Đánh dấu đã xử lý").click()
    expect(page.locator("tr", has_text="Thời tiết Hà Nội")).to_have_count(0)
    page.get_by_label("Tình trạng").select_option("resolved")
    expect(page.locator("tr", has_text="Thời tiết Hà Nội")).to_be_visible()


def test_opinions_are_kept(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, "What is Operation Demeter?")
    page.get_by_role("button", name="Câu trả lời chưa đúng").click()
    confirm(page, reason="Too long")
    expect(page.get_by_role("button", name="Câu trả lời chưa đúng")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.get_by_role("link", name="Câu hỏi gửi đến").click()
    expect(page.locator("tr", has_text="What is Operation Demeter?")).to_contain_text("Too long")


def test_the_pages_labels_are_in_the_pages_language(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, "What is Operation Demeter?")
    answer = page.locator(".answer")
    expect(answer.locator(".verdict")).to_contain_text(re.compile("Found|may be the answer"))
    for label in ("Xem trong tài liệu", "Sao chép kèm nguồn"):
        expect(answer.locator(".tools").first).to_contain_text(label)
    expect(answer.locator(".tools").first).to_have_attribute("lang", "vi")
    ask(page, "Thời tiết Hà Nội ngày mai thế nào?")
    expect(page.locator(".answer").last).to_contain_text("Chuyển câu hỏi cho người phụ trách")
    english = open_page(locale="en-US")
    ask(english, "Chủ đề năm 2024 của WCO là gì?")
    expect(english.locator(".answer .tools").first).to_contain_text("See it in the document")
    expect(english.locator(".answer .verdict")).to_contain_text("trong tài liệu")


@pytest.mark.parametrize("size", [_DESK, _PHONE, _ZOOMED, {"width": 1600, "height": 1300}])
def test_the_body_is_as_high_as_the_window(open_page: OpenPage, size: ViewportSize) -> None:
    page = open_page(viewport=size)
    heights = page.evaluate("[document.body.getBoundingClientRect().height, innerHeight]")
    assert heights[0] >= heights[1]


def test_owners_sign_in_with_the_code_that_was_printed(open_page: OpenPage) -> None:
    page = open_page()

    def as_stranger(route: Route) -> None:
        told = route.fetch().json()
        route.fulfill(json={**told, "owner": False, "entrance": "code"})

    page.route("**/api/start", as_stranger)
    page.reload()
    page.get_by_role("link", name="Tài liệu", exact=True).click()
    expect(page.locator("#documents-view .owner")).to_contain_text(
        "Mã được in ra mỗi lần khởi động máy chủ"
    )
    page.get_by_label("Mã", exact=True).fill("sai rồi")
    page.get_by_role("button", name="Đăng nhập").click()
    expect(page.get_by_role("alert")).to_contain_text("Mã không đúng.")


def test_owners_choose_the_first_screens_questions(open_page: OpenPage, folder: Path) -> None:
    page = open_page("/?view=documents")
    page.get_by_text("Câu hỏi gợi ý ở trang đầu").click()
    box = page.get_by_label("Mỗi dòng một câu hỏi")
    expect(box).to_have_value(re.compile("WCO"))
    before = box.input_value()
    box.fill("WCO là gì?\nKho Bạch Đằng mở cửa lúc mấy giờ?")
    page.get_by_role("button", name="Lưu").click()
    expect(page.locator("#toast")).to_contain_text("Đã lưu")
    saved = (folder / "documents" / "examples.txt").read_text(encoding="utf-8")
    assert saved.endswith("WCO là gì?\nKho Bạch Đằng mở cửa lúc mấy giờ?\n")
    box.fill("a" * 200)
    page.get_by_role("button", name="Lưu").click()
    expect(page.locator("#dialog")).to_contain_text("Dòng 1 dài quá 150 ký tự")
    page.locator("#dialog-yes").click()
    box.fill(before)
    page.get_by_role("button", name="Lưu").click()
    expect(page.locator("#toast")).to_contain_text("Đã lưu")


def test_bad_questions_get_a_sentence_in_both_languages(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, "x" * 5_000)
    expect(page.locator(".answer")).to_contain_text("Câu hỏi dài 5.000 ký tự")
    expect(page.locator(".answer")).to_contain_text("The question has 5,000 characters")
    page.get_by_label("Câu hỏi", exact=True).fill("   ")
    page.keyboard.press("Enter")
    expect(page.locator(".turn")).to_have_count(1)


# ---- the source -----------------------------------------------------------------------------


def test_the_source_opens_at_the_quote_by_keyboard_and_closes_again(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, "Hội nghị ASEM 13 có bao nhiêu đoàn tham dự?")
    chip = page.locator(".chip").first
    chip.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#source-title")).to_be_focused()
    expect(page.locator("#quoted")).to_be_in_viewport()
    expect(page.locator("#quoted .key").first).to_have_text("53")
    quoted = page.locator("#quoted").inner_text()
    assert quoted in page.locator("figure blockquote").first.inner_text()
    page.get_by_role("button", name="Câu trích sau").click()
    expect(page.locator("#source-count")).to_contain_text("[2]")
    expect(page.locator("#quoted")).not_to_have_text(quoted)
    page.keyboard.press("Escape")
    expect(page.locator("#source")).to_be_hidden()
    expect(chip).to_be_focused()


def test_a_link_reopens_the_quote_and_tells_of_changes(open_page: OpenPage, address: str) -> None:
    page = open_page()
    ask(page, "Hội nghị ASEM 13 có bao nhiêu đoàn tham dự?")
    page.locator(".chip").first.click()
    quoted = page.locator("#quoted").inner_text()
    link = page.url.removeprefix(address)
    again = open_page(link)
    expect(again.locator("#quoted")).to_have_text(quoted)
    changed = open_page(re.sub("h=[0-9a-f]+", "h=000000000000", link))
    expect(changed.locator("#source-body")).to_contain_text("Tài liệu đã thay đổi")
    expect(changed.locator("#quoted")).to_have_count(0)
    gone = open_page("/?" + urlencode({"d": "../../etc/passwd", "s": 0, "e": 5}))
    expect(gone.locator("#source-body")).to_contain_text("Không còn tài liệu này")


def test_the_back_button_closes_the_source_and_leaves_views(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, "What is Operation Demeter?")
    page.locator(".chip").first.click()
    expect(page.locator("#quoted")).to_be_visible()
    page.go_back()
    expect(page.locator("#source")).to_be_hidden()
    expect(page.locator(".answer")).to_be_visible()
    page.get_by_role("link", name="Tài liệu", exact=True).click()
    expect(page.locator("table")).to_be_visible()
    page.go_back()
    expect(page.locator(".answer")).to_be_visible()


def test_one_close_is_enough_after_several_quotes(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, "Hội nghị ASEM 13 có bao nhiêu đoàn tham dự?")
    page.locator(".more summary").click()
    count = page.locator(".chip").count()
    assert count > 1
    for i in range(count):
        page.locator(".chip").nth(i).click()
        expect(page.locator("#source-count")).to_contain_text(f"[{i + 1}]")
    page.get_by_role("button", name="Đóng").click()
    expect(page.locator("#source")).to_be_hidden()
    expect(page.locator(".answer")).to_be_visible()
    page.wait_for_timeout(300)
    expect(page.locator("#source")).to_be_hidden()


def test_on_a_phone_the_source_is_a_sheet(open_page: OpenPage) -> None:
    page = open_page(viewport=_PHONE)
    ask(page, "What is Operation Demeter?")
    page.locator(".chip").first.click()
    expect(page.locator("#quoted")).to_be_in_viewport()
    box = page.locator("#source").bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 360)
    assert 0 < box["y"] < 200


# ---- languages, conversations, people in a hurry --------------------------------------------


def test_the_language_is_the_browser_s_until_another_is_chosen(open_page: OpenPage) -> None:
    page = open_page(locale="en-US")
    expect(page.get_by_role("button", name="Ask", exact=True)).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("button", name="Tiếng Việt").click()
    expect(page.get_by_role("button", name="Hỏi", exact=True)).to_be_visible()
    page.reload()
    expect(page.get_by_role("button", name="Hỏi", exact=True)).to_be_visible()
    assert page.locator("html").get_attribute("lang") == "vi"
    other = open_page(locale="fr-FR")
    assert other.locator("html").get_attribute("lang") == "vi"


def test_conversations_are_kept_renamed_exported_and_cleared(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, "What is Operation Demeter?")
    page.get_by_role("button", name="Cuộc hỏi đáp mới").click()
    ask(page, "Chủ đề năm 2024 của WCO là gì?")
    page.reload()
    expect(page.locator(".asked")).to_contain_text("Chủ đề năm 2024")
    expect(page.locator(".answer blockquote").first).to_contain_text("chủ đề năm 2024")
    page.get_by_role("button", name="Đổi tên: Chủ đề năm 2024").click()
    confirm(page, name="WCO <b>2024</b>")
    expect(page.locator("#conversations")).to_contain_text("WCO <b>2024</b>")
    with page.expect_download() as download:
        page.get_by_role("button", name="Xuất Markdown").click()
    markdown = download.value.path().read_text("utf-8")
    assert "## Chủ đề năm 2024 của WCO là gì?" in markdown
    assert "> \\[1\\] “WCO vừa qua" in markdown
    with page.expect_download() as download:
        page.get_by_role("button", name="Xuất bản in").click()
    assert "<blockquote" in download.value.path().read_text("utf-8")
    page.locator("#conversations button", has_text="What is Operation Demeter?").first.click()
    expect(page.locator(".asked")).to_contain_text("Demeter")
    page.get_by_role("button", name="Xóa tất cả").click()
    confirm(page)
    expect(page.locator("#conversations li")).to_have_count(0)
    expect(page.locator("#welcome")).to_be_visible()


def test_a_double_click_asks_once(open_page: OpenPage) -> None:
    page = open_page()
    page.get_by_label("Câu hỏi", exact=True).fill("What is Operation Demeter?")
    page.get_by_role("button", name="Hỏi", exact=True).dblclick()
    expect(page.locator(".answer")).to_have_count(1, timeout=20_000)
    expect(page.locator(".turn")).to_have_count(1)


def test_a_lost_connection_keeps_the_question(open_page: OpenPage) -> None:
    page = open_page()
    page.context.set_offline(True)
    page.get_by_label("Câu hỏi", exact=True).fill("What is Operation Demeter?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("Mất kết nối", timeout=20_000)
    page.context.set_offline(False)
    page.get_by_role("button", name="Thử lại").click()
    expect(page.locator(".answer blockquote").first).to_be_visible(timeout=20_000)
    expect(page.locator(".turn")).to_have_count(1)


def test_a_reload_in_mid_answer_brings_the_answer(open_page: OpenPage) -> None:
    page = open_page()
    page.route("**/api/ask", lambda route: None)  # the answer never comes
    page.get_by_label("Câu hỏi", exact=True).fill("What is Operation Demeter?")
    page.keyboard.press("Enter")
    expect(page.locator(".waiting")).to_be_visible()
    page.unroute_all(behavior="ignoreErrors")
    page.reload()
    expect(page.locator(".answer blockquote").first).to_be_visible(timeout=20_000)
    expect(page.locator(".turn")).to_have_count(1)


def test_an_answer_is_not_lost_by_looking_elsewhere(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, "Chủ đề năm 2024 của WCO là gì?")
    page.get_by_role("button", name="Cuộc hỏi đáp mới").click()
    page.get_by_label("Câu hỏi", exact=True).fill("What is Operation Demeter?")
    page.keyboard.press("Enter")
    page.locator("#conversations button", has_text="Chủ đề năm 2024").first.click()
    page.locator("#conversations button", has_text="Operation Demeter").first.click()
    expect(page.locator(".answer blockquote").first).to_be_visible(timeout=20_000)
    ask(page, "ASEM 13?")
    page.reload()
    expect(page.locator(".answer")).to_have_count(2)


def test_two_tabs_of_one_conversation_keep_both_questions(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, "Chủ đề năm 2024 của WCO là gì?")
    other = page.context.new_page()
    other.goto(page.url)
    other.locator("#conversations button", has_text="Chủ đề").first.click()
    ask(page, "What is Operation Demeter?")
    expect(other.locator(".turn")).to_have_count(2)
    ask(other, "ASEM 13?")
    other.reload()
    expect(other.locator(".answer")).to_have_count(3)


def test_many_tabs_keep_their_own_conversations(open_page: OpenPage) -> None:
    first = open_page()
    tabs = [first, *(first.context.new_page() for _ in range(5))]
    for tab in tabs[1:]:
        tab.goto(first.url)
    for i, tab in enumerate(tabs):
        tab.get_by_label("Câu hỏi", exact=True).fill(f"ASEM 13 có gì {i}?")
        tab.keyboard.press("Enter")
    for i, tab in enumerate(tabs):
        expect(tab.locator(".answer")).to_have_count(1, timeout=60_000)
        expect(tab.locator(".asked")).to_contain_text(f"có gì {i}?")
    expect(first.locator("#conversations li")).to_have_count(6)


@pytest.mark.parametrize("size", [_DESK, _PHONE, _ZOOMED], ids=["desk", "phone", "zoomed"])
def test_each_new_answer_is_brought_into_view(open_page: OpenPage, size: ViewportSize) -> None:
    page = open_page(viewport=size)
    for question in ("What is Operation Demeter?", "Chủ đề năm 2024 của WCO là gì?", "ASEM 13?"):
        ask(page, question)
        expect(page.locator(".asked").last).to_be_in_viewport()
        expect(page.locator(".verdict").last).to_be_in_viewport()
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= size["width"]


# ---- documents ------------------------------------------------------------------------------


def test_documents_are_added_indexed_and_removed_on_the_page(open_page: OpenPage) -> None:
    page = open_page("/?view=documents")
    other = open_page()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="chọn tệp").click()
    lunch = b"The canteen serves lunch from 11:45 on weekdays."
    payloads: list[FilePayload] = [
        {"name": "canteen.txt", "mimeType": "text/plain", "buffer": lunch},
        {"name": "bad.txt", "mimeType": "text/plain", "buffer": b"a\0b"},
    ]
    chooser.value.set_files(payloads)
    expect(page.locator("#dialog-text")).to_contain_text("Tệp nhị phân")
    confirm(page)
    row = page.locator("tr", has_text="canteen.txt")
    expect(row).to_contain_text("chờ cập nhật")
    page.get_by_role("button", name="Cập nhật chỉ mục").click()
    ask(other, "What is Operation Demeter?")
    expect(row).to_contain_text("đã vào chỉ mục", timeout=60_000)
    ask(other, "When does the canteen serve lunch?")
    expect(other.locator(".answer blockquote").nth(-1)).to_be_attached()
    expect(other.locator(".turn").last).to_contain_text("canteen.txt")
    row.get_by_role("button", name="Gỡ bỏ").click()
    confirm(page)
    expect(row).to_contain_text("đã gỡ, chờ cập nhật")
    page.get_by_role("button", name="Cập nhật chỉ mục").click()
    expect(row).to_have_count(0, timeout=60_000)


# ---- safety and access for all --------------------------------------------------------------


def test_hostile_text_is_shown_as_text(open_page: OpenPage) -> None:
    page = open_page()
    ask(page, "<img src=x onerror=\"document.title='hacked'\"> Kho Bạch Đằng mở cửa lúc mấy giờ?")
    expect(page.locator(".asked")).to_contain_text("<img src=x onerror=")
    expect(page.locator(".answer blockquote").first).to_contain_text("<img src=x onerror=")
    page.locator(".chip").first.click()
    expect(page.locator("#source-body")).to_contain_text("<script>document.title='hacked'</script>")
    expect(page.locator("#source-body")).to_contain_text("[bấm](javascript:")
    assert page.title() == "Trích Dẫn – hỏi tài liệu"
    assert page.locator("main img, aside img, main script").count() == 0
    assert "\u202e" not in page.content()


def test_the_page_asks_nothing_of_other_machines(open_page: OpenPage, address: str) -> None:
    requests: list[str] = []
    page = open_page()
    page.context.on("request", lambda request: requests.append(request.url))
    page.reload()
    ask(page, "What is Operation Demeter?")
    page.locator(".chip").first.click()
    page.get_by_role("link", name="Tài liệu", exact=True).click()
    expect(page.locator("table")).to_be_visible()
    outside = [url for url in requests if not url.startswith((address, "data:", "blob:"))]
    assert len(requests) > 5
    assert outside == []


@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/passwd", "/gradio_api/file/seeds/catalogue.toml", "/file=/etc/passwd",
        "/gradio_api/upload", "/gradio_api/info", "/config", "/docs", "/openapi.json", "/monitoring",
        "/static/../app.py", "/static/%2e%2e/app.py", "/gradio_api/proxy=http://example.com",
    ],
)  # fmt: skip
def test_nothing_else_is_served(address: str, path: str) -> None:
    status, policy = status_of(address + path)
    assert status == 404
    assert "default-src 'none'" in policy


def test_changes_come_from_the_page_itself_only(address: str) -> None:
    request = urllib.request.Request(f"{address}/api/indexing", data=b"{}", method="POST")
    assert status_of(request)[0] == 403
    for path, headers in (
        ("/", {"Origin": "http://evil.example"}),
        ("/api/start", {"Origin": "null"}),
        ("/", {"Host": "evil.example"}),
        ("/api/source?d=kho.md&language=vi", {"Host": "evil.example:7860"}),
    ):
        assert status_of(urllib.request.Request(address + path, headers=headers))[0] == 403
    preflight = urllib.request.Request(
        f"{address}/api/opinions", method="OPTIONS",
        headers={"Origin": "http://a.b", "Access-Control-Request-Method": "POST", "Host": "10.0.0.5"},
    )  # fmt: skip
    assert status_of(preflight)[0] == 403
    large = urllib.request.Request(
        f"{address}/api/opinions", data=b"[" * 3_000_000, method="POST",
        headers={"X-Trichdan": "1", "Content-Type": "application/json"},
    )  # fmt: skip
    assert status_of(large)[0] in (400, 413)
    rebound = urllib.request.Request(f"{address}/api/documents", headers={"Host": "evil.example"})
    assert status_of(rebound)[0] == 403
    assert status_of(f"{address}/api/documents")[0] == 200


@pytest.mark.parametrize("size", [_DESK, _PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_serious_barriers_on_any_view(
    open_page: OpenPage, size: ViewportSize, scheme: str
) -> None:
    page = open_page(viewport=size, color_scheme=scheme, locale="en-US")
    views: list[tuple[str, str, list[str]]] = []

    def check(name: str) -> None:
        violations = Axe().run(page).response["violations"]
        views.extend(
            (name, violation["id"], [node["target"] for node in violation["nodes"]])
            for violation in violations
            if violation["impact"] in ("serious", "critical")
        )

    expect(page.locator("#examples button").first).to_be_visible(timeout=30_000)
    check("welcome")
    ask(page, "chu de nam 2024 cua wco la gi")
    page.locator(".more summary").first.click()
    ask(page, "Who won the football match on Sunday in Brazil?")
    check("answers")
    page.locator(".chip").first.click()
    expect(page.locator("#quoted, #source-body p").first).to_be_visible()
    check("source")
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Pass the question on").click()
    check("dialog")
    page.locator("#dialog-no").click()
    for name in ("Documents", "Questions received"):
        page.get_by_role("link", name=name, exact=True).click()
        expect(page.locator("section:not([hidden]) .owner > *").first).to_be_visible()
        check(name)
    if size is _PHONE:
        page.get_by_role("button", name="Conversations").click()
        check("conversations")
    assert views == []


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
