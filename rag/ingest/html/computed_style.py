"""How text in an element of a web page looks: its colour, what it stands on, its size."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from PIL import ImageColor

from rag.ingest.html.stylesheets import SCREEN, Declarations
from rag.ingest.visibility import MIN_LEGIBLE_POINTS, WHITE, Colour, are_indistinguishable, blended

__all__ = ["Look", "is_nothing", "look_of", "with_variables"]

_BLACK: Colour = (0, 0, 0)
_ORDINARY = 16.0  # pixels: the size of text of which nothing is said
_POINT = 4 / 3  # pixels
_FAINT = 0.05  # of full opacity
_AWAY = -700.0  # pixels to the left or above: no scrolling leads there
_FAR = 3000.0  # pixels to the right
_NOTHING = 1.0  # pixels of width or height
_MAX_VALUE = 1_000  # characters of a value with its variables put in
_SIZES: Final = {
    "xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": 16.0, "large": 18.0,
    "x-large": 24.0, "xx-large": 32.0, "xxx-large": 48.0,
}  # fmt: skip
_UNITS: Final = {
    "": 1.0, "px": 1.0, "pt": _POINT, "pc": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78, "rem": 16.0,
    "vw": SCREEN[0] / 100, "vh": SCREEN[1] / 100,
}  # fmt: skip
_NUMBER = r"(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})"
_LENGTH = re.compile(rf"([+-]?{_NUMBER})([a-z]*|%)")
_FONT = re.compile(rf"(?:^|\s)({_NUMBER}(?:[a-z]{{2,3}}|%)|0)(?=[\s/])")
_VARIABLE = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,([^()]*))?\)")
_RGB = re.compile(
    rf"rgba?\(\s*({_NUMBER}%?)[\s,]+({_NUMBER}%?)[\s,]+({_NUMBER}%?)\s*(?:[,/]\s*({_NUMBER}%?)\s*)?\)"
)
_COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|(?:rgb|hsl)a?\([^()]*\)|[a-z]+")
_CLIP = re.compile(r"rect\(\s*([^\s,()]+)[\s,]+([^\s,()]+)[\s,]+([^\s,()]+)[\s,]+([^\s,()]+)\s*\)")
_CLIP_PATH = re.compile(r"inset\(\s*(?:[5-9]\d|100)(?:\.\d*)?%|circle\(\s*0(?:px|%)?\s*(?:\)|at)")
_TURNED_AWAY = re.compile(
    r"scale(?:x|y|3d)?\(\s*0(?:\.0*)?\s*[,)]|rotate[xy]\(\s*90deg"
    r"|translate(?:x|y|3d)?\(\s*(?:0\w*\s*,\s*)?-(?:[7-9]\d\d|\d{4,})"
)
_CLEAR = re.compile(r"opacity\(\s*0(?:\.0\d*)?%?\s*\)")
_INHERITED: Final = frozenset({"", "inherit", "unset", "revert", "revert-layer", "currentcolor"})
_WITHOUT_COLOUR: Final = frozenset({"transparent", "none", "initial", *_INHERITED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How the text directly in an element looks.

    Attributes:
        colour: None if that is not known.
        ground: The colour on which it stands, None if that is not known.
        size: Pixels.
        visible: It is not made invisible; what is within may be visible all the same.
        outlined: Its letters have a shadow or an edge, by which they are seen.
        away: Its first line begins beside the page.
        cut: How an element around it that has no extent, or stands beside the page, is placed:
            what is fixed within is seen all the same; "" if there is none.
        variables: What the style sheets call by names of their own.
    """

    colour: Colour | None = _BLACK
    ground: Colour | None = WHITE
    size: float = _ORDINARY
    visible: bool = True
    outlined: bool = False
    away: bool = False
    cut: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def seen(self) -> bool:
        """Whether it is seen if it is shown at all."""
        if self.away or self.cut or self.size < MIN_LEGIBLE_POINTS * _POINT:
            return False
        if self.outlined or self.colour is None or self.ground is None:
            return True
        return not are_indistinguishable(self.colour, self.ground)


