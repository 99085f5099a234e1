"""Take out of a web page what cannot be seen when a browser shows it.

That is decided by the page alone: its style sheets and attributes, without what scripts do, and
without style sheets that lie elsewhere. Where these may give something a dark ground, or where
text may lie over a picture, white text stays.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from rag.ingest.html.computed_style import (
    ComputedStyle,
    compute_style,
    is_invisible,
    substitute_variables,
)
from rag.ingest.html.flow import Element, is_inline, is_no_text, local_name
from rag.ingest.html.selectors import PageElement
from rag.ingest.html.stylesheets import Declarations, StyleSheets, parse_declarations

__all__ = ["remove_invisible_text"]

_PICTURES: Final = ("img", "svg", "video", "canvas", "picture", "object", "embed", "image")
_MAX_COLOUR = 100  # characters; a longer one names none
_ICON = re.compile(r"icon|symbol|glyph|\bfa[srlbd]?\b", re.I)
_BACKGROUND = re.compile(r"background", re.I)


@dataclass(slots=True)
class _OpenElement:
    """An element whose children are being gone through."""

    element: PageElement
    style: ComputedStyle
    children: Iterator[PageElement]


def remove_invisible_text(tree: Element, sheets: StyleSheets, *, complete: bool) -> Iterator[str]:
    """Empty the elements of a page that are not seen, and yield the text that was in them.

    What the page itself calls hidden is not told. Elements that are not shown get the attribute
    `hidden`; those that are, though they had it, lose it.

    Args:
        tree: The page; it is changed.
        sheets: Its style sheets.
        complete: Whether these are all that it refers to.

    Raises:
        DocumentError: If there are too many rules for so many elements.
    """
    return _Remover(tree, sheets, complete=complete).removed_text(tree)


class _Remover:
    def __init__(self, tree: Element, sheets: StyleSheets, *, complete: bool) -> None:
        self._sheets = sheets
        self._stack: list[_OpenElement] = []
        self._outermost = ComputedStyle() if complete else ComputedStyle(background=None)
        # Whether there is anything over which text could be laid.
        self._pictured = (
            not complete
            or sheets.paints
            or next(tree.iter(*_PICTURES), None) is not None
            or any(
                element.get("background") or _BACKGROUND.search(element.get("style") or "")
                for element in tree.iter()
            )
        )

    def removed_text(self, tree: Element) -> Iterator[str]:
        yield from self._enter(PageElement(tree), self._outermost)
        while self._stack:
            parent = self._stack[-1]
            child = next(parent.children, None)
            if child is None:
                self._sheets.close(self._stack.pop().element)
                continue
            yield from self._enter(child, parent.style)
            element = child.element
            if not parent.style.visible:
                element.tail = None
            elif not parent.style.legible and element.tail:
                yield element.tail
                element.tail = None

    def _enter(self, page_element: PageElement, inherited: ComputedStyle) -> Iterator[str]:
        """Go into an element, or empty it."""
        element = page_element.element
        normal, important = self._sheets.match(page_element)
        if is_no_text(element):
            return
        variables, style = substitute_variables(inherited, _cascade(element, normal, important))
        if _is_hidden(element, style) or _is_decoration(element):
            _empty(element)
            return
        if is_invisible(style):
            yield from _inner_text(element)
            _empty(element)
            return
        overlaps = self._pictured and _may_overlap(style)
        computed = compute_style(inherited, style, variables, overlaps=overlaps)
        if not computed.visible:
            element.text = None
        elif not computed.legible and element.text:
            yield element.text
            element.text = None
        self._sheets.open(page_element)
        self._stack.append(_OpenElement(page_element, computed, page_element.iter_children()))


def _cascade(element: Element, normal: Declarations, important: Declarations) -> Declarations:
    """Return all that is declared for an element, the stronger over the weaker."""
    style = element.get("style")
    own, own_important = parse_declarations(style) if style else ({}, {})
    return _presentational_hints(element) | normal | own | important | own_important


def _presentational_hints(element: Element) -> Declarations:
    """Return what an element's name and attributes declare in the manner of old pages."""
    name = local_name(element)
    hints: Declarations = {}
    if name == "a" and element.get("href") is not None:
        hints["color"] = "#0000ee"
    elif name == "mark":
        hints |= {"color": "black", "background-color": "yellow"}
    if element.get("background"):
        hints["background-image"] = "url()"
    stated = {"background-color": element.get("bgcolor")}
    if name in ("font", "body"):
        stated["color"] = element.get("color" if name == "font" else "text")
    colours = {key: colour.strip().lower() for key, colour in stated.items() if colour}
    return hints | {key: colour for key, colour in colours.items() if len(colour) <= _MAX_COLOUR}


def _is_hidden(element: Element, style: Declarations) -> bool:
    """Tell whether the page itself calls an element hidden."""
    display = style.get("display", "")
    if display == "none" or style.get("mso-hide") == "all":
        return True
    if style.get("content-visibility") == "hidden":
        return True
    if element.get("hidden") is None:
        return False
    if not display:
        return True
    del element.attrib["hidden"]
    return False


def _is_decoration(element: Element) -> bool:
    """Tell whether an element is for the eye alone and says nothing: an icon, a picture's frame.

    What is only kept from screen readers is seen like any other text. So that it is not read
    twice, it goes where the same stands before it as mathematics, and so do dialogs in waiting.
    """
    if element.get("aria-hidden") != "true":
        return False
    if element.get("role") in ("dialog", "alertdialog"):
        return True
    if not is_inline(element):
        return False
    if local_name(element) == "i" or _ICON.search(element.get("class") or ""):
        return True
    previous = element.getprevious()
    return previous is not None and next(previous.iter("math"), None) is not None


def _may_overlap(style: Declarations) -> bool:
    """Tell whether an element may lie over one that it is not in."""
    if style.get("position") in ("absolute", "fixed") or "grid" in style.get("display", ""):
        return True
    if style.get("transform", "none") != "none":
        return True
    return any(style.get(name, "").startswith("-") for name in ("margin-left", "margin-top"))


def _inner_text(element: Element) -> Iterator[str]:
    for inner in element.iter():
        if not is_no_text(inner) and inner.text:
            yield inner.text
        if inner is not element and inner.tail:
            yield inner.tail


def _empty(element: Element) -> None:
    """Take out what is in an element, but not what follows it; it stays as a hidden one."""
    element.text = None
    del element[:]
    element.set("hidden", "")
