"""What is drawn on a page of a PDF, and which of its letters might not be seen.

The letters of most pages are dark, opaque, and have nothing over them: that is told here by what
the objects state, which costs little. The others are looked at; see `rag.ingest.pdf.visibility`.
"""

import ctypes
import itertools
import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pypdfium2
from pypdfium2 import raw

from rag.ingest.visibility import Colour, are_indistinguishable

__all__ = ["Box", "PageObjects", "Paint", "PaintIndex", "TextObject", "address_of", "page_objects"]

_MAX_OBJECTS = 100_000  # on a page; more take too long to render
_MAX_ANNOTATIONS = 2_000
_MAX_BAND_ENTRIES = 50_000  # places in which paints are looked up
_MAX_COMPARISONS = 300_000
_BAND_POINTS = 20.0  # points
_CORE_INSET_SHARE = 0.25  # of the height of letters: what only touches more outward hides none
_MAX_FRAME_LINE_POINTS = 2.0  # points: a line that is thinner frames what it goes around
_MAX_FRAME_SEGMENTS = 8
_MIN_NEAR_WHITE = 245  # of 255 in each part: hardly to be told from white
_FIRST_ANNOTATION_ORDER = 1 << 40  # annotations are drawn after all that is on the page
# What people put on a page to see through, or that is no part of its picture.
_HARMLESS_ANNOTATIONS = frozenset(
    {raw.FPDF_ANNOT_LINK, raw.FPDF_ANNOT_POPUP, raw.FPDF_ANNOT_WIDGET, raw.FPDF_ANNOT_TEXT}
)

Box = tuple[float, float, float, float]
"""Left, bottom, right and top, in the page's points."""

_object_type = raw.FPDFPageObj_GetType
_render_mode = raw.FPDFTextObj_GetTextRenderMode  # 0: filled
_fill_colour = raw.FPDFPageObj_GetFillColor
_has_transparency = raw.FPDFPageObj_HasTransparency  # with what is beneath
_clip_path = raw.FPDFPageObj_GetClipPath
_clip_count = raw.FPDFClipPath_CountPaths

_Handle = Any  # FPDF_PAGEOBJECT: the types of pypdfium2 are not known to mypy
_Matrix = Any  # FS_MATRIX
_Object = tuple[_Handle, int, _Matrix | None]
"""What is drawn at once, its kind, and how the form in which it stands is laid on the page."""
_PlainText = tuple[_Handle, int, Colour]
"""Letters that are seen if no paint is in the way: their object, its order, their colour."""


class TextObject(NamedTuple):
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


class PageObjects(NamedTuple):
    """What is on a page.

    Attributes:
        doubtful: The letters that might not be seen, by the address of their object.
        paints: What is painted, in order.
        too_many: There is too much to render.
    """

    doubtful: dict[int, TextObject]
    paints: list[Paint]
    too_many: bool


def address_of(handle: _Handle) -> int:
    """Return what tells an object from others as long as its page is open."""
    return ctypes.addressof(handle.contents)


def page_objects(page: pypdfium2.PdfPage) -> PageObjects:
    """Return what is drawn on a page, also within its forms, and by its annotations."""
    doubtful: dict[int, TextObject] = {}
    plain_texts: list[_PlainText] = []
    paints: list[Paint] = []
    reader = _ObjectReader()
    order = -1
    for order, (handle, kind, matrix) in enumerate(_objects(page)):
        if kind != raw.FPDF_PAGEOBJ_TEXT:
            paints += reader.paints(handle, kind, order, matrix)
        # A form may be in a layer that is not shown, which only a look at the page can tell.
        elif matrix is None and (colour := reader.plain_colour(handle)) is not None:
            plain_texts.append((handle, order, colour))
        else:
            doubtful[address_of(handle)] = reader.text(handle, order)
    paints += _annotations(page)
    doubtful |= {address_of(text.handle): text for text in _in_doubt(plain_texts, paints)}
    return PageObjects(doubtful, paints, order >= _MAX_OBJECTS)


