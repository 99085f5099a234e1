"""The things the program is about. See CONTRIBUTING.md for the vocabulary.

Every position is a character offset into the stored text of a document, which is NFC.
"""

import hashlib
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NewType

__all__ = [
    "Block",
    "BlockKind",
    "Division",
    "Document",
    "Language",
    "Metadata",
    "Passage",
    "PassageId",
    "Section",
    "SectionRef",
    "Sentence",
    "passage_id",
    "readable_text",
]


class Language(StrEnum):
    """The languages the program speaks."""

    VIETNAMESE = "vi"
    ENGLISH = "en"


class BlockKind(StrEnum):
    """What a stretch of a document is."""

    PROSE = "prose"
    ROW = "row"  # a row of a table, with the names of its columns: quoted whole
    HEADING = "heading"
    CAPTION = "caption"  # words under a picture: true, but they do not answer
    LABEL = "label"  # a byline, a rubric: words that are no sentence
    NOISE = "noise"  # rules of dashes, image markup, link buttons


class Division(StrEnum):
    """What a section of a document is; the parts of a law have names and numbers."""

    HEADING = "heading"
    PART = "part"  # phần
    ANNEX = "annex"  # phụ lục
    CHAPTER = "chapter"  # chương
    SECTION = "section"  # mục
    SUBSECTION = "subsection"  # tiểu mục
    ARTICLE = "article"  # điều
    CLAUSE = "clause"  # khoản
    POINT = "point"  # điểm


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What is known of where a document comes from; what is not known is empty.

    Days are written as in ISO 8601. Other documents are called by their numbers, or as they are
    in the corpus.

    Attributes:
        number: Its kind and number: "Thông tư 39/2018/TT-BTC".
        effective_from: The first day on which it is in force.
        effective_until: The last day on which it is in force.
        replaces: The documents that it puts out of force as a whole.
        replaced_by: The documents that put it out of force as a whole, as far as that is believed.
        claimed_by: The documents that say so without being able to, or that cannot be judged.
        same_number: Documents of the same number and language whose words are others.
        amends: The documents of which it changes or repeals parts.
        vouched: Which of these relations the owner stated, in the catalogue or beside the document.
        access: Only people in one of these groups may read it; everybody if there are none.
    """

    title: str = ""
    publisher: str = ""
    date: str = ""
    url: str = ""
    author: str = ""
    number: str = ""
    effective_from: str = ""
    effective_until: str = ""
    replaces: tuple[str, ...] = ()
    replaced_by: tuple[str, ...] = ()
    claimed_by: tuple[str, ...] = ()
    same_number: tuple[str, ...] = ()
    amends: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    vouched: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A paragraph, heading or other stretch of a document's text.

    Attributes:
        level: Of a heading, 1 for the highest; 0 if it is not known.
    """

    start: int
    end: int
    kind: BlockKind
    level: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What stands under a heading or number, with the sections within it.

    Attributes:
        number: In one form for looking it up: "12", "12a", "b"; Roman numbers are written "2".
            "" for a heading.
        label: What it is called by: "Điều 12", "khoản 3", or the heading's words.
        lead_end: Where its heading ends, or what it says before the sections within it.
        parent: The position among the document's sections of that which it is in; -1 if none.
    """

    kind: Division
    number: str
    label: str
    start: int
    end: int
    lead_end: int
    parent: int = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """The unit of quoting: a slice of prose, and the address of the section it stands in."""

    start: int
    end: int
    section: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    r"""A source file's text, and what was read out of it.

    Attributes:
        source: The file's path relative to the corpus, with forward slashes.
        text: The stored text, NFC, newlines as "\\n".
        language: The language that most of the text is in.
        blocks: All of the text but blank lines, in order.
        sentences: What may be quoted, in order.
        sections: In the order in which they begin.
        pages: Where each page begins, the first at 0; empty if there are no pages.
        collection: The name of the collection that it is in; "" if there is only one.
        access: Of each of these, who reads it must be in one of the groups.
    """

    source: str
    text: str
    metadata: Metadata
    language: Language
    blocks: tuple[Block, ...] = field(repr=False)
    sentences: tuple[Sentence, ...] = field(repr=False)
    sections: tuple[Section, ...] = field(default=(), repr=False)
    pages: tuple[int, ...] = field(default=(), repr=False)
    collection: str = ""
    access: tuple[tuple[str, ...], ...] = ()

    def page_of(self, position: int) -> int | None:
        """Return the number of the page on which a position is, from 1; None without pages."""
        return bisect_right(self.pages, position) if self.pages else None

    def section_at(self, position: int) -> int:
        """Return the position among the sections of the innermost one there; -1 if none is."""
        innermost = bisect_right(self.sections, position, key=lambda section: section.start) - 1
        while innermost >= 0 and self.sections[innermost].end <= position:
            innermost = self.sections[innermost].parent
        return innermost

    def path_to(self, section: int) -> Iterator[Section]:
        """Yield a section and those it is in, the outermost first."""
        if section >= 0:
            yield from self.path_to(self.sections[section].parent)
            yield self.sections[section]

    def address_of(self, section: int) -> str:
        """Return what a section is cited by: "Chương II, Điều 12, khoản 3" or "Pay › Overtime"."""
        address = ""
        before = Division.HEADING
        for enclosing in self.path_to(section):
            headed = Division.HEADING in (before, enclosing.kind)
            address += ("" if not address else " › " if headed else ", ") + enclosing.label
            before = enclosing.kind
        return address

    def title_of(self, section: int) -> str:
        """Return what a section is headed with, without its label; "" if it has no title."""
        start, label = self.sections[section].start, self.sections[section].label
        heading = self.text[start : self.sections[section].lead_end].split("\n", 1)[0].strip("#*_ ")
        return heading[len(label) :].strip(" .:–-*_") if heading.startswith(label) else ""

    @property
    def sha256(self) -> str:
        """The hash of the stored text, by which a quote is checked when it is shown."""
        return hashlib.sha256(self.text.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A chunk of a document: what is embedded."""

    source: str
    start: int
    end: int


PassageId = NewType("PassageId", str)
"""What a passage is known by, in every generation and back end that has the same; `passage_id`."""


def passage_id(source: str, start: int, content: str) -> PassageId:
    """Return what a passage is known by.

    Args:
        source: The document that it is of.
        start: Where it begins there.
        content: The hash of all that its vectors depend on.
    """
    known = f"{content}\0{source}\0{start}".encode("utf-8", "surrogatepass")
    return PassageId(hashlib.sha256(known).hexdigest()[:32])


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionRef:
    """A section of a document, by its position among that document's sections."""

    source: str
    position: int


def readable_text(document: Document, start: int, end: int) -> str:
    """Return a slice of a document as a model should read it, character for character.

    What is neither prose nor heading is blanked out with spaces, so that positions hold.
    """
    text = list(document.text[start:end])
    first = bisect_right(document.blocks, start, key=lambda block: block.end)
    for block in document.blocks[first:]:
        if block.start >= end:
            break
        if block.kind not in (BlockKind.PROSE, BlockKind.ROW, BlockKind.HEADING):
            low, high = max(block.start, start) - start, min(block.end, end) - start
            if low < high:
                text[low:high] = " " * (high - low)
    return "".join(text)
