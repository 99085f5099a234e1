"""Read pictures of pages with Tesseract, where it is installed with Vietnamese."""

import functools
import logging
import os
import shutil
from itertools import pairwise
from typing import TYPE_CHECKING

from rag.ingest.extract import clean
from rag.ingest.pdf.layout import Line

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["DPI", "available", "read_page"]

DPI = 300  # what Tesseract is trained for
_LANGUAGES = "vie+eng"
_TIMEOUT_SECONDS = 120  # for a page
_MIN_CONFIDENCE = 20.0  # of 100; below are stains and signatures, not words
_POINTS_PER_INCH = 72

_logger = logging.getLogger(__name__)


@functools.cache
def available() -> bool:
    """Tell whether scans can be read: pytesseract, Tesseract and its Vietnamese are there."""
    if shutil.which("tesseract") is None:
        return False
    try:
        import pytesseract
    except ImportError:
        return False
    try:
        return "vie" in pytesseract.get_languages()
    except (pytesseract.TesseractError, OSError):
        return False


def read_page(image: "Image", dpi: float = DPI) -> list[Line]:
    """Return the lines of a page in reading order, in points, y from the bottom.

    A page that takes too long or on which Tesseract fails has none.

    Args:
        image: The page, upright.
        dpi: At which it was rendered.
    """
    import pytesseract

    # One thread: several slow each other down, and the limit on memory counts them all.
    previous_limit = os.environ.get("OMP_THREAD_LIMIT")
    os.environ["OMP_THREAD_LIMIT"] = "1"
    try:
        data = pytesseract.image_to_data(
            image,
            lang=_LANGUAGES,
            config=f"--dpi {dpi:.0f}",
            timeout=_TIMEOUT_SECONDS,
            output_type=pytesseract.Output.DICT,
        )
    except (pytesseract.TesseractError, RuntimeError) as error:
        _logger.warning("a page cannot be read by OCR: %s", error)
        return []
    finally:
        if previous_limit is None:
            del os.environ["OMP_THREAD_LIMIT"]
        else:
            os.environ["OMP_THREAD_LIMIT"] = previous_limit
    return lines_of(data, image.height, _POINTS_PER_INCH / dpi)


def lines_of(data: dict[str, list[float | str]], height: int, scale: float) -> list[Line]:
    """Return lines from Tesseract's table of words.

    Args:
        data: Its columns: block_num, par_num, line_num, left, top, width, height, conf, text.
        height: Of the picture, in pixels.
        scale: Points in a pixel.
    """
    groups: dict[tuple[int, int, int], list[int]] = {}
    for index, text in enumerate(data["text"]):
        if str(text).strip() and float(data["conf"][index]) >= _MIN_CONFIDENCE:
            key = (
                int(data["block_num"][index]),
                int(data["par_num"][index]),
                int(data["line_num"][index]),
            )
            groups.setdefault(key, []).append(index)
    blocks: dict[int, list[tuple[float, float]]] = {}
    spans: dict[tuple[int, int, int], tuple[float, float, float]] = {}
    for key, indices in groups.items():
        left = min(float(data["left"][index]) for index in indices)
        right = max(float(data["left"][index]) + float(data["width"][index]) for index in indices)
        bottoms = sorted(
            float(data["top"][index]) + float(data["height"][index]) for index in indices
        )
        spans[key] = (left, right, bottoms[len(bottoms) // 2])
        blocks.setdefault(key[0], []).append((left, right))
    size = 0.75 * _pitch(spans) * scale
    return [
        Line(
            text=clean(" ".join(str(data["text"][index]) for index in indices)),
            x0=spans[key][0] * scale,
            x1=spans[key][1] * scale,
            y=(height - spans[key][2]) * scale,
            # The height of a line's box depends on its letters: it tells no headings.
            size=size,
            first=float(data["width"][indices[0]]) * scale,
            second=float(data["left"][indices[min(1, len(indices) - 1)]]) * scale,
            region=key[0],
            left=min(left for left, _ in blocks[key[0]]) * scale,
            right=max(right for _, right in blocks[key[0]]) * scale,
        )
        for key, indices in groups.items()
    ]


def _pitch(spans: dict[tuple[int, int, int], tuple[float, float, float]]) -> float:
    """Return the usual step from line to line in paragraphs, in pixels."""
    items = list(spans.items())
    steps = sorted(
        lower[2] - upper[2]
        for (key, upper), (next_key, lower) in pairwise(items)
        if key[0] == next_key[0] and lower[2] > upper[2]
    )
    return steps[len(steps) // 2] if steps else 50.0
