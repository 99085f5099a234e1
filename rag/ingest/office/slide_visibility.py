"""What of a slide is not seen: beside it, or in the colour of what it stands on.

What stands beneath words is their shape's fill, else the slide's background, if no picture or
filled shape lies between. Where it is not known, the words are taken to be seen.
"""

import math
from collections.abc import Iterator, Sequence
from typing import Any, Final

from lxml import etree
from pptx.opc.constants import RELATIONSHIP_TYPE

from rag.ingest.office.colours import Theme
from rag.ingest.visibility import MIN_LEGIBLE_POINTS, WHITE, Colour, are_indistinguishable

__all__ = ["SlideVisibility", "TextVisibility"]

_A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P: Final = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_FILL_TAGS: Final = tuple(_A + name for name in ("solidFill", "gradFill", "blipFill", "pattFill"))
_PLAIN_BACKGROUND_INDEX = "1001"  # the first of a theme's backgrounds, which is one colour
_MAX_CLEAR_OPACITY = 5_000  # of 100,000: letters of which no more is laid on

_LAYERS: Final = ("slide", "slide_layout", "slide_master")
_PAINTING_TAGS: Final = tuple(_P + name for name in ("pic", "sp", "graphicFrame"))
_MAX_PAINTED_SHAPES = 500  # shapes; more are not compared with each other

_Box = tuple[float, float, float, float]  # left, top, right, bottom

# Shapes and slides of python-pptx are of many classes without a common type.
_Shape = Any


class TextVisibility:
    """Tells of the words of a text frame whether they are seen.

    Args:
        theme: The colours of the file.
        background: The colour that they stand on; None if that is not known.
        unseen: Takes what is not seen.
        shown: Whether the frame is on the slide at all.
    """

    def __init__(
        self, theme: Theme, background: Colour | None, unseen: list[str], *, shown: bool = True
    ) -> None:
        self._theme = theme
        self._background = background
        self._unseen = unseen
        self._shown = shown

    def visible_text(self, words: str, run: Any, defaults: Any) -> str:
        """Return words if they are seen, else "".

        Args:
            words: The words.
            run: The element in which they stand.
            defaults: What the frame states for runs that state nothing themselves; None if nothing.
        """
        if self._is_seen(run.find(_A + "rPr"), defaults):
            return words
        self._unseen.append(words)
        return ""

    def _is_seen(self, properties: Any, defaults: Any) -> bool:
        if not self._shown:
            return False
        sources = [source for source in (properties, defaults) if source is not None]
        size = next((source.get("sz") for source in sources if source.get("sz")), "")
        if size.isdecimal() and int(size) < 100 * MIN_LEGIBLE_POINTS:
            return False
        if any(
            source.find(_A + "effectLst") is not None or _is_edged(source) for source in sources
        ):
            return True
        fill = next(
            (
                fill
                for source in sources
                for fill in source
                if fill.tag in (*_FILL_TAGS, _A + "noFill")
            ),
            None,
        )
        if fill is None:
            return True
        if fill.tag != _A + "solidFill":
            return bool(fill.tag != _A + "noFill")
        opacity = next(fill.iter(_A + "alpha"), None)
        if opacity is not None and (opacity.get("val") or "").isdecimal():
            return bool(int(opacity.get("val")) > _MAX_CLEAR_OPACITY)
        colour = self._theme.drawing_colour(fill)
        return (
            colour is None
            or self._background is None
            or not are_indistinguishable(colour, self._background)
        )


class SlideVisibility:
    """Tells what is seen of a slide.

    Args:
        slide: The slide.
        width: Of all slides.
        height: Of all slides.

    Attributes:
        unseen: The text that is not seen, in order, and the names of shapes beside the slide.
    """

    def __init__(self, slide: Any, width: int, height: int) -> None:
        self.unseen: list[str] = []
        self._width, self._height = width, height
        layers = _layers(slide)
        self._theme = _theme_of(layers[-1])
        override = slide._element.find(f"{_P}clrMapOvr/{_A}overrideClrMapping")
        self._colours_known = override is None and len(layers) == len(_LAYERS)
        self._slide_background = self._read_background(layers) if self._colours_known else None
        self._painted = [
            (element, box)
            for layer in reversed(layers)
            for element in layer._element.iter(*_PAINTING_TAGS)
            if (layer is slide or next(element.iter(_P + "ph"), None) is None)
            and _paints(element)
            and (box := _box_of(element)) is not None
        ]
        self._colours_known = self._colours_known and len(self._painted) <= _MAX_PAINTED_SHAPES

    def shows(self, shape: _Shape) -> bool:
        """Tell whether a shape is on the slide; if not, note its name."""
        box = _bounds(shape)
        if box is None or self._is_on_slide(box):
            return True
        self.unseen.append(str(shape.name))
        return False

    def of_shape(self, shape: _Shape) -> TextVisibility:
        """Return what tells of the words of a shape."""
        box = _bounds(shape)
        shown = box is None or self._is_on_slide(box)
        return TextVisibility(self._theme, self._background(shape, box), self.unseen, shown=shown)

    def of_cell(self, cell: Any, table: _Shape) -> TextVisibility:
        """Return what tells of the words of a table's cell, which its style may colour."""
        properties = cell._tc.tcPr
        fill = None if properties is None else properties.find(_A + "solidFill")
        background = (
            None if fill is None or not self._colours_known else self._theme.drawing_colour(fill)
        )
        box = _bounds(table)
        shown = box is None or self._is_on_slide(box)
        return TextVisibility(self._theme, background, self.unseen, shown=shown)

    def _is_on_slide(self, box: _Box) -> bool:
        left, top, right, bottom = box
        return left < self._width and right > 0 and top < self._height and bottom > 0

    def _background(self, shape: _Shape, box: _Box | None) -> Colour | None:
        if not self._colours_known or box is None:
            return None
        element = shape._element
        filled, colour = self._theme.shape_fill(element, _P)
        if filled:
            return colour
        base = getattr(shape, "_base_placeholder", None) if shape.is_placeholder else None
        while base is not None:
            if self._theme.shape_fill(base._element, _P)[0]:
                return None
            base = getattr(base, "_base_placeholder", None)
        for painted_element, painted_box in self._painted:
            if painted_element is element:
                break  # what follows lies above
            if _overlap(painted_box, box):
                return None
        return self._slide_background

    def _read_background(self, layers: Sequence[Any]) -> Colour | None:
        for layer in layers:
            background = layer._element.find(f"{_P}cSld/{_P}bg")
            if background is None:
                continue
            stated = background.find(f"{_P}bgPr")
            if stated is not None:
                return self._theme.drawing_colour(stated.find(_A + "solidFill"))
            reference = background.find(f"{_P}bgRef")
            plain = reference is not None and reference.get("idx") == _PLAIN_BACKGROUND_INDEX
            return self._theme.drawing_colour(reference) if plain else None
        return WHITE