def _objects(page: pypdfium2.PdfPage) -> Iterator[_Object]:
    """Yield what is drawn, in order, with what is within forms."""
    for index in range(raw.FPDFPage_CountObjects(page.raw)):
        handle = raw.FPDFPage_GetObject(page.raw, index)
        kind = _object_type(handle)
        if kind == raw.FPDF_PAGEOBJ_FORM:
            yield from _within(handle)
        else:
            yield handle, kind, None


def _within(outer: _Handle) -> Iterator[_Object]:
    stack = [_children(outer, _matrix(outer))]
    while stack:
        page_object = next(stack[-1], None)
        if page_object is None:
            stack.pop()
        elif page_object[1] == raw.FPDF_PAGEOBJ_FORM:
            stack.append(
                _children(page_object[0], _multiplied(_matrix(page_object[0]), page_object[2]))
            )
        else:
            yield page_object


def _children(form: _Handle, matrix: _Matrix) -> Iterator[_Object]:
    for index in range(max(raw.FPDFFormObj_CountObjects(form), 0)):
        handle = raw.FPDFFormObj_GetObject(form, index)
        yield handle, _object_type(handle), matrix


def _matrix(handle: _Handle) -> _Matrix:
    matrix = raw.FS_MATRIX(1, 0, 0, 1, 0, 0)
    raw.FPDFPageObj_GetMatrix(handle, ctypes.byref(matrix))
    return matrix


def _multiplied(inner: _Matrix, outer: _Matrix) -> _Matrix:
    return raw.FS_MATRIX(
        inner.a * outer.a + inner.b * outer.c,
        inner.a * outer.b + inner.b * outer.d,
        inner.c * outer.a + inner.d * outer.c,
        inner.c * outer.b + inner.d * outer.d,
        inner.e * outer.a + inner.f * outer.c + outer.e,
        inner.e * outer.b + inner.f * outer.d + outer.f,
    )


