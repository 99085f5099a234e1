"""Find the sections of a text: under headings, and the parts of a law down to its points."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from rag.documents import Block, BlockKind, Division, Section
from rag.ingest.divisions import Mark, article_mark, item_mark

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
_LONGEST_LABEL = 160  # characters
_FURTHEST = 2  # clauses that may be missing between two, as where a page was lost
_FURTHEST_LETTER = 5  # in the alphabet, of which few use every letter
_VIETNAMESE = {Division.CLAUSE: "khoản", Division.POINT: "điểm"}
_ENGLISH = {Division.CLAUSE: "clause", Division.POINT: "point"}
_ALPHABET = "abcdđefghijklmnopqrstuvwxyz"
_QUOTES = {"“": "”", "«": "»"}


def find_sections(
    text: str, blocks: Sequence[Block], title: Block | None = None
) -> tuple[Section, ...]:
    """Return the sections of a text in the order in which they begin.

    Args:
        text: The text.
        blocks: Its blocks.
        title: The heading that names the whole document, which is no section.
    """
    finder = _Finder(text, _kinds_of(text, blocks))
    for block in blocks:
        if block is not title and block.kind in (BlockKind.PROSE, BlockKind.HEADING):
            finder.add(block)
    return tuple(finder.finished())


@dataclass(slots=True)
class _Open:
    """A section that may still go on."""

    section: Section
    position: int
    rank: int


class _Finder:
    """Takes the blocks of a text one by one and keeps the sections that are open."""

    def __init__(self, text: str, kinds: Mapping[Division, str]) -> None:
        self._text = text
        self._is_law = Division.ARTICLE in kinds
        # A text with English sections and no articles: they are what articles are elsewhere.
        named = kinds.get(Division.SECTION, "")
        self._english_sections = not self._is_law and named.lower().startswith("section")
        self._sections: list[Section] = []
        self._open: list[_Open] = []
        self._awaits_title = False  # the last block was "Chương II" alone
        self._quoted_until = ""  # the mark that ends a quotation of another law

    def add(self, block: Block) -> None:
        line = self._text[block.start : block.end]
        awaited, self._awaits_title = self._awaits_title, False
        if self._is_quoted(line):
            return
        mark = self._article(line)
        if mark:
            self._begin(block, mark)
            self._awaits_title = not line[mark.end :].strip()
        elif block.kind is BlockKind.HEADING:
            if awaited:
                self._open[-1].section = replace(self._open[-1].section, lead_end=block.end)
                self._awaits_title = line.isupper()
            else:
                self._begin_heading(block, line)
        else:
            self._add_item(block, line)

    def finished(self) -> Iterator[Section]:
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
        if mark and mark.kind is Division.SECTION and self._english_sections:
            return replace(mark, kind=Division.ARTICLE)
        return mark

    def _is_quoted(self, line: str) -> bool:
        """Tell whether a line is of a quotation, as a law that amends another is full of."""
        if self._quoted_until:
            if self._quoted_until in line:
                self._quoted_until = ""
            return True
        opening = line.lstrip("> ")[:1]
        closing = _QUOTES.get(opening)
        quoted = line.lstrip("> ")[1:]
        if closing and (article_mark(quoted) or item_mark(quoted)):
            self._quoted_until = "" if closing in line else closing
            return True
        return False

    def _begin(self, block: Block, mark: Mark) -> None:
        lead_end = block.end if block.kind is BlockKind.HEADING else block.start + mark.end
        self._push(block.start, lead_end, mark, _RANKS[mark.kind])

    def _begin_heading(self, block: Block, line: str) -> None:
        if self._is_law and not self._open and not line.startswith("#"):
            return  # of the letterhead: the office, the number, the day
        label = " ".join(line.strip("#*_ =\n").split())
        if len(label) > _LONGEST_LABEL:
            label = label[:_LONGEST_LABEL].rsplit(" ", 1)[0] + "…"
        mark = Mark(kind=Division.HEADING, number="", label=label, end=0)
        in_law = any(one.section.kind is not Division.HEADING for one in self._open)
        rank = block.level if block.level and not in_law else _HEADING_RANK
        self._push(block.start, block.end, mark, rank)

    def _add_item(self, block: Block, line: str) -> None:
        mark = item_mark(line)
        article = next((one for one in self._open if one.section.kind is Division.ARTICLE), None)
        if mark is None or article is None or not self._is_next(mark):
            return
        vietnamese = article.section.label.lower().startswith(("đ", "d"))
        name = (_VIETNAMESE if vietnamese else _ENGLISH)[mark.kind]
        mark = replace(mark, label=f"{name} {mark.label}")
        self._push(block.start, block.start, mark, _RANKS[mark.kind])

    def _is_next(self, mark: Mark) -> bool:
        """Tell whether an item goes on where the one before of its kind stopped, or is the first.

        Others are lists within a clause or point, or numbers at the beginning of a line.
        """
        before = next((one.section for one in self._open if one.section.kind is mark.kind), None)
        if before and before.number == mark.number:
            return False
        if mark.kind is Division.POINT:
            last = _ALPHABET.find(before.number[0]) if before else -1
            return 0 <= _ALPHABET.find(mark.number[0]) - last <= _FURTHEST_LETTER
        last = _whole(before.number) if before else 0
        return 0 <= _whole(mark.number) - last <= 1 + _FURTHEST

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
        self._open.append(_Open(section=section, position=len(self._sections), rank=rank))
        self._sections.append(section)

    def _close(self, rank: int, end: int) -> None:
        while self._open and self._open[-1].rank >= rank:
            last = self._open.pop()
            self._sections[last.position] = replace(last.section, end=end)


def _whole(number: str) -> int:
    """Return the first whole number of 12, 12a or 12.3."""
    return int("".join(itertools.takewhile(str.isdigit, number)))


def _kinds_of(text: str, blocks: Sequence[Block]) -> dict[Division, str]:
    """Return the kinds of divisions that a text has, with the label of one of each."""
    return {
        mark.kind: mark.label
        for block in blocks
        if block.kind in (BlockKind.PROSE, BlockKind.HEADING)
        and (mark := article_mark(text[block.start : block.end].split("\n", 1)[0]))
    }