def _layers(slide: Any) -> list[Any]:
    """Return a slide, its layout and its master, as far as they are in the file."""
    layers = [slide]
    for name in _LAYERS[1:]:
        try:
            layers.append(getattr(layers[-1], name))
        except KeyError:  # what is missing is not missed by PowerPoint either
            break
    return layers


def _theme_of(master: Any) -> Theme:
    """Return the colours of a master, by the names that its slides call them."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        root = etree.fromstring(master.part.part_related_by(RELATIONSHIP_TYPE.THEME).blob, parser)
    except KeyError:
        root = None
    names = master._element.find(_P + "clrMap")
    return Theme(root, None if names is None else dict(names.attrib))


def _paints(element: Any) -> bool:
    """Tell whether a shape has a picture or a fill, or may have."""
    if element.tag != _P + "sp":
        return True
    properties = element.find(_P + "spPr")
    for fill in () if properties is None else properties:
        if fill.tag in (*_FILL_TAGS, _A + "grpFill"):
            return True
        if fill.tag == _A + "noFill":
            return False
    style = element.find(f"{_P}style/{_A}fillRef")
    return style is not None and style.get("idx") != "0"


def _is_edged(properties: Any) -> bool:
    line = properties.find(_A + "ln")
    return line is not None and line.find(_A + "noFill") is None and len(line) > 0


def _bounds(shape: _Shape) -> _Box | None:
    """Return where a shape stands on its slide; None if that is not known."""
    if None in (shape.left, shape.top, shape.width, shape.height):
        return None
    box = (
        float(shape.left),
        float(shape.top),
        float(shape.left + shape.width),
        float(shape.top + shape.height),
    )
    return _outward(shape._element, _turned(box, getattr(shape, "rotation", 0)))


def _box_of(element: Any) -> _Box | None:
    """Return where an element stands on its slide; None if it does not say."""
    form = next(element.iter(_A + "xfrm", _P + "xfrm"), None)
    sides = None if form is None else _sides(form, "off", "ext")
    if sides is None:
        return None
    left, top, width, height = sides
    return _outward(element, (left, top, left + width, top + height))


def _turned(box: _Box, angle: float) -> _Box:
    """Return a box that holds another however it is turned."""
    if not angle:
        return box
    x, y = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    radius = math.hypot(box[2] - box[0], box[3] - box[1]) / 2
    return x - radius, y - radius, x + radius, y + radius


def _outward(element: Any, box: _Box) -> _Box:
    """Return a box in the groups of which an element is, on the slide."""
    for form in _groups(element):
        outer, inner = _sides(form, "off", "ext"), _sides(form, "chOff", "chExt")
        if outer is None or inner is None or not inner[2] or not inner[3]:
            continue
        across, down = outer[2] / inner[2], outer[3] / inner[3]
        box = (
            outer[0] + (box[0] - inner[0]) * across,
            outer[1] + (box[1] - inner[1]) * down,
            outer[0] + (box[2] - inner[0]) * across,
            outer[1] + (box[3] - inner[1]) * down,
        )
    return box


def _groups(element: Any) -> Iterator[Any]:
    for outer in element.iterancestors(_P + "grpSp"):
        form = outer.find(f"{_P}grpSpPr/{_A}xfrm")
        if form is not None:
            yield form


def _sides(form: Any, start: str, extent: str) -> tuple[float, float, float, float] | None:
    first, second = form.find(_A + start), form.find(_A + extent)
    if first is None or second is None:
        return None
    try:
        return (
            float(first.get("x")), float(first.get("y")),
            float(second.get("cx")), float(second.get("cy")),
        )  # fmt: skip
    except (TypeError, ValueError):
        return None


def _overlap(box: _Box, other_box: _Box) -> bool:
    return (
        box[0] < other_box[2]
        and other_box[0] < box[2]
        and box[1] < other_box[3]
        and other_box[1] < box[3]
    )
