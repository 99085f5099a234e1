"""Which characters of a PDF's page cannot be seen when it is displayed.

Of those that might not be (see `pdf_objects`), the page is rendered twice, with them and without:
a word is seen where the pictures differ. That holds for whatever hides it: its colour, what is
painted over it, a clip, a layer that is off.

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

from rag.ingest.pdf.objects import Bands, Box, Drawn, Text, address_of, drawn_on
from rag.ingest.visibility import WHITE, alike

__all__ = ["unseen_on"]

_DIFFERENT = 10  # of 255: the least difference in a colour that is seen
_INK = 32  # of 255: between the paper of a scan and its letters
_PIXELS = 10.0  # in which the smallest words are rendered, from top to bottom
_SCALES = (1.5, 4.0)  # pixels in a point, at least and at most
_MAX_PIXELS = 40_000_000  # of a page; A4 at the largest scale has 8 million
_LEGIBLE = 2.0  # pixels: letters that are smaller on so large a picture are not seen
_SCAN = 0.5  # of a page's area
_FINE = 1000  # parts of a pixel in which pdfium is asked for places

_EDGE = 0.1  # of a letter's width and height

Pixels = tuple[int, int, int, int]
"""Of a picture, from the left, the top, to the right and the bottom."""


@dataclass(slots=True)
class _Word:
    """Characters without a space between them that are drawn at once.

    Attributes:
        characters: Their positions in the page's text.
        boxes: Where each of them stands.
    """

    text: Text
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


class _Sorted(NamedTuple):
    """Words by what has to be done to know whether they are seen."""

    compared: list[_Word]  # with the page rendered without them
    looked_for: list[_Word]  # in what the page shows at their place
    unseen: list[_Word]


def unseen_on(page: pypdfium2.PdfPage, textpage: pypdfium2.PdfTextPage) -> frozenset[int]:
    """Return the positions in its text of the characters of a page that are not seen on it.

    What stands beside the page is not among them: that is told by its place alone.
    """
    drawn = drawn_on(page)
    if not drawn.doubtful:
        return frozenset()
    words = _sorted(_doubtful_words(textpage, drawn), drawn, page)
    unseen = words.unseen
    if drawn.heavy:
        ground = Bands(drawn.paints)
        unseen += (word for word in words.compared if _is_lost(word, ground))
    elif words.compared or words.looked_for:
        view = _View(page, [*words.compared, *words.looked_for])
        shown = view.picture()
        unseen += (word for word in words.looked_for if not view.has_ink(word, shown))
        if words.compared:
            without = _without(drawn.doubtful.values(), view)
            difference = _most(ImageChops.difference(shown, without))
            unseen += (word for word in words.compared if not view.differs(word, difference))
    return frozenset(at for word in unseen for at in word.characters)


def _is_lost(word: _Word, ground: Bands) -> bool:
    """Tell from colours alone whether a word is painted over, or stands on its own colour."""
    x, y = word.middle
    near = ground.near((x, y, x, y)) or []
    if any(paint.order > word.text.order and paint.colour is not None for paint in near):
        return True
    beneath = max(near, key=lambda paint: paint.order, default=None)
    colour = WHITE if beneath is None else beneath.colour
    own = word.text.colour
    return colour is not None and own is not None and alike(colour, own)


def _doubtful_words(textpage: pypdfium2.PdfTextPage, drawn: Drawn) -> Iterator[_Word]:
    handle = textpage.raw
    edges = [ctypes.c_double() for _ in range(4)]
    loose = raw.FS_RECTF()
    word: _Word | None = None
    last = 0
    for at in range(textpage.count_chars()):
        drawing = raw.FPDFText_GetTextObject(handle, at)
        address = address_of(drawing) if drawing else 0
        if (word is not None and address != last) or not address:
            if word is not None:
                yield word
            word = None
        last = address
        if address not in drawn.doubtful:
            continue
        if chr(raw.FPDFText_GetUnicode(handle, at)).isspace():
            if word is not None:
                yield word
            word = None
            continue
        if word is None:
            word = _Word(drawn.doubtful[address])
        word.characters.append(at)
        word.boxes.append(_box(handle, at, edges, loose))
    if word is not None:
        yield word


def _box(
    handle: raw.FPDF_TEXTPAGE, at: int, edges: list[ctypes.c_double], loose: raw.FS_RECTF
) -> Box:
    """Return where a character's ink is; where its type is, if it has none."""
    left, right, bottom, top = edges
    if raw.FPDFText_GetCharBox(handle, at, left, right, bottom, top):
        found = left.value, bottom.value, right.value, top.value
        if found[2] - found[0] > 0.1 and found[3] - found[1] > 0.1:
            return found
    raw.FPDFText_GetLooseCharBox(handle, at, ctypes.byref(loose))
    return loose.left, loose.bottom, loose.right, loose.top


