"""What is drawn on a page of a PDF, and which of its letters might not be seen.

The letters of most pages are dark, opaque, and have nothing over them: that is told here by what
the objects state, which costs little. The others are looked at; see `pdf_sight`.
"""

import ctypes
import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pypdfium2
from pypdfium2 import raw

from rag.ingest.visibility import Colour, alike

__all__ = ["Bands", "Box", "Drawn", "Paint", "Text", "address_of", "drawn_on"]

_MAX_OBJECTS = 100_000  # on a page; more take too long to render
_MAX_ANNOTATIONS = 2_000
_MAX_BANDS = 50_000  # places in which paints are looked up
_MAX_COMPARISONS = 300_000
_BAND = 20.0  # points
_CORE = 0.25  # of the height of letters: what only touches more outward hides none
_FRAME = 2.0  # points: a line that is thinner frames what it goes around
_FRAME_SEGMENTS = 8
_LIGHT = 245  # of 255 in each part: hardly to be told from white
_ORDER_OF_NOTES = 1 << 40  # annotations are drawn after all that is on the page
# What people put on a page to see through, or that is no part of its picture.
_HARMLESS_NOTES = frozenset(
    {raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP, raw.FPDF_ANNOT_WIDGET, raw.FPDF_ANNOT_TEXT}
)

Box = tuple[float, float, float, float]
"""Left, bottom, right and top, in the page's points."""

_kind_of = raw.FPDFPageObj_GetType
_mode_of = raw.FPDFTextObj_GetTextRenderMode  # 0: filled
_fill_of = raw.FPDFPageObj_GetFillColor
_is_mixed = raw.FPDFPageObj_HasTransparency  # with what is beneath
_clip_of = raw.FPDFPageObj_GetClipPath
_clips_in = raw.FPDFClipPath_CountPaths

_Handle = Any  # FPDF_PAGEOBJECT: the types of pypdfium2 are not known to mypy
_Matrix = Any  # FS_MATRIX
_Object = tuple[_Handle, int, _Matrix | None]
"""What is drawn at once, its kind, and how the form in which it stands is laid on the page."""
_Plain = tuple[_Handle, int, Colour]
"""Letters that are seen if no paint is in the way: their object, its order, their colour."""


class Text(NamedTuple):
    """Letters that are drawn at once.

    Attributes:
        handle: The object that draws them.
        order: How many objects are drawn before.
        colour: None if that is not known, or not all that counts.
        invisible: They are set without being painted, as OCR lays them over a scan.
        mask: They are not painted either, but cut out of what follows.
    """

    handle: _Handle
    order: int
    colour: Colour | None = None
    invisible: bool = False
    mask: bool = False


class Paint(NamedTuple):
    """An area that is painted.

    Attributes:
        colour: None if it has several, is transparent, or is not known.
        picture: It is an image.
    """

    order: int
    box: Box
    colour: Colour | None = None
    picture: bool = False


class Drawn(NamedTuple):
    """What is on a page.

    Attributes:
        doubtful: The letters that might not be seen, by the address of their object.
        paints: What is painted, in order.
        heavy: There is too much to render.
    """

    doubtful: dict[int, Text]
    paints: list[Paint]
    heavy: bool


def address_of(handle: _Handle) -> int:
    """Return what tells an object from others as long as its page is open."""
    return ctypes.addressof(handle.contents)


def drawn_on(page: pypdfium2.PdfPage) -> Drawn:
    """Return what is drawn on a page, also within its forms, and by its annotations."""
    doubtful: dict[int, Text] = {}
    plain: list[_Plain] = []
    paints: list[Paint] = []
    reader = _Reader()
    order = -1
    for order, (handle, kind, matrix) in enumerate(_objects(page)):
        if kind != raw.FPDF_PAGEOBJ_TEXT:
            paints += reader.paints(handle, kind, order, matrix)
        # A form may be in a layer that is not shown, which only a look at the page can tell.
        elif matrix is None and (colour := reader.plain_colour(handle)) is not None:
            plain.append((handle, order, colour))
        else:
            doubtful[address_of(handle)] = reader.text(handle, order)
    paints += _annotations(page)
    doubtful |= {address_of(text.handle): text for text in _in_doubt(plain, paints)}
    return Drawn(doubtful, paints, order >= _MAX_OBJECTS)


def _objects(page: pypdfium2.PdfPage) -> Iterator[_Object]:
    """Yield what is drawn, in order, with what is within forms."""
    for at in range(raw.FPDFPage_CountObjects(page.raw)):
        handle = raw.FPDFPage_GetObject(page.raw, at)
        kind = _kind_of(handle)
        if kind == raw.FPDF_PAGEOBJ_FORM:
            yield from _within(handle)
        else:
            yield handle, kind, None


