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
    "is_boilerplate",
    "is_inline",
    "is_left_out",
    "is_no_text",
    "local_name",
    "walk",
]

Element = etree._Element

_NO_TEXT: Final = frozenset(
    "script style template noscript head title meta link button select option optgroup datalist "
    "textarea svg canvas iframe object embed audio video map progress meter dialog del s strike rp "
    "rt frameset noframes xml".split()
)
_BOILERPLATE: Final = frozenset({"nav", "header", "footer", "aside", "form"})
_BOILERPLATE_ROLES: Final = frozenset(
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
_NUMBER_TYPES: Final = {
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
    """Return an element's name in lower case without its namespace."""
    return _local(str(element.tag))


@functools.lru_cache(maxsize=1_000)
def _local(tag: str) -> str:
    return tag.rpartition("}")[2].rpartition(":")[2].lower()


def is_no_text(element: Element) -> bool:
    """Tell whether an element is of a kind that never is part of the text."""
    return local_name(element) in _NO_TEXT


def is_inline(element: Element) -> bool:
    """Tell whether an element stands within a line."""
    return local_name(element) in _INLINE


def is_left_out(element: Element) -> bool:
    """Tell whether an element and all in it are hidden, or are no part of the text.

    What style sheets hide has the attribute `hidden` too, by `visibility`.
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


def is_boilerplate(element: Element) -> bool:
    """Tell whether an element usually holds what stands around a page's text."""
    return local_name(element) in _BOILERPLATE or element.get("role") in _BOILERPLATE_ROLES


def walk(root: Element, skip: _Skip) -> Iterator[tuple[str, Element]]:
    """Yield ("start", element) and ("end", element) in order; ("skipped", element) of others."""
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
            yield "skipped", child  # its tail is text of its parent
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
    flow = _Flow(builder)

    def skip_or_add_table(element: Element) -> bool:
        if local_name(element) != "table" or skip(element):
            return skip(element)
        flow.flush()
        rows = _data_rows(element, skip)
        if rows is None:
            return False
        for caption in element.iterchildren("caption"):
            builder.caption(_text_of(caption, skip))
        for row in rows:
            builder.row(row)
        return True

    flow.add(root, skip_or_add_table)


@dataclass(slots=True)
class _List:
    marker_type: str  # "" unmarked, "-" or the type of numbers
    number: int = 1


@dataclass(slots=True)
class _Flow:
    """Gathers running text and closes a paragraph where a block begins or ends."""

    builder: ExtractBuilder
    pieces: list[str] = field(default_factory=list)
    lists: list[_List] = field(default_factory=list)
    headings: list[tuple[Element, int]] = field(default_factory=list)  # with level; of captions 0
    marker: str = ""
    open_items: int = 0
    verbatim: int = 0

    def add(self, root: Element, skip: _Skip) -> None:
        """Add what is within an element, but for what is skipped."""
        for event, element in walk(root, skip):
            if event == "start":
                self._start(element)
                continue
            if event == "end":
                self._end(element)
            if element is not root:
                self._text(element.tail or "")
        self.flush()

    def flush(self) -> None:
        """Close the paragraph."""
        text = "".join(self.pieces)
        self.pieces.clear()
        if not text.strip():
            return
        for paragraph in _BLANK_LINES.split(text):
            self._add_paragraph(paragraph)

    def _start(self, element: Element) -> None:
        name = local_name(element)
        if name == "br":
            self.pieces.append("\n")
        elif name == "q":
            self.pieces.append("“")
        elif name not in _INLINE:
            self.flush()
            self._open(element, name)
        self._text(element.text or "")

    def _end(self, element: Element) -> None:
        name = local_name(element)
        if name == "q":
            self.pieces.append("”")
        elif name not in _INLINE and name != "br":
            self.flush()
            self._close(element, name)

    def _text(self, text: str) -> None:
        self.pieces.append(text if self.verbatim else _SPACES.sub(" ", text))

    def _open(self, element: Element, name: str) -> None:
        if name in ("ul", "ol", "menu", "dir"):
            self.lists.append(_list_of(element, name))
        elif name == "li":
            self.open_items += 1
            self.marker = self._next_marker(element)
        elif name == "pre":
            self.verbatim += 1
        level = _heading_level(element, name)
        if level or name in ("figcaption", "caption"):
            self.headings.append((element, level))

    def _close(self, element: Element, name: str) -> None:
        if name in ("ul", "ol", "menu", "dir") and self.lists:
            self.lists.pop()
        elif name == "li":
            self.marker = ""
            self.open_items -= 1
        elif name == "pre":
            self.verbatim -= 1
        if self.headings and self.headings[-1][0] is element:
            self.headings.pop()

    def _next_marker(self, element: Element) -> str:
        if not self.lists:
            return "- "
        current = self.lists[-1]
        stated_type = _stated_type(element)
        marker_type = current.marker_type if stated_type is None else stated_type
        if marker_type in ("", "-"):
            return "- " if marker_type else ""
        value = element.get("value") or ""
        number = int(value) if re.fullmatch(r"\d{1,6}", value) else current.number
        current.number = number + 1
        return f"{_numeral(number, marker_type)}. "

    def _add_paragraph(self, text: str) -> None:
        text = text.strip()
        if not text:
            return
        level = self.headings[-1][1] if self.headings else -1
        if self.open_items and self.marker and (written := _ITEM_MARK.match(text)):
            # The number is written out, as LibreOffice does, maybe without the space that is seen.
            text = f"{written[1]} {text[written.end() :]}"
            self.marker = ""
        text = self.marker + text
        self.marker = ""
        if level > 0 and len(text) <= _MAX_HEADING:
            self.builder.heading(text, level)
        elif level == 0:
            self.builder.caption(text)
        elif self.open_items and self.lists and self.lists[-1].marker_type:
            self.builder.prose(text)
        else:
            self.builder.paragraph(text)


def _list_of(element: Element, name: str) -> _List:
    stated_type = _stated_type(element)
    if name != "ol" or stated_type == "":
        return _List("-" if stated_type != "" else "")
    marker_type = element.get("type") or stated_type
    start = element.get("start") or ""
    number = int(start) if re.fullmatch(r"\d{1,6}", start) else 1
    return _List(marker_type if marker_type in ("a", "A", "i", "I") else "1", number)


def _stated_type(element: Element) -> str | None:
    """Return how the style of a list or an item says that items are marked, if it does."""
    match = _LIST_TYPE.search(element.get("style") or "")
    return _NUMBER_TYPES[match[1].lower()] if match else None


def _heading_level(element: Element, name: str) -> int:
    if match := _HEADING.fullmatch(name):
        return int(match[1])
    if element.get("role") == "heading":
        level = element.get("aria-level") or ""
        return int(level) if re.fullmatch("[1-9]", level) else 2
    return 0


def _numeral(number: int, number_type: str) -> str:
    if number_type in "iI" and 0 < number <= _MAX_NUMBER:
        return roman(number).upper() if number_type == "I" else roman(number)
    if number_type in "aA" and number > 0:
        return letters(number).upper() if number_type == "A" else letters(number)
    return str(number)


def _text_of(element: Element, skip: _Skip) -> str:
    """Return the words within an element, its blocks on lines of their own."""
    builder = ExtractBuilder()
    _Flow(builder).add(element, skip)
    return builder.build().text.strip().replace("\n\n", "\n")


def _data_rows(table: Element, skip: _Skip) -> Sequence[str] | None:
    """Return the rows of a table as they can stand alone; None if it only lays out the page."""
    if next(table.iterdescendants("table"), None) is not None:
        return None
    rows = [row for row in table.iter("tr") if not skip(row)]
    if not rows or next(table.iter("h1", "h2", "h3", "h4"), None) is not None:
        return None
    grid = _grid(rows, skip)
    if grid is None:
        return None
    first_row = [cell for cell in rows[0] if local_name(cell) in ("td", "th")]
    parent = rows[0].getparent()
    headed = bool(first_row) and (
        all(local_name(cell) == "th" for cell in first_row)
        or (parent is not None and local_name(parent) == "thead")
    )
    return table_rows(grid, header=True if headed else None)


def _grid(rows: Sequence[Element], skip: _Skip) -> list[list[str]] | None:
    """Return the cells' words, repeated in every place that a cell spans."""
    words: dict[tuple[int, int], str] = {}
    for row, row_element in enumerate(rows):
        column = 0
        for cell in row_element:
            if local_name(cell) not in ("td", "th") or skip(cell):
                continue
            while (row, column) in words:
                column += 1
            text = _text_of(cell, skip)
            columns = _span(cell, "colspan", _MAX_SPAN)
            for spanned_row in range(row, row + _span(cell, "rowspan", len(rows) - row)):
                for spanned_column in range(column, column + columns):
                    words[spanned_row, spanned_column] = text
            column += columns
            if len(words) > _MAX_TABLE:
                return None
    width = max((column for _, column in words), default=-1) + 1
    if width * len(rows) > _MAX_TABLE:
        return None
    return [[words.get((row, column), "") for column in range(width)] for row in range(len(rows))]


def _span(cell: Element, name: str, limit: int) -> int:
    value = (cell.get(name) or "").strip()
    if not re.fullmatch(r"\d{1,5}", value):
        return 1
    return min(int(value) or (limit if name == "rowspan" else 1), limit)
