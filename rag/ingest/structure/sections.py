"""Find the sections of a text: under headings, and the parts of a law down to its points."""

import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rag.domain.documents import Block, BlockKind, Division, Section
from rag.law.divisions import Mark, article_mark, item_mark

__all__ = ["find_sections"]

_RANKS = {
    Division.PART: 10,
    Division.ANNEX: 10,
    Division.CHAPTER: 20,
    Division.SECTION: 30,
    Division.SUBSECTION: 40,
    Division.ARTICLE: 50,
    Division.CLAUSE: 70,
    Division.POINT: 80,
}
_HEADING_RANK = 60  # of a heading whose level is not known: within an article
_MAX_LABEL_CHARACTERS = 160
_MAX_MISSING_CLAUSES = 2  # clauses that may be missing between two, as where a page was lost
_MAX_LETTER_STEP = 5  # in the alphabet, of which few use every letter
_VIETNAMESE_NAMES = {Division.CLAUSE: "khoản", Division.POINT: "điểm"}
_ENGLISH_NAMES = {Division.CLAUSE: "clause", Division.POINT: "point"}
_ALPHABET = "abcdđefghijklmnopqrstuvwxyz"
_OPENING_QUOTES = ("“", "«", '"')
_WITHIN_ARTICLE_RANK = 55  # the rank of an English section that is a part of an article
_ATTACHMENT_RANK = 5  # of what is attached after the signature, with articles of its own
_MIN_HEADING_WORDS = 2  # of a heading within a law, if nothing but its form says that it is one
_SIGNATURE = re.compile(
    r"[\s*_]*(?:Nơi nhận\s*:|(?:TM|KT|TL|TUQ|Q)\.\s|\(Đã ký\)"
    r"|(?:BỘ TRƯỞNG|THỨ TRƯỞNG|(?:PHÓ )?CHỦ TỊCH|(?:PHÓ )?TỔNG CỤC TRƯỞNG|(?:PHÓ )?CỤC TRƯỞNG"
    r"|(?:PHÓ )?(?:TỔNG )?GIÁM ĐỐC|(?:PHÓ )?THỦ TƯỚNG|THỐNG ĐỐC|TỔNG THANH TRA|HIỆU TRƯỞNG"
    r"|NỮ CHỦ TỊCH)\b[^.;,a-z]*$)"
)
_ATTACHMENT_TITLE = re.compile(
    r"(?:QUY CHẾ|QUY ĐỊNH|ĐIỀU LỆ|NỘI QUY|CHƯƠNG TRÌNH|KẾ HOẠCH|ĐỀ ÁN|QUY TRÌNH)\b"
)


def find_sections(
    text: str, blocks: Sequence[Block], title: Block | None = None
) -> tuple[Section, ...]:
    """Return the sections of a text in the order in which they begin.

    Args:
        text: The text.
        blocks: Its blocks.
        title: The heading that names the whole document, which is no section.
    """
    finder = _SectionFinder(text, _division_marks(text, blocks))
    for block in blocks:
        if block.kind is BlockKind.LABEL:
            finder.end_at_signature(block)
        elif block is not title and block.kind in (BlockKind.PROSE, BlockKind.HEADING):
            finder.add(block)
    return tuple(finder.sections())


@dataclass(slots=True)
class _OpenSection:
    """A section that may still go on."""

    section: Section
    position: int
    rank: int