def _within(outer: _Handle) -> Iterator[_Object]:
    stack = [_children(outer, _matrix(outer))]
    while stack:
        found = next(stack[-1], None)
        if found is None:
            stack.pop()
        elif found[1] == raw.FPDF_PAGEOBJ_FORM:
            stack.append(_children(found[0], _joined(_matrix(found[0]), found[2])))
        else:
            yield found


def _children(form: _Handle, matrix: _Matrix) -> Iterator[_Object]:
    for at in range(max(raw.FPDFFormObj_CountObjects(form), 0)):
        handle = raw.FPDFFormObj_GetObject(form, at)
        yield handle, _kind_of(handle), matrix


def _matrix(handle: _Handle) -> _Matrix:
    matrix = raw.FS_MATRIX(1, 0, 0, 1, 0, 0)
    raw.FPDFPageObj_GetMatrix(handle, ctypes.byref(matrix))
    return matrix


def _joined(inner: _Matrix, outer: _Matrix) -> _Matrix:
    return raw.FS_MATRIX(
        inner.a * outer.a + inner.b * outer.c,
        inner.a * outer.b + inner.b * outer.d,
        inner.c * outer.a + inner.d * outer.c,
        inner.c * outer.b + inner.d * outer.d,
        inner.e * outer.a + inner.f * outer.c + outer.e,
        inner.e * outer.b + inner.f * outer.d + outer.f,
    )


class _Reader:
    """Asks pdfium about objects; what it fills in is made once."""

    def __init__(self) -> None:
        self._parts = [ctypes.c_uint() for _ in range(4)]
        self._at_parts = [ctypes.byref(part) for part in self._parts]
        self._edges = [ctypes.c_float() for _ in range(4)]
        self._at_edges = [ctypes.byref(edge) for edge in self._edges]
        self._layered: dict[int, bool] = {}

    def plain_colour(self, handle: _Handle) -> Colour | None:
        """Return the colour of letters that are painted so as to be seen on white; else None."""
        # Some producers draw each letter by itself: every call counts.
        if _mode_of(handle) or not _fill_of(handle, *self._at_parts):
            return None
        red, green, blue, _ = self._parts
        colour = red.value, green.value, blue.value
        if colour[0] >= _LIGHT and min(colour) >= _LIGHT:
            return None
        hidden = _is_mixed(handle) or _clips_in(_clip_of(handle)) > 0 or self._is_layered(handle)
        return None if hidden else colour

    def text(self, handle: _Handle, order: int) -> Text:
        """Return what is to be known of letters that might not be seen."""
        mode = _mode_of(handle)
        filled = _fill_of(handle, *self._at_parts)
        red, green, blue, share = (part.value for part in self._parts)
        clear = bool(filled) and share == 0
        plain = filled and mode == raw.FPDF_TEXTRENDERMODE_FILL
        return Text(
            handle,
            order,
            (red, green, blue) if plain else None,
            invisible=mode == raw.FPDF_TEXTRENDERMODE_INVISIBLE or clear,
            mask=mode == raw.FPDF_TEXTRENDERMODE_CLIP,
        )

    def paints(
        self, handle: _Handle, kind: int, order: int, matrix: _Matrix | None
    ) -> Iterator[Paint]:
        """Yield what an object paints, unless that is the frame around something."""
        if not raw.FPDFPageObj_GetBounds(handle, *self._at_edges):
            return
        box = _moved(self._box(), matrix)
        picture = kind == raw.FPDF_PAGEOBJ_IMAGE
        if kind == raw.FPDF_PAGEOBJ_PATH:
            fill, stroke = ctypes.c_int(), ctypes.c_int()
            raw.FPDFPath_GetDrawMode(handle, ctypes.byref(fill), ctypes.byref(stroke))
            edged = bool(stroke.value) and not _is_frame(handle, box)
            if not fill.value and not edged:
                return
            plain = fill.value and not edged and not _is_mixed(handle)
            known = plain and _fill_of(handle, *self._at_parts)
            red, green, blue, _ = (part.value for part in self._parts)
            yield Paint(order, box, (red, green, blue) if known else None)
        else:
            yield Paint(order, box, None, picture)

    def bounds(self, handle: _Handle) -> Box:
        """Return where an object stands on the page; nowhere if pdfium cannot tell."""
        found = raw.FPDFPageObj_GetBounds(handle, *self._at_edges)
        return self._box() if found else (0, 0, 0, 0)

    def _box(self) -> Box:
        left, bottom, right, top = (edge.value for edge in self._edges)
        return left, bottom, right, top

    def _is_layered(self, handle: _Handle) -> bool:
        """Tell whether an object belongs to a layer, which may not be shown."""
        for at in range(raw.FPDFPageObj_CountMarks(handle)):
            mark = raw.FPDFPageObj_GetMark(handle, at)
            address = address_of(mark)
            layered = self._layered.get(address)
            if layered is None:  # objects that follow each other share theirs
                layered = self._layered[address] = _name_of(mark) == "OC"
            if layered:
                return True
        return False


