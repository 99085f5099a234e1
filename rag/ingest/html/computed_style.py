"""How text in an element of a web page looks: its colour, what it stands on, its size."""

import re
from collections import ChainMap
from dataclasses import dataclass, field, replace
from typing import Final

import tinycss2
from tinycss2.ast import FunctionBlock, HashToken
from tinycss2.color4 import Color, parse_color

from rag.ingest.html.stylesheets import SCREEN, Declarations
from rag.ingest.visibility import MIN_LEGIBLE_POINTS, WHITE, Colour, are_indistinguishable, blended

__all__ = ["ComputedStyle", "compute_style", "is_invisible", "substitute_variables"]

_BLACK: Colour = (0, 0, 0)
_MEDIUM_SIZE = 16.0  # pixels: the size of text for which no size is declared
_POINT = 4 / 3  # pixels
_FAINT = 0.05  # of full opacity
_OFF_SCREEN = -700.0  # pixels to the left or above: no scrolling leads there
_FAR_RIGHT = 3000.0  # pixels to the right
_NO_EXTENT = 1.0  # pixels of width or height
_MAX_VALUE = 1_000  # characters of a value with its variables put in
_NAMED_SIZES: Final = {
    "xx-small": 9.0, "x-small": 10.0, "small": 13.0, "medium": 16.0, "large": 18.0,
    "x-large": 24.0, "xx-large": 32.0, "xxx-large": 48.0,
}  # fmt: skip
_PIXELS_PER_UNIT: Final = {
    "": 1.0, "px": 1.0, "pt": _POINT, "pc": 16.0, "in": 96.0, "cm": 37.8, "mm": 3.78, "rem": 16.0,
    "vw": SCREEN[0] / 100, "vh": SCREEN[1] / 100,
}  # fmt: skip
_NUMBER = r"(?:\d{1,9}(?:\.\d{0,9})?|\.\d{1,9})"
_LENGTH = re.compile(rf"([+-]?{_NUMBER})([a-z]*|%)")
_FONT = re.compile(rf"(?:^|\s)({_NUMBER}(?:[a-z]{{2,3}}|%)|0)(?=[\s/])")
_VARIABLE = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,([^()]*))?\)")
_CLIP = re.compile(r"rect\(\s*([^\s,()]+)[\s,]+([^\s,()]+)[\s,]+([^\s,()]+)[\s,]+([^\s,()]+)\s*\)")
_CLIP_PATH = re.compile(r"inset\(\s*(?:[5-9]\d|100)(?:\.\d*)?%|circle\(\s*0(?:px|%)?\s*(?:\)|at)")
_TURNED_AWAY = re.compile(
    r"scale(?:x|y|3d)?\(\s*0(?:\.0*)?\s*[,)]|rotate[xy]\(\s*90deg"
    r"|translate(?:x|y|3d)?\(\s*(?:0\w*\s*,\s*)?-(?:[7-9]\d\d|\d{4,})"
)
_CLEAR = re.compile(r"opacity\(\s*0(?:\.0\d*)?%?\s*\)")
_COLOUR_FUNCTIONS = ("rgb(", "rgba(", "hsl(", "hsla(", "hwb(")
_INHERITED: Final = frozenset({"", "inherit", "unset", "revert", "revert-layer", "currentcolor"})
_NO_COLOUR: Final = frozenset({"transparent", "none", "initial", *_INHERITED})


@dataclass(frozen=True, slots=True, kw_only=True)
class ComputedStyle:
    """How the text directly in an element looks.

    Attributes:
        colour: None if that is not known.
        background: The colour on which it stands, None if that is not known.
        size: Of its letters, in pixels.
        visible: It is not made invisible; what is within may be visible all the same.
        outlined: Its letters have a shadow or an edge, by which they are seen.
        off_screen: Its first line begins beside the page.
        cut_off: The position of an element around it that has no extent, or stands beside the
            page: what is fixed within is seen all the same; "" if there is none.
        variables: What the style sheets call by names of their own.
    """

    colour: Colour | None = _BLACK
    background: Colour | None = WHITE
    size: float = _MEDIUM_SIZE
    visible: bool = True
    outlined: bool = False
    off_screen: bool = False
    cut_off: str = ""
    variables: ChainMap[str, str] = field(default_factory=ChainMap)

    @property
    def legible(self) -> bool:
        """Whether it is seen if it is shown at all."""
        if self.off_screen or self.cut_off or self.size < MIN_LEGIBLE_POINTS * _POINT:
            return False
        if self.outlined or self.colour is None or self.background is None:
            return True
        return not are_indistinguishable(self.colour, self.background)


