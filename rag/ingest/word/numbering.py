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

__all__ = ["Label", "Numbering", "W", "child_value", "is_on"]

W: Final = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
"""The namespace of Word's elements, as lxml writes it."""

_LEVEL_COUNT = 9
_MAX_NUMBER = 1_000_000  # of a definition; a larger one is damage
_PLACEHOLDER = re.compile(r"%([1-9])")


def child_value(parent: Element | None, name: str) -> str | None:
    """Return the w:val of a child element; None if there is no such child."""
    child = None if parent is None else parent.find(W + name)
    return None if child is None else child.get(W + "val", "")


def is_on(parent: Element | None, name: str) -> bool | None:
    """Tell whether a property such as w:vanish is on; None if it is not stated."""
    stated = child_value(parent, name)
    return None if stated is None else stated not in ("0", "false", "off")


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """What Word writes before a paragraph.

    Attributes:
        text: The label, such as "Điều 12." or "-"; "" if it shows nothing.
        bullet: Whether it is a sign, not a number.
        suffix: What stands between it and the paragraph.
    """

    text: str
    bullet: bool = False
    suffix: str = " "


@dataclass(frozen=True, slots=True, kw_only=True)
class _Level:
    format: str = "decimal"
    text: str = ""
    start: int = 1
    restart: int | None = None  # 0: never; else after a paragraph of that level, counted from 1
    legal: bool = False
    suffix: str = " "
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
        numbered_list = self._list(number)
        levels = {} if numbered_list is None else numbered_list.levels
        return next((index for index, level in levels.items() if level.style == style), 0)

    def next(self, number: str, index: int) -> Label | None:
        """Count a paragraph and return its label; None if there is no such list.

        Args:
            number: The id of the list, w:numId.
            index: The level, counted from 0.
        """
        numbered_list = self._list(number)
        if numbered_list is None or index not in numbered_list.levels:
            return None
        counts = self._counts.setdefault(numbered_list.abstract, {})
        level = numbered_list.levels[index]
        start = numbered_list.starts.get(index, level.start)
        if index in numbered_list.starts and (number, index) not in self._begun:
            counts.pop(index, None)
        self._begun.add((number, index))
        counts[index] = counts[index] + 1 if index in counts else start
        for above in range(index):  # a level that was passed over shows its start
            if above in numbered_list.levels and above not in counts:
                counts[above] = numbered_list.levels[above].start
        for below in range(index + 1, _LEVEL_COUNT):
            restart = numbered_list.levels[below].restart if below in numbered_list.levels else None
            # Levels are counted from 1 there: by default, any level above restarts.
            if restart is None or index < restart:
                counts.pop(below, None)
        return _label(numbered_list, index, counts)

    def _list(self, number: str) -> _List | None:
        if number not in self._resolved:
            self._resolved[number] = self._resolve(number)
        return self._resolved[number]

    def _resolve(self, number: str) -> _List | None:
        entry = self._lists.get(number)
        if entry is None:
            return None
        abstract = child_value(entry, "abstractNumId") or ""
        seen = {abstract}
        while link := child_value(self._abstracts.get(abstract), "numStyleLink"):
            linked = self._lists.get(self._style_lists.get(link, ""))
            abstract = child_value(linked, "abstractNumId") or ""
            if abstract in seen:
                return None
            seen.add(abstract)
        if abstract not in self._abstracts:
            return None
        levels = {
            _bounded_int(child.get(W + "ilvl"), 0): _level(child)
            for child in self._abstracts[abstract].findall(W + "lvl")
        }
        starts: dict[int, int] = {}
        for override in entry.findall(W + "lvlOverride"):
            index = _bounded_int(override.get(W + "ilvl"), 0)
            override_level = override.find(W + "lvl")
            if override_level is not None:
                levels[index] = _level(override_level)
            start_override = child_value(override, "startOverride")
            if start_override is not None:
                starts[index] = _bounded_int(start_override, 1)
        return _List(abstract=abstract, levels=levels, starts=starts)


def _level(element: Element) -> _Level:
    text = child_value(element, "lvlText") or ""
    suffix = {"nothing": "", "space": " "}.get(child_value(element, "suff") or "tab", " ")
    level = _Level(
        format=_format(element),
        text=text,
        start=_bounded_int(
            child_value(element, "start"), 0 if element.find(W + "start") is None else 1
        ),
        legal=is_on(element, "isLgl") is True,
        suffix=suffix,
        style=child_value(element, "pStyle") or "",
        hidden=is_on(element.find(W + "rPr"), "vanish") is True,
    )
    restart = child_value(element, "lvlRestart")
    return level if restart is None else replace(level, restart=_bounded_int(restart, 0))


def _format(element: Element) -> str:
    """Return the format of a level; of alternatives, the one for programs that know little."""
    format_element = element.find(W + "numFmt")
    if format_element is None:
        format_element = next(element.iter(W + "numFmt"), None)
    return "decimal" if format_element is None else format_element.get(W + "val", "decimal")


def _bounded_int(text: str | None, default: int) -> int:
    if text is None or not re.fullmatch(r"\d{1,9}", text):
        return default
    return min(int(text), _MAX_NUMBER)


def _label(numbered_list: _List, index: int, counts: Mapping[int, int]) -> Label:
    level = numbered_list.levels[index]
    if level.hidden:
        return Label(text="")
    if level.format == "bullet" or (level.text.strip() and not _has_words(level.text)):
        sign = level.text.strip()
        if not sign and level.format == "bullet":
            return Label(text="")
        return Label(text=sign if sign == "+" else "-", bullet=True)

    def replacement(match: re.Match[str]) -> str:
        placeholder_index = int(match[1]) - 1
        if placeholder_index > index or placeholder_index not in numbered_list.levels:
            return ""
        number_format = numbered_list.levels[placeholder_index].format
        if level.legal and number_format not in ("none", "bullet"):
            number_format = "decimal"
        return _formatted_number(
            counts.get(placeholder_index, numbered_list.levels[placeholder_index].start),
            number_format,
        )

    return Label(text=_PLACEHOLDER.sub(replacement, level.text).strip(), suffix=level.suffix)


def _has_words(text: str) -> bool:
    return any(sign.isalnum() for sign in text)


def _formatted_number(number: int, number_format: str) -> str:
    """Return a number in one of Word's formats (ECMA-376-1, 17.18.59), else in digits."""
    if number_format in ("none", "bullet"):
        return ""
    if number < 1:
        return str(number)
    match number_format:
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
