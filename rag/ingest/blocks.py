"""Divide a text into blocks and tell prose from headings, captions, bylines and markup.

Documents copied from web pages carry the page around the text: rules of dashes, image
markup, captions, buttons, file names. None of it may be quoted as an answer. What a line is
shows in its form, so nothing here knows any particular document or word of its content,
except the few words with which captions give their photographer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.documents import Block, BlockKind
from rag.vietnamese import fold, has_vietnamese_marks, words

__all__ = ["find_blocks"]

_MAX_HEADING = 150  # characters; a longer line without a full stop is prose all the same
_MAX_HEADING_WORDS = 16
_MAX_DIVISION = 300  # the name of an article of a law can be long
_MAX_CAPTION = 400
_MAX_NAME_WORDS = 5
_MIN_SLUG_WORDS = 4
_MIN_ALTERNATIVE = 4
_SPACE = " \t\r\n\f\v\u00a0\u200b\ufeff"
_WRAP_WIDTH = 120  # columns; nobody breaks lines by hand further out than this
_MIN_WRAP_WIDTH = 50

_RULE = re.compile(r"\s*(?:[-=_*~#+.:|\u2013\u2014\u2500-\u257f]\s*){3,}$")
_IMAGE = re.compile(r'!\[(?P<alt>[^\]]*)\]\([^()\s]*(?:\s+"(?P<title>[^"]*)")?\s*\)')
_HTML_TAG = re.compile(r"</?(?:img|figure|figcaption|br|hr|div|span|iframe|a|p)\b[^>]*>", re.I)
_LINK = re.compile(r"\[(?P<label>[^\]]*)\]\(\s*(?:https?:|/|#|mailto:)[^()\s]*[^()]*\)")
_BARE_URL = re.compile(r"(?:https?://|www\.)\S+")
_EMOJI_CODE = re.compile(r":[a-z0-9_+-]+:")
_ATX_HEADING = re.compile(r"\s{0,3}#{1,6}\s+\S")
_SETEXT_UNDERLINE = re.compile(r"\s{0,3}(?:={3,}|-{3,})\s*$")
_DIVISION = re.compile(
    r"\s*(?:phần|chương|mục|tiểu mục|điều|phụ lục|part|chapter|section|article|annex|appendix)"
    r"\s+(?:\d+|[ivxlc]+|[a-z])\b",
    re.I,
)
# An item of a list, or a row of a table: each stands for itself.
_LIST_ITEM = re.compile(r"\s*(?:\||[-*+•–]\s+|\(?(?:\d{1,3}|[a-zđ]|[ivx]{1,4})[.)]\s+)", re.I)
_STAMP = re.compile(
    r"\s*(?:(?:date|published|updated|ngày đăng|cập nhật)\s*:?\s*\d{4}-\d{2}-\d{2}\s+"
    r"|(?:[a-z]{1,10})?\((?-i:[A-ZĐ])[\w.]{1,15}\)\s*[-–—]\s+)",
    re.I,
)
_TERMINAL = re.compile(r"[.!?…:;,][\"'”’»)\]*_/]*\s*$")
_ENDS_SENTENCE = re.compile(r"[.!?…:;][\"'”’»)\]*_/]*\s*$")
_LEAD_IN = re.compile(r":[\"'”’»)*_]*\s*$")

# "(Ảnh: N.P)", "Ảnh minh họa", "Photo by …", "Hình 3: …" at a line's start or end.
_CREDIT = re.compile(
    r"(?:\(\s*(?:ảnh|hình|hình ảnh|photos?|images?|pictures?|nguồn ảnh|credit)\b[^()]{0,80}\)"
    r"|\b(?:ảnh|hình ảnh|nguồn ảnh|photos?|images?|pictures?|(?:photo|image|picture) credit)"
    r"\s*:\s*(?P<who>[^.!?]\S*)[^.!?]{0,60}"
    r"|\b(?:photo|image|picture)s?\s+(?:by|courtesy of|from)\b[^.!?]{0,60}"
    r"|\b(?:ảnh|hình|photo)\s+(?:minh\s+h(?:ọa|oạ)|tư\s+liệu|chụp|illustration)\b[^.!?]{0,60}"
    r"|\billustrati(?:on|ve)\s+(?:photo|image|picture)\b[^.!?]{0,40}"
    r"|\b(?:getty images|shutterstock|ttxvn/vnp)\b[^.!?]{0,20})"
    r"[.\s*_)\"”’]*$",
    re.I,
)
_FIGURE = re.compile(
    r"\s*[*_]*(?:hình|ảnh|hình ảnh|biểu đồ|sơ đồ|figure|fig\.?|photo|image|picture)"
    r"(?:\s+\d+(?:\.\d+)*\s*[.:–-]|\s*:)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int  # without the newline
    text: str


def find_blocks(text: str) -> tuple[Block, ...]:
    """Return the blocks of a text in order; together they hold all that is not white space."""
    finder = _Finder(text)
    lines = list(_lines(text))
    for line, following in zip(lines, [*lines[1:], None], strict=True):
        finder.add(line, following.text if following else "")
    finder.close_paragraph()
    return tuple(piece for block in finder.blocks for piece in _without_markup(text, block))


class _Finder:
    """Takes the lines of a text one by one and gathers blocks."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.blocks: list[Block] = []
        self._paragraph: list[_Line] = []
        self._captions = _image_texts(text)
        self._marked = _is_marked(text)

    def add(self, line: _Line, following: str) -> None:
        kind = self._kind_of_line(line.text, following)
        if kind is None and line.text.strip():
            if self._paragraph and not _continues(self._paragraph[-1].text, line.text):
                self.close_paragraph()
            self._paragraph.append(line)
            return
        self.close_paragraph()
        if kind is not None:
            self.blocks.append(_trimmed(self.text, line.start, line.end, kind))

    def close_paragraph(self) -> None:
        if self._paragraph:
            kind = self._kind_of_paragraph()
            first, last = self._paragraph[0], self._paragraph[-1]
            self.blocks.append(_trimmed(self.text, first.start, last.end, kind))
            self._paragraph.clear()

    def _kind_of_line(self, line: str, following: str) -> BlockKind | None:
        """Return what a line is by its own form, or None for white space or part of a paragraph."""
        if not line.strip():
            return None
        bare = line
        for markup in (_IMAGE, _LINK, _BARE_URL, _HTML_TAG, _EMOJI_CODE):
            bare = markup.sub("", bare)
        if _RULE.match(line) or not words(bare):
            return BlockKind.NOISE
        if _SETEXT_UNDERLINE.match(following) or _ATX_HEADING.match(line):
            teaser = _LINK.search(line) is not None or len(line) > _MAX_DIVISION
            return BlockKind.LABEL if teaser else BlockKind.HEADING
        if len(line) <= _MAX_CAPTION and (_has_credit(line) or _FIGURE.match(line)):
            return BlockKind.CAPTION
        if _loose(line) in self._captions or (self._marked and _is_slug(line)):
            return BlockKind.CAPTION
        return None

    def _kind_of_paragraph(self) -> BlockKind:
        """Return what a paragraph is: short lines that are no sentence are headings or labels."""
        last = self._paragraph[-1]
        line = last.text.strip()
        if len(line) <= _MAX_DIVISION and _DIVISION.match(line) and not _TERMINAL.search(line):
            return BlockKind.HEADING
        if (
            len(self._paragraph) > 1
            or _LIST_ITEM.match(line)
            or _TERMINAL.search(line)
            or len(line) > _MAX_HEADING
            or (len(words(line)) > _MAX_HEADING_WORDS and not line.isupper())
            or self._is_listed()
        ):
            return BlockKind.PROSE
        if _is_name(line) or not self.text[last.end :].strip():
            return BlockKind.LABEL
        return BlockKind.HEADING

    def _is_listed(self) -> bool:
        """Tell whether a paragraph before announces a list, whose items need no full stop."""
        for block in reversed(self.blocks):
            piece = self.text[block.start : block.end]
            if block.kind is not BlockKind.PROSE:
                return False
            if _LEAD_IN.search(piece):
                return True
            if _TERMINAL.search(piece) or len(piece) > _MAX_HEADING:
                return False
        return False


