"""Which characters of a PDF's page cannot be seen when it is displayed.

Of those that might not be (see `rag.ingest.pdf.objects`), the page is rendered twice, with them
and without: a word is seen where the pictures differ. That holds for whatever hides it: its
colour, what is painted over it, a clip, a layer that is off.

Words that are set but not painted, over a picture, are what OCR recognised in a scan: they are
what a reader sees, and stay. So do words under a picture, if pictures cover most of the page.
Whether the picture says the same, nothing but OCR could tell.
"""

import ctypes
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import pypdfium2
from PIL import Image, ImageChops
from pypdfium2 import raw

from rag.ingest.pdf.objects import (
    Box,
    PageObjects,
    PaintIndex,
    TextObject,
    address_of,
    page_objects,
)
from rag.ingest.visibility import WHITE, are_indistinguishable

__all__ = ["hidden_characters"]

_MIN_SEEN_DIFFERENCE = 10  # of 255: the least difference in a colour that is seen
_MIN_INK_CONTRAST = 32  # of 255: between the paper of a scan and its letters
_MIN_WORD_PIXELS = 10.0  # in which the smallest words are rendered, from top to bottom
_SCALE_RANGE = (1.5, 4.0)  # pixels in a point, at least and at most
_MAX_VIEW_PIXELS = 40_000_000  # of a page; A4 at the largest scale has 8 million
_MIN_LEGIBLE_PIXELS = 2.0  # pixels: letters that are smaller on so large a picture are not seen
_MIN_SCAN_SHARE = 0.5  # of a page's area
_SUBPIXELS = 1000  # parts of a pixel in which pdfium is asked for places

_GLYPH_EDGE_SHARE = 0.1  # of a letter's width and height

PixelBox = tuple[int, int, int, int]
"""Of a picture, from the left, the top, to the right and the bottom."""


@dataclass(slots=True)
class _Word:
    """Characters without a space between them that are drawn at once.

    Attributes:
        characters: Their positions in the page's text.
        boxes: Where each of them stands.
    """

    text: TextObject
    characters: list[int] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)

    @property
    def middle(self) -> tuple[float, float]:
        """Where the middle of it is."""
        left, bottom, right, top = zip(*self.boxes, strict=True)
        return (min(left) + max(right)) / 2, (min(bottom) + max(top)) / 2

    @property
    def height(self) -> float:
        """How high its largest letter is."""
        return max(top - bottom for _, bottom, _, top in self.boxes)


class _SortedWords(NamedTuple):
    """Words by what has to be done to know whether they are seen."""

    compared: list[_Word]  # with the page rendered without them
    looked_for: list[_Word]  # in what the page shows at their place
    unseen: list[_Word]


def hidden_characters(page: pypdfium2.PdfPage, textpage: pypdfium2.PdfTextPage) -> frozenset[int]:
    """Return the positions in its text of the characters of a page that are not seen on it.

    What stands beside the page is not among them: that is told by its place alone.
    """
    objects = page_objects(page)
    if not objects.doubtful:
        return frozenset()
    words = _sort_words(_doubtful_words(textpage, objects), objects, page)
    unseen = words.unseen
    if objects.too_many:
        paint_index = PaintIndex(objects.paints)
        unseen += (word for word in words.compared if _is_hidden_by_colours(word, paint_index))
    elif words.compared or words.looked_for:
        view = _View(page, [*words.compared, *words.looked_for])
        picture = view.picture()
        unseen += (word for word in words.looked_for if not view.has_ink(word, picture))
        if words.compared:
            picture_without = _picture_without(objects.doubtful.values(), view)
            difference = _largest_difference(ImageChops.difference(picture, picture_without))
            unseen += (word for word in words.compared if not view.differs(word, difference))
    return frozenset(index for word in unseen for index in word.characters)