def _sorted(words: Iterable[_Word], drawn: Drawn, page: pypdfium2.PdfPage) -> _Sorted:
    found = _Sorted([], [], [])
    pictures = Bands([paint for paint in drawn.paints if paint.picture])
    others = Bands([paint for paint in drawn.paints if not paint.picture])
    scanned = _is_scanned(page, drawn)
    for word in words:
        x, y = word.middle
        there = (x, y, x, y)
        order = word.text.order
        near = pictures.near(there) or []
        top = max((paint.order for paint in near), default=-1)
        if word.text.mask:
            found.looked_for.append(word)
        elif near and (word.text.invisible or (scanned and top > order)):
            # OCR's. What is painted over the scan later may black something out.
            over = [paint for paint in others.near(there) or [] if paint.order > max(top, order)]
            if any(paint.colour is not None for paint in over):
                found.unseen.append(word)
            elif over:
                found.looked_for.append(word)
        elif word.text.invisible:
            found.unseen.append(word)
        else:
            found.compared.append(word)
    return found


def _is_scanned(page: pypdfium2.PdfPage, drawn: Drawn) -> bool:
    """Tell whether pictures cover most of a page; a scan may consist of strips."""
    left, bottom, right, top = page.get_bbox()
    covered = 0.0
    for paint in drawn.paints:
        if paint.picture:
            wide = min(right, paint.box[2]) - max(left, paint.box[0])
            high = min(top, paint.box[3]) - max(bottom, paint.box[1])
            covered += max(wide, 0) * max(high, 0)
    return covered > _SCAN * float((right - left) * (top - bottom))


def _without(texts: Iterable[Text], view: "_View") -> Image.Image:
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
        least, most = _SCALES
        height = min(word.height for word in words)
        scale = min(max(_PIXELS / max(height, 0.1), least), most)
        width, length = page.get_size()
        self._scale = min(scale, math.sqrt(_MAX_PIXELS / max(width * length, 1)))
        self._page = page
        across, up = width * self._scale, length * self._scale
        corner, right, top = (
            self._place(x, y, across, up) for x, y in ((0, 0), (_FINE, 0), (0, _FINE))
        )
        # A page may be turned: both places on it count for each in the picture.
        self._across = (right[0] - corner[0], top[0] - corner[0], corner[0])
        self._down = (right[1] - corner[1], top[1] - corner[1], corner[1])

    def picture(self) -> Image.Image:
        """Return what a reader sees."""
        bitmap = self._page.render(scale=self._scale)
        try:
            shown: Image.Image = bitmap.to_pil().convert("RGB")
            return shown
        finally:
            bitmap.close()

    def differs(self, word: _Word, difference: Image.Image) -> bool:
        """Tell whether at least half of a word's letters are seen in what they change."""
        if word.height * self._scale < _LEGIBLE:
            return False
        seen = sum(_extremes(difference, self._pixels(box))[1] > _DIFFERENT for box in word.boxes)
        return 2 * seen >= len(word.boxes)

    def has_ink(self, word: _Word, shown: Image.Image) -> bool:
        """Tell whether there is something to be read where a word stands."""
        lefts, tops, rights, bottoms = zip(*map(self._pixels, word.boxes), strict=True)
        least, most = _extremes(shown, (min(lefts), min(tops), max(rights), max(bottoms)))
        return most - least > _INK

    def _place(self, x: float, y: float, across: float, up: float) -> tuple[float, float]:
        """Return where a point of the page is in the picture."""
        left, top = ctypes.c_int(), ctypes.c_int()
        size = round(across * _FINE), round(up * _FINE)
        raw.FPDF_PageToDevice(self._page.raw, 0, 0, *size, 0, x, y, left, top)
        return left.value / _FINE, top.value / _FINE

    def _pixels(self, box: Box) -> Pixels:
        """Return what shows a box, without its outermost edges, where its neighbours may be."""
        (left, right), (top, bottom) = (
            sorted((a * x + b * y) / _FINE + c for x, y in (box[:2], box[2:]))
            for a, b, c in (self._across, self._down)
        )
        wide, high = _EDGE * (right - left), _EDGE * (bottom - top)
        return (
            math.floor(left + wide),
            math.floor(top + high),
            math.ceil(right - wide),
            math.ceil(bottom - high),
        )


def _most(difference: Image.Image) -> Image.Image:
    """Return the largest of the three differences of each pixel."""
    red, green, blue = difference.split()
    return ImageChops.lighter(ImageChops.lighter(red, green), blue)


def _extremes(image: Image.Image, pixels: Pixels) -> tuple[int, int]:
    """Return the least and the most light in a part of a picture; the same if it is outside."""
    left, top, right, bottom = pixels
    left, top = max(left, 0), max(top, 0)
    right, bottom = min(right, image.width), min(bottom, image.height)
    if left >= right or top >= bottom:
        return 0, 0
    light = image.crop((left, top, right, bottom)).convert("L").tobytes()
    return min(light), max(light)
