"""Which words of a Word document are not seen, by their colour, size or place.

What stands beneath white words is found as Word finds it: the shading of the words, the paragraph,
the cell, the table's style, the text box, the page. Where it is not known, as over a picture, they
are taken to be seen.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from rag.ingest.office.archive import Element
from rag.ingest.office.colours import Theme, hex_colour
from rag.ingest.visibility import MIN_LEGIBLE_POINTS, WHITE, Colour, are_indistinguishable
from rag.ingest.word.numbering import W, child_value, is_on
from rag.ingest.word.styles import Styles

__all__ = ["Visibility"]

_DRAWING: Final = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_SHAPE: Final = "{http://schemas.microsoft.com/office/word/2010/wordprocessingShape}"
_W14: Final = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_VML: Final = "{urn:schemas-microsoft-com:vml}"
_MIN_HEIGHT_TWIPS = 40  # twentieths of a point: a line or row that is no higher shows nothing
_MIN_LETTER_WIDTH_PERCENT = 5  # per cent of the width of letters
_OFF_PAGE_TWIPS = -8_000  # twentieths of a point, where the left or upper edge begins
_MAX_MARGIN_EMUS = 2_743_200  # English metric units: three inches, more than margins have
_MAX_PAGE_EMUS = 20_116_800  # 22 inches, the largest that Word has
_HIGHLIGHTS: Final = {
    "black": (0, 0, 0), "blue": (0, 0, 255), "cyan": (0, 255, 255), "green": (0, 255, 0),
    "magenta": (255, 0, 255), "red": (255, 0, 0), "yellow": (255, 255, 0), "white": WHITE,
    "darkBlue": (0, 0, 128), "darkCyan": (0, 128, 128), "darkGreen": (0, 128, 0),
    "darkMagenta": (128, 0, 128), "darkRed": (128, 0, 0), "darkYellow": (128, 128, 0),
    "darkGray": (128, 128, 128), "lightGray": (192, 192, 192),
}  # fmt: skip
# What gives letters an edge or a shadow, by which they are seen whatever their colour.
_EDGE_PROPERTIES: Final = ("outline", "shadow", "emboss", "imprint")
_EDGE_PROPERTIES_SINCE_2010: Final = tuple(
    _W14 + name for name in ("textOutline", "shadow", "glow")
)
_MIN_CLEAR_TRANSPARENCY = 95_000  # of 100,000: words that let so much through

Background = frozenset[Colour] | None
"""The colours that may stand beneath words; None if they are not known."""


class _ParagraphState(NamedTuple):
    """What holds for the runs of a paragraph that do not state otherwise."""

    style: str
    background: Background
    seen: bool


class Visibility:
    """Tells of each run of text whether it is seen; the places that it is in are entered.

    Args:
        body: The body of the document.
        styles: Its styles.
        theme: Its colours.

    Attributes:
        unseen: The text that is not seen, in order.
    """

    def __init__(self, body: Element, styles: Styles, theme: Theme) -> None:
        self.unseen: list[str] = []
        self._styles = styles
        self._theme = theme
        drawings = sum(1 for _ in body.iter(W + "drawing", W + "pict"))
        self._drawn = drawings > 1
        behind = any(
            anchor.get("behindDoc") in ("1", "true") for anchor in body.iter(_DRAWING + "anchor")
        )
        root = body.getparent()
        has_background = root is not None and root.find(W + "background") is not None
        self._page: Background = None if behind or has_background else frozenset([WHITE])
        self._background = self._page
        self._shown = True
        self._paragraph = _ParagraphState("", self._background, True)

    @contextmanager
    def table(self, table: Element) -> Iterator[None]:
        """Enter a table, whose style may give its cells a background."""
        properties = table.find(W + "tblPr")
        placement = None if properties is None else properties.find(W + "tblpPr")
        background = self._table_background(properties)
        with self._within(background, shown=not _is_off_page(placement, "tblpX", "tblpY")):
            yield

    @contextmanager
    def cell(self, row: Element, cell: Element) -> Iterator[None]:
        """Enter a cell of a row."""
        height = row.find(f"{W}trPr/{W}trHeight")
        flat = height is not None and height.get(W + "hRule") == "exact" and _is_flat(height, "val")
        with self._within(self._shaded(cell.find(W + "tcPr"), self._background), shown=not flat):
            yield

    @contextmanager
    def box(self, box: Element) -> Iterator[None]:
        """Enter a text box."""
        outer = self._background, self._shown
        self._background, self._shown = self._box_background(box), not _is_beside(box)
        try:
            yield
        finally:
            self._background, self._shown = outer

    def paragraph(self, properties: Element | None) -> None:
        """Begin a paragraph."""
        style = child_value(properties, "pStyle")
        style = self._styles.default if style is None else style
        shaded = self._styles.element(style, "pPr", "shd")
        background = self._filled(shaded, self._background)
        background = self._shaded(properties, background)
        spacing = None if properties is None else properties.find(W + "spacing")
        if spacing is None:
            spacing = self._styles.element(style, "pPr", "spacing")
        flat = (
            spacing is not None
            and spacing.get(W + "lineRule") == "exact"
            and _is_flat(spacing, "line")
        )
        frame = None if properties is None else properties.find(W + "framePr")
        self._paragraph = _ParagraphState(
            style, background, self._shown and not flat and not _is_off_page(frame, "x", "y")
        )

    def is_visible(self, properties: Element | None) -> bool:
        """Tell whether a run of the paragraph is seen.

        Args:
            properties: Its w:rPr.
        """
        if not self._paragraph.seen:
            return False
        size = self._run_property(properties, "sz")
        if size is not None and _float_or_huge(size.get(W + "val")) < 2 * MIN_LEGIBLE_POINTS:
            return False
        scale = None if properties is None else properties.find(W + "w")
        if scale is not None and _float_or_huge(scale.get(W + "val")) < _MIN_LETTER_WIDTH_PERCENT:
            return False
        if _has_edges(properties):
            return True
        text_fill = None if properties is None else properties.find(_W14 + "textFill")
        if text_fill is not None and _is_clear(text_fill):
            return False
        colour = (
            self._colour(self._run_property(properties, "color"))
            if text_fill is None
            else (self._theme.text_fill_colour(text_fill, _W14))
        )
        background = self._run_background(properties)
        return (
            colour is None
            or background is None
            or not all(
                are_indistinguishable(colour, background_colour) for background_colour in background
            )
        )

    @contextmanager
    def _within(self, background: Background, *, shown: bool) -> Iterator[None]:
        outer = self._background, self._shown
        self._background, self._shown = background, self._shown and shown
        try:
            yield
        finally:
            self._background, self._shown = outer

    def _run_property(self, properties: Element | None, name: str) -> Element | None:
        """Return a property of a run, from itself, its style, or its paragraph's style."""
        element = None if properties is None else properties.find(W + name)
        if element is None and (style := child_value(properties, "rStyle")):
            element = self._styles.element(style, "rPr", name)
        if element is None:
            element = self._styles.element(self._paragraph.style, "rPr", name)
        return element

    def _colour(self, element: Element | None) -> Colour | None:
        """Return the colour of words; None if Word chooses it, or if it is not known."""
        if element is None:
            return None
        return self._theme.word_colour(element, "themeColor", "themeTint", "themeShade", "val")

    def _run_background(self, properties: Element | None) -> Background:
        highlight = child_value(properties, "highlight")
        if highlight and highlight != "none":
            return frozenset([_HIGHLIGHTS[highlight]]) if highlight in _HIGHLIGHTS else None
        background = self._paragraph.background
        if style := child_value(properties, "rStyle"):
            background = self._filled(self._styles.element(style, "rPr", "shd"), background)
        return self._shaded(properties, background)

    def _shaded(self, properties: Element | None, outer: Background) -> Background:
        return self._filled(None if properties is None else properties.find(W + "shd"), outer)

    def _filled(self, shading: Element | None, outer: Background) -> Background:
        """Return what is beneath words that are shaded so."""
        if shading is None:
            return outer
        pattern = shading.get(W + "val", "clear")
        fill = self._theme.word_colour(
            shading, "themeFill", "themeFillTint", "themeFillShade", "fill"
        )
        if pattern in ("clear", "nil"):
            automatic = shading.get(W + "fill", "auto") == "auto"
            if fill is None:
                return outer if automatic else None
            return frozenset([fill])
        return None

    def _table_background(self, properties: Element | None) -> Background:
        """Return the background of a table; not known if its style fills some cells."""
        style = child_value(properties, "tblStyle")
        background = self._shaded(properties, self._background)
        if style and self._styles.fills(style):
            return None
        return background

    def _box_background(self, box: Element) -> Background:
        """Return what a text box is filled with."""
        for outer in box.iterancestors():
            if outer.tag == _SHAPE + "wsp":
                filled, colour = self._theme.shape_fill(outer, _SHAPE)
            elif outer.tag.startswith(_VML) and outer.tag != _VML + "textbox":
                filled, colour = _vml_fill(outer)
            else:
                continue
            if filled:
                return None if colour is None else frozenset([colour])
            break
        return None if self._drawn else self._page


