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

_MAX_HEADING_CHARACTERS = 150  # a longer line without a full stop is prose all the same
_MAX_HEADING_WORDS = 16
_MAX_DIVISION_CHARACTERS = 300  # the name of an article of a law can be long
_MAX_CAPTION_CHARACTERS = 400
_MAX_NAME_WORDS = 5
_MIN_SLUG_WORDS = 4
_MIN_IMAGE_TEXT_CHARACTERS = 4
_WHITE_SPACE = " \t\r\n\f\v\u00a0\u200b\ufeff"
_MAX_WRAP_WIDTH = 120  # columns; nobody breaks lines by hand further out than this
_MIN_WRAP_WIDTH = 50

_HORIZONTAL_RULE = re.compile(r"\s*(?:[-=_*~#+.:|\u2013\u2014\u2500-\u257f]\s*){3,}$")
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
_DATELINE = re.compile(
    r"\s{0,9}(?:(?:date|published|updated|ngày đăng|cập nhật)\s*+:?\s*+\d{4}-\d{2}-\d{2}\s+"
    r"|(?:[a-z]{1,10})?\((?-i:[A-ZĐ])[\w.]{1,15}\)\s*+[-–—]\s+)",
    re.I,
)
_TERMINAL_PUNCTUATION = re.compile(r"[.!?…:;,][\"'”’»)\]*_/]*\s*$")
_ENDS_SENTENCE = re.compile(r"[.!?…:;][\"'”’»)\]*_/]*\s*$")
# "I. MỤC ĐÍCH, YÊU CẦU", the parts of plans and reports.
_ROMAN_HEADING = re.compile(r"\s*[IVXL]{1,6}[.)]\s+\S")
# "Điều 5. Hiệu lực ........ 12", a line of a table of contents.
_CONTENTS_LINE = re.compile(r"(?:\.\s?|…\s?|_){5}\s*+\d{1,4}\s*+$")
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
_FIGURE_LABEL = re.compile(
    r"\s*[*_]*(?:hình|ảnh|hình ảnh|biểu đồ|sơ đồ|figure|fig\.?|photo|image|picture)"
    r"(?:\s+\d+(?:\.\d+)*\s*[.:–-]|\s*:)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int  # without the newline
    text: str


def find_blocks(text: str, stated: Sequence[Block] = ()) -> tuple[Block, ...]:
    """Return the blocks of a text in order; together they hold all that is not white space.

    Args:
        text: The text.
        stated: Blocks of which the file says what they are, in order; they stay as they are.
    """
    finder = _BlockFinder(text)
    lines = list(_split_lines(text))
    upcoming = list(reversed(stated))
    for line, following in zip(lines, [*lines[1:], None], strict=True):
        while upcoming and upcoming[-1].end <= line.start:
            upcoming.pop()
        if not upcoming or upcoming[-1].start > line.end:
            finder.add(line, following.text if following else "")
        elif upcoming[-1].start >= line.start:
            finder.add_stated(upcoming[-1])
    finder.close_paragraph()
    stated_set = frozenset(stated)
    return tuple(
        part
        for block in finder.blocks
        for part in ([block] if block in stated_set else _without_markup(text, block))
    )


class _BlockFinder:
    """Takes the lines of a text one by one and gathers blocks."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.blocks: list[Block] = []
        self._paragraph: list[_Line] = []
        self._captions = _image_texts(text)
        self._is_accented = _is_mostly_accented(text)
        self._end = len(text.rstrip())
        longest = max(map(len, text.split("\n")), default=0)
        wrapped = _MIN_WRAP_WIDTH <= longest <= _MAX_WRAP_WIDTH
        self._width = longest if wrapped else 0  # at which lines are broken
        self._in_recipients = False  # "Nơi nhận:" was read: the offices follow that get a copy
        self._in_list = False  # the blocks read so far announce a list that still goes on
        self._list_checked_to = 0  # how many these are

    def add(self, line: _Line, following: str) -> None:
        kind = self._kind_of_line(line.text, following)
        if kind is None and line.text.strip():
            if self._paragraph and not self._continues_paragraph(line.text):
                self.close_paragraph()
            self._paragraph.append(line)
            return
        self.close_paragraph()
        if kind is not None:
            block = _trimmed_block(self.text, line.start, line.end, kind)
            if kind is BlockKind.HEADING:
                block = replace(block, level=_level(line.text, following))
            self.blocks.append(block)

    def _continues_paragraph(self, line: str) -> bool:
        """Tell whether a line goes on with the paragraph: it was broken to fit a width."""
        previous = self._paragraph[-1].text.rstrip()
        if article_mark(previous) and self._width and not _LIST_ITEM.match(line):
            # Its next word had no room: this is the rest of an article's name.
            word = line.split(maxsplit=1)[0]
            if len(previous) + 1 + len(word) > self._width and not article_mark(line):
                return True
        return _continues_line(previous, line)

    def add_stated(self, block: Block) -> None:
        """Take a block as it is."""
        self.close_paragraph()
        self.blocks.append(block)

    def close_paragraph(self) -> None:
        if self._paragraph:
            kind = self._kind_of_paragraph()
            first, last = self._paragraph[0], self._paragraph[-1]
            self.blocks.append(_trimmed_block(self.text, first.start, last.end, kind))
            self._paragraph.clear()

    def _kind_of_line(self, line: str, following: str) -> BlockKind | None:
        """Return what a line is by its own form, or None for white space or part of a paragraph."""
        if not line.strip():
            return None
        remainder = line
        for markup in (_IMAGE, _LINK, _BARE_URL, _HTML_TAG, _EMOJI_CODE):
            remainder = markup.sub("", remainder)
        if _HORIZONTAL_RULE.match(line) or not words(remainder) or _is_contents(line):
            return BlockKind.NOISE
        if _SETEXT_UNDERLINE.match(following) or _ATX_HEADING.match(line):
            is_teaser = _LINK.search(line) is not None or len(line) > _MAX_DIVISION_CHARACTERS
            return BlockKind.LABEL if is_teaser else BlockKind.HEADING
        if len(line) <= _MAX_CAPTION_CHARACTERS and (
            _has_credit(line) or _FIGURE_LABEL.match(line)
        ):
            return BlockKind.CAPTION
        if _normalised(line) in self._captions or (self._is_accented and _is_slug(line)):
            return BlockKind.CAPTION
        return None

    def _kind_of_paragraph(self) -> BlockKind:
        """Return what a paragraph is: short lines that are no sentence are headings or labels."""
        last = self._paragraph[-1]
        line = last.text.strip()
        if self._is_recipient():
            return BlockKind.LABEL
        length = last.end - self._paragraph[0].start
        begins_division = article_mark(self._paragraph[0].text) or _is_roman_heading(
            self._paragraph
        )
        if (
            begins_division
            and length <= _MAX_DIVISION_CHARACTERS
            and not _TERMINAL_PUNCTUATION.search(line)
        ):
            return BlockKind.HEADING
        if (
            len(self._paragraph) > 1
            or _LIST_ITEM.match(line)
            or _TERMINAL_PUNCTUATION.search(line)
            or len(line) > _MAX_HEADING_CHARACTERS
            or (len(words(line)) > _MAX_HEADING_WORDS and not line.isupper())
            or self._is_list_item()
        ):
            return BlockKind.PROSE
        if _is_name(line) or last.end >= self._end:
            return BlockKind.LABEL
        return BlockKind.HEADING

    def _is_recipient(self) -> bool:
        """Tell whether a paragraph is of the list of offices that get a copy."""
        line = self._paragraph[0].text
        self._in_recipients = _RECIPIENTS.match(line) is not None or (
            self._in_recipients and line.lstrip().startswith(("-", "–", "+", "•"))
        )
        return self._in_recipients

    def _is_list_item(self) -> bool:
        """Tell whether a paragraph before announces a list, whose items need no full stop."""
        for block in self.blocks[self._list_checked_to :]:
            block_text = self.text[block.start : block.end]
            if block.kind is not BlockKind.PROSE:
                self._in_list = False
            elif _LEAD_IN.search(block_text):
                self._in_list = True
            elif (
                _TERMINAL_PUNCTUATION.search(block_text)
                or len(block_text) > _MAX_HEADING_CHARACTERS
            ):
                self._in_list = False
        self._list_checked_to = len(self.blocks)
        return self._in_list


def _is_contents(line: str) -> bool:
    return len(line) <= _MAX_CAPTION_CHARACTERS and _CONTENTS_LINE.search(line) is not None


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


def _split_lines(text: str) -> Iterator[_Line]:
    start = 0
    for line in text.split("\n"):
        yield _Line(start, start + len(line), line)
        start += len(line) + 1


def _trimmed_block(text: str, start: int, end: int, kind: BlockKind) -> Block:
    """Return a block without the white space around it."""
    span = text[start:end]
    return Block(
        start=start + len(span) - len(span.lstrip(_WHITE_SPACE)),
        end=start + len(span.rstrip(_WHITE_SPACE)),
        kind=kind,
    )


def _image_texts(text: str) -> frozenset[str]:
    """Return what images are said to show, so that the same words below are a caption."""
    image_texts = (
        match[group] or "" for match in _IMAGE.finditer(text) for group in ("alt", "title")
    )
    return frozenset(
        image_text
        for image_text in map(_normalised, image_texts)
        if len(image_text) >= _MIN_IMAGE_TEXT_CHARACTERS
    )


def _normalised(text: str) -> str:
    return " ".join(words(text))


def _is_mostly_accented(text: str) -> bool:
    """Tell whether the text is Vietnamese written with its marks."""
    sample = words(text[:20_000])
    return sum(map(has_vietnamese_marks, sample)) > 0.3 * len(sample)


def _has_credit(line: str) -> bool:
    match = _CREDIT.search(line)
    return match is not None and (match["who"] is None or match["who"][0].isupper())


def _is_slug(line: str) -> bool:
    """Tell whether a line is a file name turned into words: "le ky ket hiep dinh hai quan"."""
    stripped = line.strip()
    is_plain = stripped.isascii() and stripped.replace(" ", "").replace("-", "").isalnum()
    return is_plain and stripped == fold(stripped) and len(words(stripped)) >= _MIN_SLUG_WORDS


def _is_name(line: str) -> bool:
    """Tell whether a line is somebody's name, as in a byline."""
    name_words = line.strip("*_ ").split()
    return (
        2 <= len(name_words) <= _MAX_NAME_WORDS
        and has_vietnamese_marks(line)
        and all(word.istitle() and word.isalpha() for word in name_words)
    )


def _continues_line(previous: str, line: str) -> bool:
    """Tell whether a line goes on with the one before: it was broken to fit a width.

    Where lines are as long as they come, each is a paragraph of its own.
    """
    previous = previous.rstrip()
    if len(previous) > _MAX_WRAP_WIDTH or _LIST_ITEM.match(line) or article_mark(line):
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
        stamp = _DATELINE.match(text, block.start, block.end)
        cuts = [stamp] if stamp else []
        cuts += list(_IMAGE.finditer(text, block.start, block.end))
        cuts += [
            match
            for match in _LINK.finditer(text, block.start, block.end)
            if _EMOJI_CODE.search(match["label"]) or text[match.end() : match.end() + 1].isupper()
        ]
        for cut in sorted(cuts, key=lambda match: match.start()):
            if text[start : cut.start()].strip():
                yield _trimmed_block(text, start, cut.start(), block.kind)
            yield _trimmed_block(text, cut.start(), cut.end(), BlockKind.NOISE)
            start = cut.end()
    if text[start : block.end].strip(_WHITE_SPACE):
        yield replace(_trimmed_block(text, start, block.end, block.kind), level=block.level)
