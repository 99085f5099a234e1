"""Read presentations slide by slide, each a page: title, text, tables, charts, speaker's notes.

Hidden slides are left out, as hidden text is: nobody who is shown the slides sees them. They
still count, so that a page's number is the slide's.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from lxml import etree
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.package import Package

from rag.errors import DocumentError
from rag.ingest.extract import Extract, ExtractBuilder, clean
from rag.ingest.files import check_size
from rag.ingest.office.archive import (
    OfficeArchive,
    check_archive,
    damage_reported,
    no_text_error,
    without_dangling_relationships,
)
from rag.ingest.office.properties import read_properties
from rag.ingest.office.slide_text import TextStyles, frame_paragraphs, frame_text
from rag.ingest.office.slide_visibility import SlideVisibility
from rag.ingest.structure.tables import table_rows

__all__ = ["SlidesLoader"]

# Shapes and text frames of python-pptx are of many classes without a common type.
Shape = Any

_MAX_SLIDES = 5000
_SAME_LINE_SHARE: Final = 0.04  # of a slide's height: shapes that begin so near stand in one line
_TITLE_PLACEHOLDERS: Final = (
    PP_PLACEHOLDER.TITLE,
    PP_PLACEHOLDER.CENTER_TITLE,
    PP_PLACEHOLDER.VERTICAL_TITLE,
)
_REPEATED_PLACEHOLDERS: Final = (
    PP_PLACEHOLDER.SLIDE_NUMBER,
    PP_PLACEHOLDER.DATE,
    PP_PLACEHOLDER.FOOTER,
    PP_PLACEHOLDER.HEADER,
)
_MC: Final = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_A: Final = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
_DIAGRAM: Final = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_RELATIONSHIPS: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"


class SlidesLoader:
    """Reads PowerPoint presentations.

    Args:
        max_bytes: The largest file that is read.
    """

    suffixes = frozenset({".pptx", ".pptm", ".ppsx"})

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes

    def load(self, path: Path) -> Extract:
        """Return what a presentation says.

        Raises:
            DocumentError: If it cannot be read; the message says why and what to do.
        """
        check_size(path, self._max_bytes)
        check_archive(path, "PowerPoint")
        with damage_reported("PowerPoint"):
            with OfficeArchive(path) as archive:
                metadata = dict(read_properties(archive, path))
            return _read(path, metadata)


def _read(path: Path, metadata: dict[str, str]) -> Extract:
    # Not pptx.Presentation: that refuses a slide show (.ppsx), which is the same inside.
    package = Package.open(without_dangling_relationships(path) or str(path))
    presentation: Any = package.presentation_part.presentation
    slides = list(presentation.slides)
    if len(slides) > _MAX_SLIDES:
        raise DocumentError(
            "office.too_many_slides",
            slides=len(slides),
            limit=_MAX_SLIDES,
        )
    builder = ExtractBuilder()
    reader = _SlideReader(
        builder,
        int(presentation.slide_width or 9_144_000),
        int(presentation.slide_height or 6_858_000),
    )
    for slide in slides:
        builder.page()
        if slide._element.get("show") not in ("0", "false"):
            reader.read(slide)
    if reader.first_title:
        metadata.setdefault("title", reader.first_title)
    extract = builder.build(metadata)
    if not extract.text:
        raise no_text_error()
    return extract


class _SlideReader:
    def __init__(self, builder: ExtractBuilder, width: int, height: int) -> None:
        self._builder = builder
        self._width, self._height = width, height
        self._tolerance = int(height * _SAME_LINE_SHARE)
        self.first_title = ""

    def read(self, slide: Any) -> None:
        _resolve_alternatives(slide._element)
        self._visibility = SlideVisibility(slide, self._width, self._height)
        shapes = list(slide.shapes)
        titles = [shape for shape in shapes if _placeholder(shape) in _TITLE_PLACEHOLDERS]
        for shape in titles:
            words = frame_text(shape.text_frame, self._visibility.of_shape(shape))
            title = clean(words).replace("\n", " ")
            self._builder.heading(title, 2)
            self.first_title = self.first_title or title
        for shape in self._in_order(shape for shape in shapes if shape not in titles):
            self._shape(shape, slide)
        self._builder.unseen(" ".join(self._visibility.unseen))
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            styles = TextStyles()
            for text in frame_paragraphs(slide.notes_slide.notes_text_frame, styles):
                self._builder.prose(text)

    def _in_order(self, shapes: Iterable[Shape]) -> Iterator[Shape]:
        """Yield shapes line by line, from left to right in each."""
        rest = sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0))
        while rest:
            end = (rest[0].top or 0) + self._tolerance
            line = [shape for shape in rest if (shape.top or 0) <= end]
            yield from sorted(line, key=lambda shape: shape.left or 0)
            rest = rest[len(line) :]

    def _shape(self, shape: Shape, slide: Any) -> None:
        if _placeholder(shape) in _REPEATED_PLACEHOLDERS or _is_hidden(shape):
            return
        if hasattr(shape, "shapes"):  # a group
            for inner in self._in_order(shape.shapes):
                self._shape(inner, slide)
        elif getattr(shape, "has_table", False):
            self._table(shape)
        elif getattr(shape, "has_chart", False):
            if self._visibility.shows(shape):
                self._chart(shape.chart)
        elif shape.has_text_frame:
            visibility = self._visibility.of_shape(shape)
            for text in frame_paragraphs(shape.text_frame, TextStyles.of(shape), visibility):
                self._builder.prose(text)
        elif self._visibility.shows(shape):
            self._diagram(shape, slide)

    def _table(self, shape: Shape) -> None:
        table = shape.table
        grid: list[list[str]] = []
        for row_number, row in enumerate(table.rows):
            grid_row: list[str] = []
            for column, cell in enumerate(row.cells):
                if cell._tc.hMerge and grid_row:
                    grid_row.append(grid_row[-1])
                elif cell._tc.vMerge and row_number:
                    grid_row.append(grid[-1][column])
                else:
                    grid_row.append(
                        frame_text(cell.text_frame, self._visibility.of_cell(cell, shape))
                    )
            grid.append(grid_row)
        self._rows(grid, header=True if table.first_row else None)

    def _rows(self, grid: list[list[str]], *, header: bool | None) -> None:
        texts = table_rows(grid, header=header)
        if texts is not None:
            for text in texts:
                self._builder.row(text)
            return
        for line in grid:
            for column, text in enumerate(line):
                if column == 0 or text != line[column - 1]:
                    self._builder.paragraph(text)

    def _chart(self, chart: Any) -> None:
        if chart.has_title and chart.chart_title.has_text_frame:
            self._builder.caption(frame_text(chart.chart_title.text_frame))
        for plot in chart.plots:
            all_series = list(plot.series)
            categories = [str(category.label or "") for category in plot.categories]
            grid = [["", *(one_series.name or "" for one_series in all_series)]]
            for index, category in enumerate(categories):
                values = (one_series.values[index : index + 1] for one_series in all_series)
                grid.append([category, *(_number_text(*value) for value in values)])
            if categories and all_series:
                self._rows(grid, header=True)

    def _diagram(self, shape: Shape, slide: Any) -> None:
        """Add the words of a SmartArt diagram, which stand in a part of their own."""
        for reference in shape._element.iter(_DIAGRAM + "relIds"):
            part = slide.part.related_part(reference.get(_RELATIONSHIPS + "dm"))
            parser = etree.XMLParser(resolve_entities=False, no_network=True)
            for point in etree.fromstring(part.blob, parser).iter(_DIAGRAM + "t"):
                for paragraph in point.iter(_A + "p"):
                    words = (run.text or "" for run in paragraph.iter(_A + "t"))
                    self._builder.prose("".join(words))


def _placeholder(shape: Shape) -> PP_PLACEHOLDER | None:
    return shape.placeholder_format.type if shape.is_placeholder else None


def _is_hidden(shape: Shape) -> bool:
    properties = next(shape._element.iter("{*}cNvPr"), None)
    return properties is not None and properties.get("hidden") in ("1", "true")


def _number_text(value: float | str | None = None) -> str:
    if isinstance(value, float):
        return format(value, ".15g")
    return "" if value is None else str(value)


def _resolve_alternatives(root: Any) -> None:
    """Put in the place of mc:AlternateContent, which python-pptx passes over, what it offers."""
    for alternatives in list(root.iter(_MC + "AlternateContent")):
        branches = [*alternatives.iter(_MC + "Choice"), *alternatives.iter(_MC + "Fallback")]
        words = (branch for branch in branches if next(branch.iter(_A + "t"), None) is not None)
        branch = next(words, None)
        parent = alternatives.getparent()
        if branch is not None and parent is not None:
            for child in list(branch):
                alternatives.addprevious(child)
            parent.remove(alternatives)
