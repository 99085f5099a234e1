"""How well text comes back out of PDFs and out of old encodings.

    python -m benchmarks.documents seeds/*.txt

Each text is printed to PDF by Chromium, in one column and in two, justified, with headers and page
numbers; printed are the shares of its paragraphs that are read back exactly, white space aside.
Each line with Vietnamese letters is written in an old encoding and decoded alone.
"""

import argparse
import contextlib
import shutil
import tempfile
import unicodedata
from html import escape
from pathlib import Path

from playwright.sync_api import sync_playwright

from rag.errors import DocumentError
from rag.ingest.pdf.loader import PdfLoader
from rag.ingest.text.encodings import decode

_LAYOUTS = {
    "one column": "",
    "one column, justified": "text-align: justify",
    "two columns, justified": "text-align: justify; columns: 2",
}
_SHORTEST_LINE = 40  # characters of a line that is decoded alone


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", nargs="+", type=Path)
    texts = [path.read_text("utf-8") for path in parser.parse_args().texts]
    print("| read back from | right | of | share |\n|---|---|---|---|")
    for layout, style in _LAYOUTS.items():
        _print_row(f"PDF, {layout}", *_paragraphs_read_back(texts, style))
    for encoding in ("windows-1258", "utf-16-le", "utf-16-be"):
        _print_row(encoding, *_lines_decoded(texts, encoding))


def _print_row(name: str, right: int, total: int) -> None:
    print(f"| {name} | {right} | {total} | {right / total:.3f} |", flush=True)


def _paragraphs(text: str) -> list[str]:
    lines = [" ".join(line.split()) for line in unicodedata.normalize("NFC", text).splitlines()]
    return [line for line in lines if len(line.split()) > 1 and line.strip("-=_* ")]


def _paragraphs_read_back(texts: list[str], style: str) -> tuple[int, int]:
    right = total = 0
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as folder:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        for text in texts:
            expected = _paragraphs(text)
            body = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in expected)
            page.set_content(f'<!DOCTYPE html><html lang="vi"><div style="{style}">{body}</div>')
            page.pdf(
                path=f"{folder}/a.pdf",
                format="A4",
                margin={"top": "2cm", "bottom": "2cm", "left": "2cm", "right": "2cm"},
                display_header_footer=True,
                header_template='<p style="font-size:9px;margin:auto">Văn bản thử</p>',
                footer_template='<p style="font-size:9px;margin:auto" class="pageNumber"></p>',
            )
            read_back = set(_paragraphs(PdfLoader(2_000).load(Path(folder, "a.pdf")).text))
            right += sum(paragraph in read_back for paragraph in expected)
            total += len(expected)
        browser.close()
    return right, total


def _lines_decoded(texts: list[str], encoding: str) -> tuple[int, int]:
    right = total = 0
    for line in (line for text in texts for line in _paragraphs(text)):
        if line.isascii() or len(line) < _SHORTEST_LINE:
            continue
        try:
            data = _encode(line, encoding)
        except UnicodeEncodeError:
            continue  # the encoding has no such letter
        total += 1
        with contextlib.suppress(DocumentError):
            right += unicodedata.normalize("NFC", decode(data).text) == line
    return right, total


def _encode(line: str, encoding: str) -> bytes:
    """Return a line in an encoding; that of Windows writes tone marks after their letters."""
    if encoding != "windows-1258":
        return line.encode(encoding)
    encoded = []
    for letter in line:
        try:
            encoded.append(letter.encode("cp1258"))
        except UnicodeEncodeError:
            decomposed = unicodedata.normalize("NFD", letter)
            tone = next(
                (mark for mark in decomposed if mark in "\u0300\u0301\u0303\u0309\u0323"), ""
            )
            base = unicodedata.normalize("NFC", decomposed.replace(tone, "")) if tone else letter
            encoded.append(base.encode("cp1258") + tone.encode("cp1258"))
    return b"".join(encoded)


if __name__ == "__main__":
    main()
