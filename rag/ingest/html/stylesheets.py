"""What the style sheets of a web page say of its elements, as far as it decides what is seen.

Conditions on the medium are those of a screen of 1280 by 800 pixels. The time that this takes grows
with the elements and the rules that may be about them; see `_MAX_TESTS`.
"""

import functools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

import tinycss2
from tinycss2.ast import AtRule, Declaration, Node, QualifiedRule

from rag.errors import DocumentError
from rag.ingest.html.selectors import (
    Compound,
    PageElement,
    Selector,
    css_text,
    parse_selectors,
)

__all__ = ["SCREEN", "Declarations", "StyleSheets", "is_for_screen", "parse_declarations"]

Declarations = dict[str, str]
"""Values by property, in lower case."""

SCREEN: Final = (1280, 800)  # pixels

_MAX_TESTS = 10_000_000  # of selectors against elements; a large page needs a tenth of it
_MAX_VALUE = 2_000  # characters; longer ones hold pictures
# What can hide text, or show it where it would be hidden. Variables begin with "--".
_PROPERTIES: Final = frozenset(
    "display visibility opacity filter color background background-color background-image "
    "font-size font position left right top bottom margin-left margin-top text-indent clip "
    "clip-path width max-width height max-height overflow overflow-x overflow-y transform mso-hide "
    "content-visibility text-shadow -webkit-text-fill-color -webkit-text-stroke "
    "-webkit-text-stroke-width".split()
)
_LONG_NUMBER = re.compile(r"\d{300,}")  # Python refuses to read one of thousands of digits
_FEATURE = re.compile(r"\(\s*(min|max)-(width|height)\s*:\s*(\d{1,6}(?:\.\d{1,6})?)(px|r?em)\s*\)")
_MEDIA: Final = {"all": True, "screen": True, "print": False, "speech": False, "tv": False}

_Precedence = tuple[int, int, int, int]  # specificity, place among all selectors
_Rule = tuple[_Precedence, Declarations, Declarations]  # normal and important declarations


@functools.lru_cache(maxsize=1_000)
def parse_declarations(style: str) -> tuple[Declarations, Declarations]:
    """Return the declarations of interest here of an attribute `style`: normal, and important."""
    return _declarations(_tokens(style))


def _tokens(css: str) -> list[Node]:
    return tinycss2.parse_component_value_list(_LONG_NUMBER.sub("0", css), skip_comments=True)


def _declarations(block: Iterable[Node]) -> tuple[Declarations, Declarations]:
    normal: Declarations = {}
    important: Declarations = {}
    for node in tinycss2.parse_blocks_contents(block, skip_whitespace=True):
        if not isinstance(node, Declaration):
            continue
        name = node.lower_name
        if name in _PROPERTIES or name.startswith("--"):
            value = css_text(node.value, _MAX_VALUE)
            if value is not None:
                (important if node.important else normal)[name] = value.lower()
    return normal, important


def is_for_screen(media: str) -> bool:
    """Tell whether a condition such as "screen and (min-width: 600px)" holds here."""
    return not media.strip() or any(map(_query_holds, media.lower().split(",")))


def _query_holds(query: str) -> bool:
    query = query.strip()
    negated = query.startswith("not ")
    conditions = query.removeprefix("not ").removeprefix("only ")
    results = [_condition_holds(part.strip()) for part in re.split(r"\band\b", conditions)]
    return None not in results and all(results) != negated


def _condition_holds(condition: str) -> bool | None:
    """Tell whether a condition holds; None if it is not understood."""
    if condition in _MEDIA:
        return _MEDIA[condition]
    match = _FEATURE.fullmatch(condition)
    if match is None:
        return None
    pixels = float(match[3]) * (1 if match[4] == "px" else 16)
    size = SCREEN[match[2] == "height"]
    return size >= pixels if match[1] == "min" else size <= pixels


@dataclass(slots=True)
class _Step:
    """A compound of one or more selectors that begin alike.

    Attributes:
        number: Its number among all steps.
        compound: The compound.
        previous: The number of the step before, -1 if it is the first.
        rules: Those whose selectors end here.
    """

    number: int
    compound: Compound
    previous: int
    rules: list[_Rule] = field(default_factory=list)


