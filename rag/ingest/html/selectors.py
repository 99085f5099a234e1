"""The selectors of style sheets: which elements of a web page a rule is about.

cssselect2 parses a compound selector, such as `li.new:first-child`, and tests it against one
element. How the compounds of a selector such as `ul > li a` follow one another is decided here, on
the way down the page: cssselect2 looks back from each element to all those before it, which takes
time that grows with a power of how deep a page is nested.

What only holds while somebody points at something (`:hover`) or for what stands in no element
(`::before`) is no rule about the page as it is displayed.
"""

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import cssselect2
import tinycss2
from tinycss2.ast import FunctionBlock, IdentToken, LiteralToken, Node

from rag.ingest.html.flow import Element

__all__ = ["Compound", "PageElement", "Selector", "css_text", "parse_selectors"]

_MAX_COMPOUNDS = 12
_MAX_LENGTH = 500  # characters of a compound: what a test of an element may cost
_COMBINATORS: Final = (">", "+", "~")
_LOGICAL: Final = frozenset({"is", "not", "where"})
_INDEXED: Final = frozenset({"nth-child", "nth-last-child"})
# cssselect2 goes through all the siblings or ancestors to decide these.
_SLOW: Final = frozenset({"first-of-type", "last-of-type", "only-of-type", "enabled", "disabled"})


@dataclass(frozen=True, slots=True)
class Compound:
    """What is asked of one element.

    Attributes:
        combinator: How the element stands to that of the compound before; "" of the first.
        text: The compound as CSS.
        test: Tells of an element, as cssselect2 wraps it, whether it matches.
        specificity: How many ids, classes and their like, and names there are.
        key: By what it is looked up: "#id", ".class", a name, or "" for any element.
    """

    combinator: str
    text: str
    test: Callable[[Any], bool] = field(compare=False)
    specificity: tuple[int, int, int] = field(compare=False)
    key: str = field(compare=False)

    def matches(self, element: "PageElement") -> bool:
        """Tell whether an element is as this asks, wherever it stands."""
        try:
            return self.test(element.wrapper)
        except ValueError:  # lxml refuses the name of an attribute that no page can have
            return False


Selector = list[Compound]
"""From the outermost element to the subject."""


@dataclass(slots=True, eq=False)
class PageElement:
    """An element as selectors see it: where it stands, and which compounds match around it.

    Attributes:
        element: The element.
        parent: None of the root.
        index: Its place among its siblings, from 0.
        matched: The numbers of the compounds that it matches.
        last_child_matched: What the last of its children so far matches.
        children_matched: What any of its children so far matches.
        wrapper: What cssselect2 tests.
    """

    element: Element
    parent: "PageElement | None" = None
    index: int = 0
    matched: frozenset[int] = frozenset()
    last_child_matched: frozenset[int] = frozenset()
    children_matched: set[int] = field(default_factory=set)
    wrapper: Any = field(init=False)

    def __post_init__(self) -> None:
        above = None if self.parent is None else self.parent.wrapper
        # No test here asks for the sibling before; it would keep all of them in memory.
        self.wrapper = cssselect2.ElementWrapper(
            self.element, above, self.index, None, in_html_document=True
        )

    def iter_children(self) -> "Iterator[PageElement]":
        """Yield the elements within it."""
        for index, child in enumerate(self.element):
            yield PageElement(child, self, index)


def parse_selectors(prelude: Iterable[Node]) -> Iterator[Selector]:
    """Yield the selectors before a rule, without those that are not understood."""
    for tokens in _between_commas(prelude):
        parts = list(_between_combinators(tokens))
        if len(parts) <= _MAX_COMPOUNDS:
            compounds = [
                _compound(combinator, css_text(part, _MAX_LENGTH) or "")
                for combinator, part in parts
            ]
            understood = [compound for compound in compounds if compound is not None]
            if len(understood) == len(parts):
                yield understood


def css_text(tokens: Iterable[Node], longest: int) -> str | None:
    """Return tokens as CSS; None if that is longer, or nested too deep to be of use."""
    try:
        text = tinycss2.serialize(tokens).strip()
    except RecursionError:
        return None
    return text if len(text) <= longest else None


def _between_commas(tokens: Iterable[Node]) -> Iterator[list[Node]]:
    part: list[Node] = []
    for token in tokens:
        if _literal(token) == ",":
            yield part
            part = []
        else:
            part.append(token)
    yield part


def _literal(token: Node) -> str:
    """Return a sign that stands for itself; "" of other tokens."""
    return token.value if isinstance(token, LiteralToken) else ""


def _between_combinators(tokens: Iterable[Node]) -> Iterator[tuple[str, list[Node]]]:
    """Yield the compounds of a selector, each after its combinator; one may be empty by mistake."""
    combinator = ""
    compound: list[Node] = []
    for token in tokens:
        sign = _literal(token) if _literal(token) in _COMBINATORS else ""
        if token.type != "whitespace" and not sign:
            compound.append(token)
        elif compound or (sign and combinator != " "):
            yield combinator, compound
            combinator, compound = sign or " ", []
        elif sign:
            combinator = sign
    if compound or combinator != " ":
        yield combinator, compound


@functools.lru_cache(maxsize=10_000)
def _compound(combinator: str, text: str) -> Compound | None:
    """Return a compound; None if it is not understood, matches nothing, or would take long."""
    tokens = tinycss2.parse_component_value_list(text)
    if not all(map(_is_fast, tokens)):
        return None
    try:
        [compiled] = cssselect2.compile_selector_list(tokens)
    except Exception:  # its SelectorError, but others too, as of "*|" and ":nth-child(+)"
        return None
    if compiled.pseudo_element or compiled.never_matches:
        return None
    key = compiled.lower_local_name or ""
    if compiled.id or compiled.class_name:
        key = f"#{compiled.id}" if compiled.id else f".{compiled.class_name}"
    return Compound(combinator, text, compiled.test, compiled.specificity, key)


def _is_fast(token: Node) -> bool:
    """Tell whether a test takes the same time wherever an element stands."""
    if isinstance(token, IdentToken):
        return token.lower_value not in _SLOW
    if not isinstance(token, FunctionBlock):
        return True
    arguments = token.arguments
    if token.lower_name in _INDEXED:
        return not any(isinstance(part, IdentToken) and part.value == "of" for part in arguments)
    nested = any(isinstance(part, FunctionBlock) for part in arguments)
    selectors = (list(_between_combinators(part)) for part in _between_commas(arguments))
    return (
        token.lower_name in _LOGICAL
        and not nested
        and all(len(selector) == 1 for selector in selectors)
    )
