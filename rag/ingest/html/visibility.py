"""Take out of a web page what cannot be seen when a browser shows it.

That is decided by the page alone: its style sheets and attributes, without what scripts do, and
without style sheets that lie elsewhere. Where these may give something a dark ground, or where
text may lie over a picture, white text stays.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from rag.ingest.html.computed_style import Look, is_nothing, look_of, with_variables
from rag.ingest.html.flow import Element, is_inline, is_no_text, local_name
from rag.ingest.html.selectors import Place
from rag.ingest.html.stylesheets import Declarations, StyleSheets, declarations

__all__ = ["take_out_unseen"]

_PICTURES: Final = ("img", "svg", "video", "canvas", "picture", "object", "embed", "image")
_SIGN = re.compile(r"icon|symbol|glyph|\bfa[srlbd]?\b", re.I)
_BACKGROUND = re.compile(r"background", re.I)


@dataclass(slots=True)
class _Open:
    """An element whose children are being gone through."""

    element: Element
    look: Look
    fitting: frozenset[int]
    children: Iterator[Element]
    previous: frozenset[int] = frozenset()
    earlier: set[int] = field(default_factory=set)
    index: int = 0


def take_out_unseen(tree: Element, sheets: StyleSheets, *, complete: bool) -> Iterator[str]:
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
    return _Taker(tree, sheets, complete=complete).taken_out(tree)


class _Taker:
    def __init__(self, tree: Element, sheets: StyleSheets, *, complete: bool) -> None:
        self._sheets = sheets
        self._above: dict[int, int] = {}
        self._stack: list[_Open] = []
        self._look = Look() if complete else Look(ground=None)
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

    def taken_out(self, tree: Element) -> Iterator[str]:
        yield from self._begin(tree, _Open(tree, self._look, frozenset(), iter(())))
        while self._stack:
            around = self._stack[-1]
            child = next(around.children, None)
            if child is None:
                self._end()
                continue
            if not is_no_text(child):
                yield from self._begin(child, around)
            if not around.look.visible:
                child.tail = None
            elif not around.look.seen and child.tail:
                yield child.tail
                child.tail = None

    def _begin(self, element: Element, around: _Open) -> Iterator[str]:
        """Go into an element, or empty it."""
        name = local_name(element)
        around.index += 1
        place = Place(self._above, around.fitting, around.previous, around.earlier, around.index)
        fitting, plain, important = self._sheets.match(element, name, place)
        around.previous = fitting
        around.earlier |= fitting
        variables, said = with_variables(around.look, _said(element, name, plain, important))
        if _is_hidden(element, said) or _is_sign(element):
            _empty(element)
            return
        if is_nothing(said):
            yield from _words(element)
            _empty(element)
            return
        laid = self._pictured and _is_laid(said)
        look = look_of(around.look, said, variables, laid=laid)
        if not look.visible:
            element.text = None
        elif not look.seen and element.text:
            yield element.text
            element.text = None
        for step in fitting:
            self._above[step] = self._above.get(step, 0) + 1
        self._stack.append(_Open(element, look, fitting, iter(element)))

    def _end(self) -> None:
        for step in self._stack.pop().fitting:
            self._above[step] -= 1


def _said(
    element: Element, name: str, plain: Declarations, important: Declarations
) -> Declarations:
    """Return all that is said of an element, the later over the earlier."""
    style = element.get("style")
    own, insisted = declarations(style) if style else ({}, {})
    return _by_attributes(element, name) | plain | own | important | insisted


def _by_attributes(element: Element, name: str) -> Declarations:
    """Return what an element's name and attributes say in the manner of old pages."""
    said: Declarations = {}
    if name == "a" and element.get("href") is not None:
        said["color"] = "#0000ee"
    elif name == "mark":
        said |= {"color": "black", "background-color": "yellow"}
    if element.get("bgcolor"):
        said["background-color"] = (element.get("bgcolor") or "").strip().lower()
    if element.get("background"):
        said["background-image"] = "url()"
    if name in ("font", "body"):
        colour = element.get("color" if name == "font" else "text")
        said |= {"color": colour.strip().lower()} if colour else {}
    return said


def _is_hidden(element: Element, said: Declarations) -> bool:
    """Tell whether the page itself calls an element hidden."""
    display = said.get("display", "")
    if display == "none" or said.get("mso-hide") == "all":
        return True
    if said.get("content-visibility") == "hidden":
        return True
    if element.get("hidden") is None:
        return False
    if not display:
        return True
    del element.attrib["hidden"]
    return False


def _is_sign(element: Element) -> bool:
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
    if local_name(element) == "i" or _SIGN.search(element.get("class") or ""):
        return True
    before = element.getprevious()
    return before is not None and next(before.iter("math"), None) is not None


def _is_laid(said: Declarations) -> bool:
    """Tell whether an element may lie over one that it is not in."""
    if said.get("position") in ("absolute", "fixed") or "grid" in said.get("display", ""):
        return True
    if said.get("transform", "none") != "none":
        return True
    return any(said.get(name, "").startswith("-") for name in ("margin-left", "margin-top"))


def _words(element: Element) -> Iterator[str]:
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
