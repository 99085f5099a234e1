"""The colours of office files: written out, or by their names in the file's theme."""

import re
from collections.abc import Mapping
from typing import Final

from rag.ingest.office.archive import Element
from rag.ingest.visibility import Colour, blended

__all__ = ["Theme", "hex_colour"]

_A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_BLACK: Final = (0, 0, 0)
_WHITE: Final = (255, 255, 255)
_HEX = re.compile(r"(?:[0-9a-fA-F]{2})?([0-9a-fA-F]{6})")
# What Word and PowerPoint call the theme's colours, besides their own names.
_THEME_ALIASES: Final = {
    "background1": "lt1", "text1": "dk1", "background2": "lt2", "text2": "dk2",
    "light1": "lt1", "dark1": "dk1", "light2": "lt2", "dark2": "dk2",
    "bg1": "lt1", "tx1": "dk1", "bg2": "lt2", "tx2": "dk2",
    "hyperlink": "hlink", "followedHyperlink": "folHlink",
}  # fmt: skip
_DEFAULT_THEME: Final = {"lt1": _WHITE, "dk1": _BLACK}
_MODIFIERS_OF_LITTLE_WEIGHT: Final = frozenset({_A + "sat", _A + "satMod", _A + "hueMod"})


def hex_colour(text: str | None) -> Colour | None:
    """Return the colour that is written "RRGGBB" or "AARRGGBB"; None if it is not."""
    match = _HEX.fullmatch(text or "")
    if match is None:
        return None
    number = int(match[1], 16)
    return number >> 16, number >> 8 & 255, number & 255


class Theme:
    """The colours that a file's theme gives names to.

    Args:
        root: The root of the theme; None if the file has none.
        renamed: What else its colours are called in the file, by these names.
    """

    def __init__(self, root: Element | None, aliases: Mapping[str, str] | None = None) -> None:
        self._aliases = {**_THEME_ALIASES, **(aliases or {})}
        self._colours: dict[str, Colour] = dict(_DEFAULT_THEME)
        scheme = None if root is None else next(root.iter(_A + "clrScheme"), None)
        for entry in () if scheme is None else scheme:
            for colour_element in entry:
                colour = hex_colour(colour_element.get("lastClr") or colour_element.get("val"))
                if colour is not None and isinstance(entry.tag, str):
                    self._colours[entry.tag.rpartition("}")[2]] = colour

    def named(self, name: str) -> Colour | None:
        """Return the colour of a name such as "accent1" or "background1"; None if unknown."""
        return self._colours.get(self._aliases.get(name, name))

    def word_colour(
        self, element: Element, name: str, tint: str, shade: str, rgb: str
    ) -> Colour | None:
        """Return the colour that an element of Word states; None for "auto" or an unknown one.

        Args:
            element: The element.
            name: Its attribute for a theme's colour, which counts more than the plain one.
            tint: Its attribute for how much of that is kept above white.
            shade: Its attribute for how much of that is kept above black.
            rgb: Its attribute for a colour that is written out.
        """
        themed = element.get(_W + name)
        if themed is None or themed == "none":
            return hex_colour(element.get(_W + rgb))
        colour = self.named(themed)
        for attribute, towards in ((tint, _WHITE), (shade, _BLACK)):
            kept_share = element.get(_W + attribute)
            if colour is not None and kept_share is not None:
                colour = blended(colour, _hex_byte(kept_share) / 255, towards)
        return colour

    def text_fill_colour(self, fill: Element, space: str) -> Colour | None:
        """Return the colour with which Word 2010 and later fill words; None if it is not plain.

        Args:
            fill: The element w14:textFill.
            space: Its namespace.
        """
        solid_fill = fill.find(space + "solidFill")
        for colour_element in () if solid_fill is None else solid_fill:
            value = colour_element.get(space + "val")
            return (
                hex_colour(value)
                if colour_element.tag == space + "srgbClr"
                else self.named(value or "")
            )
        return None

    def drawing_colour(self, parent: Element | None) -> Colour | None:
        """Return the colour that stands in an element of a drawing; None if it is not plain."""
        for colour_element in () if parent is None else parent:
            colour = None
            if colour_element.tag == _A + "srgbClr":
                colour = hex_colour(colour_element.get("val"))
            elif colour_element.tag == _A + "sysClr":
                colour = hex_colour(colour_element.get("lastClr"))
            elif colour_element.tag == _A + "schemeClr":
                colour = self.named(colour_element.get("val", ""))
            elif colour_element.tag == _A + "prstClr":
                colour = {"white": _WHITE, "black": _BLACK}.get(colour_element.get("val", ""))
            return None if colour is None else self._modified(colour, colour_element)
        return None

    def shape_fill(self, shape: Element, space: str) -> tuple[bool, Colour | None]:
        """Return whether a shape is filled, and its colour, None if that is not known.

        Args:
            shape: The shape.
            space: The namespace of its properties.
        """
        properties = shape.find(space + "spPr")
        for fill in () if properties is None else properties:
            if fill.tag == _A + "solidFill":
                return True, self.drawing_colour(fill)
            if fill.tag == _A + "noFill":
                return False, None
            if fill.tag in (_A + "gradFill", _A + "blipFill", _A + "pattFill", _A + "grpFill"):
                return True, None
        style = shape.find(f"{space}style/{_A}fillRef")
        if style is None or style.get("idx") == "0":
            return False, None
        return True, self.drawing_colour(style)

    def _modified(self, colour: Colour, colour_element: Element) -> Colour | None:
        """Return a colour made lighter or darker as stated; None if it is transparent."""
        for modifier in colour_element:
            amount = _share_of_100000(modifier.get("val"))
            if modifier.tag in (_A + "shade", _A + "lumMod"):
                colour = blended(colour, amount, _BLACK)
            elif modifier.tag == _A + "tint":
                colour = blended(colour, amount, _WHITE)
            elif modifier.tag == _A + "lumOff":
                red, green, blue = (min(round(part + 255 * amount), 255) for part in colour)
                colour = red, green, blue
            elif modifier.tag not in _MODIFIERS_OF_LITTLE_WEIGHT:
                return None
        return colour


def _hex_byte(text: str) -> int:
    try:
        return min(max(int(text, 16), 0), 255)
    except ValueError:
        return 255


def _share_of_100000(text: str | None) -> float:
    try:
        return min(max(int(text or ""), 0), 100_000) / 100_000
    except ValueError:
        return 1.0