def _name_of(mark: raw.FPDF_PAGEOBJECTMARK) -> str:
    name, length = (ctypes.c_ushort * 16)(), ctypes.c_ulong()
    raw.FPDFPageObjMark_GetName(mark, name, ctypes.sizeof(name), ctypes.byref(length))
    return bytes(name).decode("utf-16-le", "replace").partition("\0")[0]


def _is_frame(handle: _Handle, box: Box) -> bool:
    """Tell whether a path's line only goes around something: its box is not what it paints."""
    width = ctypes.c_float()
    raw.FPDFPageObj_GetStrokeWidth(handle, ctypes.byref(width))
    thin = 2 * _FRAME
    return (
        width.value <= _FRAME
        and min(box[2] - box[0], box[3] - box[1]) > thin
        and raw.FPDFPath_CountSegments(handle) <= _FRAME_SEGMENTS
    )


def _moved(box: Box, matrix: _Matrix | None) -> Box:
    """Return the box around a box within a form, on the page."""
    if matrix is None:
        return box
    corners = [(x, y) for x in (box[0], box[2]) for y in (box[1], box[3])]
    xs = [matrix.a * x + matrix.c * y + matrix.e for x, y in corners]
    ys = [matrix.b * x + matrix.d * y + matrix.f for x, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _annotations(page: pypdfium2.PdfPage) -> Iterator[Paint]:
    """Yield what was drawn over a page by people who mark it or black something out."""
    rect = raw.FS_RECTF()
    for at in range(min(raw.FPDFPage_GetAnnotCount(page.raw), _MAX_ANNOTATIONS)):
        note = raw.FPDFPage_GetAnnot(page.raw, at)
        if not note:
            continue
        harmless = raw.FPDFAnnot_GetSubtype(note) in _HARMLESS_NOTES
        if not harmless and raw.FPDFAnnot_GetRect(note, ctypes.byref(rect)):
            yield Paint(_ORDER_OF_NOTES + at, (rect.left, rect.bottom, rect.right, rect.top))
        raw.FPDFPage_CloseAnnot(note)


def _in_doubt(plain: Sequence[_Plain], paints: Sequence[Paint]) -> Iterator[Text]:
    """Yield the letters over which something is painted, or that stand on their own colour.

    Letters on a picture are taken to be seen: nobody draws dark ones on a dark picture. Those for
    which there is too much to compare are in doubt.
    """
    if not paints or not plain:
        return
    bands = Bands(paints)
    reader = _Reader()
    for text in itertools.starmap(Text, plain):
        box = reader.bounds(text.handle)
        core = _CORE * (box[3] - box[1])
        near = bands.near((box[0], box[1] + core, box[2], box[3] - core))
        if near is None or any(_hides(paint, text) for paint in near):
            yield text


def _hides(paint: Paint, text: Text) -> bool:
    if paint.order > text.order:
        return True
    if paint.colour is None or text.colour is None:
        return not paint.picture
    return alike(paint.colour, text.colour)


class Bands:
    """Paints, looked up by the height at which they stand.

    Args:
        paints: What is painted on a page.
    """

    def __init__(self, paints: Sequence[Paint]) -> None:
        self._paints: dict[int, list[Paint]] = {}
        self._left = _MAX_COMPARISONS
        places = 0
        for paint in paints:
            first, last = _band(paint.box[1]), _band(paint.box[3])
            places += last - first + 1
            if places > _MAX_BANDS:
                self._left = 0
                return
            for at in range(first, last + 1):
                self._paints.setdefault(at, []).append(paint)

    def near(self, box: Box) -> list[Paint] | None:
        """Return what is painted on or under a box; None if that took too long in all."""
        found: list[Paint] = []
        first, last = _band(box[1]), _band(box[3])
        if last - first > self._left:
            return None
        for at in range(first, last + 1):
            paints = self._paints.get(at, ())
            self._left -= len(paints) + 1
            if self._left < 0:
                return None
            found += (paint for paint in paints if _meet(paint.box, box))
        return found


def _band(y: float) -> int:
    return math.floor(max(min(y, 1e6), -1e6) / _BAND)


def _meet(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
