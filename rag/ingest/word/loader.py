"""Read Word documents as they show: with computed numbers, without what was deleted or hidden.

The tree is walked here, not by python-docx, which hides text boxes, footnotes, content controls
and numbers, refuses .docm and .dotx, and fails on a reference to a missing part.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.domain.documents import BlockKind
from rag.errors import DocumentError
from rag.ingest.extract import Extract, ExtractBuilder, clean
from rag.ingest.files import check_size
from rag.ingest.office.archive import (
    Element,
    OfficeArchive,
    check_archive,
    damage_reported,
    damaged_error,
    no_text_error,
)
from rag.ingest.office.colours import Theme
from rag.ingest.office.properties import read_properties
from rag.ingest.structure.tables import table_rows
from rag.ingest.word.numbering import Label, Numbering, W, child_value, is_on
from rag.ingest.word.styles import ParagraphStyle, Styles
from rag.ingest.word.text import Note, TextReader, chosen_branch, is_contents, is_deleted
from rag.ingest.word.visibility import Visibility

__all__ = ["WordLoader"]

_MAX_STYLED_HEADING_CHARACTERS = 300  # characters; the name of an article can be long
_MAX_HEADING_SENTENCE_WORDS = 16  # with a full stop; whole paragraphs are styled as headings
_MAX_SPAN_COLUMNS = 63  # columns, the most that Word has
_ALTERNATE_CONTENT = "{http://schemas.openxmlformats.org/markup-compatibility/2006}AlternateContent"
_DELETED = frozenset(W + name for name in ("del", "moveFrom"))
_NOT_ENTERED = _DELETED | {W + name for name in ("tbl", "tr", "tc", "p")}
_CLAUSE_START = re.compile(r"(?:\d+|[a-zđ])[.)]\s")
_WORD = re.compile(r"[^\W\d_]{2,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """A paragraph or row; kind None: what it is, its form will tell."""

    text: str
    kind: BlockKind | None = None
    level: int = 0
    title: bool = False


_Cell = list[_Piece]


class WordLoader:
    """Reads Word documents and templates.

    Left out are page headers and footers, comments, tables of contents, tracked deletions, and text
    that is hidden or not seen. Footnotes and endnotes stand at the end, their marks as "[1]" and
    "[i]". There are no pages: where they begin, only Word's layout tells.

    Args:
        max_bytes: The largest file that is read.
    """

    suffixes = frozenset({".docx", ".docm", ".dotx", ".dotm"})

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes

    def load(self, path: Path) -> Extract:
        """Return what a document says.

        Raises:
            DocumentError: If it cannot be read; the message says why and what to do.
        """
        check_size(path, self._max_bytes)
        check_archive(path, "Word")
        with damage_reported("Word"):
            return _read(path)


def _read(path: Path) -> Extract:
    with OfficeArchive(path) as archive:
        main = archive.related_part("", "officeDocument") or "word/document.xml"
        parts = {
            name: archive.xml(part) if (part := archive.related_part(main, name)) else None
            for name in ("styles", "numbering", "footnotes", "endnotes", "theme")
        }
        body = archive.xml(main).find(W + "body")
        metadata = dict(read_properties(archive, path))
    if body is None:
        raise damaged_error("Word", "it has no body")
    if next(body.iter(W + "altChunk"), None) is not None:
        raise DocumentError(
            "word.embedded_part",
        )
    reader = _DocumentReader(body, parts)
    pieces = reader.story(body)
    title = clean(" ".join(piece.text for piece in _first_title(pieces))).replace("\n", " ")
    if title:
        metadata["title"] = title
    pieces += reader.notes()
    builder = ExtractBuilder()
    for piece in pieces:
        _add(builder, piece)
    builder.unseen(" ".join(reader.visibility.unseen))
    extract = builder.build(metadata)
    if not extract.text:
        raise no_text_error()
    return extract


def _first_title(pieces: Sequence[_Piece]) -> Iterator[_Piece]:
    """Yield the first paragraphs with the style of a title; a law's has often two lines."""
    begun = False
    for piece in pieces:
        if begun and not piece.title:
            return
        if piece.title:
            begun = True
            yield piece


