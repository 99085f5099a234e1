"""What the styles of a Word document say of its paragraphs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rag.ingest.office.archive import Element
from rag.ingest.word.numbering import W, child_value, is_on

__all__ = ["ParagraphStyle", "Styles"]

_MAX_BASED_ON_STYLES = 30  # styles that a style is based on, one upon another
_BODY_OUTLINE_LEVEL = 9  # the outline level of what is no heading
# Word names its own styles in English whatever its language; other programs may not.
_HEADING_NAME = re.compile(r"(?:heading|tiêu đề|đầu đề|titre|überschrift)\s?([1-9])", re.I)
_TITLE_NAME = re.compile(r"title|tiêu đề|đầu đề", re.I)
_CAPTION_NAME = re.compile(r"caption|chú thích|illustration|drawing|figure|table caption", re.I)
_CONTENTS_NAME = re.compile(
    r"toc\s?(?:[1-9]|heading)|table of (?:figures|authorities)|toa heading"
    r"|index\s?(?:[1-9]|heading)|contents (?:[1-9]|heading)|mục lục\s?[1-9]",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ParagraphStyle:
    """What a paragraph has from its style and from those that it is based on.

    Attributes:
        level: Of a heading, 1 for the highest; 0 for what is none.
        title: Whether it is the title of the document.
        caption: Whether it is the words of a picture or table.
        contents: Whether it is a line of a table of contents.
        number: The list that it belongs to; "" if to none.
        list_level: Its level in the list, counted from 0; None if the list says it.
        hidden: Whether its text is not shown.
    """

    level: int = 0
    title: bool = False
    caption: bool = False
    contents: bool = False
    number: str = ""
    list_level: int | None = None
    hidden: bool = False


class Styles:
    """The styles of a document.

    Args:
        root: The root of styles.xml; None if the document has none.

    Attributes:
        default: The id of the style of paragraphs that name none; "" if none is defined.
    """

    def __init__(self, root: Element | None) -> None:
        styles = [] if root is None else root.findall(W + "style")
        self._styles = {style.get(W + "styleId", ""): style for style in styles}
        self.default = next(
            (
                style.get(W + "styleId", "")
                for style in styles
                if style.get(W + "type") == "paragraph"
                and style.get(W + "default") in ("1", "true")
            ),
            "",
        )
        defaults = None if root is None else root.find(f"{W}docDefaults/{W}rPrDefault")
        self._defaults = {} if defaults is None else {"rPr": defaults.find(W + "rPr")}
        self._hides: dict[str, bool | None] = {}
        self._elements: dict[tuple[str, str, str], Element | None] = {}
        self._fills: dict[str, bool] = {}
        self._paragraphs: dict[str, ParagraphStyle] = {}

    @property
    def lists(self) -> Mapping[str, str]:
        """The list that each style names itself, by style id."""
        named = {
            name: child_value(style.find(f"{W}pPr/{W}numPr"), "numId")
            for name, style in self._styles.items()
        }
        return {name: number for name, number in named.items() if number}

    def paragraph(self, name: str | None) -> ParagraphStyle:
        """Return what the style of an id means for a paragraph; None: the default style."""
        name = self.default if name is None else name
        if name not in self._paragraphs:
            self._paragraphs[name] = self._read(name)
        return self._paragraphs[name]

    def hides(self, name: str | None) -> bool | None:
        """Tell whether a character style hides its text; None if it does not say."""
        if name is None:
            return None
        if name not in self._hides:
            vanish_values = (is_on(style.find(W + "rPr"), "vanish") for style in self._chain(name))
            self._hides[name] = next((hides for hides in vanish_values if hides is not None), None)
        return self._hides[name]

    def element(self, name: str, part: str, tag: str) -> Element | None:
        """Return a property from a style or one that it is based on, else from the defaults.

        Args:
            name: The id of the style.
            part: Where it stands: "rPr" of words, "pPr" of paragraphs.
            tag: Which property it is, such as "color".
        """
        key = name, part, tag
        if key not in self._elements:
            property_lists = [style.find(W + part) for style in self._chain(name)]
            property_lists.append(self._defaults.get(part))
            children = (
                properties.find(W + tag) for properties in property_lists if properties is not None
            )
            self._elements[key] = next((child for child in children if child is not None), None)
        return self._elements[key]

    def fills(self, name: str) -> bool:
        """Tell whether a style gives tables, or some of their cells, a background."""
        if name not in self._fills:
            self._fills[name] = any(
                shading.get(W + "fill", "auto") != "auto"
                or shading.get(W + "themeFill") is not None
                for style in self._chain(name)
                for shading in style.iter(W + "shd")
            )
        return self._fills[name]

    def _chain(self, name: str) -> list[Element]:
        chain: list[Element] = []
        style = self._styles.get(name)
        while style is not None and len(chain) < _MAX_BASED_ON_STYLES:
            chain.append(style)
            style = self._styles.get(child_value(style, "basedOn") or "")
        return chain

    def _read(self, name: str) -> ParagraphStyle:
        chain = self._chain(name)
        names = [child_value(style, "name") or "" for style in chain]
        # A document may name a style that it does not define: its id tells then.
        names = names or [name]
        number, list_level = "", None
        for style in reversed(chain):
            list_properties = style.find(f"{W}pPr/{W}numPr")
            stated_level = child_value(list_properties, "ilvl")
            number = child_value(list_properties, "numId") or number
            list_level = (
                int(stated_level)
                if stated_level is not None and stated_level.isdecimal()
                else list_level
            )
        contents = any(map(_CONTENTS_NAME.fullmatch, names))
        caption = any(map(_CAPTION_NAME.fullmatch, names))
        plain = contents or caption
        return ParagraphStyle(
            level=0 if plain else _heading_level(chain, names),
            title=not plain and any(map(_TITLE_NAME.fullmatch, names)),
            caption=caption,
            contents=contents,
            number=number,
            list_level=list_level,
            hidden=self.hides(name) is True,
        )


def _heading_level(chain: list[Element], names: list[str]) -> int:
    """Return the level that the nearest style states, by its outline level or its name."""
    for position, name in enumerate(names):
        style = chain[position] if chain else None
        outline = child_value(None if style is None else style.find(W + "pPr"), "outlineLvl")
        if outline is not None and outline.isdecimal():
            return int(outline) + 1 if int(outline) < _BODY_OUTLINE_LEVEL else 0
        if match := _HEADING_NAME.fullmatch(name):
            return int(match[1])
        if _TITLE_NAME.fullmatch(name):
            return 1
    return 0
