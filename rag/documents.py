"""The things the program is about. See CONTRIBUTING.md for the vocabulary.

Every position is a character offset into the stored text of a document, which is NFC.
"""

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = ["Block", "BlockKind", "Document", "Language", "Metadata", "Passage", "Sentence"]


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What is known of where a document comes from; what is not known is empty."""

    title: str = ""
    publisher: str = ""
    date: str = ""
    url: str = ""
    author: str = ""


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
class Sentence:
    """The unit of quoting: a slice of prose, and the heading it stands under."""

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
    """

    source: str
    text: str
    metadata: Metadata
    language: Language
    blocks: tuple[Block, ...] = field(repr=False)
    sentences: tuple[Sentence, ...] = field(repr=False)

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