def substitute_variables(
    inherited: ComputedStyle, style: Declarations
) -> tuple[ChainMap[str, str], Declarations]:
    """Return the variables that hold in an element, and its declarations with their values."""
    own = {name: value for name, value in style.items() if name.startswith("--")}
    variables = inherited.variables.new_child(own) if own else inherited.variables
    if not any("var(" in value for value in style.values()):
        return variables, style

    def value_of(match: re.Match[str]) -> str:
        return variables.get(match[1], (match[2] or "").strip())

    substituted: Declarations = {}
    for name, value in style.items():
        for _ in range(5):
            if "var(" not in value or len(value) > _MAX_VALUE:
                break
            value = _VARIABLE.sub(value_of, value)
        substituted[name] = value if len(value) <= _MAX_VALUE else "?"
    return variables, substituted


def is_invisible(style: Declarations) -> bool:
    """Tell whether an element has no opacity, or nothing of it is shown."""
    return bool(
        _share(style.get("opacity", "1")) < _FAINT
        or _CLEAR.search(style.get("filter", ""))
        or _CLIP_PATH.search(style.get("clip-path", ""))
        or _TURNED_AWAY.search(style.get("transform", ""))
    )


def compute_style(
    inherited: ComputedStyle,
    style: Declarations,
    variables: ChainMap[str, str],
    *,
    overlaps: bool,
) -> ComputedStyle:
    """Return how the text of an element looks.

    Args:
        inherited: How that of the element around it looks.
        style: Its declarations, the variables put in.
        variables: Those that hold in it.
        overlaps: Whether it may lie over something that does not contain it.
    """
    if not style and not overlaps and variables is inherited.variables:
        return inherited
    background = _background(None if overlaps else inherited.background, style)
    colour = style.get("-webkit-text-fill-color") or style.get("color", "")
    visibility = style.get("visibility", "")
    indent = style.get("text-indent")
    return replace(
        inherited,
        colour=_painted(colour, inherited.colour, background),
        background=background,
        size=_font_size(inherited.size, style),
        visible=inherited.visible
        if visibility in _INHERITED
        else visibility not in ("hidden", "collapse"),
        outlined=_is_outlined(inherited, style),
        cut_off=_cut_off(inherited.cut_off, style),
        off_screen=inherited.off_screen if indent is None else _is_at_most(indent, _OFF_SCREEN),
        variables=variables,
    )


def _cut_off(inherited: str, style: Declarations) -> str:
    """Return by what element the text is cut off, if by any; see `ComputedStyle.cut_off`."""
    position = style.get("position", "static")
    if _is_clipped(style) or _has_no_extent(style) or _is_off_screen(style):
        return position
    escapes = position == "fixed" or (position == "absolute" and inherited == "static")
    return "" if escapes else inherited


def _is_clipped(style: Declarations) -> bool:
    match = _CLIP.search(style.get("clip", ""))
    if match is None or style.get("position") not in ("absolute", "fixed"):
        return False
    top, right, bottom, left = (_pixels(edge, 0) for edge in match.groups())
    width = None if left is None or right is None else right - left
    height = None if top is None or bottom is None else bottom - top
    return any(extent is not None and extent <= _NO_EXTENT for extent in (width, height))


def _has_no_extent(style: Declarations) -> bool:
    names = "overflow", "overflow-x", "overflow-y"
    if not any(style.get(name, "") in ("hidden", "clip") for name in names):
        return False
    sizes = (style.get(name, "") for name in ("height", "max-height", "width", "max-width"))
    return any(_is_at_most(size, _NO_EXTENT) for size in sizes)