class StyleSheets:
    """The rules of a page.

    Args:
        sheets: The style sheets, in order.

    Attributes:
        paints: Whether any of them gives something a background.
    """

    def __init__(self, sheets: Iterable[str]) -> None:
        self.paints = False
        self._steps: dict[tuple[int, Compound], _Step] = {}
        self._by_key: defaultdict[str, list[_Step]] = defaultdict(list)
        self._tests_left = _MAX_TESTS
        self._above: Counter[int] = Counter()  # how many open elements match a step
        order = 0
        for sheet in sheets:
            for rule in _rules(sheet):
                normal, important = _declarations(rule.content)
                if not normal and not important:
                    continue
                self.paints |= any("background" in name for name in (*normal, *important))
                for selector in parse_selectors(rule.prelude):
                    order += 1
                    self._add(selector, order, normal, important)

    def match(self, element: PageElement) -> tuple[Declarations, Declarations]:
        """Return the normal and the important declarations for an element.

        Elements are to be given in the order of the page, each before its children, and between
        `open` and `close` of its parent.

        Raises:
            DocumentError: If there are too many rules for so many elements.
        """
        matching = [step for step in self._candidates(element) if self._matches(step, element)]
        rules = [rule for step in matching for rule in step.rules]
        self._tests_left -= len(rules)
        normal: Declarations = {}
        important: Declarations = {}
        for _, declared, declared_important in sorted(rules, key=lambda rule: rule[0]):
            normal |= declared
            important |= declared_important
        element.matched = frozenset(step.number for step in matching)
        if element.parent is not None:
            element.parent.last_child_matched = element.matched
            element.parent.children_matched |= element.matched
        return normal, important

    def open(self, element: PageElement) -> None:
        """Go on to the children of an element."""
        self._above.update(element.matched)

    def close(self, element: PageElement) -> None:
        """Go on to what follows an element."""
        self._above.subtract(element.matched)

    def _candidates(self, element: PageElement) -> Iterator[_Step]:
        """Yield the steps that may match by the name, a class or the id."""
        if not self._by_key:
            return
        classes = (f".{name}" for name in element.wrapper.classes)
        for key in ("", element.wrapper.local_name, *classes, f"#{element.wrapper.id}"):
            steps = self._by_key.get(key, ())
            self._tests_left -= len(steps)
            if self._tests_left < 0:
                raise DocumentError("html.style_sheets_too_large")
            yield from steps

    def _matches(self, step: _Step, element: PageElement) -> bool:
        parent = element.parent
        match step.compound.combinator:
            case "":
                stands = True
            case " ":
                stands = self._above[step.previous] > 0
            case ">":
                stands = parent is not None and step.previous in parent.matched
            case "+":
                stands = parent is not None and step.previous in parent.last_child_matched
            case _:
                stands = parent is not None and step.previous in parent.children_matched
        return stands and step.compound.matches(element)

    def _add(
        self, selector: Selector, order: int, normal: Declarations, important: Declarations
    ) -> None:
        *outer, subject = selector
        previous = -1
        for compound in outer:
            previous = self._step(previous, compound).number
        ids, classes, names = map(sum, zip(*(part.specificity for part in selector), strict=True))
        precedence = ids, classes, names, order
        self._step(previous, subject).rules.append((precedence, normal, important))

    def _step(self, previous: int, compound: Compound) -> _Step:
        """Return the step that several selectors may share."""
        step = self._steps.get((previous, compound))
        if step is None:
            step = self._steps[previous, compound] = _Step(len(self._steps), compound, previous)
            self._by_key[compound.key].append(step)
        return step


def _rules(sheet: str) -> Iterator[QualifiedRule]:
    """Yield the rules that hold on a screen."""
    rules: Iterable[Node] = tinycss2.parse_stylesheet(_tokens(sheet), skip_whitespace=True)
    groups = [iter(rules)]
    while groups:
        rule = next(groups[-1], None)
        if rule is None:
            groups.pop()
        elif isinstance(rule, QualifiedRule):
            yield rule
        elif isinstance(rule, AtRule) and rule.content and _group_holds(rule):
            groups.append(iter(tinycss2.parse_blocks_contents(rule.content, skip_whitespace=True)))


def _group_holds(rule: AtRule) -> bool:
    condition = css_text(rule.prelude, _MAX_VALUE)
    if condition is None:
        return False
    match rule.lower_at_keyword:
        case "media":
            return is_for_screen(condition)
        case "supports":
            return not condition.lower().startswith("not")
        case keyword:
            return keyword == "layer"