def with_variables(look: Look, said: Declarations) -> tuple[Mapping[str, str], Declarations]:
    """Return the variables that hold in an element, and what is said of it with their values."""
    own = {name: value for name, value in said.items() if name.startswith("--")}
    variables = {**look.variables, **own} if own else look.variables
    if not any("var(" in value for value in said.values()):
        return variables, said

    def put_in(match: re.Match[str]) -> str:
        return variables.get(match[1], (match[2] or "").strip())

    put: Declarations = {}
    for name, value in said.items():
        for _ in range(5):
            if "var(" not in value or len(value) > _MAX_VALUE:
                break
            value = _VARIABLE.sub(put_in, value)
        put[name] = value if len(value) <= _MAX_VALUE else "?"
    return variables, put


def is_nothing(said: Declarations) -> bool:
    """Tell whether an element has no opacity, or nothing of it is shown."""
    return bool(
        _share(said.get("opacity", "1")) < _FAINT
        or _CLEAR.search(said.get("filter", ""))
        or _CLIP_PATH.search(said.get("clip-path", ""))
        or _TURNED_AWAY.search(said.get("transform", ""))
    )


def _cut(outer: str, said: Declarations) -> str:
    """Return by what element the text is cut off, if by any; see `Look.cut`."""
    position = said.get("position", "static")
    if _is_clipped(said) or _has_no_extent(said) or _is_beside(said):
        return position
    escapes = position == "fixed" or (position == "absolute" and outer == "static")
    return "" if escapes else outer


def _has_no_extent(said: Declarations) -> bool:
    names = "overflow", "overflow-x", "overflow-y"
    if not any(said.get(name, "") in ("hidden", "clip") for name in names):
        return False
    sizes = (said.get(name, "") for name in ("height", "max-height", "width", "max-width"))
    return any(_is_at_most(size, _NOTHING) for size in sizes)


def _is_beside(said: Declarations) -> bool:
    """Tell whether an element stands where no scrolling leads."""
    if any(_is_at_most(said.get(name, ""), _AWAY) for name in ("margin-left", "margin-top")):
        return True
    if said.get("position", "static") in ("static", "sticky", *_INHERITED):
        return False
    left, right = (_pixels(said.get(name, ""), SCREEN[0]) for name in ("left", "right"))
    top = _pixels(said.get("top", ""), SCREEN[1])
    before = (left is not None and left <= _AWAY) or (top is not None and top <= _AWAY)
    return before or (left or 0) >= _FAR or (right or 0) <= -_FAR


def look_of(outer: Look, said: Declarations, variables: Mapping[str, str], *, laid: bool) -> Look:
    """Return how the text of an element looks.

    Args:
        outer: How that of the element around it looks.
        said: What is said of it, the variables put in.
        variables: Those that hold in it.
        laid: Whether it may lie over something that does not contain it.
    """
    if not said and not laid and variables is outer.variables:
        return outer
    size = _size(outer.size, said)
    ground = _ground(None if laid else outer.ground, said)
    filled = said.get("-webkit-text-fill-color", "")
    colour = _painted(filled or said.get("color", ""), outer.colour, ground)
    visibility = said.get("visibility", "")
    indent = said.get("text-indent")
    return replace(
        outer,
        colour=colour,
        ground=ground,
        size=size,
        visible=outer.visible
        if visibility in _INHERITED
        else visibility not in ("hidden", "collapse"),
        outlined=_is_outlined(outer, said),
        cut=_cut(outer.cut, said),
        away=outer.away if indent is None else _is_at_most(indent, _AWAY),
        variables=variables,
    )