def _add(builder: ExtractBuilder, piece: _Piece) -> None:
    match piece.kind:
        case BlockKind.HEADING:
            builder.heading(piece.text, piece.level)
        case BlockKind.PROSE:
            builder.prose(piece.text)
        case BlockKind.CAPTION:
            builder.caption(piece.text)
        case BlockKind.ROW:
            builder.row(piece.text)
        case _:
            builder.paragraph(piece.text)


class _DocumentReader:
    """Reads the stories of a document: its body, then the notes that were met there."""

    def __init__(self, body: Element, parts: Mapping[str, Element | None]) -> None:
        self._parts = parts
        self._styles = Styles(parts["styles"])
        self.visibility = Visibility(body, self._styles, Theme(parts["theme"]))
        self._numbering = Numbering(parts["numbering"], self._styles.lists)
        self._text = TextReader(self._styles, self.visibility)
        self._carried = ""  # of paragraphs whose end is deleted
        self._fields_end = True

    def story(self, root: Element) -> list[_Piece]:
        """Return the paragraphs and rows of the body or of a note."""
        marks = [mark.get(W + "fldCharType") for mark in root.iter(W + "fldChar")]
        # Else one field without an end would swallow all that follows.
        self._fields_end = marks.count("begin") == marks.count("end")
        pieces = self._all(root)
        self._text.end_story()
        return pieces

    def notes(self) -> list[_Piece]:
        """Return the notes that the body refers to, each with its mark."""
        pieces: list[_Piece] = []
        for note in self._text.notes.copy():
            element = self._note(note)
            story = [] if element is None else self.story(element)
            texts = [text for piece in story if (text := clean(piece.text))]
            if texts:
                texts[0] = f"{note.mark} {texts[0]}".strip()
            pieces += [_Piece(text=text, kind=BlockKind.PROSE) for text in texts]
        return pieces

    def _note(self, note: Note) -> Element | None:
        root = self._parts[note.part]
        notes = (element for element in ([] if root is None else root))
        return next((element for element in notes if element.get(W + "id") == note.name), None)

    def _all(self, container: Element) -> list[_Piece]:
        pieces = list(self._blocks(container))
        if self._carried:  # the mark of the last paragraph is deleted: there is none to join
            pieces.append(_Piece(text=self._carried))
            self._carried = ""
        return pieces

    def _blocks(self, container: Element | None) -> Iterator[_Piece]:
        for child in [] if container is None else container:
            if child.tag == W + "p":
                yield from self._paragraph(child)
            elif child.tag == W + "tbl":
                yield from self._table(child)
            elif child.tag == W + "sdt":
                if not is_contents(child):
                    yield from self._blocks(child.find(W + "sdtContent"))
            elif child.tag == _ALTERNATE_CONTENT:
                yield from self._blocks(chosen_branch(child))
            elif child.tag not in _DELETED:
                yield from self._blocks(child)

    def _paragraph(self, paragraph: Element) -> Iterator[_Piece]:
        properties = paragraph.find(W + "pPr")
        style = self._styles.paragraph(child_value(properties, "pStyle"))
        self.visibility.paragraph(properties)
        text = self._carried + self._text.read(paragraph, hidden=style.hidden)
        self._carried = ""
        if not self._fields_end:
            self._text.end_story()
        boxes, self._text.boxes = self._text.boxes, []
        mark = None if properties is None else properties.find(W + "rPr")
        if is_deleted(mark):
            self._carried = text
        elif not style.contents and (clean(text) or not (style.hidden or is_on(mark, "vanish"))):
            label = self._label(properties, style)
            piece = _piece(clean(text), label, style, _outline(properties, style))
            if piece.text:
                yield piece
        for box in boxes:
            with self.visibility.box(box):
                box_pieces = list(self._blocks(box))
            yield from box_pieces

    def _label(self, properties: Element | None, style: ParagraphStyle) -> Label | None:
        """Count a paragraph, if it is numbered, and return its label."""
        list_properties = None if properties is None else properties.find(W + "numPr")
        own_number = child_value(list_properties, "numId")
        number = style.number if own_number is None else own_number
        if number in ("", "0"):
            return None
        stated_level = child_value(list_properties, "ilvl")
        if stated_level is not None and stated_level.isdecimal():
            level = int(stated_level)
        elif own_number is None or style.list_level is not None:
            name = child_value(properties, "pStyle") or self._styles.default
            level = self._numbering.level_of_style(number, name)
            level = level or style.list_level or 0
        else:
            level = 0
        return self._numbering.next(number, level)

    def _table(self, table: Element) -> Iterator[_Piece]:
        rows = list(_rows(table))
        if not rows:
            return
        with self.visibility.table(table):
            cells, grid = self._grid(rows)
        row_texts = None
        if table.find(f".//{W}tc//{W}tbl") is None:
            texts = [["\n".join(piece.text for piece in cell) for cell in row] for row in grid]
            header = is_on(rows[0].find(W + "trPr"), "tblHeader") or None
            row_texts = table_rows(texts, header=header)
        if row_texts is None:
            for cell in cells:
                yield from cell
        else:
            for text in row_texts:
                yield _Piece(text=text, kind=BlockKind.ROW)

    def _grid(self, rows: Sequence[Element]) -> tuple[list[_Cell], list[list[_Cell]]]:
        """Return the cells one by one, and the grid in which those that span are repeated."""
        cells: list[_Cell] = []
        grid: list[list[_Cell]] = []
        above: list[_Cell] = []
        for row in rows:
            grid_row: list[_Cell] = [
                [] for _ in range(_span(row.find(W + "trPr"), "gridBefore", 0))
            ]
            for element in _children(row, W + "tc"):
                properties = element.find(W + "tcPr")
                merged = child_value(properties, "vMerge")
                if merged in ("", "continue") and len(grid_row) < len(above):
                    cell = above[len(grid_row)]
                else:
                    with self.visibility.cell(row, element):
                        cell = self._all(element)
                    cells.append(cell)
                grid_row += [cell] * _span(properties, "gridSpan", 1)
            grid.append(grid_row)
            above = grid_row
        return cells, grid