def _lines(text: str) -> Iterator[_Line]:
    start = 0
    for line in text.split("\n"):
        yield _Line(start, start + len(line), line)
        start += len(line) + 1


def _trimmed(text: str, start: int, end: int, kind: BlockKind) -> Block:
    """Return a block without the white space around it."""
    piece = text[start:end]
    return Block(
        start=start + len(piece) - len(piece.lstrip(_SPACE)),
        end=start + len(piece.rstrip(_SPACE)),
        kind=kind,
    )


def _image_texts(text: str) -> frozenset[str]:
    """Return what images are said to show, so that the same words below are known as caption."""
    found = (match[part] or "" for match in _IMAGE.finditer(text) for part in ("alt", "title"))
    return frozenset(key for key in map(_loose, found) if len(key) >= _MIN_ALTERNATIVE)


def _loose(text: str) -> str:
    return " ".join(words(text))


def _is_marked(text: str) -> bool:
    """Tell whether the text is Vietnamese written with its marks."""
    found = words(text[:20_000])
    return sum(map(has_vietnamese_marks, found)) > 0.3 * len(found)


def _has_credit(line: str) -> bool:
    match = _CREDIT.search(line)
    return match is not None and (match["who"] is None or match["who"][0].isupper())


def _is_slug(line: str) -> bool:
    """Tell whether a line is a file name turned into words: "le ky ket hiep dinh hai quan"."""
    stripped = line.strip()
    plain = stripped.isascii() and stripped.replace(" ", "").replace("-", "").isalnum()
    return plain and stripped == fold(stripped) and len(words(stripped)) >= _MIN_SLUG_WORDS