class _ObjectReader:
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
        if _render_mode(handle) or not _fill_colour(handle, *self._at_parts):
            return None
        red, green, blue, _ = self._parts
        colour = red.value, green.value, blue.value
        if colour[0] >= _MIN_NEAR_WHITE and min(colour) >= _MIN_NEAR_WHITE:
            return None
        maybe_hidden = (
            _has_transparency(handle)
            or _clip_count(_clip_path(handle)) > 0
            or self._is_layered(handle)
        )
        return None if maybe_hidden else colour

    def text(self, handle: _Handle, order: int) -> TextObject:
        """Return what is to be known of letters that might not be seen."""
        mode = _render_mode(handle)
        filled = _fill_colour(handle, *self._at_parts)
        red, green, blue, alpha = (part.value for part in self._parts)
        transparent = bool(filled) and alpha == 0
        plain = filled and mode == raw.FPDF_TEXTRENDERMODE_FILL
        return TextObject(
            handle,
            order,
            (red, green, blue) if plain else None,
            invisible=mode == raw.FPDF_TEXTRENDERMODE_INVISIBLE or transparent,
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
            plain = fill.value and not edged and not _has_transparency(handle)
            has_colour = plain and _fill_colour(handle, *self._at_parts)
            red, green, blue, _ = (part.value for part in self._parts)
            yield Paint(order, box, (red, green, blue) if has_colour else None)
        else:
            yield Paint(order, box, None, picture)

    def bounds(self, handle: _Handle) -> Box:
        """Return where an object stands on the page; nowhere if pdfium cannot tell."""
        has_bounds = raw.FPDFPageObj_GetBounds(handle, *self._at_edges)
        return self._box() if has_bounds else (0, 0, 0, 0)

    def _box(self) -> Box:
        left, bottom, right, top = (edge.value for edge in self._edges)
        return left, bottom, right, top

    def _is_layered(self, handle: _Handle) -> bool:
        """Tell whether an object belongs to a layer, which may not be shown."""
        for index in range(raw.FPDFPageObj_CountMarks(handle)):
            mark = raw.FPDFPageObj_GetMark(handle, index)
            address = address_of(mark)
            layered = self._layered.get(address)
            if layered is None:  # objects that follow each other share theirs
                layered = self._layered[address] = _mark_name(mark) == "OC"
            if layered:
                return True
        return False


def _mark_name(mark: raw.FPDF_PAGEOBJECTMARK) -> str:
    name, length = (ctypes.c_ushort * 16)(), ctypes.c_ulong()
    raw.FPDFPageObjMark_GetName(mark, name, ctypes.sizeof(name), ctypes.byref(length))
    return bytes(name).decode("utf-16-le", "replace").partition("\0")[0]


def _is_frame(handle: _Handle, box: Box) -> bool:
    """Tell whether a path's line only goes around something: its box is not what it paints."""
    width = ctypes.c_float()
    raw.FPDFPageObj_GetStrokeWidth(handle, ctypes.byref(width))
    thin = 2 * _MAX_FRAME_LINE_POINTS
    return (
        width.value <= _MAX_FRAME_LINE_POINTS
        and min(box[2] - box[0], box[3] - box[1]) > thin
        and raw.FPDFPath_CountSegments(handle) <= _MAX_FRAME_SEGMENTS
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
    for index in range(min(raw.FPDFPage_GetAnnotCount(page.raw), _MAX_ANNOTATIONS)):
        annotation = raw.FPDFPage_GetAnnot(page.raw, index)
        if not annotation:
            continue
        harmless = raw.FPDFAnnot_GetSubtype(annotation) in _HARMLESS_ANNOTATIONS
        if not harmless and raw.FPDFAnnot_GetRect(annotation, ctypes.byref(rect)):
            yield Paint(
                _FIRST_ANNOTATION_ORDER + index, (rect.left, rect.bottom, rect.right, rect.top)
            )
        raw.FPDFPage_CloseAnnot(annotation)


def _in_doubt(plain_texts: Sequence[_PlainText], paints: Sequence[Paint]) -> Iterator[TextObject]:
    """Yield the letters over which something is painted, or that stand on their own colour.

    Letters on a picture are taken to be seen: nobody draws dark ones on a dark picture. Those for
    which there is too much to compare are in doubt.
    """
    if not paints or not plain_texts:
        return
    paint_index = PaintIndex(paints)
    reader = _ObjectReader()
    for text in itertools.starmap(TextObject, plain_texts):
        box = reader.bounds(text.handle)
        core = _CORE_INSET_SHARE * (box[3] - box[1])
        covering = paint_index.overlapping((box[0], box[1] + core, box[2], box[3] - core))
        if covering is None or any(_hides(paint, text) for paint in covering):
            yield text


def _hides(paint: Paint, text: TextObject) -> bool:
    if paint.order > text.order:
        return True
    if paint.colour is None or text.colour is None:
        return not paint.picture
    return are_indistinguishable(paint.colour, text.colour)


class PaintIndex:
    """Paints, looked up by the height at which they stand.

    Args:
        paints: What is painted on a page.
    """

    def __init__(self, paints: Sequence[Paint]) -> None:
        self._paints: dict[int, list[Paint]] = {}
        self._comparisons_left = _MAX_COMPARISONS
        entries = 0
        for paint in paints:
            first, last = _band(paint.box[1]), _band(paint.box[3])
            entries += last - first + 1
            if entries > _MAX_BAND_ENTRIES:
                self._comparisons_left = 0
                return
            for band in range(first, last + 1):
                self._paints.setdefault(band, []).append(paint)

    def overlapping(self, box: Box) -> list[Paint] | None:
        """Return what is painted on or under a box; None if that took too long in all."""
        overlapping_paints: list[Paint] = []
        first, last = _band(box[1]), _band(box[3])
        if last - first > self._comparisons_left:
            return None
        for band in range(first, last + 1):
            paints = self._paints.get(band, ())
            self._comparisons_left -= len(paints) + 1
            if self._comparisons_left < 0:
                return None
            overlapping_paints += (paint for paint in paints if _overlap(paint.box, box))
        return overlapping_paints


def _band(y: float) -> int:
    return math.floor(max(min(y, 1e6), -1e6) / _BAND_POINTS)


def _overlap(box: Box, other_box: Box) -> bool:
    return (
        box[0] < other_box[2]
        and other_box[0] < box[2]
        and box[1] < other_box[3]
        and other_box[1] < box[3]
    )
