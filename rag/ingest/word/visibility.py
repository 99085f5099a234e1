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
from rag.ingest.visibility import SPECK, WHITE, Colour, alike
from rag.ingest.word.numbering import W, on, value
from rag.ingest.word.styles import Styles

__all__ = ["Sight"]

_DRAWING: Final = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
_SHAPE: Final = "{http://schemas.microsoft.com/office/word/2010/wordprocessingShape}"
_W14: Final = "{http://schemas.microsoft.com/office/word/2010/wordml}"
_VML: Final = "{urn:schemas-microsoft-com:vml}"
_FLAT = 40  # twentieths of a point: a line or row that is no higher shows nothing
_NARROW = 5  # per cent of the width of letters
_OFF_PAGE = -8_000  # twentieths of a point, where the left or upper edge begins
_MARGIN = 2_743_200  # English metric units: three inches, more than margins have
_LARGEST_PAGE = 20_116_800  # 22 inches, the largest that Word has
_HIGHLIGHTS: Final = {
    "black": (0, 0, 0), "blue": (0, 0, 255), "cyan": (0, 255, 255), "green": (0, 255, 0),
    "magenta": (255, 0, 255), "red": (255, 0, 0), "yellow": (255, 255, 0), "white": WHITE,
    "darkBlue": (0, 0, 128), "darkCyan": (0, 128, 128), "darkGreen": (0, 128, 0),
    "darkMagenta": (128, 0, 128), "darkRed": (128, 0, 0), "darkYellow": (128, 128, 0),
    "darkGray": (128, 128, 128), "lightGray": (192, 192, 192),
}  # fmt: skip
# What gives letters an edge or a shadow, by which they are seen whatever their colour.
_EDGES: Final = ("outline", "shadow", "emboss", "imprint")
_EDGES_SINCE_2010: Final = tuple(_W14 + name for name in ("textOutline", "shadow", "glow"))
_CLEAR = 95_000  # of 100,000: words that let so much through

Ground = frozenset[Colour] | None
"""The colours that may stand beneath words; None if they are not known."""


class _Lines(NamedTuple):
    """What holds for the words of a paragraph that do not say otherwise."""

    style: str
    ground: Ground
    seen: bool


