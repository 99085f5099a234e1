"""The numbers that Word computes for paragraphs: "Điều 12.", "3.", "a)".

A paragraph only says to which list and level it belongs; its label follows from the definitions
in numbering.xml (ECMA-376-1, 17.9) and from all the paragraphs before it.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from rag.ingest.office.archive import Element
from rag.language.numerals import repeated_letters, roman, spelled

__all__ = ["Label", "Numbering", "W", "on", "value"]

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
"""The namespace of Word's elements, as lxml writes it."""

_LEVELS = 9
_MAX_NUMBER = 1_000_000  # of a definition; a larger one is damage
_PLACEHOLDER = re.compile(r"%([1-9])")


def value(parent: Element | None, name: str) -> str | None:
    """Return the w:val of a child element; None if there is no such child."""
    child = None if parent is None else parent.find(W + name)
    return None if child is None else child.get(W + "val", "")


def on(parent: Element | None, name: str) -> bool | None:
    """Tell whether a property such as w:vanish is on; None if it is not said."""
    said = value(parent, name)
    return None if said is None else said not in ("0", "false", "off")


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What Word writes before a paragraph.

    Attributes:
        text: The label, such as "Điều 12." or "-"; "" if it shows nothing.
        bullet: Whether it is a sign, not a number.
        glue: What stands between it and the paragraph.
    """

    text: str
    bullet: bool = False
    glue: str = " "


@dataclass(frozen=True, slots=True, kw_only=True)
class _Level:
    format: str = "decimal"
    text: str = ""
    start: int = 1
    restart: int | None = None  # 0: never; else after a paragraph of that level, counted from 1
    legal: bool = False
    glue: str = " "
    style: str = ""
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _List:
    abstract: str
    levels: Mapping[int, _Level]
    starts: Mapping[int, int]


class Numbering:
    """Counts the numbered paragraphs of a document, in order.

    Args:
        root: The root of numbering.xml; None if the document has none.
        style_lists: The list that each style names, by style id: for lists that are styles.
    """

    def __init__(self, root: Element | None, style_lists: Mapping[str, str]) -> None:
        self._abstracts: dict[str, Element] = {}
        self._lists: dict[str, Element] = {}
        for child in () if root is None else root:
            if child.tag == W + "abstractNum":
                self._abstracts[child.get(W + "abstractNumId", "")] = child
            elif child.tag == W + "num":
                self._lists[child.get(W + "numId", "")] = child
        self._style_lists = style_lists
        self._resolved: dict[str, _List | None] = {}
        # Lists that share a definition go on counting where another stopped, as in Word.
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()

    def level_of_style(self, number: str, style: str) -> int:
        """Return the level of a list that is linked to a style, 0 if none is."""
        found = self._list(number)
        levels = {} if found is None else found.levels
        return next((at for at, level in levels.items() if level.style == style), 0)

    def next(self, number: str, at: int) -> Label | None:
        """Count a paragraph and return its label; None if there is no such list.

        Args:
            number: The id of the list, w:numId.
            at: The level, counted from 0.
        """
        found = self._list(number)
        if found is None or at not in found.levels:
            return None
        counts = self._counts.setdefault(found.abstract, {})
        level = found.levels[at]
        start = found.starts.get(at, level.start)
        if at in found.starts and (number, at) not in self._begun:
            counts.pop(at, None)
        self._begun.add((number, at))
        counts[at] = counts[at] + 1 if at in counts else start
        for above in range(at):  # a level that was passed over shows its start
            if above in found.levels and above not in counts:
                counts[above] = found.levels[above].start
        for below in range(at + 1, _LEVELS):
            restart = found.levels[below].restart if below in found.levels else None
            # Levels are counted from 1 there: by default, any level above restarts.
            if restart is None or at < restart:
                counts.pop(below, None)
        return _label(found, at, counts)

    def _list(self, number: str) -> _List | None:
        if number not in self._resolved:
            self._resolved[number] = self._resolve(number)
        return self._resolved[number]

    def _resolve(self, number: str) -> _List | None:
        entry = self._lists.get(number)
        if entry is None:
            return None
        abstract = value(entry, "abstractNumId") or ""
        seen = {abstract}
        while link := value(self._abstracts.get(abstract), "numStyleLink"):
            linked = self._lists.get(self._style_lists.get(link, ""))
            abstract = value(linked, "abstractNumId") or ""
            if abstract in seen:
                return None
            seen.add(abstract)
        if abstract not in self._abstracts:
            return None
        levels = {
            _number(child.get(W + "ilvl"), 0): _level(child)
            for child in self._abstracts[abstract].findall(W + "lvl")
        }
        starts: dict[int, int] = {}
        for override in entry.findall(W + "lvlOverride"):
            at = _number(override.get(W + "ilvl"), 0)
            own = override.find(W + "lvl")
            if own is not None:
                levels[at] = _level(own)
            said = value(override, "startOverride")
            if said is not None:
                starts[at] = _number(said, 1)
        return _List(abstract=abstract, levels=levels, starts=starts)


def _level(element: Element) -> _Level:
    text = value(element, "lvlText") or ""
    glue = {"nothing": "", "space": " "}.get(value(element, "suff") or "tab", " ")
    level = _Level(
        format=_format(element),
        text=text,
        start=_number(value(element, "start"), 0 if element.find(W + "start") is None else 1),
        legal=on(element, "isLgl") is True,
        glue=glue,
        style=value(element, "pStyle") or "",
        hidden=on(element.find(W + "rPr"), "vanish") is True,
    )
    restart = value(element, "lvlRestart")
    return level if restart is None else replace(level, restart=_number(restart, 0))


def _format(element: Element) -> str:
    """Return the format of a level; of alternatives, the one for programs that know little."""
    found = element.find(W + "numFmt")
    if found is None:
        found = next(element.iter(W + "numFmt"), None)
    return "decimal" if found is None else found.get(W + "val", "decimal")


def _number(text: str | None, default: int) -> int:
    if text is None or not re.fullmatch(r"\d{1,9}", text):
        return default
    return min(int(text), _MAX_NUMBER)


def _label(found: _List, at: int, counts: Mapping[int, int]) -> Label:
    level = found.levels[at]
    if level.hidden:
        return Label(text="")
    if level.format == "bullet" or (level.text.strip() and not _has_words(level.text)):
        sign = level.text.strip()
        if not sign and level.format == "bullet":
            return Label(text="")
        return Label(text=sign if sign == "+" else "-", bullet=True)

    def shown(match: re.Match[str]) -> str:
        other = int(match[1]) - 1
        if other > at or other not in found.levels:
            return ""
        format_ = found.levels[other].format
        if level.legal and format_ not in ("none", "bullet"):
            format_ = "decimal"
        return _written(counts.get(other, found.levels[other].start), format_)

    return Label(text=_PLACEHOLDER.sub(shown, level.text).strip(), glue=level.glue)


def _has_words(text: str) -> bool:
    return any(sign.isalnum() for sign in text)


def _written(number: int, format_: str) -> str:
    """Return a number in one of Word's formats (ECMA-376-1, 17.18.59), else in digits."""
    if format_ in ("none", "bullet"):
        return ""
    if number < 1:
        return str(number)
    match format_:
        case "lowerLetter":
            return repeated_letters(number)
        case "upperLetter":
            return repeated_letters(number).upper()
        case "lowerRoman":
            return roman(number)
        case "upperRoman":
            return roman(number).upper()
        case "decimalZero":
            return f"{number:02d}"
        case "vietnameseCounting":
            return spelled(number)
        case _:
            return str(number)
