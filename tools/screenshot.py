"""Write docs/page.png: the page, answering, in headless Chromium.

    python -m tools.screenshot [ADDRESS]

The page must be served, by `make run`, at the address.
"""

import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

_TARGET = Path(__file__).parent.parent / "docs" / "page.png"
_QUESTION = "What was the WCO theme for 2024?"


def main() -> None:
    address = sys.argv[1] if len(sys.argv) > 1 else "http://127.0.0.1:7860"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        page = browser.new_page(viewport={"width": 1000, "height": 900})
        page.goto(address)
        page.locator("#td-question textarea").fill(_QUESTION)
        page.keyboard.press("Enter")
        page.locator(".td-answer").wait_for()
        page.wait_for_timeout(800)
        page.screenshot(path=_TARGET)
        browser.close()
    print(_TARGET)


if __name__ == "__main__":
    main()