def _is_name(line: str) -> bool:
    """Tell whether a line is somebody's name, as in a byline."""
    found = line.strip("*_ ").split()
    return (
        2 <= len(found) <= _MAX_NAME_WORDS
        and has_vietnamese_marks(line)
        and all(word.istitle() and word.isalpha() for word in found)
    )


def _continues(previous: str, line: str) -> bool:
    """Tell whether a line goes on with the one before: it was broken to fit a width.

    Where lines are as long as they come, each is a paragraph of its own.
    """
    previous = previous.rstrip()
    if len(previous) > _WRAP_WIDTH or _LIST_ITEM.match(line):
        return False
    if line.lstrip()[:1].islower():
        return True
    return len(previous) >= _MIN_WRAP_WIDTH and not _ENDS_SENTENCE.search(previous)


def _without_markup(text: str, block: Block) -> Iterator[Block]:
    """Yield a block of prose without the images, link buttons and stamps that stand in it."""
    start = block.start
    if block.kind is BlockKind.PROSE:
        stamp = _STAMP.match(text, block.start, block.end)
        cuts = [stamp] if stamp else []
        cuts += list(_IMAGE.finditer(text, block.start, block.end))
        cuts += [
            match
            for match in _LINK.finditer(text, block.start, block.end)
            if _EMOJI_CODE.search(match["label"]) or text[match.end() : match.end() + 1].isupper()
        ]
        for cut in sorted(cuts, key=lambda match: match.start()):
            if text[start : cut.start()].strip():
                yield _trimmed(text, start, cut.start(), block.kind)
            yield _trimmed(text, cut.start(), cut.end(), BlockKind.NOISE)
            start = cut.end()
    if text[start : block.end].strip(_SPACE):
        yield _trimmed(text, start, block.end, block.kind)