def _has_edges(properties: Element | None) -> bool:
    if properties is None:
        return False
    if any(is_on(properties, name) for name in _EDGE_PROPERTIES):
        return True
    edges = (properties.find(name) for name in _EDGE_PROPERTIES_SINCE_2010)
    return any(edge is not None and edge.find(_W14 + "noFill") is None for edge in edges)


def _is_clear(text_fill: Element) -> bool:
    """Tell whether words are filled with nothing."""
    if text_fill.find(_W14 + "noFill") is not None:
        return True
    transparency = text_fill.find(f"{_W14}solidFill/*/{_W14}alpha")
    return (
        transparency is not None
        and _MIN_CLEAR_TRANSPARENCY <= _float_or_huge(transparency.get(_W14 + "val")) < 1e9
    )


def _vml_fill(shape: Element) -> tuple[bool, Colour | None]:
    """Return whether a shape of Word 2007 is filled, and its colour, None if it is not known."""
    if shape.get("filled") in ("f", "false"):
        return False, None
    if shape.find(_VML + "fill") is not None:
        return True, None
    fill_colour = (shape.get("fillcolor") or "#ffffff").split()[0]
    return True, WHITE if fill_colour == "white" else hex_colour(fill_colour.lstrip("#"))


def _is_flat(element: Element, name: str) -> bool:
    return _float_or_huge(element.get(W + name)) < _MIN_HEIGHT_TWIPS


def _float_or_huge(text: str | None) -> float:
    """Return a number; a large one if it is none."""
    try:
        return float(text or "")
    except ValueError:
        return 1e9


def _is_off_page(frame: Element | None, across: str, down: str) -> bool:
    if frame is None:
        return False
    return any(_float_or_huge(frame.get(W + name)) <= _OFF_PAGE_TWIPS for name in (across, down))


def _is_beside(box: Element) -> bool:
    """Tell whether a text box stands beside any page."""
    anchor = next(box.iterancestors(_DRAWING + "anchor"), None)
    if anchor is None:
        return False
    extent = anchor.find(_DRAWING + "extent")
    for name, side in (("positionH", "cx"), ("positionV", "cy")):
        position = anchor.find(_DRAWING + name)
        offset = None if position is None else position.find(_DRAWING + "posOffset")
        if position is None or offset is None:
            continue
        start = _float_or_huge(offset.text)
        length = 0.0 if extent is None else min(_float_or_huge(extent.get(side)), _MAX_PAGE_EMUS)
        before = 0 if position.get("relativeFrom") == "page" else -_MAX_MARGIN_EMUS
        if start + length <= before or _MAX_PAGE_EMUS <= start < 1e9:
            return True
    return False
