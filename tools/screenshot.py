"""Write the pictures in docs/: the page in headless Chromium, as staff see it.

    python -m tools.screenshot [ADDRESS]

The page must be served, by `trichdan serve --owner-here`, at the address.
"""

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

_DOCS = Path(__file__).parent.parent / "docs"
_DESKTOP: ViewportSize = {"width": 1280, "height": 800}
_PHONE: ViewportSize = {"width": 390, "height": 800}


def _ask(page: Page, question: str) -> None:
    count = page.locator(".answer").count()
    page.locator("#question").fill(question)
    page.keyboard.press("Enter")
    page.locator(".answer").nth(count).wait_for()


def _show_answer(page: Page) -> None:
    _ask(page, "What was the WCO theme for 2024?")
    page.locator(".chip").first.click()
    page.locator("#quoted").wait_for()
    page.locator("#question").focus()


def _show_bare_answer(page: Page) -> None:
    _ask(page, "chu de nam 2024 cua wco la gi")


def _show_welcome(page: Page) -> None:
    page.locator("#examples button").first.wait_for()


def _show_not_found(page: Page) -> None:
    _ask(page, "Who won the football match on Sunday?")


def _show_documents(page: Page) -> None:
    page.locator("[data-view=documents]").click()
    page.locator("table").wait_for()


def _take_screenshot(
    browser: Browser,
    address: str,
    name: str,
    prepare: Callable[[Page], None],
    *,
    size: ViewportSize = _DESKTOP,
    locale: str = "en-GB",
    scheme: Literal["light", "dark"] = "light",
) -> None:
    context = browser.new_context(
        viewport=size, locale=locale, color_scheme=scheme, reduced_motion="reduce"
    )
    page = context.new_page()
    page.goto(address)
    prepare(page)
    page.wait_for_timeout(600)
    page.screenshot(path=_DOCS / name)
    context.close()
    print(_DOCS / name)


def main() -> None:
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:7860"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        _take_screenshot(browser, address, "page.png", _show_answer)
        _take_screenshot(browser, address, "page-welcome.png", _show_welcome, locale="vi-VN")
        _take_screenshot(browser, address, "page-not-found.png", _show_not_found, scheme="dark")
        _take_screenshot(browser, address, "page-documents.png", _show_documents)
        _take_screenshot(
            browser,
            address,
            "page-phone.png",
            _show_bare_answer,
            size=_PHONE,
            locale="vi-VN",
            scheme="dark",
        )
        browser.close()


if __name__ == "__main__":
    main()
