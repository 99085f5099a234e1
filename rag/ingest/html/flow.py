"""Walk the body of a web page as a person sees it: paragraphs, headings, list items, tables.

The walk is a loop, not a recursion, so that no depth of nesting can exhaust the stack.
"""

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from rag.ingest.extract import ExtractBuilder
from rag.ingest.structure.tables import table_rows
from rag.language.numerals import letters, roman

__all__ = [
    "Element",
    "add_flow",
    "is_around",
    "is_inline",
    "is_no_text",
    "is_unseen",
    "local_name",
    "walk",
]

Element = etree._Element

_UNSEEN: Final = frozenset(
    "script style template noscript head title meta link button select option optgroup datalist "
    "textarea svg canvas iframe object embed audio video map progress meter dialog del s strike rp "
    "rt frameset noframes xml".split()
)
_AROUND: Final = frozenset({"nav", "header", "footer", "aside", "form"})
_ROLES_AROUND: Final = frozenset(
    {"navigation", "banner", "contentinfo", "search", "complementary", "menu", "menubar"}
)
_INLINE: Final = frozenset(
    "a abbr acronym b bdi bdo big cite code data dfn em font i img input ins kbd label mark nobr q "
    "ruby samp small span strong sub sup time tt u var wbr math".split()
)
_NOTE_ROLES: Final = frozenset({"doc-noteref", "doc-backlink"})
_NOTE_CLASSES = re.compile(r"\b(?:footnote-(?:ref|back)|sdfootnoteanc|sdendnoteanc)\b")
_NOTE_LINK = re.compile(r"#_(?:ftn|edn)\d+")
_ITEM_MARK = re.compile(
    r"(\(?(?:\d{1,3}(?:\.\d{1,3})*|[a-zđ]{1,2}|[ivx]{1,5})[.)]|[-–•+])(\s*)", re.I
)
_HEADING = re.compile(r"h([1-6])")
_LIST_TYPE = re.compile(
    r"list-style(?:-type)?\s*+:[^;]{0,99}?\b(none|lower-alpha|lower-latin|upper-alpha|upper-latin"
    r"|lower-roman|upper-roman|decimal)\b",
    re.I,
)
_TYPES: Final = {
    "lower-alpha": "a",
    "lower-latin": "a",
    "upper-alpha": "A",
    "upper-latin": "A",
    "lower-roman": "i",
    "upper-roman": "I",
    "decimal": "1",
    "none": "",
}
_SPACES = re.compile(r"[ \t\r\n\f]+")
_BLANK_LINES = re.compile(r"\n\s*\n")
_MAX_HEADING = 300  # characters; a longer one is a paragraph that was made large
_MAX_SPAN = 200  # columns; browsers stop at 1000
_MAX_TABLE = 500_000  # cells, with those that others span
_MAX_NUMBER = 3999

_Skip = Callable[[Element], bool]


def local_name(element: Element) -> str:
    """Return an element's name in lower case without its namespace; "" of a comment."""
    tag = element.tag
    return _local(tag) if isinstance(tag, str) else ""


@functools.lru_cache(maxsize=1_000)
def _local(tag: str) -> str:
    return tag.rpartition("}")[2].rpartition(":")[2].lower()


def is_no_text(element: Element) -> bool:
    """Tell whether an element is of a kind that never is part of the text."""
    tag = element.tag
    return not isinstance(tag, str) or _local(tag) in _UNSEEN


def is_inline(element: Element) -> bool:
    """Tell whether an element stands within a line."""
    return local_name(element) in _INLINE


def is_unseen(element: Element) -> bool:
    """Tell whether an element and all in it are hidden, or are no part of the text.

    What style sheets hide has the attribute `hidden` too, by `html_sight`.
    """
    if is_no_text(element) or element.get("hidden") is not None:
        return True
    return local_name(element) == "a" and _is_note_mark(element)


def _is_note_mark(link: Element) -> bool:
    """Tell whether a link is the small number of a footnote: no part of the word before it."""
    return (
        link.get("role") in _NOTE_ROLES
        or _NOTE_CLASSES.search(link.get("class") or "") is not None
        or _NOTE_LINK.fullmatch(link.get("href") or "") is not None
    )


def is_around(element: Element) -> bool:
    """Tell whether an element usually holds what stands around a page's text."""
    return local_name(element) in _AROUND or element.get("role") in _ROLES_AROUND