def _size(outer: float, said: Declarations) -> float:
    value = said.get("font-size", "")
    if not value and (match := _FONT.search(said.get("font", ""))):
        value = match[1]
    if value in ("smaller", "larger"):
        return outer * (1.2 if value == "larger" else 1 / 1.2)
    if value in _SIZES:
        return _SIZES[value]
    match = _LENGTH.fullmatch(value)
    if match is None:
        return outer
    number, unit = float(match[1]), match[2]
    relative = {"em": outer, "%": outer / 100, "ex": outer / 2, "ch": outer / 2}
    return number * relative.get(unit, _UNITS.get(unit, 1.0))


def _ground(outer: Colour | None, said: Declarations) -> Colour | None:
    """Return the colour on which the text stands; of pictures and gradients it is not known."""
    whole, plain = said.get("background", ""), said.get("background-color", "")
    drawn = said.get("background-image", "none") + whole
    if "url(" in drawn or "gradient" in drawn or "image" in drawn:
        return None
    named = [_named_in(value) for value in (whole, plain) if value]
    grounds = {_painted(name, outer, outer) for name in named if name not in _WITHOUT_COLOUR}
    if not grounds:
        return outer
    return grounds.pop() if len(grounds) == 1 else None  # which of them holds is not told here


def _named_in(value: str) -> str:
    """Return what names a colour among the values of `background`."""
    for match in _COLOUR.finditer(value):
        if match[0][0] == "#" or "(" in match[0] or _colour(match[0]) is not None:
            return match[0]
    return value if "(" in value else "none"


def _painted(value: str, outer: Colour | None, beneath: Colour | None) -> Colour | None:
    """Return the colour that is seen where something is painted over something."""
    if value in _INHERITED:
        return outer
    found = (*_BLACK, 1.0) if value == "initial" else _colour(value)
    if found is None:
        return None
    red, green, blue, share = found
    if share == 1:
        return red, green, blue
    return None if beneath is None else blended((red, green, blue), share, beneath)


def _colour(value: str) -> tuple[int, int, int, float] | None:
    """Return a colour and its opacity; None if it is not understood."""
    if value == "transparent":
        return (*_BLACK, 0.0)
    if match := _RGB.fullmatch(value):
        red, green, blue = (
            min(round(float(part[:-1]) * 2.55 if part.endswith("%") else float(part)), 255)
            for part in match.groups()[:3]
        )
        return red, green, blue, _share(match[4] or "1")
    try:
        found = ImageColor.getrgb(
            re.sub(r"^hsla?\(([^,/]*,[^,/]*,[^,/]*)[,/].*", r"hsl(\1)", value)
        )
    except ValueError:
        return None
    return found[0], found[1], found[2], found[3] / 255 if len(found) > 3 else 1.0


def _share(value: str) -> float:
    match = _LENGTH.fullmatch(value)
    if match is None:
        return 1.0
    return min(max(float(match[1]) / (100 if match[2] == "%" else 1), 0.0), 1.0)


def _pixels(value: str, whole: float) -> float | None:
    """Return a length in pixels; None if it is not understood."""
    match = _LENGTH.fullmatch(value)
    if match is None:
        return None
    unit = whole / 100 if match[2] == "%" else _UNITS.get(match[2], _ORDINARY)
    return float(match[1]) * unit


def _is_at_most(value: str, most: float) -> bool:
    pixels = _pixels(value, SCREEN[0])
    return pixels is not None and pixels <= most


def _is_clipped(said: Declarations) -> bool:
    match = _CLIP.search(said.get("clip", ""))
    if match is None or said.get("position") not in ("absolute", "fixed"):
        return False
    top, right, bottom, left = (_pixels(edge, 0) for edge in match.groups())
    wide = None if left is None or right is None else right - left
    high = None if top is None or bottom is None else bottom - top
    return any(extent is not None and extent <= _NOTHING for extent in (wide, high))


def _is_outlined(outer: Look, said: Declarations) -> bool:
    names = ("text-shadow", "-webkit-text-stroke", "-webkit-text-stroke-width")
    found = [said[name] for name in names if name in said]
    if not found:
        return outer.outlined
    return any(value not in ("none", "0", "0px", "initial") for value in found)
