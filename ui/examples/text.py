"""What questions are made of: titles, sentences and abbreviations of a document."""

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from rag.domain.documents import Block, BlockKind, Division, Document
from rag.ingest.regulation.offices import sentence_case
from rag.language.abbreviations import find_abbreviations
from rag.language.glossary import Glossary
from rag.language.vietnamese import fold, words
from rag.law.divisions import article_mark, item_mark

__all__ = ["Place", "Text", "Titled"]

Place = tuple[int, int]
"""Start and end in a document."""

_LOOKED_AT = 200_000  # characters of a document
_MOST_TITLES = 400
_MOST_SENTENCES = 600
_LONGEST_SENTENCE = 600  # characters
_LONGEST_TITLE = 150
_BODY = 1_500  # characters of what stands under a title
_NUMBERED = re.compile(r"(?:[IVXL]{1,6}|\d{1,3}(?:\.\d{1,3}){0,9})[.)]\s+")
_ENDED = re.compile(r"[.;:,!…]$")
_ASKED = re.compile(r"(?:Hỏi|Câu(?: hỏi)?|Q|Question)\s*+\d{0,3}\s*+[:.]\s*", re.I)


@dataclass(frozen=True, slots=True)
class Titled:
    """A title, without its number, and the place of what stands under it."""

    title: str
    start: int
    end: int
    article: str = ""  # the number, if it is an article of a regulation


class Text:
    """The beginning of a document, and what several kinds of questions are made of.

    Args:
        document: Only so much of a long one is looked at.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self.text = document.text[:_LOOKED_AT]

    @cached_property
    def abbreviations(self) -> dict[str, str]:
        """What the abbreviations stand for that the document explains."""
        return find_abbreviations([self.text])

    @cached_property
    def uppercase_words(self) -> frozenset[str]:
        """Words that may stand in capitals."""
        shipped = {abbreviation.upper() for abbreviation in Glossary.default().abbreviations}
        return frozenset(shipped | self.abbreviations.keys())

    @cached_property
    def titled(self) -> list[Titled]:
        """The titles of sections, and lines that are like titles where there are no articles."""
        document = self.document
        blocks = {block.start: position for position, block in enumerate(document.blocks)}
        titles: list[Titled] = []
        for section in document.sections[: _MOST_TITLES * 10]:
            of_kind = section.kind in (Division.ARTICLE, Division.HEADING)
            if not of_kind or section.start not in blocks or len(titles) == _MOST_TITLES:
                continue
            position = blocks[section.start]
            title = self._title(position)
            if title:
                number = section.number if section.kind is Division.ARTICLE else ""
                start = document.blocks[position].end
                titles.append(Titled(title, start, section.end, number))
        if any(titled.article for titled in titles):
            return titles
        return [*titles, *self._title_lines()]

    def _title(self, position: int) -> str:
        """Return the title that a heading is, "" if it is none or is cut off."""
        block = self.document.blocks[position]
        if block.kind is not BlockKind.HEADING or block.end - block.start > _LONGEST_TITLE:
            return ""
        following = self.document.blocks[position + 1 : position + 2]
        if following and self._goes_on(following[0]):
            return ""
        line = " ".join(self.text[block.start : block.end].split()).strip("#*_= ")
        mark = article_mark(line)
        line = line[mark.end :] if mark else _NUMBERED.sub("", line, count=1)
        return sentence_case(line.strip(" .:*_"))

    def _goes_on(self, block: Block) -> bool:
        """Tell whether a block is the rest of a heading before it."""
        line = self.text[block.start : block.end]
        text = block.kind in (BlockKind.HEADING, BlockKind.PROSE)
        return text and line[:1].islower() and item_mark(line) is None

    def _title_lines(self) -> Iterator[Titled]:
        """Yield numbered lines that are no sentences, and questions that are marked as such."""
        ends = [*(block.start for block in self.document.blocks[1:]), len(self.text)]
        lines = []
        for block, end in zip(self.document.blocks[:_MOST_SENTENCES], ends, strict=False):
            line = self.text[block.start : block.end]
            if block.kind is BlockKind.HEADING:
                lines.append(("", block.start, end))
            elif block.kind is BlockKind.PROSE and len(line) <= _LONGEST_TITLE and line.strip():
                mark = _ASKED.match(line) or (not _ENDED.search(line) and _NUMBERED.match(line))
                if mark:
                    lines.append((line[mark.end() :].strip(), block.start, block.end))
        following = [*(start for _, start, _ in lines[1:]), len(self.text)]
        for (title, _, end), start in zip(lines, following, strict=False):
            if title:
                yield Titled(title, end, start)

    def body(self, titled: Titled) -> str:
        """Return the beginning of what stands under a title."""
        return self.text[titled.start : min(titled.end, titled.start + _BODY)]

    def sentences(self, low: int, high: int) -> Iterator[tuple[str, Place]]:
        """Yield the sentences between two positions, and their places."""
        every = self.document.sentences
        first = bisect_left(every, low, key=lambda sentence: sentence.start)
        for sentence in every[first : first + _MOST_SENTENCES]:
            start, end = sentence.start, sentence.end
            if end > min(high, len(self.text)):
                return
            if end - start <= _LONGEST_SENTENCE:
                yield self.text[start:end], (start, end)

    def share(self, titled: Titled) -> float:
        """Return how much of a title's words what stands under it says too.

        Those with which it begins are passed over: "conditions for", "quyền của".
        """
        under_it = {fold(word) for word in words(self.body(titled))}
        every = [fold(word) for word in words(titled.title)]
        own = set(every[2:] if len(every) > 3 else every)
        return len(own & under_it) / max(1, len(own))
