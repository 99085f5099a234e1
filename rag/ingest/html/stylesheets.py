"""What the style sheets of a web page say of its elements, as far as it decides what is seen.

Conditions on the medium are those of a screen of 1280 by 800 pixels. The time that this takes grows
with the elements and the rules that may be about them; see `_MAX_TESTS`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from rag.errors import DocumentError
from rag.ingest.html.selectors import Compound, Place, Selector, selectors_in

__all__ = ["SCREEN", "Declarations", "StyleSheets", "declarations", "is_for_screen"]

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
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.S)
_TOKEN = re.compile(r"\"(?:[^\"\\\n]|\\.)*+\"?|'(?:[^'\\\n]|\\.)*+'?|[{};]|[^{};\"']++", re.S)
_DECLARATION = re.compile(r"\s*([\w-]{1,60})\s*:(.*)", re.S)
_IMPORTANT = re.compile(r"!\s*important\s*\Z", re.I)
_FEATURE = re.compile(r"\(\s*(min|max)-(width|height)\s*:\s*(\d{1,6}(?:\.\d{1,6})?)(px|r?em)\s*\)")
_MEDIA: Final = {"all": True, "screen": True, "print": False, "speech": False, "tv": False}

_Weight = tuple[int, int, int, int]
_Rule = tuple[_Weight, Declarations, Declarations]  # what is said, and what is insisted on


def declarations(text: str) -> tuple[Declarations, Declarations]:
    """Return what is declared of interest here, and what of it as important."""
    plain: Declarations = {}
    important: Declarations = {}
    for part in text.split(";"):
        match = _DECLARATION.match(part)
        if match is None or len(match[2]) > _MAX_VALUE:
            continue
        name, value = match[1].lower(), match[2].strip().lower()
        if name in _PROPERTIES or name.startswith("--"):
            insisted = _IMPORTANT.search(value)
            (important if insisted else plain)[name] = _IMPORTANT.sub("", value).strip()
    return plain, important


def is_for_screen(media: str) -> bool:
    """Tell whether a condition such as "screen and (min-width: 600px)" holds here."""
    return not media.strip() or any(map(_is_so, media.lower().split(",")))


def _is_so(query: str) -> bool:
    query = query.strip()
    negated = query.startswith("not ")
    asked = query.removeprefix("not ").removeprefix("only ")
    found = [_holds(part.strip()) for part in re.split(r"\band\b", asked)]
    return None not in found and all(found) != negated


def _holds(condition: str) -> bool | None:
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
    """An element that selectors ask for, and how it stands to that of the step before."""

    number: int
    compound: Compound
    combinator: str
    before: int  # -1 if it is the first
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
        self._steps: dict[tuple[int, str, Compound], _Step] = {}
        self._by_key: dict[str, list[_Step]] = {}
        self._left = _MAX_TESTS
        order = 0
        for sheet in sheets:
            for selectors, body in _rules(_COMMENT.sub(" ", sheet)):
                plain, important = declarations(body)
                if not plain and not important:
                    continue
                self.paints |= any("background" in name for name in (*plain, *important))
                for selector in selectors_in(selectors):
                    order += 1
                    self._add(selector, order, plain, important)

    def match(
        self, element: etree._Element, name: str, place: Place
    ) -> tuple[frozenset[int], Declarations, Declarations]:
        """Return the steps that an element fits, what is said of it, and what is insisted on.

        Raises:
            DocumentError: If there are too many rules for so many elements.
        """
        if not self._by_key:
            return frozenset(), {}, {}
        classes = frozenset((element.get("class") or "").split())
        keys = ["", "*", name, *("." + one for one in classes), "#" + (element.get("id") or "")]
        fitting: set[int] = set()
        found: list[_Rule] = []
        for key in keys:
            steps = self._by_key.get(key, ())
            self._left -= len(steps)
            if self._left < 0:
                raise _too_many_rules()
            for step in steps:
                there = step.before < 0 or place.follows(step.combinator, step.before)
                if there and step.compound.fits(element, name, classes, place.index):
                    fitting.add(step.number)
                    found += step.rules
        self._left -= len(found)
        plain: Declarations = {}
        important: Declarations = {}
        for _, said, insisted in sorted(found, key=lambda rule: rule[0]):
            plain |= said
            important |= insisted
        return frozenset(fitting), plain, important

    def _add(
        self, selector: Selector, order: int, plain: Declarations, important: Declarations
    ) -> None:
        weights = [compound.weight for _, compound in selector]
        ids, others, names = (sum(part) for part in zip(*weights, strict=True))
        before = -1
        for combinator, compound in selector[:-1]:
            before = self._step(before, combinator, compound).number
        meant = self._step(before, *selector[-1])
        meant.rules.append(((ids, others, names, order), plain, important))

    def _step(self, before: int, combinator: str, compound: Compound) -> _Step:
        """Return the step that several selectors may share."""
        step = self._steps.get((before, combinator, compound))
        if step is None:
            step = _Step(len(self._steps), compound, combinator, before)
            self._steps[before, combinator, compound] = step
            self._by_key.setdefault(compound.key, []).append(step)
        return step


def _too_many_rules() -> DocumentError:
    return DocumentError(
        "html.style_sheets_too_large",
    )


def _rules(sheet: str) -> Iterator[tuple[str, str]]:
    """Yield the selectors and the declarations of the rules that hold on a screen."""
    blocks: list[str | None] = []  # open: the selectors of a rule, "" for a group, None for others
    said: list[str] = []
    for token in _TOKEN.findall(sheet):
        inside = blocks[-1] if blocks else ""
        if token == "{":
            _open(blocks, said)
        elif token == "}":
            if inside:
                yield inside, "".join(said)
            del blocks[-1:]
            if not (blocks and blocks[-1]):
                said.clear()
        elif token == ";" and inside == "":
            said.clear()
        elif inside is not None:
            said.append(token)
    if blocks and blocks[-1]:
        yield blocks[-1], "".join(said)


def _open(blocks: list[str | None], said: list[str]) -> None:
    """Begin a block; what was said before it tells what it is."""
    inside = blocks[-1] if blocks else ""
    if inside == "":
        blocks.append(_opened("".join(said).strip()))
        said.clear()
        return
    # What stands within a rule is about other elements: it is passed over.
    while inside and said and said[-1] != ";":
        said.pop()
    blocks.append(None)


def _opened(head: str) -> str | None:
    """Return the selectors of a rule, "" for a group of rules, None for what does not hold."""
    if not head.startswith("@"):
        return head or None
    name, _, condition = head[1:].partition(" ")
    name, bracket, rest = name.lower().partition("(")
    condition = bracket + rest + " " + condition
    holds = (
        (name == "media" and is_for_screen(condition))
        or (name == "supports" and not condition.strip().lower().startswith("not"))
        or name == "layer"
    )
    return "" if holds else None