def _is_hidden_by_colours(word: _Word, paint_index: PaintIndex) -> bool:
    """Tell from colours alone whether a word is painted over, or stands on its own colour."""
    x, y = word.middle
    paints = paint_index.overlapping((x, y, x, y)) or []
    if any(paint.order > word.text.order and paint.colour is not None for paint in paints):
        return True
    paint_beneath = max(paints, key=lambda paint: paint.order, default=None)
    background = WHITE if paint_beneath is None else paint_beneath.colour
    text_colour = word.text.colour
    return (
        background is not None
        and text_colour is not None
        and are_indistinguishable(background, text_colour)
    )


def _doubtful_words(textpage: pypdfium2.PdfTextPage, objects: PageObjects) -> Iterator[_Word]:
    handle = textpage.raw
    edges = [ctypes.c_double() for _ in range(4)]
    loose = raw.FS_RECTF()
    word: _Word | None = None
    last_address = 0
    for index in range(textpage.count_chars()):
        text_object = raw.FPDFText_GetTextObject(handle, index)
        address = address_of(text_object) if text_object else 0
        if (word is not None and address != last_address) or not address:
            if word is not None:
                yield word
            word = None
        last_address = address
        if address not in objects.doubtful:
            continue
        if chr(raw.FPDFText_GetUnicode(handle, index)).isspace():
            if word is not None:
                yield word
            word = None
            continue
        if word is None:
            word = _Word(objects.doubtful[address])
        word.characters.append(index)
        word.boxes.append(_box(handle, index, edges, loose))
    if word is not None:
        yield word


def _box(
    handle: raw.FPDF_TEXTPAGE, index: int, edges: list[ctypes.c_double], loose: raw.FS_RECTF
) -> Box:
    """Return where a character's ink is; where its type is, if it has none."""
    left, right, bottom, top = edges
    if raw.FPDFText_GetCharBox(handle, index, left, right, bottom, top):
        box = left.value, bottom.value, right.value, top.value
        if box[2] - box[0] > 0.1 and box[3] - box[1] > 0.1:
            return box
    raw.FPDFText_GetLooseCharBox(handle, index, ctypes.byref(loose))
    return loose.left, loose.bottom, loose.right, loose.top


def _sort_words(
    words: Iterable[_Word], objects: PageObjects, page: pypdfium2.PdfPage
) -> _SortedWords:
    sorted_words = _SortedWords([], [], [])
    picture_index = PaintIndex([paint for paint in objects.paints if paint.picture])
    area_index = PaintIndex([paint for paint in objects.paints if not paint.picture])
    scanned = _is_scanned(page, objects)
    for word in words:
        x, y = word.middle
        middle = (x, y, x, y)
        order = word.text.order
        pictures = picture_index.overlapping(middle) or []
        top_order = max((paint.order for paint in pictures), default=-1)
        if word.text.mask:
            sorted_words.looked_for.append(word)
        elif pictures and (word.text.invisible or (scanned and top_order > order)):
            # OCR's. What is painted over the scan later may black something out.
            covering = [
                paint
                for paint in area_index.overlapping(middle) or []
                if paint.order > max(top_order, order)
            ]
            if any(paint.colour is not None for paint in covering):
                sorted_words.unseen.append(word)
            elif covering:
                sorted_words.looked_for.append(word)
        elif word.text.invisible:
            sorted_words.unseen.append(word)
        else:
            sorted_words.compared.append(word)
    return sorted_words


def _is_scanned(page: pypdfium2.PdfPage, objects: PageObjects) -> bool:
    """Tell whether pictures cover most of a page; a scan may consist of strips."""
    left, bottom, right, top = page.get_bbox()
    covered = 0.0
    for paint in objects.paints:
        if paint.picture:
            width = min(right, paint.box[2]) - max(left, paint.box[0])
            height = min(top, paint.box[3]) - max(bottom, paint.box[1])
            covered += max(width, 0) * max(height, 0)
    return covered > _MIN_SCAN_SHARE * float((right - left) * (top - bottom))


def _picture_without(texts: Iterable[TextObject], view: "_View") -> Image.Image:
    """Return the page as it looks without some letters."""
    handles = [text.handle for text in texts]  # those too that others repeat at their place
    for handle in handles:
        raw.FPDFPageObj_SetIsActive(handle, False)
    try:
        return view.picture()
    finally:
        for handle in handles:
            raw.FPDFPageObj_SetIsActive(handle, True)