class Sight:
    """Tells of each piece of text whether it is seen; the places that it is in are entered.

    Args:
        body: The body of the document.
        styles: Its styles.
        theme: Its colours.

    Attributes:
        unseen: What was found not to be seen.
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
        coloured = root is not None and root.find(W + "background") is not None
        self._page: Ground = None if behind or coloured else frozenset([WHITE])
        self._ground = self._page
        self._shown = True
        self._lines = _Lines("", self._ground, True)

    @contextmanager
    def table(self, table: Element) -> Iterator[None]:
        """Enter a table, whose style may give its cells a ground."""
        properties = table.find(W + "tblPr")
        placed = None if properties is None else properties.find(W + "tblpPr")
        ground = self._table_ground(properties)
        with self._within(ground, shown=not _is_off_page(placed, "tblpX", "tblpY")):
            yield

    @contextmanager
    def cell(self, row: Element, cell: Element) -> Iterator[None]:
        """Enter a cell of a row."""
        height = row.find(f"{W}trPr/{W}trHeight")
        flat = height is not None and height.get(W + "hRule") == "exact" and _is_flat(height, "val")
        with self._within(self._shaded(cell.find(W + "tcPr"), self._ground), shown=not flat):
            yield

    @contextmanager
    def box(self, box: Element) -> Iterator[None]:
        """Enter a text box."""
        outer = self._ground, self._shown
        self._ground, self._shown = self._box_ground(box), not _is_beside(box)
        try:
            yield
        finally:
            self._ground, self._shown = outer

    def paragraph(self, properties: Element | None) -> None:
        """Begin a paragraph."""
        style = value(properties, "pStyle")
        style = self._styles.default if style is None else style
        shaded = self._styles.element(style, "pPr", "shd")
        ground = self._filled(shaded, self._ground)
        ground = self._shaded(properties, ground)
        spacing = None if properties is None else properties.find(W + "spacing")
        if spacing is None:
            spacing = self._styles.element(style, "pPr", "spacing")
        flat = (
            spacing is not None
            and spacing.get(W + "lineRule") == "exact"
            and _is_flat(spacing, "line")
        )
        frame = None if properties is None else properties.find(W + "framePr")
        self._lines = _Lines(
            style, ground, self._shown and not flat and not _is_off_page(frame, "x", "y")
        )

    def sees(self, properties: Element | None) -> bool:
        """Tell whether a piece of the paragraph's text is seen.

        Args:
            properties: Its w:rPr.
        """
        if not self._lines.seen:
            return False
        size = self._said(properties, "sz")
        if size is not None and _number(size.get(W + "val")) < 2 * SPECK:
            return False
        scale = None if properties is None else properties.find(W + "w")
        if scale is not None and _number(scale.get(W + "val")) < _NARROW:
            return False
        if _has_edges(properties):
            return True
        filled = None if properties is None else properties.find(_W14 + "textFill")
        if filled is not None and _is_clear(filled):
            return False
        colour = (
            self._colour(self._said(properties, "color"))
            if filled is None
            else (self._theme.filled_word(filled, _W14))
        )
        ground = self._run_ground(properties)
        return colour is None or ground is None or not all(alike(colour, one) for one in ground)

    @contextmanager
    def _within(self, ground: Ground, *, shown: bool) -> Iterator[None]:
        outer = self._ground, self._shown
        self._ground, self._shown = ground, self._shown and shown
        try:
            yield
        finally:
            self._ground, self._shown = outer

    def _said(self, properties: Element | None, name: str) -> Element | None:
        """Return what a run, its style, or its paragraph's style says of it."""
        found = None if properties is None else properties.find(W + name)
        if found is None and (style := value(properties, "rStyle")):
            found = self._styles.element(style, "rPr", name)
        if found is None:
            found = self._styles.element(self._lines.style, "rPr", name)
        return found

    def _colour(self, said: Element | None) -> Colour | None:
        """Return the colour of words; None if Word chooses it, or if it is not known."""
        if said is None:
            return None
        return self._theme.word_colour(said, "themeColor", "themeTint", "themeShade", "val")

    def _run_ground(self, properties: Element | None) -> Ground:
        marked = value(properties, "highlight")
        if marked and marked != "none":
            return frozenset([_HIGHLIGHTS[marked]]) if marked in _HIGHLIGHTS else None
        ground = self._lines.ground
        if style := value(properties, "rStyle"):
            ground = self._filled(self._styles.element(style, "rPr", "shd"), ground)
        return self._shaded(properties, ground)

    def _shaded(self, properties: Element | None, outer: Ground) -> Ground:
        return self._filled(None if properties is None else properties.find(W + "shd"), outer)

    def _filled(self, shading: Element | None, outer: Ground) -> Ground:
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

    def _table_ground(self, properties: Element | None) -> Ground:
        """Return the ground of a table; not known if its style fills some cells."""
        style = value(properties, "tblStyle")
        ground = self._shaded(properties, self._ground)
        if style and self._styles.fills(style):
            return None
        return ground

    def _box_ground(self, box: Element) -> Ground:
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
    if any(on(properties, name) for name in _EDGES):
        return True
    edges = (properties.find(name) for name in _EDGES_SINCE_2010)
    return any(edge is not None and edge.find(_W14 + "noFill") is None for edge in edges)


def _is_clear(filled: Element) -> bool:
    """Tell whether words are filled with nothing."""
    if filled.find(_W14 + "noFill") is not None:
        return True
    through = filled.find(f"{_W14}solidFill/*/{_W14}alpha")
    return through is not None and _CLEAR <= _number(through.get(_W14 + "val")) < 1e9


def _vml_fill(shape: Element) -> tuple[bool, Colour | None]:
    """Return whether a shape of Word 2007 is filled, and its colour, None if it is not known."""
    if shape.get("filled") in ("f", "false"):
        return False, None
    if shape.find(_VML + "fill") is not None:
        return True, None
    said = (shape.get("fillcolor") or "#ffffff").split()[0]
    return True, WHITE if said == "white" else hex_colour(said.lstrip("#"))


def _is_flat(element: Element, name: str) -> bool:
    return _number(element.get(W + name)) < _FLAT


def _number(text: str | None) -> float:
    """Return a number; a large one if it is none."""
    try:
        return float(text or "")
    except ValueError:
        return 1e9


def _is_off_page(frame: Element | None, across: str, down: str) -> bool:
    if frame is None:
        return False
    return any(_number(frame.get(W + name)) <= _OFF_PAGE for name in (across, down))


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
        start = _number(offset.text)
        length = 0.0 if extent is None else min(_number(extent.get(side)), _LARGEST_PAGE)
        before = 0 if position.get("relativeFrom") == "page" else -_MARGIN
        if start + length <= before or _LARGEST_PAGE <= start < 1e9:
            return True
    return False