def _is_off_screen(style: Declarations) -> bool:
    """Tell whether an element stands where no scrolling leads."""
    if any(_is_at_most(style.get(name, ""), _OFF_SCREEN) for name in ("margin-left", "margin-top")):
        return True
    if style.get("position", "static") in ("static", "sticky", *_INHERITED):
        return False
    left, right = (_pixels(style.get(name, ""), SCREEN[0]) for name in ("left", "right"))
    top = _pixels(style.get("top", ""), SCREEN[1])
    if any(start is not None and start <= _OFF_SCREEN for start in (left, top)):
        return True
    return (left or 0) >= _FAR_RIGHT or (right or 0) <= -_FAR_RIGHT


def _font_size(inherited: float, style: Declarations) -> float:
    value = style.get("font-size", "")
    if not value and (match := _FONT.search(style.get("font", ""))):
        value = match[1]
    if value in ("smaller", "larger"):
        return inherited * (1.2 if value == "larger" else 1 / 1.2)
    if value in _NAMED_SIZES:
        return _NAMED_SIZES[value]
    match = _LENGTH.fullmatch(value)
    if match is None:
        return inherited
    number, unit = float(match[1]), match[2]
    relative = {"em": inherited, "%": inherited / 100, "ex": inherited / 2, "ch": inherited / 2}
    return number * relative.get(unit, _PIXELS_PER_UNIT.get(unit, 1.0))


def _background(inherited: Colour | None, style: Declarations) -> Colour | None:
    """Return the colour on which the text stands; of pictures and gradients it is not known."""
    shorthand, plain = style.get("background", ""), style.get("background-color", "")
    drawn = style.get("background-image", "none") + shorthand
    if "url(" in drawn or "gradient" in drawn or "image" in drawn:
        return None
    names = [_colour_in(value) for value in (shorthand, plain) if value]
    colours = {_painted(name, inherited, inherited) for name in names if name not in _NO_COLOUR}
    if not colours:
        return inherited
    return colours.pop() if len(colours) == 1 else None  # which of them holds is not told here


def _colour_in(background: str) -> str:
    """Return what names a colour among the values of `background`."""
    for token in tinycss2.parse_component_value_list(background):
        if isinstance(token, FunctionBlock | HashToken) or _parse_colour(token.serialize()):
            return token.serialize()
    return "none"


def _painted(value: str, inherited: Colour | None, beneath: Colour | None) -> Colour | None:
    """Return the colour that is seen where something is painted over something."""
    if value in _INHERITED:
        return inherited
    parsed = (_BLACK, 1.0) if value == "initial" else _parse_colour(value)
    if parsed is None:
        return None
    colour, opacity = parsed
    if opacity == 1:
        return colour
    return None if beneath is None else blended(colour, opacity, beneath)


def _parse_colour(value: str) -> tuple[Colour, float] | None:
    """Return a colour and its opacity; None if it is not understood."""
    if "(" in value and not value.startswith(_COLOUR_FUNCTIONS):
        return None  # tinycss2 does not convert the others to red, green and blue
    parsed = parse_color(value)
    if not isinstance(parsed, Color):
        return None
    *shares, opacity = (share or 0.0 for share in parsed.to("srgb"))
    red, green, blue = (round(255 * min(max(0.0, share), 1.0)) for share in shares)
    return (red, green, blue), opacity


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
    unit = whole / 100 if match[2] == "%" else _PIXELS_PER_UNIT.get(match[2], _MEDIUM_SIZE)
    return float(match[1]) * unit


def _is_at_most(value: str, limit: float) -> bool:
    pixels = _pixels(value, SCREEN[0])
    return pixels is not None and pixels <= limit


def _is_outlined(inherited: ComputedStyle, style: Declarations) -> bool:
    names = ("text-shadow", "-webkit-text-stroke", "-webkit-text-stroke-width")
    outlines = [style[name] for name in names if name in style]
    if not outlines:
        return inherited.outlined
    return any(outline not in ("none", "0", "0px", "initial") for outline in outlines)