class _View:
    """A page as it is displayed, large enough for some words to be made out."""

    def __init__(self, page: pypdfium2.PdfPage, words: Sequence[_Word]) -> None:
        min_scale, max_scale = _SCALE_RANGE
        word_height = min(word.height for word in words)
        scale = min(max(_MIN_WORD_PIXELS / max(word_height, 0.1), min_scale), max_scale)
        page_width, page_height = page.get_size()
        self._scale = min(scale, math.sqrt(_MAX_VIEW_PIXELS / max(page_width * page_height, 1)))
        self._page = page
        picture_width, picture_height = page_width * self._scale, page_height * self._scale
        corner, right, top = (
            self._pixel_position(x, y, picture_width, picture_height)
            for x, y in ((0, 0), (_SUBPIXELS, 0), (0, _SUBPIXELS))
        )
        # A page may be turned: both places on it count for each in the picture.
        self._x_coefficients = (right[0] - corner[0], top[0] - corner[0], corner[0])
        self._y_coefficients = (right[1] - corner[1], top[1] - corner[1], corner[1])

    def picture(self) -> Image.Image:
        """Return what a reader sees."""
        bitmap = self._page.render(scale=self._scale)
        try:
            picture: Image.Image = bitmap.to_pil().convert("RGB")
            return picture
        finally:
            bitmap.close()

    def differs(self, word: _Word, difference: Image.Image) -> bool:
        """Tell whether at least half of a word's letters are seen in what they change."""
        if word.height * self._scale < _MIN_LEGIBLE_PIXELS:
            return False
        seen_count = sum(
            _light_range(difference, self._pixel_box(box))[1] > _MIN_SEEN_DIFFERENCE
            for box in word.boxes
        )
        return 2 * seen_count >= len(word.boxes)

    def has_ink(self, word: _Word, picture: Image.Image) -> bool:
        """Tell whether there is something to be read where a word stands."""
        lefts, tops, rights, bottoms = zip(*map(self._pixel_box, word.boxes), strict=True)
        darkest, lightest = _light_range(
            picture, (min(lefts), min(tops), max(rights), max(bottoms))
        )
        return lightest - darkest > _MIN_INK_CONTRAST

    def _pixel_position(
        self, x: float, y: float, picture_width: float, picture_height: float
    ) -> tuple[float, float]:
        """Return where a point of the page is in the picture."""
        left, top = ctypes.c_int(), ctypes.c_int()
        size = round(picture_width * _SUBPIXELS), round(picture_height * _SUBPIXELS)
        raw.FPDF_PageToDevice(self._page.raw, 0, 0, *size, 0, x, y, left, top)
        return left.value / _SUBPIXELS, top.value / _SUBPIXELS

    def _pixel_box(self, box: Box) -> PixelBox:
        """Return what shows a box, without its outermost edges, where its neighbours may be."""
        (left, right), (top, bottom) = (
            sorted((a * x + b * y) / _SUBPIXELS + c for x, y in (box[:2], box[2:]))
            for a, b, c in (self._x_coefficients, self._y_coefficients)
        )
        margin_x, margin_y = _GLYPH_EDGE_SHARE * (right - left), _GLYPH_EDGE_SHARE * (bottom - top)
        return (
            math.floor(left + margin_x),
            math.floor(top + margin_y),
            math.ceil(right - margin_x),
            math.ceil(bottom - margin_y),
        )


def _largest_difference(difference: Image.Image) -> Image.Image:
    """Return the largest of the three differences of each pixel."""
    red, green, blue = difference.split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)


def _light_range(image: Image.Image, pixels: PixelBox) -> tuple[int, int]:
    """Return the least and the most light in a part of a picture; the same if it is outside."""
    left, top, right, bottom = pixels
    left, top = max(left, 0), max(top, 0)
    right, bottom = min(right, image.width), min(bottom, image.height)
    if left >= right or top >= bottom:
        return 0, 0
    light = image.crop((left, top, right, bottom)).convert("L").tobytes()
    return min(light), max(light)
