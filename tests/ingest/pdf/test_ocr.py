from collections.abc import Iterator

import pytesseract
import pytest
from PIL import Image

from rag.ingest.pdf import ocr
from rag.ingest.pdf.paragraphs import Page
from rag.ingest.pdf.writer import extract_of

# Tesseract's table of words for two paragraphs; the stain between them is hardly sure.
WORDS = [
    # block, paragraph, line, left, top, width, confidence, text
    (1, 1, 1, 100, 100, 200, 96.0, "Luật"),
    (1, 1, 1, 320, 100, 680, 95.0, "này quy định"),
    (1, 1, 2, 100, 150, 400, 93.0, "về cư trú."),
    (1, 1, 2, 700, 150, 20, 5.0, "~"),
    (1, 2, 1, 100, 230, 900, 91.0, "Điều 2. Giải thích từ ngữ"),
    (1, 2, 1, 100, 230, 900, -1.0, " "),
]


def table() -> dict[str, list[float | str]]:
    names = ("block_num", "par_num", "line_num", "left", "top", "width", "conf", "text")
    columns: dict[str, list[float | str]] = {
        name: [word[index] for word in WORDS] for index, name in enumerate(names)
    }
    columns["height"] = [40 for _ in WORDS]
    return columns


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    ocr.available.cache_clear()
    yield
    ocr.available.cache_clear()


def test_words_become_lines_in_points() -> None:
    lines = ocr.lines_of(table(), height=1000, scale=0.24)
    assert [line.text for line in lines] == [
        "Luật này quy định",
        "về cư trú.",
        "Điều 2. Giải thích từ ngữ",
    ]
    assert [round(line.y, 1) for line in lines] == [206.4, 194.4, 175.2]
    assert (lines[0].x0, lines[0].x1, lines[0].first) == (24.0, 240.0, 48.0)
    assert {(line.left, line.right, line.region) for line in lines} == {(24.0, 240.0, 1)}


def test_lines_become_paragraphs() -> None:
    lines = ocr.lines_of(table(), height=1000, scale=0.24)
    extract = extract_of([Page(lines=lines, scanned=True)])
    assert extract.text == "Luật này quy định về cư trú.\n\nĐiều 2. Giải thích từ ngữ\n\n"
    assert extract.blocks == ()


def test_without_tesseract_there_is_no_ocr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    assert ocr.available() is False


def test_without_vietnamese_there_is_no_ocr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: "/usr/bin/tesseract")
    monkeypatch.setattr(pytesseract, "get_languages", lambda: ["eng", "osd"])
    assert ocr.available() is False


def test_a_page_on_which_tesseract_fails_has_no_lines(monkeypatch: pytest.MonkeyPatch) -> None:

    def timeout(*_args: object, **_options: object) -> None:
        raise RuntimeError("Tesseract process timeout")

    monkeypatch.setattr(pytesseract, "image_to_data", timeout)
    assert ocr.read_page(Image.new("L", (100, 100), 255)) == []