def walk(root: Element, skip: _Skip) -> Iterator[tuple[str, Element]]:
    """Yield ("start", element) and ("end", element) in order; what is skipped only ends."""
    stack: list[tuple[Element, Iterator[Element]]] = []
    if not skip(root):
        yield "start", root
        stack.append((root, iter(root)))
    while stack:
        element, children = stack[-1]
        child = next(children, None)
        if child is None:
            stack.pop()
            yield "end", element
        elif skip(child):
            yield "end", child  # its tail is text of its parent
        else:
            yield "start", child
            stack.append((child, iter(child)))


def add_flow(builder: ExtractBuilder, root: Element, skip: _Skip) -> None:
    """Add all that is seen within an element.

    Args:
        builder: Takes the paragraphs.
        root: The element.
        skip: Tells which elements to leave out with all in them.
    """
    said: set[Element] = set()  # tables that were added row by row
    flow = _Flow(builder)

    def left_out(element: Element) -> bool:
        if local_name(element) != "table" or skip(element):
            return skip(element)
        flow.flush()
        rows = _said_rows(element, skip)
        if rows is None:
            return False
        for caption in element.iterchildren("caption"):
            builder.caption(_text_of(caption, skip))
        for row in rows:
            builder.row(row)
        said.add(element)
        return True

    for event, element in walk(root, left_out):
        if event == "start":
            flow.start(element)
        else:
            if not _is_left_out(element, said, skip):
                flow.end(element)
            if element is not root:
                flow.text(element.tail or "")
    flow.flush()


def _is_left_out(element: Element, said: set[Element], skip: _Skip) -> bool:
    """Tell whether only the end of an element is met."""
    return element in said or skip(element)


@dataclass(slots=True)
class _List:
    kind: str  # "" unmarked, "-" or the type of numbers
    number: int = 1


@dataclass(slots=True)
class _Flow:
    """Gathers running text and closes a paragraph where a block begins or ends."""

    builder: ExtractBuilder
    pieces: list[str] = field(default_factory=list)
    lists: list[_List] = field(default_factory=list)
    kinds: list[tuple[Element, int]] = field(default_factory=list)  # headings: level, captions: 0
    marker: str = ""
    in_item: list[Element] = field(default_factory=list)
    verbatim: int = 0

    def start(self, element: Element) -> None:
        name = local_name(element)
        if name == "br":
            self.pieces.append("\n")
        elif name == "q":
            self.pieces.append("“")
        elif name not in _INLINE:
            self.flush()
            self._open(element, name)
        self.text(element.text or "")

    def end(self, element: Element) -> None:
        name = local_name(element)
        if name == "q":
            self.pieces.append("”")
        elif name not in _INLINE and name != "br":
            self.flush()
            self._close(element, name)

    def text(self, text: str) -> None:
        self.pieces.append(text if self.verbatim else _SPACES.sub(" ", text))

    def flush(self) -> None:
        text = "".join(self.pieces)
        self.pieces.clear()
        if not text.strip():
            return
        for paragraph in _BLANK_LINES.split(text):
            self._add(paragraph)

    def _open(self, element: Element, name: str) -> None:
        if name in ("ul", "ol", "menu", "dir"):
            self.lists.append(_list_of(element, name))
        elif name == "li":
            self.in_item.append(element)
            self.marker = self._next_marker(element)
        elif name == "pre":
            self.verbatim += 1
        level = _heading_level(element, name)
        if level or name in ("figcaption", "caption"):
            self.kinds.append((element, level))

    def _close(self, element: Element, name: str) -> None:
        if name in ("ul", "ol", "menu", "dir") and self.lists:
            self.lists.pop()
        elif name == "li":
            self.marker = ""
            if self.in_item:
                self.in_item.pop()
        elif name == "pre":
            self.verbatim -= 1
        if self.kinds and self.kinds[-1][0] is element:
            self.kinds.pop()

    def _next_marker(self, element: Element) -> str:
        if not self.lists:
            return "- "
        current = self.lists[-1]
        stated = _LIST_TYPE.search(element.get("style") or "")
        kind = _TYPES[stated[1].lower()] if stated else current.kind
        if kind in ("", "-"):
            return "- " if kind else ""
        value = element.get("value") or ""
        number = int(value) if re.fullmatch(r"\d{1,6}", value) else current.number
        current.number = number + 1
        return f"{_numeral(number, kind)}. "

    def _add(self, text: str) -> None:
        text = text.strip()
        if not text:
            return
        level = self.kinds[-1][1] if self.kinds else -1
        if self.in_item and (stated := _ITEM_MARK.match(text)) and self.marker:
            # The number is written out, as LibreOffice does, maybe without the space that is seen.
            text = f"{stated[1]} {text[stated.end() :]}"
            self.marker = ""
        text = self.marker + text
        self.marker = ""
        if level > 0 and len(text) <= _MAX_HEADING:
            self.builder.heading(text, level)
        elif level == 0:
            self.builder.caption(text)
        elif self.in_item and self.lists and self.lists[-1].kind:
            self.builder.prose(text)
        else:
            self.builder.paragraph(text)


