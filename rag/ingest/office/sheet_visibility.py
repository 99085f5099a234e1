"""Which cells of a spreadsheet are not seen: by their colour, their size, or their format.

Where a cell may be coloured by something else (a table's style, a rule, a picture behind the
sheet), white figures are taken to be seen.
"""

import contextlib
import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple
from zipfile import BadZipFile

from lxml import etree
from openpyxl.styles.colors import COLOR_INDEX

from rag.ingest.office.archive import OfficeArchive
from rag.ingest.office.cell_formats import CellValue
from rag.ingest.office.colours import Theme, hex_colour
from rag.ingest.visibility import MIN_LEGIBLE_POINTS, WHITE, Colour, are_indistinguishable, blended

__all__ = ["Area", "SheetVisibility", "table_areas"]

_BLACK: Final = (0, 0, 0)
_THEME_COLOUR_NAMES: Final = (
    "lt1", "dk1", "lt2", "dk2", "accent1", "accent2", "accent3", "accent4", "accent5", "accent6",
    "hlink", "folHlink",
)  # fmt: skip
_MAX_AREAS = 1_000  # more are not gone through for each white cell
_FORMAT_SECTION = re.compile(r'((?:"[^"]*+"|\\.|\[[^\]\[]*+\]|[^;])*+)(?:;|$)', re.S)
_CONDITION = re.compile(r"\[\s*[<>=]")
_SHOWS_NOTHING = re.compile(r'(?:\s|""|\[[^\]]*\])*')
_IN_WHITE = re.compile(r"\s*\[white\]", re.I)

Area = tuple[int, int, int, int]
"""Columns and rows: left, top, right, bottom."""


class _Style(NamedTuple):
    """How a cell looks.

    Attributes:
        colour: None if Excel chooses it, or if it is not known.
        background: None if it is not known.
        small: It is too small to be read.
        sections: How numbers, negative ones, zero and words are shown; empty if all alike.
        plain: All that stands in it is seen.
    """

    colour: Colour | None
    background: Colour | None
    small: bool
    sections: tuple[str, ...]
    plain: bool = False


