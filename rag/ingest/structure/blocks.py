"""Divide a text into blocks and tell prose from headings, captions, bylines and markup.

Documents copied from web pages carry the page around the text: rules of dashes, image
markup, captions, buttons, file names. None of it may be quoted as an answer. What a line is
shows in its form, so nothing here knows any particular document or word of its content,
except the few words with which captions give their photographer.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rag.domain.documents import Block, BlockKind
from rag.language.vietnamese import fold, has_vietnamese_marks, words
from rag.law.divisions import article_mark

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
# What is between brackets has a longest length, so that a page full of open ones is read in time.
_IMAGE = re.compile(
    r'!\[(?P<alt>[^\]]{0,1000}+)\]\([^()\s]{0,2000}+(?:\s++"(?P<title>[^"]{0,1000}+)")?\s*+\)'
)
_HTML_TAG = re.compile(
    r"</?(?:img|figure|figcaption|br|hr|div|span|iframe|a|p)\b[^>]{0,2000}+>", re.I
)
_LINK = re.compile(r"\[(?P<label>[^\]]{0,1000}+)\]\(\s{0,9}(?:https?:|/|#|mailto:)[^()]{0,2000}+\)")
_BARE_URL = re.compile(r"(?:https?://|www\.)\S+")
_EMOJI_CODE = re.compile(r":[a-z0-9_+-]+:")
_ATX_HEADING = re.compile(r"\s{0,3}#{1,6}\s+\S")
_SETEXT_UNDERLINE = re.compile(r"\s{0,3}(?:={3,}|-{3,})\s*$")
# An item of a list, or a row of a table: each stands for itself.
_LIST_ITEM = re.compile(r"\s*(?:\||[-*+•–]\s+|\(?(?:\d{1,3}|[a-zđ]|[ivx]{1,4})\\?[.)/-]\s+)", re.I)
_STAMP = re.compile(
    r"\s{0,9}(?:(?:date|published|updated|ngày đăng|cập nhật)\s*+:?\s*+\d{4}-\d{2}-\d{2}\s+"
    r"|(?:[a-z]{1,10})?\((?-i:[A-ZĐ])[\w.]{1,15}\)\s*+[-–—]\s+)",
    re.I,
)
_TERMINAL = re.compile(r"[.!?…:;,][\"'”’»)\]*_/]*\s*$")
_ENDS_SENTENCE = re.compile(r"[.!?…:;][\"'”’»)\]*_/]*\s*$")
# "I. MỤC ĐÍCH, YÊU CẦU", the parts of plans and reports.
_ROMAN_HEADING = re.compile(r"\s*[IVXL]{1,6}[.)]\s+\S")
# "Điều 5. Hiệu lực ........ 12", a line of a table of contents.
_CONTENTS = re.compile(r"(?:\.\s?|…\s?|_){5}\s*+\d{1,4}\s*+$")
_RECIPIENTS = re.compile(r"[\s*_]*+nơi nhận\s*+:?[\s*_]*+(?:$|-)", re.I)
_LEAD_IN = re.compile(r":[\"'”’»)*_]*\s*$")

# "(Ảnh: N.P)", "Ảnh minh họa", "Photo by …", "Hình 3: …" at a line's start or end.
_CREDIT = re.compile(
    r"(?:\(\s*(?:ảnh|hình|hình ảnh|photos?|images?|pictures?|nguồn ảnh|credit)\b[^()]{0,80}\)"
    r"|\b(?:ảnh|hình ảnh|nguồn ảnh|photos?|images?|pictures?|(?:photo|image|picture) credit)"
    r"\s*+:\s*+(?P<who>[^.!?\s]\S{0,400}+)[^.!?]{0,60}"
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


def find_blocks(text: str, known: Sequence[Block] = ()) -> tuple[Block, ...]:
    """Return the blocks of a text in order; together they hold all that is not white space.

    Args:
        text: The text.
        known: Blocks of which the file says what they are, in order; they stay as they are.
    """
    finder = _Finder(text)
    lines = list(_lines(text))
    coming = list(reversed(known))
    for line, following in zip(lines, [*lines[1:], None], strict=True):
        while coming and coming[-1].end <= line.start:
            coming.pop()
        if not coming or coming[-1].start > line.end:
            finder.add(line, following.text if following else "")
        elif coming[-1].start >= line.start:
            finder.add_known(coming[-1])
    finder.close_paragraph()
    kept = frozenset(known)
    return tuple(
        piece
        for block in finder.blocks
        for piece in ([block] if block in kept else _without_markup(text, block))
    )


class _Finder:
    """Takes the lines of a text one by one and gathers blocks."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.blocks: list[Block] = []
        self._paragraph: list[_Line] = []
        self._captions = _image_texts(text)
        self._marked = _is_marked(text)
        self._end = len(text.rstrip())
        longest = max(map(len, text.split("\n")), default=0)
        wrapped = _MIN_WRAP_WIDTH <= longest <= _WRAP_WIDTH
        self._width = longest if wrapped else 0  # at which lines are broken
        self._addressed = False  # "Nơi nhận:" was read: the offices follow that get a copy
        self._listed = False  # the blocks read so far announce a list that still goes on
        self._listed_at = 0  # how many these are

    def add(self, line: _Line, following: str) -> None:
        kind = self._kind_of_line(line.text, following)
        if kind is None and line.text.strip():
            if self._paragraph and not self._goes_on(line.text):
                self.close_paragraph()
            self._paragraph.append(line)
            return
        self.close_paragraph()
        if kind is not None:
            block = _trimmed(self.text, line.start, line.end, kind)
            if kind is BlockKind.HEADING:
                block = replace(block, level=_level(line.text, following))
            self.blocks.append(block)

    def _goes_on(self, line: str) -> bool:
        """Tell whether a line goes on with the paragraph: it was broken to fit a width."""
        previous = self._paragraph[-1].text.rstrip()
        if article_mark(previous) and self._width and not _LIST_ITEM.match(line):
            # Its next word had no room: this is the rest of an article's name.
            word = line.split(maxsplit=1)[0]
            if len(previous) + 1 + len(word) > self._width and not article_mark(line):
                return True
        return _continues(previous, line)

    def add_known(self, block: Block) -> None:
        """Take a block as it is."""
        self.close_paragraph()
        self.blocks.append(block)

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
        if _RULE.match(line) or not words(bare) or _is_contents(line):
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
        if self._is_addressed():
            return BlockKind.LABEL
        length = last.end - self._paragraph[0].start
        begins = article_mark(self._paragraph[0].text) or _is_roman_heading(self._paragraph)
        if begins and length <= _MAX_DIVISION and not _TERMINAL.search(line):
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
        if _is_name(line) or last.end >= self._end:
            return BlockKind.LABEL
        return BlockKind.HEADING

    def _is_addressed(self) -> bool:
        """Tell whether a paragraph is of the list of offices that get a copy."""
        line = self._paragraph[0].text
        self._addressed = _RECIPIENTS.match(line) is not None or (
            self._addressed and line.lstrip().startswith(("-", "–", "+", "•"))
        )
        return self._addressed

    def _is_listed(self) -> bool:
        """Tell whether a paragraph before announces a list, whose items need no full stop."""
        for block in self.blocks[self._listed_at :]:
            piece = self.text[block.start : block.end]
            if block.kind is not BlockKind.PROSE:
                self._listed = False
            elif _LEAD_IN.search(piece):
                self._listed = True
            elif _TERMINAL.search(piece) or len(piece) > _MAX_HEADING:
                self._listed = False
        self._listed_at = len(self.blocks)
        return self._listed


def _is_contents(line: str) -> bool:
    return len(line) <= _MAX_CAPTION and _CONTENTS.search(line) is not None


def _is_roman_heading(paragraph: Sequence[_Line]) -> bool:
    return (
        all(line.text.isupper() for line in paragraph)
        and _ROMAN_HEADING.match(paragraph[0].text) is not None
    )


def _level(line: str, following: str) -> int:
    """Return the level of a heading of Markdown, 0 if it is none."""
    marks = len(line.lstrip()) - len(line.lstrip().lstrip("#"))
    if marks:
        return marks
    return {"=": 1, "-": 2}.get(following.strip()[:1], 0)


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
    if len(previous) > _WRAP_WIDTH or _LIST_ITEM.match(line) or article_mark(line):
        return False
    if line.lstrip()[:1].islower():
        return True
    if article_mark(previous):
        return False
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
        yield replace(_trimmed(text, start, block.end, block.kind), level=block.level)