class _SectionFinder:
    """Takes the blocks of a text one by one and keeps the sections that are open."""

    def __init__(self, text: str, marks: Sequence[Mark]) -> None:
        self._text = text
        kinds = [mark.kind for mark in marks]
        self._is_law = Division.ARTICLE in kinds
        are_english = [mark.label.lower().startswith("section") for mark in marks]
        # English sections are what articles are elsewhere, or parts of articles.
        self._sections_are_articles = not self._is_law and any(are_english)
        self._sections_are_within = self._is_law and any(are_english)
        self._clauses_are_articles = Division.CLAUSE in kinds and not (
            self._is_law or any(are_english)
        )
        self._is_law = self._is_law or self._sections_are_articles or self._clauses_are_articles
        self._sections: list[Section] = []
        self._stops: dict[int, str] = {}  # the sign after the number of each open item, by rank
        self._open: list[_OpenSection] = []
        self._is_signed = False  # after the signature
        self._awaits_title = False  # the last block was "Chương II" alone
        self._quotations = _QuotationTracker(text)

    def add(self, block: Block) -> None:
        line = self._text[block.start : block.end]
        awaited, self._awaits_title = self._awaits_title, False
        article = self._innermost(Division.ARTICLE)
        if self._quotations.covers(block, line, article.section.number if article else ""):
            return
        mark = self._article(line)
        if mark:
            self._begin(block, mark)
            self._awaits_title = not line[mark.end :].strip()
        elif self.end_at_signature(block):
            return
        elif block.kind is BlockKind.HEADING:
            if awaited:
                self._open[-1].section = replace(self._open[-1].section, lead_end=block.end)
                self._awaits_title = line.isupper() or line.startswith("(")
            else:
                self._begin_heading(block, line)
        else:
            self._add_item(block, line)

    def end_at_signature(self, block: Block) -> bool:
        """Close what is open if a block is of the signature, and tell whether it is."""
        line = self._text[block.start : block.end]
        if not (self._is_law and self._open and _SIGNATURE.match(line)):
            return False
        self._close(0, block.start)
        self._is_signed = True
        return True

    def sections(self) -> Iterator[Section]:
        self._close(0, len(self._text))
        first_within: dict[int, int] = {}
        for section in self._sections:
            first_within.setdefault(section.parent, section.start)
        for position, section in enumerate(self._sections):
            if section.kind in (Division.ARTICLE, Division.CLAUSE, Division.POINT):
                default = section.lead_end if section.kind is Division.ARTICLE else section.end
                section = replace(section, lead_end=first_within.get(position, default))
            yield section

    def _article(self, line: str) -> Mark | None:
        mark = article_mark(line.split("\n", 1)[0])
        if mark is None:
            return None
        if mark.kind is Division.SECTION and self._sections_are_articles:
            return replace(mark, kind=Division.ARTICLE)
        if mark.kind is Division.CLAUSE:
            return replace(mark, kind=Division.ARTICLE) if self._clauses_are_articles else None
        return mark

    def _innermost(self, kind: Division) -> _OpenSection | None:
        return next((opened for opened in self._open if opened.section.kind is kind), None)

    def _begin(self, block: Block, mark: Mark) -> None:
        lead_end = block.end if block.kind is BlockKind.HEADING else block.start + mark.end
        within = self._sections_are_within and mark.kind is Division.SECTION
        self._push(
            block.start, lead_end, mark, _WITHIN_ARTICLE_RANK if within else _RANKS[mark.kind]
        )

    def _begin_heading(self, block: Block, line: str) -> None:
        label = " ".join(line.strip("#*_ =\n").split())
        in_law = any(opened.section.kind is not Division.HEADING for opened in self._open)
        rank = block.level if block.level and not in_law else _HEADING_RANK
        if self._is_law and not line.startswith("#"):
            if self._is_signed and _ATTACHMENT_TITLE.match(label):
                rank = _ATTACHMENT_RANK
                self._awaits_title = True
            elif not self._open:
                return  # of the letterhead: the office, the number, the day
            elif in_law and not block.level and len(label.split()) < _MIN_HEADING_WORDS:
                return  # a line that was broken off
        if len(label) > _MAX_LABEL_CHARACTERS:
            label = label[:_MAX_LABEL_CHARACTERS].rsplit(" ", 1)[0] + "…"
        mark = Mark(kind=Division.HEADING, number="", label=label, end=0)
        self._push(block.start, block.end, mark, rank)

    def _add_item(self, block: Block, line: str) -> None:
        mark = item_mark(line)
        article = self._innermost(Division.ARTICLE)
        if mark is None or article is None or not self._is_next(mark):
            return
        is_vietnamese = article.section.label.lower().startswith(("đ", "d"))
        name = (_VIETNAMESE_NAMES if is_vietnamese else _ENGLISH_NAMES)[mark.kind]
        rank = _RANKS[mark.kind]
        self._push(block.start, block.start, replace(mark, label=f"{name} {mark.label}"), rank)
        self._stops[rank] = mark.stop

    def _is_next(self, mark: Mark) -> bool:
        """Tell whether an item goes on where the one before of its kind stopped, or is the first.

        Others are lists within a clause or point, or numbers at the beginning of a line.
        """
        innermost = self._innermost(mark.kind)
        previous = innermost.section if innermost else None
        if previous and previous.number == mark.number:
            return False
        if previous and mark.stop and self._stops.get(_RANKS[mark.kind], mark.stop) != mark.stop:
            return False  # "2)" in a list within clause "1."
        if mark.kind is Division.POINT:
            previous_ordinal = _ALPHABET.find(previous.number[0]) if previous else -1
            return 0 <= _ALPHABET.find(mark.number[0]) - previous_ordinal <= _MAX_LETTER_STEP
        previous_ordinal = _leading_integer(previous.number) if previous else 0
        return 0 <= _leading_integer(mark.number) - previous_ordinal <= 1 + _MAX_MISSING_CLAUSES

    def _push(self, start: int, lead_end: int, mark: Mark, rank: int) -> None:
        self._close(rank, start)
        section = Section(
            kind=mark.kind,
            number=mark.number,
            label=mark.label,
            start=start,
            end=start,
            lead_end=lead_end,
            parent=self._open[-1].position if self._open else -1,
        )
        self._open.append(_OpenSection(section=section, position=len(self._sections), rank=rank))
        self._sections.append(section)

    def _close(self, rank: int, end: int) -> None:
        while self._open and self._open[-1].rank >= rank:
            closed = self._open.pop()
            self._sections[closed.position] = replace(closed.section, end=end)