def _list_of(element: Element, name: str) -> _List:
    stated = _LIST_TYPE.search(element.get("style") or "")
    if stated and stated[1].lower() == "none":
        return _List("")
    if name != "ol":
        return _List("-")
    kind = element.get("type") or (_TYPES[stated[1].lower()] if stated else "1")
    start = element.get("start") or ""
    number = int(start) if re.fullmatch(r"\d{1,6}", start) else 1
    return _List(kind if kind in ("1", "a", "A", "i", "I") else "1", number)


def _heading_level(element: Element, name: str) -> int:
    if match := _HEADING.fullmatch(name):
        return int(match[1])
    if element.get("role") == "heading":
        level = element.get("aria-level") or ""
        return int(level) if re.fullmatch("[1-9]", level) else 2
    return 0


def _numeral(number: int, kind: str) -> str:
    if kind in "iI" and 0 < number <= _MAX_NUMBER:
        return roman(number).upper() if kind == "I" else roman(number)
    if kind in "aA" and number > 0:
        return letters(number).upper() if kind == "A" else letters(number)
    return str(number)


def _text_of(element: Element, skip: _Skip) -> str:
    """Return the words within an element, its blocks on lines of their own."""
    builder = ExtractBuilder()
    flow = _Flow(builder)
    for event, inner in walk(element, skip):
        if event == "start":
            flow.start(inner)
        else:
            if not skip(inner):
                flow.end(inner)
            if inner is not element:
                flow.text(inner.tail or "")
    flow.flush()
    return builder.build().text.strip().replace("\n\n", "\n")


def _said_rows(table: Element, skip: _Skip) -> Sequence[str] | None:
    """Return the rows of a table as they can stand alone; None if it only lays out the page."""
    if next(table.iterdescendants("table"), None) is not None:
        return None
    rows = [row for row in table.iter("tr") if not skip(row)]
    if not rows or next(table.iter("h1", "h2", "h3", "h4"), None) is not None:
        return None
    grid = _grid(rows, skip)
    if grid is None:
        return None
    cells = [cell for cell in rows[0] if local_name(cell) in ("td", "th")]
    parent = rows[0].getparent()
    headed = bool(cells) and (
        all(local_name(cell) == "th" for cell in cells)
        or (parent is not None and local_name(parent) == "thead")
    )
    return table_rows(grid, header=True if headed else None)


def _grid(rows: Sequence[Element], skip: _Skip) -> list[list[str]] | None:
    """Return the cells' words, repeated in every place that a cell spans."""
    places: dict[tuple[int, int], str] = {}
    for number, row in enumerate(rows):
        column = 0
        for cell in row:
            if local_name(cell) not in ("td", "th") or skip(cell):
                continue
            while (number, column) in places:
                column += 1
            words = _text_of(cell, skip)
            wide = _span(cell, "colspan", _MAX_SPAN)
            for down in range(_span(cell, "rowspan", len(rows) - number)):
                for right in range(wide):
                    places[number + down, column + right] = words
            column += wide
            if len(places) > _MAX_TABLE:
                return None
    width = max((column for _, column in places), default=-1) + 1
    if width * len(rows) > _MAX_TABLE:
        return None
    return [[places.get((row, column), "") for column in range(width)] for row in range(len(rows))]


def _span(cell: Element, name: str, most: int) -> int:
    value = (cell.get(name) or "").strip()
    if not re.fullmatch(r"\d{1,5}", value):
        return 1
    return min(int(value) or (most if name == "rowspan" else 1), most)
