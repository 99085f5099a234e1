"""What loaders read out of files: text, and what the file itself says of its stretches."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from rag.documents import Block, BlockKind
from rag.vietnamese import nfc

__all__ = ["Extract", "ExtractBuilder", "Part", "clean"]

_UNSEEN = re.compile(
    "[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\x00-\x08\x0b-\x1f\x7f-\x9f]"
)
_SPACES = re.compile(r"[^\S\n]+")
_SPACE_AT_BREAK = re.compile(r" ?\n ?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A file within a file: a member of an archive, an attachment of a message.

    Attributes:
        name: Its path within, with forward slashes.
        extract: What was read, None if it could not be read.
        reason: Why it could not be read; `vietnamese` is the same for the page.
    """

    name: str
    extract: "Extract | None" = None
    reason: str = ""
    vietnamese: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    r"""What was read out of a file.

    Attributes:
        text: NFC, newlines as "\\n"; "" if the file only holds others.
        blocks: The stretches of which the file says what they are, in order; what lies between is
            judged by its form.
        pages: Where each page begins, ascending, the first at 0; empty if there are no pages.
        metadata: What the file's properties state, under the names of `Metadata`'s fields.
        parts: The files within it.
    """

    text: str
    blocks: tuple[Block, ...] = ()
    pages: tuple[int, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()


def clean(text: str) -> str:
    r"""Return text as a person sees it: NFC, without unseen characters, spaces collapsed.

    No-break spaces become spaces, soft hyphens and control characters vanish, and line breaks
    stay, as "\\n".
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\v", "\n").replace("\f", "\n")
    text = text.replace("\u2028", "\n").replace("\u2029", "\n").replace("\u2011", "-")
    text = _SPACES.sub(" ", _UNSEEN.sub("", text))
    return nfc(_SPACE_AT_BREAK.sub("\n", text).strip())


class ExtractBuilder:
    """Puts a document's text together, piece by piece, each in a paragraph of its own."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._length = 0
        self._blocks: list[Block] = []
        self._pages: list[int] = []

    def paragraph(self, text: str) -> None:
        """Add a paragraph; whether it is prose, a heading or a caption, its form will tell."""
        self._add(clean(text))

    def prose(self, text: str) -> None:
        """Add what may be quoted, whatever its form."""
        self._add_block(text, BlockKind.PROSE)

    def heading(self, text: str, level: int) -> None:
        """Add a heading of a level, 1 for the highest."""
        self._add_block(text.replace("\n", " "), BlockKind.HEADING, level)

    def row(self, text: str) -> None:
        """Add a row of a table as it can stand alone, with the names of its columns."""
        self._add_block(text.replace("\n", " "), BlockKind.ROW)

    def caption(self, text: str) -> None:
        """Add the words of a picture."""
        self._add_block(text, BlockKind.CAPTION)

    def page(self) -> None:
        """Begin a page."""
        self._pages.append(self._length)

    def build(self, metadata: Mapping[str, str] | None = None) -> Extract:
        """Return all that was added."""
        text = "".join(self._pieces)
        known = {name: clean(value) for name, value in (metadata or {}).items() if clean(value)}
        return Extract(
            text=text, blocks=tuple(self._blocks), pages=tuple(self._pages), metadata=known
        )

    def _add_block(self, text: str, kind: BlockKind, level: int = 0) -> None:
        cleaned = clean(text)
        if cleaned:
            start = self._length
            self._blocks.append(
                Block(start=start, end=start + len(cleaned), kind=kind, level=level)
            )
            self._add(cleaned)

    def _add(self, cleaned: str) -> None:
        if cleaned:
            self._pieces.append(cleaned + "\n\n")
            self._length += len(cleaned) + 2
