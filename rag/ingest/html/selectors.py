"""The selectors of style sheets: which elements of a web page a rule is about.

Names, classes, ids, attributes, `:not()`, `:is()`, the places among siblings and all four
combinators are understood. What only holds while somebody points at something (`:hover`) or for
what stands in no element (`::before`) is no rule about the page as it is displayed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from lxml import etree

__all__ = ["Compound", "Place", "Selector", "selectors_in"]

Element = etree._Element

_MAX_STEPS = 12
_MAX_INNER = 20  # compounds within :not()
_IDENT = r"(?:[\w-]|\\[0-9a-fA-F]{1,6}\s?|\\.)+"
_PART = re.compile(
    rf"(?P<combinator>\s*[>+~]\s*|\s+)|\.(?P<class>{_IDENT})|#(?P<id>{_IDENT})"
    r"|\[\s*+(?P<attribute>[\w:-]++)\s*+"
    r"(?:(?P<how>[~^$*|]?=)\s*+(?P<value>\"[^\"]*+\"|'[^']*+'|[^\]\[\"']*+))?\]"
    r"|:(?P<pseudo>[a-z-]+)(?:\((?P<inner>[^()]*)\))?"
    rf"|(?P<name>\*|{_IDENT})",
    re.I,
)
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))")
_NTH = re.compile(r"(?P<step>[+-]?\d*)n\s*+(?P<sign>[+-]?)\s*+(?P<start>\d*)|(?P<only>\d+)")
_PLACES: Final = frozenset(
    {"first-child", "last-child", "only-child", "nth-child", "root", "link", "any-link"}
)


class _Pseudo(NamedTuple):
    name: str
    inner: "tuple[Compound, ...]" = ()
    step: int = 0
    start: int = 0


class Compound(NamedTuple):
    """What is asked of one element."""

    name: str = ""
    classes: frozenset[str] = frozenset()
    id: str = ""
    attributes: tuple[tuple[str, str, str], ...] = ()
    pseudos: tuple[_Pseudo, ...] = ()

    @property
    def key(self) -> str:
        """By what it is looked up: what the fewest elements have."""
        if self.id:
            return "#" + self.id
        return "." + min(self.classes) if self.classes else self.name

    @property
    def weight(self) -> tuple[int, int, int]:
        """How much it counts against others: ids, classes and their like, names."""
        inner = [one.weight for pseudo in self.pseudos for one in pseudo.inner]
        ids, others, names = (sum(part) for part in zip((0, 0, 0), *inner, strict=True))
        plain = sum(not pseudo.inner for pseudo in self.pseudos)
        others += len(self.classes) + len(self.attributes) + plain
        return ids + bool(self.id), others, names + (self.name not in ("", "*"))

    def fits(self, element: Element, name: str, classes: frozenset[str], index: int) -> bool:
        """Tell whether an element is asked for.

        Args:
            element: The element.
            name: Its name.
            classes: Its classes.
            index: Its place among its siblings, from 1.
        """
        if self.name not in ("", "*", name) or not self.classes <= classes:
            return False
        if self.id and self.id != element.get("id"):
            return False
        return all(
            _has(element.get(attribute), how, value) for attribute, how, value in self.attributes
        ) and all(_holds(pseudo, element, name, classes, index) for pseudo in self.pseudos)


Selector = list[tuple[str, Compound]]
"""From the outermost element to the one that is meant, each after its combinator."""


@dataclass(slots=True)
class Place:
    """Where an element stands among others, by the numbers of the steps that these fit.

    Attributes:
        above: How many of the elements around it fit a step.
        parent: What its parent fits.
        previous: What the sibling before it fits.
        earlier: What any sibling before it fits.
        index: Its place among its siblings, from 1.
    """

    above: dict[int, int] = field(default_factory=dict)
    parent: frozenset[int] = frozenset()
    previous: frozenset[int] = frozenset()
    earlier: set[int] = field(default_factory=set)
    index: int = 1

    def follows(self, combinator: str, step: int) -> bool:
        """Tell whether an element that fits a step stands so to this one."""
        match combinator:
            case ">":
                return step in self.parent
            case "+":
                return step in self.previous
            case "~":
                return step in self.earlier
            case _:
                return self.above.get(step, 0) > 0


def selectors_in(text: str) -> Iterator[Selector]:
    """Yield the selectors before a rule, without those that are not understood."""
    for part in _divided(text):
        selector = _selector(part.strip())
        if selector and len(selector) <= _MAX_STEPS:
            yield selector


def _divided(text: str) -> Iterator[str]:
    """Yield what stands between commas that are in no brackets."""
    depth = start = 0
    for match in re.finditer(r"[,()\[\]]", text):
        if match[0] in "([":
            depth += 1
        elif match[0] in ")]":
            depth -= 1
        elif depth <= 0:
            yield text[start : match.start()]
            start = match.end()
    yield text[start:]


def _selector(text: str) -> Selector | None:
    steps: Selector = []
    parts: list[re.Match[str]] = []
    combinator = ""
    at = 0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None:
            return None
        at = match.end()
        if match["combinator"] is None:
            parts.append(match)
            continue
        compound = _compound(parts)
        if compound is None:
            return None
        steps.append((combinator, compound))
        combinator, parts = match["combinator"].strip() or " ", []
    compound = _compound(parts)
    return None if compound is None else [*steps, (combinator, compound)]


def _compound(parts: list[re.Match[str]]) -> Compound | None:
    name, named, classes = "", "", []
    attributes: list[tuple[str, str, str]] = []
    pseudos: list[_Pseudo] = []
    for part in parts:
        if part["class"]:
            classes.append(_unescaped(part["class"]))
        elif part["id"]:
            named = _unescaped(part["id"])
        elif part["attribute"]:
            value = (part["value"] or "").strip().strip("\"'")
            attributes.append((part["attribute"].lower(), part["how"] or "", value))
        elif part["pseudo"]:
            pseudo = _pseudo(part["pseudo"].lower(), part["inner"])
            if pseudo is None:
                return None
            pseudos.append(pseudo)
        else:
            name = _unescaped(part["name"]).lower()
    if not parts:
        return None
    return Compound(name, frozenset(classes), named, tuple(attributes), tuple(pseudos))


def _pseudo(name: str, inner: str | None) -> _Pseudo | None:
    """Return a condition in brackets or on the place; None if it is not understood."""
    if name in ("not", "is", "where", "matches", "-webkit-any") and inner:
        asked = [_selector(part.strip()) for part in inner.split(",")[:_MAX_INNER]]
        single = tuple(one[0][1] for one in asked if one is not None and len(one) == 1)
        return (
            _Pseudo("not" if name == "not" else "is", single) if len(single) == len(asked) else None
        )
    if name == "nth-child" and inner:
        match = _NTH.fullmatch({"odd": "2n+1", "even": "2n"}.get(inner.strip(), inner.strip()))
        if match is None:
            return None
        if match["only"]:
            return _Pseudo(name, (), 0, int(match["only"][:6]))
        step = match["step"]
        start = int((match["start"] or "0")[:6])
        count = int(step[:6]) if step.strip("+-") else int(step + "1")
        return _Pseudo(name, (), count, -start if match["sign"] == "-" else start)
    return _Pseudo(name) if name in _PLACES and inner is None else None


def _unescaped(text: str) -> str:
    if "\\" not in text:
        return text
    return _ESCAPE.sub(lambda match: _character(match[1]) if match[1] else match[2], text)


def _character(code: str) -> str:
    number = int(code, 16)
    return chr(number) if 0 < number < 0xD800 or 0xDFFF < number < 0x110000 else "\ufffd"


def _has(said: str | None, how: str, value: str) -> bool:
    if said is None:
        return False
    match how:
        case "":
            return True
        case "=":
            return said == value
        case "~=":
            return value in said.split()
        case "^=":
            return value != "" and said.startswith(value)
        case "$=":
            return value != "" and said.endswith(value)
        case "*=":
            return value != "" and value in said
        case _:
            return said == value or said.startswith(value + "-")


def _holds(
    pseudo: _Pseudo, element: Element, name: str, classes: frozenset[str], index: int
) -> bool:
    match pseudo.name:
        case "is" | "not":
            fits = any(one.fits(element, name, classes, index) for one in pseudo.inner)
            return fits == (pseudo.name == "is")
        case "root":
            return name == "html"
        case "first-child":
            return index == 1
        case "last-child":
            return element.getnext() is None
        case "only-child":
            return index == 1 and element.getnext() is None
        case "nth-child":
            rest = index - pseudo.start
            return (
                rest == 0
                if not pseudo.step
                else rest % pseudo.step == 0 and rest * pseudo.step >= 0
            )
        case _:  # link, any-link
            return name == "a" and element.get("href") is not None
