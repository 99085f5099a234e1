"""Text that is on a PDF's page but cannot be seen there is not read; what can be seen is."""

from pathlib import Path

import pytest

from rag.ingest.extract import Extract
from rag.ingest.pdf.loader import PdfLoader
from tests.pdf_files import annotation, form, image, text, write_pdf

SHOWN = text("The depot has 12 doors.", y=740)
SECRET = "It has 99 gates"
WHOLE_PAGE = "q 600 0 0 800 0 0 cm /X7 Do Q "
# A picture in which something is written where SECRET stands.
SCAN = image(
    ["." * 60, *["." * 60] * 5, *[".....#.##.#.#..#.##.#.#.##.#" + "." * 32] * 8, *["." * 60] * 60]
)
BLACK = image(["##", "##"])
LAYERS = (
    "/OCProperties<</OCGs[8 0 R]/D<</OFF[8 0 R]/Order[]>>>>",
    b"<</Type/OCG/Name(Draft)>>",
)
EMPTY = b"<<>>"


def read(tmp_path: Path, content: str, *added: bytes, **more: str) -> Extract:
    return PdfLoader(10).load(write_pdf(tmp_path / "a.pdf", content, *added, **more))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("1 g " + text(SECRET), id="white"),
        pytest.param("0.98 g " + text(SECRET), id="nearly white"),
        pytest.param("0 0 0 0 k " + text(SECRET), id="white as it is printed"),
        pytest.param("3 Tr " + text(SECRET), id="not painted"),
        pytest.param("7 Tr " + text(SECRET), id="only cut out"),
        pytest.param("1 Tr 1 G " + text(SECRET), id="white outlines"),
        pytest.param("/Clear gs " + text(SECRET), id="transparent"),
        pytest.param(text(SECRET, size=0.5), id="tiny"),
        pytest.param("BT 0.01 0 0 12 50 700 Tm /F 1 Tf (It has 99 gates) Tj ET", id="squeezed"),
        pytest.param(text(SECRET, x=-900), id="left of the page"),
        pytest.param(text(SECRET, x=610), id="right of the page"),
        pytest.param(text(SECRET, y=900), id="above the page"),
        pytest.param(text(SECRET) + "1 g 40 690 300 30 re f ", id="covered in white"),
        pytest.param(text(SECRET) + "0 g 40 690 300 30 re f ", id="blacked out"),
        pytest.param(text(SECRET) + "0 G 30 w 40 705 m 340 705 l S ", id="under a thick line"),
        pytest.param(text(SECRET) + "q 300 0 0 30 40 690 cm /X7 Do Q ", id="under a picture"),
        pytest.param("0 g 40 690 300 30 re f 0.02 g " + text(SECRET), id="black on black"),
        pytest.param("0 0 1 rg 40 690 300 30 re f " + text(SECRET), id="blue on blue"),
        pytest.param("1 g q 300 0 0 30 40 690 cm /X8 Do Q " + text(SECRET), id="on a white picture"),
        pytest.param("q 0 0 10 10 re W n " + text(SECRET) + "Q ", id="clipped away"),
        pytest.param("/OC /Off BDC " + text(SECRET) + "EMC ", id="in a layer that is off"),
        pytest.param("/X10 Do ", id="in a form in a layer that is off"),
        pytest.param("/X11 Do ", id="white within forms"),
        pytest.param(text(SECRET) + "q 1 0 0 1 30 600 cm /X12 Do Q ", id="covered by a form"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("turn", [0, 90])
def test_what_cannot_be_seen_is_left_out_and_told(tmp_path: Path, content: str, turn: int) -> None:
    added = (
        BLACK,
        image(["..", ".."]),
        LAYERS[1],
        form(text(SECRET), "/OC 9 0 R"),
        form("q 1 0 0 1 0 20 cm /X13 Do Q"),
        form("1 g 10 90 300 30 re f", box="0 0 400 200"),
        form("1 g " + text(SECRET, y=680)),
    )
    extract = read(
        tmp_path,
        SHOWN + f"q {content} Q",
        *added,
        page=f"/Rotate {turn}",
        resources="/ExtGState<</Clear<</ca 0>>>>/Properties<</Off 9 0 R>>",
        catalogue=LAYERS[0].replace("8 0 R", "9 0 R"),
    )
    assert extract.text == "The depot has 12 doors.\n\n"
    [told] = extract.parts
    assert (told.name, told.extract) == ("hidden text on page 1", None)
    assert f"“{SECRET}”" in told.reason
    assert f"“{SECRET}”" in told.vietnamese


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("0.83 g " + text(SECRET), id="light grey"),
        pytest.param("0 0 0.3 rg 40 690 300 30 re f 1 g " + text(SECRET), id="white on dark"),
        pytest.param("q 300 0 0 30 40 690 cm /X7 Do Q 1 g " + text(SECRET), id="on a dark picture"),
        pytest.param(WHOLE_PAGE.replace("7", "8") + text(SECRET), id="on a picture of the page"),
        pytest.param("1 Tr " + text(SECRET), id="outlines"),
        pytest.param("2 Tr 1 g 0 G 0.5 w " + text(SECRET), id="white with dark outlines"),
        pytest.param(
            f"q 7 Tr {text(SECRET)} 0 g 0 690 600 30 re f Q", id="cut out of a dark area"
        ),
        pytest.param("/Pattern cs /P scn " + text(SECRET), id="in the colours of a pattern"),
        pytest.param("/Half gs " + text(SECRET), id="half transparent"),
        pytest.param(
            text(SECRET) + "/Times gs 1 1 0 rg 40 690 300 30 re f", id="under a marker"
        ),
        pytest.param(text(SECRET) + "/Half gs 1 g 40 690 300 30 re f", id="under a pale sheet"),
        pytest.param(text(SECRET) + "1 0 0 RG 50 704 m 140 704 l S", id="struck out"),
        pytest.param(text(SECRET) + "0 g 50 697 90 1 re f", id="underlined"),
        pytest.param(text(SECRET) + "0 G 40 690 300 30 re S", id="framed"),
        pytest.param(text(SECRET) + "1 g 0 0 600 600 re f", id="beside an area"),
        pytest.param("q 40 690 300 30 re W n " + text(SECRET) + "Q", id="clipped around"),
        pytest.param("/OC /On BDC " + text(SECRET) + "EMC", id="in a layer that is on"),
        pytest.param("q 1 0 0 1 0 -50 cm /X10 Do Q", id="in a form"),
        pytest.param("1 g 0 0 600 725 re f 0 g " + text(SECRET), id="on white paper"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("turn", [0, 270])
def test_what_can_be_seen_is_read(tmp_path: Path, content: str, turn: int) -> None:
    pattern = (
        "<</Type/Pattern/PatternType 2/Shading<</ShadingType 2/ColorSpace/DeviceRGB"
        "/Coords[0 0 600 0]/Extend[true true]/Function<</FunctionType 2/Domain[0 1]"
        "/C0[1 0 0]/C1[0 0 1]/N 1>>>>>>"
    )
    extract = read(
        tmp_path,
        SHOWN + f"q {content} Q",
        BLACK,
        image(["..", ".."]),
        LAYERS[1],
        form(text(SECRET, y=750)),
        page=f"/Rotate {turn}",
        resources="/ExtGState<</Half<</ca 0.5>>/Times<</BM/Multiply>>>>"
        f"/Properties<</On 9 0 R>>/Pattern<</P {pattern}>>",
    )
    assert extract.text == f"The depot has 12 doors. {SECRET}\n\n"
    assert extract.parts == ()


@pytest.mark.parametrize(
    ("content", "picture"),
    [
        pytest.param(WHOLE_PAGE + "3 Tr " + text(SECRET), SCAN, id="over the scan"),
        pytest.param("3 Tr " + text(SECRET) + WHOLE_PAGE, SCAN, id="not painted, under it"),
        pytest.param(text(SECRET) + WHOLE_PAGE, SCAN, id="under it"),
        pytest.param(
            "q 600 0 0 400 0 400 cm /X7 Do Q q 600 0 0 400 0 0 cm /X7 Do Q 3 Tr " + text(SECRET),
            SCAN,
            id="over one of its strips",
        ),
        pytest.param("/X8 Do 3 Tr " + text(SECRET), SCAN, id="over a scan within a form"),
    ],
)
def test_what_ocr_laid_over_a_scan_is_read(tmp_path: Path, content: str, picture: bytes) -> None:
    extract = read(tmp_path, content, picture, form(WHOLE_PAGE))
    assert (extract.text, extract.parts) == (f"{SECRET}\n\n", ())


@pytest.mark.parametrize(
    "black",
    [
        pytest.param("0 g 82 690 60 30 re f", id="painted over"),
        pytest.param("", id="by an annotation"),
    ],
)
def test_what_is_blacked_out_on_a_scan_is_not_read(tmp_path: Path, black: str) -> None:
    extract = read(
        tmp_path,
        f"q 600 0 0 800 0 0 cm /X8 Do Q 3 Tr {SHOWN}{text(SECRET)}{black}",
        form("0 g 0 0 60 30 re f", box="0 0 60 30"),
        SCAN,
        page="" if black else annotation("Square", "82 690 142 720", "/IC[0 0 0]"),
    )
    assert extract.text == "The depot has 12 doors. It has\n\n"
    assert "“99 gates”" in extract.parts[0].reason


def test_an_annotation_blacks_out_what_is_printed(tmp_path: Path) -> None:
    extract = read(
        tmp_path,
        SHOWN + text(SECRET),
        form("0 g 0 0 300 30 re f", box="0 0 300 30"),
        page=annotation("Square", "40 690 340 720", "/IC[0 0 0]"),
    )
    assert extract.text == "The depot has 12 doors.\n\n"
    marked = read(
        tmp_path,
        SHOWN + text(SECRET),
        form("/T gs 1 1 0 rg 0 0 300 30 re f", box="0 0 300 30"),
        page=annotation("Highlight", "40 690 340 720", ""),
        resources="/ExtGState<</T<</BM/Multiply>>>>",
    )
    assert marked.text == f"The depot has 12 doors. {SECRET}\n\n"


def test_only_the_words_under_a_patch_are_left_out(tmp_path: Path) -> None:
    patch = "1 g 82 690 15 30 re f 0 g "
    extract = read(tmp_path, text(SECRET) + patch + text("12", x=83))
    assert extract.text == "It has 12 gates\n\n"
    assert "“99”" in extract.parts[0].reason


def test_hidden_text_beside_seen_text_in_the_same_line(tmp_path: Path) -> None:
    content = (
        "BT /F 12 Tf 50 700 Td (It has 12 gates, ) Tj 1 g (not 99, ) Tj 0 g (as we know.) Tj ET"
    )
    assert read(tmp_path, content).text == "It has 12 gates, as we know.\n\n"


def test_pages_with_hidden_text_are_told_once(tmp_path: Path) -> None:
    import pypdfium2

    path = write_pdf(tmp_path / "one.pdf", SHOWN + "1 g " + text(SECRET))
    with pypdfium2.PdfDocument(path) as single, pypdfium2.PdfDocument.new() as many:
        for _ in range(3):
            many.import_pages(single)
        many.save(tmp_path / "many.pdf")
    [told] = PdfLoader(10).load(tmp_path / "many.pdf").parts
    assert told.name == "hidden text on pages 1, 2, 3"
    assert f"“{SECRET} {SECRET} {SECRET}”" in told.reason


@pytest.mark.parametrize(
    "content",
    [
        pytest.param("1 g " + text(SECRET), id="white"),
        pytest.param(text(SECRET) + "0 g 40 690 300 30 re f", id="blacked out"),
        pytest.param("0.1 g 40 690 300 30 re f 0.12 g " + text(SECRET), id="dark on dark"),
        pytest.param("3 Tr " + text(SECRET), id="not painted"),
    ],
)
def test_of_a_page_too_large_to_render_the_colours_tell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    monkeypatch.setattr("rag.ingest.pdf.objects._MAX_OBJECTS", 1)
    seen = SHOWN + f"0.2 g 40 715 300 20 re f 1 g {text('White on dark.', y=720)}0 g "
    extract = read(tmp_path, seen + f"q {content} Q")
    assert extract.text == "The depot has 12 doors. White on dark.\n\n"
    assert f"“{SECRET}”" in extract.parts[0].reason


def test_letters_that_are_drawn_twice_are_seen(tmp_path: Path) -> None:
    marker = "/Times gs 1 1 0 rg 40 690 300 30 re f"
    extract = read(
        tmp_path,
        text(SECRET) + text(SECRET, x=50.2) + marker,
        resources="/ExtGState<</Times<</BM/Multiply>>>>",
    )
    assert (extract.text, extract.parts) == (f"{SECRET}\n\n", ())
