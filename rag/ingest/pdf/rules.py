"""The rules that are drawn on a page: thin bars, and lines along the page's sides."""

import ctypes
from collections.abc import Iterator
from itertools import pairwise

import pypdfium2
from pypdfium2 import raw

from rag.ingest.pdf.grids import Rule

__all__ = ["rules_of"]

_MAX_PATHS = 20_000  # on a page; more are a drawing
_MAX_SEGMENTS = 2_000  # of a path
_MAX_RULES = 20_000
_MAX_BAR_THICKNESS_POINTS = 3.5  # points: a bar that is filled is a rule if it is thinner
_MAX_SLANT_POINTS = 0.5  # points

_Point = tuple[float, float]


def rules_of(page: pypdfium2.PdfPage, turn: int) -> list[Rule]:
    """Return the rules of a page whose text stands at so many quarter turns to the left."""
    rules: list[Rule] = []
    paths = page.get_objects(filter=[raw.FPDF_PAGEOBJ_PATH], max_depth=1)
    for index, path in enumerate(paths):
        if index >= _MAX_PATHS or len(rules) > _MAX_RULES:
            return []
        rules.extend(_upright(rule, turn) for rule in _rules_in(path.raw))
    return rules


def _rules_in(path: raw.FPDF_PAGEOBJECT) -> Iterator[Rule]:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    raw.FPDFPath_GetDrawMode(path, ctypes.byref(fill), ctypes.byref(stroke))
    for points in _outlines(path):
        if stroke.value:
            for (x0, y0), (x1, y1) in pairwise(points):
                if min(abs(x1 - x0), abs(y1 - y0)) < _MAX_SLANT_POINTS:
                    yield _rule(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
        elif fill.value:
            xs, ys = zip(*points, strict=True)
            if min(max(xs) - min(xs), max(ys) - min(ys)) < _MAX_BAR_THICKNESS_POINTS:
                yield _rule(min(xs), min(ys), max(xs), max(ys))


def _outlines(path: raw.FPDF_PAGEOBJECT) -> list[list[_Point]]:
    """Return the corners of what a path draws, without what is round."""
    matrix = raw.FS_MATRIX()
    count = raw.FPDFPath_CountSegments(path)
    if count > _MAX_SEGMENTS or not raw.FPDFPageObj_GetMatrix(path, ctypes.byref(matrix)):
        return []
    x, y = ctypes.c_float(), ctypes.c_float()
    outlines: list[list[_Point]] = []
    for index in range(count):
        segment = raw.FPDFPath_GetPathSegment(path, index)
        kind = raw.FPDFPathSegment_GetType(segment)
        if kind == raw.FPDF_SEGMENT_BEZIERTO:
            return []
        raw.FPDFPathSegment_GetPoint(segment, ctypes.byref(x), ctypes.byref(y))
        point = (
            matrix.a * x.value + matrix.c * y.value + matrix.e,
            matrix.b * x.value + matrix.d * y.value + matrix.f,
        )
        if kind == raw.FPDF_SEGMENT_MOVETO or not outlines:
            outlines.append([])
        outlines[-1].append(point)
        if raw.FPDFPathSegment_GetClose(segment):
            outlines[-1].append(outlines[-1][0])
    return outlines


def _rule(x0: float, y0: float, x1: float, y1: float) -> Rule:
    """Return the middle of a bar."""
    if x1 - x0 < y1 - y0:
        return Rule((x0 + x1) / 2, y0, (x0 + x1) / 2, y1)
    return Rule(x0, (y0 + y1) / 2, x1, (y0 + y1) / 2)


def _upright(rule: Rule, turn: int) -> Rule:
    """Turn a rule back as its page's text is."""
    x0, y0, x1, y1 = rule
    if turn == 1:
        return Rule(y0, -x1, y1, -x0)
    if turn == 2:
        return Rule(-x1, -y1, -x0, -y0)
    if turn == 3:
        return Rule(-y1, x0, -y0, x1)
    return rule
