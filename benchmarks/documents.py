"""How well text comes back out of PDFs and out of old encodings.

    python benchmarks/documents.py seeds/*.txt

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
_SHORTEST = 40  # characters of a line that is decoded alone


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("texts", nargs="+", type=Path)
    texts = [path.read_text("utf-8") for path in parser.parse_args().texts]
    print("| read back from | right | of | share |\n|---|---|---|---|")
    for layout, style in _LAYOUTS.items():
        _tell(f"PDF, {layout}", *_paragraphs_read(texts, style))
    for encoding in ("windows-1258", "utf-16-le", "utf-16-be"):
        _tell(encoding, *_lines_decoded(texts, encoding))


def _tell(what: str, right: int, of: int) -> None:
    print(f"| {what} | {right} | {of} | {right / of:.3f} |", flush=True)


def _paragraphs(text: str) -> list[str]:
    found = [" ".join(line.split()) for line in unicodedata.normalize("NFC", text).splitlines()]
    return [line for line in found if len(line.split()) > 1 and line.strip("-=_* ")]


def _paragraphs_read(texts: list[str], style: str) -> tuple[int, int]:
    right = of = 0
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright, tempfile.TemporaryDirectory() as place:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        for text in texts:
            wanted = _paragraphs(text)
            body = "".join(f"<p>{escape(one)}</p>" for one in wanted)
            page.set_content(f'<!DOCTYPE html><html lang="vi"><div style="{style}">{body}</div>')
            page.pdf(
                path=f"{place}/a.pdf",
                format="A4",
                margin={"top": "2cm", "bottom": "2cm", "left": "2cm", "right": "2cm"},
                display_header_footer=True,
                header_template='<p style="font-size:9px;margin:auto">Văn bản thử</p>',
                footer_template='<p style="font-size:9px;margin:auto" class="pageNumber"></p>',
            )
            there = set(_paragraphs(PdfLoader(2_000).load(Path(place, "a.pdf")).text))
            right += sum(one in there for one in wanted)
            of += len(wanted)
        browser.close()
    return right, of


def _lines_decoded(texts: list[str], encoding: str) -> tuple[int, int]:
    right = of = 0
    for line in (line for text in texts for line in _paragraphs(text)):
        if line.isascii() or len(line) < _SHORTEST:
            continue
        try:
            data = _written(line, encoding)
        except UnicodeEncodeError:
            continue  # the encoding has no such letter
        of += 1
        with contextlib.suppress(DocumentError):
            right += unicodedata.normalize("NFC", decode(data).text) == line
    return right, of


def _written(line: str, encoding: str) -> bytes:
    """Return a line in an encoding; that of Windows writes tone marks after their letters."""
    if encoding != "windows-1258":
        return line.encode(encoding)
    written = []
    for letter in line:
        try:
            written.append(letter.encode("cp1258"))
        except UnicodeEncodeError:
            marks = unicodedata.normalize("NFD", letter)
            tone = next((one for one in marks if one in "\u0300\u0301\u0303\u0309\u0323"), "")
            base = unicodedata.normalize("NFC", marks.replace(tone, "")) if tone else letter
            written.append(base.encode("cp1258") + tone.encode("cp1258"))
    return b"".join(written)


if __name__ == "__main__":
    main()