def _outline(properties: Element | None, style: ParagraphStyle) -> int:
    """Return the level that a paragraph has as a heading, by itself or its style; 0 if none."""
    outline_level = child_value(properties, "outlineLvl")
    if outline_level is None or not outline_level.isdecimal() or style.caption:
        return style.level
    return int(outline_level) + 1 if int(outline_level) < 9 else 0


def _piece(text: str, label: Label | None, style: ParagraphStyle, level: int) -> _Piece:
    bullet = label is not None and label.bullet
    if label is not None and label.text and text and not (bullet and level):
        text = label.text + (" " if bullet else label.suffix) + text
    elif label is not None and not text and _WORD.search(label.text):
        text = label.text  # "Chương I", whose name stands in a paragraph of its own
    if style.caption:
        return _Piece(text=text, kind=BlockKind.CAPTION)
    if level and _can_be_heading(text):
        return _Piece(text=text, kind=BlockKind.HEADING, level=level, title=style.title)
    return _Piece(text=text, kind=BlockKind.PROSE if bullet else None)


def _can_be_heading(text: str) -> bool:
    if len(text) > _MAX_STYLED_HEADING_CHARACTERS or text.endswith((";", ":", ",")):
        return False
    sentence = len(text.split()) > _MAX_HEADING_SENTENCE_WORDS or _CLAUSE_START.match(text)
    return not (text.endswith(".") and sentence)


def _children(element: Element, tag: str) -> Iterator[Element]:
    """Yield the rows of a table or the cells of a row, those in content controls too."""
    for child in element:
        if child.tag == tag:
            yield child
        elif child.tag not in _NOT_ENTERED:
            yield from _children(child, tag)


def _rows(table: Element) -> Iterator[Element]:
    for row in _children(table, W + "tr"):
        properties = row.find(W + "trPr")
        if not is_deleted(properties) and not is_on(properties, "hidden"):
            yield row


def _span(properties: Element | None, name: str, default: int) -> int:
    span = child_value(properties, name)
    return min(int(span), _MAX_SPAN_COLUMNS) if span and span.isdecimal() else default