class SheetVisibility:
    """Tells what is seen of the cells of a workbook.

    Args:
        workbook: As openpyxl reads it.

    Attributes:
        unseen: The text that is not seen, in order.
    """

    def __init__(self, workbook: Any) -> None:
        self.unseen: list[str] = []
        self._styles: dict[int, _Style] = {}
        parser = etree.XMLParser(resolve_entities=False, no_network=True)
        theme = getattr(workbook, "loaded_theme", None)
        self._theme = Theme(etree.fromstring(theme, parser) if theme else None)
        self._indexed: Sequence[str] = getattr(workbook, "_colors", None) or COLOR_INDEX

    def visible_value(
        self, cell: Any, coloured: Sequence[Area] | None, pieces: Mapping[str, list[Any]]
    ) -> CellValue:
        """Return what is seen of a cell, None if nothing.

        Args:
            cell: A cell with a value.
            coloured: The areas that something else may colour; None: the whole sheet.
            pieces: The words of cells in several fonts that openpyxl does not know of.
        """
        style = self._styles.get(cell._style_id)
        if style is None:
            style = self._styles[cell._style_id] = self._style(cell)
        value: Any = pieces.get(cell.coordinate, cell.value) if pieces else cell.value
        if style.plain and not isinstance(value, list):
            plain: CellValue = value
            return plain
        coloured_over = style.background is not None and _is_within(cell, coloured)
        background = None if coloured_over else style.background
        if isinstance(value, list):
            return self._visible_words(value, style, background)
        if _is_seen(style, background) and _is_shown(value, style, background):
            visible: CellValue = value
            return visible
        if value != 0:  # zeros are hidden so as not to be in the way
            self.unseen.append(str(value))
        return None

    def _visible_words(self, pieces: list[Any], style: _Style, background: Colour | None) -> str:
        """Return the words of a cell that are seen; each piece may have a font of its own."""
        words = ""
        for piece in pieces:
            piece_style = style
            if not isinstance(piece, str):
                font = piece.font
                size = float(font.sz) if font.sz is not None else None
                piece_style = style._replace(
                    colour=self._colour(font.color) if font.color is not None else style.colour,
                    small=style.small if size is None else size < MIN_LEGIBLE_POINTS,
                )
            text = str(piece)
            if _is_seen(piece_style, background):
                words += text
            else:
                self.unseen.append(text)
        return words

    def _style(self, cell: Any) -> _Style:
        font, fill = cell.font, cell.fill
        kind = getattr(fill, "fill_type", None)
        background: Colour | None = WHITE
        if kind == "solid":
            background = self._colour(fill.fgColor)
        elif kind is not None:
            background = None
        code = cell.number_format or ""
        sections = _FORMAT_SECTION.findall(code) if ";" in code or "[" in code else []
        if not code.endswith(";"):
            sections = sections[:-1]  # what follows the last one is none
        style = _Style(
            colour=self._colour(font.color),
            background=background,
            small=font.sz is not None and float(font.sz) < MIN_LEGIBLE_POINTS,
            sections=() if _CONDITION.search(code) else tuple(sections[:4]),
        )
        return style._replace(plain=not style.sections and _is_seen(style, background))

    def _colour(self, openpyxl_colour: Any) -> Colour | None:
        """Return a colour of openpyxl's; None if it is automatic."""
        if openpyxl_colour is None:
            return None
        colour: Colour | None = None
        if openpyxl_colour.type == "rgb":
            colour = hex_colour(openpyxl_colour.rgb)
        elif openpyxl_colour.type == "theme" and 0 <= openpyxl_colour.theme < len(
            _THEME_COLOUR_NAMES
        ):
            colour = self._theme.named(_THEME_COLOUR_NAMES[openpyxl_colour.theme])
        elif openpyxl_colour.type == "indexed":
            colour = self._by_index(openpyxl_colour.indexed)
        if colour is None or not openpyxl_colour.tint:
            return colour
        towards = WHITE if openpyxl_colour.tint > 0 else _BLACK
        return blended(colour, 1 - abs(openpyxl_colour.tint), towards)

    def _by_index(self, index: int) -> Colour | None:
        if index == 65:
            return WHITE  # the system's window
        return hex_colour(self._indexed[index]) if 0 <= index < len(self._indexed) else None


def table_areas(path: Path, part: str) -> Iterator[str]:
    """Yield where a sheet has tables, whose styles colour them.

    Args:
        path: The workbook.
        part: The name of the sheet within.
    """
    folder, name = posixpath.split(part)
    with OfficeArchive(path) as archive, contextlib.suppress(BadZipFile):
        for entry in archive.xml(f"{folder}/_rels/{name}.rels"):
            if entry.get("Type", "").endswith("/table"):
                target = posixpath.normpath(posixpath.join("/", folder, entry.get("Target", "")))
                area = archive.xml(target.lstrip("/")).get("ref")
                if area:
                    yield area


def _is_seen(style: _Style, background: Colour | None) -> bool:
    if style.small:
        return False
    return (
        style.colour is None
        or background is None
        or not are_indistinguishable(style.colour, background)
    )


def _is_shown(value: CellValue, style: _Style, background: Colour | None) -> bool:
    """Tell whether a cell's format shows its value at all: ";;;" shows none."""
    if not style.sections:
        return True
    section_index = 0
    if isinstance(value, str):
        section_index = 3
    elif isinstance(value, int | float) and not isinstance(value, bool):
        section_index = 1 if value < 0 else 2 if value == 0 else 0
    if section_index >= len(style.sections):
        # Words are shown as they are, and what has no section of its own by the first.
        return section_index == 3 or not _shows_nothing(style.sections[0], background)
    return not _shows_nothing(style.sections[section_index], background)


def _shows_nothing(section: str, background: Colour | None) -> bool:
    if _SHOWS_NOTHING.fullmatch(section):
        return True
    return (
        _IN_WHITE.match(section) is not None
        and background is not None
        and are_indistinguishable(background, WHITE)
    )


def _is_within(cell: Any, areas: Sequence[Area] | None) -> bool:
    if areas is None or len(areas) > _MAX_AREAS:
        return True
    return any(
        left <= cell.column <= right and top <= cell.row <= bottom
        for left, top, right, bottom in areas
    )
