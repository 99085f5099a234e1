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
from rag.ingest.visibility import SPECK, WHITE, Colour, alike

__all__ = ["SlideSight", "Words"]

_A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_P: Final = "{http://schemas.openxmlformats.org/presentationml/2006/main}"
_FILLS: Final = tuple(_A + name for name in ("solidFill", "gradFill", "blipFill", "pattFill"))
_PLAIN_BACKGROUND = "1001"  # the first of a theme's backgrounds, which is one colour
_CLEAR = 5_000  # of 100,000: letters of which no more is laid on

_LAYERS: Final = ("slide", "slide_layout", "slide_master")
_PAINTERS: Final = tuple(_P + name for name in ("pic", "sp", "graphicFrame"))
_MAX_PAINTED = 500  # shapes; more are not compared with each other

_Box = tuple[float, float, float, float]  # left, top, right, bottom

# Shapes and slides of python-pptx are of many classes without a common type.
_Shape = Any


class Words:
    """Tells of the words of a text frame whether they are seen.

    Args:
        theme: The colours of the file.
        ground: What they stand on; None if that is not known.
        unseen: Takes what is not seen.
        shown: Whether the frame is on the slide at all.
    """

    def __init__(
        self, theme: Theme, ground: Colour | None, unseen: list[str], *, shown: bool = True
    ) -> None:
        self._theme = theme
        self._ground = ground
        self._unseen = unseen
        self._shown = shown

    def seen(self, words: str, run: Any, usual: Any) -> str:
        """Return words if they are seen, else "".

        Args:
            words: The words.
            run: The element in which they stand.
            usual: What the frame says of words that say nothing themselves; None if nothing.
        """
        if self._is_seen(run.find(_A + "rPr"), usual):
            return words
        self._unseen.append(words)
        return ""

    def _is_seen(self, properties: Any, usual: Any) -> bool:
        if not self._shown:
            return False
        said = [one for one in (properties, usual) if one is not None]
        size = next((one.get("sz") for one in said if one.get("sz")), "")
        if size.isdecimal() and int(size) < 100 * SPECK:
            return False
        if any(one.find(_A + "effectLst") is not None or _is_edged(one) for one in said):
            return True
        fill = next(
            (fill for one in said for fill in one if fill.tag in (*_FILLS, _A + "noFill")), None
        )
        if fill is None:
            return True
        if fill.tag != _A + "solidFill":
            return bool(fill.tag != _A + "noFill")
        share = next(fill.iter(_A + "alpha"), None)
        if share is not None and (share.get("val") or "").isdecimal():
            return bool(int(share.get("val")) > _CLEAR)
        colour = self._theme.drawn(fill)
        return colour is None or self._ground is None or not alike(colour, self._ground)


class SlideSight:
    """Tells what is seen of a slide.

    Args:
        slide: The slide.
        width: Of all slides.
        height: Of all slides.

    Attributes:
        unseen: What was found not to be seen.
    """

    def __init__(self, slide: Any, width: int, height: int) -> None:
        self.unseen: list[str] = []
        self._width, self._height = width, height
        layers = _layers(slide)
        self._theme = _theme_of(layers[-1])
        override = slide._element.find(f"{_P}clrMapOvr/{_A}overrideClrMapping")
        self._known = override is None and len(layers) == len(_LAYERS)
        self._background = self._background_of(layers) if self._known else None
        self._painted = [
            (element, box)
            for layer in reversed(layers)
            for element in layer._element.iter(*_PAINTERS)
            if (layer is slide or next(element.iter(_P + "ph"), None) is None)
            and _paints(element)
            and (box := _box_of(element)) is not None
        ]
        self._known = self._known and len(self._painted) <= _MAX_PAINTED

    def shows(self, shape: _Shape) -> bool:
        """Tell whether a shape is on the slide; if not, note what it is called."""
        box = _bounds(shape)
        if box is None or self._is_on_slide(box):
            return True
        self.unseen.append(str(shape.name))
        return False

    def of_shape(self, shape: _Shape) -> Words:
        """Return what tells of the words of a shape."""
        box = _bounds(shape)
        shown = box is None or self._is_on_slide(box)
        return Words(self._theme, self._ground(shape, box), self.unseen, shown=shown)

    def of_cell(self, cell: Any, table: _Shape) -> Words:
        """Return what tells of the words of a table's cell, which its style may colour."""
        properties = cell._tc.tcPr
        fill = None if properties is None else properties.find(_A + "solidFill")
        ground = None if fill is None or not self._known else self._theme.drawn(fill)
        box = _bounds(table)
        shown = box is None or self._is_on_slide(box)
        return Words(self._theme, ground, self.unseen, shown=shown)

    def _is_on_slide(self, box: _Box) -> bool:
        left, top, right, bottom = box
        return left < self._width and right > 0 and top < self._height and bottom > 0

    def _ground(self, shape: _Shape, box: _Box | None) -> Colour | None:
        if not self._known or box is None:
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
        for other, place in self._painted:
            if other is element:
                break  # what follows lies above
            if _meet(place, box):
                return None
        return self._background

    def _background_of(self, layers: Sequence[Any]) -> Colour | None:
        for layer in layers:
            background = layer._element.find(f"{_P}cSld/{_P}bg")
            if background is None:
                continue
            stated = background.find(f"{_P}bgPr")
            if stated is not None:
                return self._theme.drawn(stated.find(_A + "solidFill"))
            reference = background.find(f"{_P}bgRef")
            plain = reference is not None and reference.get("idx") == _PLAIN_BACKGROUND
            return self._theme.drawn(reference) if plain else None
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
        if fill.tag in (*_FILLS, _A + "grpFill"):
            return True
        if fill.tag == _A + "noFill":
            return False
    style = element.find(f"{_P}style/{_A}fillRef")
    return style is not None and style.get("idx") != "0"


def _is_edged(said: Any) -> bool:
    line = said.find(_A + "ln")
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


def _meet(one: _Box, other: _Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