class _QuotationTracker:
    """Knows the lines of a quotation, as a law that amends another is full of."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._depth = 0
        self._is_straight = False
        self._is_announced = False  # the line before ended with a colon
        self._next_positions: dict[str, int] = {}  # where each quotation mark comes next

    def covers(self, block: Block, line: str, article: str) -> bool:
        """Tell whether a line is of a quotation.

        Args:
            block: The line's.
            line: The line.
            article: The number of the article that it stands in, or "".
        """
        content = line.lstrip("> *_")
        was_announced, self._is_announced = self._is_announced, line.rstrip().endswith(":")
        if self._depth > 0 or self._is_straight:
            if self._is_next_article(block, content, article):
                self._depth, self._is_straight = 0, False  # nobody closed it
                return False
            self._take(content)
            return True
        opening = content[:1]
        quoted = content[1:]
        if opening not in _OPENING_QUOTES or not (
            article_mark(quoted) or item_mark(quoted) or (was_announced and article)
        ):
            return False
        self._is_straight = opening == '"'
        self._take(quoted if self._is_straight else content)
        return True

    def _take(self, line: str) -> None:
        if self._is_straight:
            self._is_straight = not line.rstrip(" .;,*_").endswith('"')
        else:
            opened = sum(map(line.count, "“«"))
            self._depth = max(0, self._depth + opened - sum(map(line.count, "”»")))

    def _is_next_article(self, block: Block, line: str, article: str) -> bool:
        """Tell whether a line begins the article after the one that quotes."""
        mark = article_mark(line.split("\n", 1)[0])
        if mark is None or mark.kind is not Division.ARTICLE or not article[:1].isdigit():
            return False
        if (
            not mark.number[:1].isdigit()
            or _leading_integer(mark.number) != _leading_integer(article) + 1
        ):
            return False
        closing = self._next('"' if self._is_straight else "”", block.start)
        if closing < 0 or self._is_straight:
            return closing < 0
        return 0 <= self._next("“", block.start) < closing

    def _next(self, sign: str, start: int) -> int:
        """Return where a sign comes next, -1 if it does not; asked of ever later places."""
        if 0 <= self._next_positions.get(sign, 0) < start or sign not in self._next_positions:
            self._next_positions[sign] = self._text.find(sign, start)
        return self._next_positions[sign]


def _leading_integer(number: str) -> int:
    """Return the first whole number of 12, 12a or 12.3."""
    return int("".join(itertools.takewhile(str.isdigit, number)))


def _division_marks(text: str, blocks: Sequence[Block]) -> list[Mark]:
    """Return the marks of all divisions of a text, down to articles."""
    return [
        mark
        for block in blocks
        if block.kind in (BlockKind.PROSE, BlockKind.HEADING)
        and (mark := article_mark(text[block.start : block.end].split("\n", 1)[0]))
    ]
