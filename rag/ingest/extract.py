"""What loaders read out of files: text, and what the file itself says of its stretches."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from rag.domain.documents import Block, BlockKind
from rag.ingest.text.encodings import repair
from rag.language.vietnamese import nfc
from rag.messages import Message, message

__all__ = ["Extract", "ExtractBuilder", "Part", "clean", "hidden_text_parts", "page_names"]

_INVISIBLE = re.compile(
    "[\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb\x00-\x08\x0b-\x1f\x7f-\x9f]"
)
_PIECE_BOUNDARY = "\n\x00\n"
_MAX_SHOWN_CHARACTERS = 80  # of what is not seen, so that its owner finds it
_MIN_LETTERS = 2  # fewer are a stray mark
_MAX_NAMED_PAGES = 20
_SPACE_RUN = re.compile(r"[^\S\n]+")
_SPACE_AT_BREAK = re.compile(r" ?\n ?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A file within a file: a member of an archive, an attachment of a message.

    Attributes:
        name: Its path within, with forward slashes.
        extract: What was read, None if it could not be read.
        message: Why it could not be read, and what to do.
    """

    name: str
    extract: "Extract | None" = None
    message: Message | None = None

    @property
    def reason(self) -> str:
        """The message in English, "" if there is none."""
        return self.message.english if self.message else ""

    @property
    def vietnamese(self) -> str:
        """The message in Vietnamese, "" if there is none."""
        return self.message.vietnamese if self.message else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    r"""What was read out of a file.

    Attributes:
        text: NFC, newlines as "\\n"; "" if the file only holds others.
        blocks: The stretches of which the file says what they are, in order; what lies between is
            judged by its form.
        pages: Where each page begins, ascending, the first at 0; empty if there are no pages.
        metadata: What the file's properties state, under the names of `Metadata`'s fields.
        front_matter: What somebody wrote at its head about it, likewise.
        parts: The files within it.
    """

    text: str
    blocks: tuple[Block, ...] = ()
    pages: tuple[int, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict)
    front_matter: Mapping[str, str] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()


def clean(text: str) -> str:
    r"""Return text as a person sees it: NFC, without unseen characters, spaces collapsed.

    No-break spaces become spaces, soft hyphens and control characters vanish, and line breaks
    stay, as "\\n".
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\v", "\n").replace("\f", "\n")
    text = text.replace("\u2028", "\n").replace("\u2029", "\n").replace("\u2011", "-")
    text = _SPACE_RUN.sub(" ", _INVISIBLE.sub("", text))
    return nfc(_SPACE_AT_BREAK.sub("\n", text).strip())


def hidden_text_parts(unseen: Sequence[tuple[int, str]]) -> Iterator[Part]:
    """Yield what is to be said of text that is not seen; nothing if there is none.

    Args:
        unseen: What was left out, in order, each with the number of its page, 0 if there are none.
    """
    joined = " ".join(text for _, text in unseen).encode("utf-16", "surrogatepass")
    shown = clean(joined.decode("utf-16", "replace")).replace("\n", " ")
    if sum(map(str.isalnum, shown)) < _MIN_LETTERS:
        return
    if len(shown) > _MAX_SHOWN_CHARACTERS:
        shown = shown[:_MAX_SHOWN_CHARACTERS].rstrip() + " …"
    pages = list(dict.fromkeys(page for page, text in unseen if page and text.strip()))
    yield Part(
        name=f"hidden text on {page_names(pages)}" if pages else "hidden text",
        message=message("extract.not_seen", said=shown),
    )


def page_names(pages: Sequence[int]) -> str:
    """Return what pages are called by their numbers: "page 3", "pages 3, 5"."""
    numbers = ", ".join(map(str, pages[:_MAX_NAMED_PAGES]))
    if len(pages) > _MAX_NAMED_PAGES:
        numbers += " …"
    return f"page {numbers}" if len(pages) == 1 else f"pages {numbers}"


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str
    kind: BlockKind | None = None  # None if its form will tell
    level: int = 0


class ExtractBuilder:
    """Puts a document's text together, piece by piece, each in a paragraph of its own.

    Text that was written for an old Vietnamese font is made Unicode; see `encodings.repair`.
    """

    def __init__(self) -> None:
        self._pieces: list[_Piece] = []
        self._pages: list[int] = []  # before how many pieces each begins
        self._unseen: list[tuple[int, str]] = []

    def paragraph(self, text: str) -> None:
        """Add a paragraph; whether it is prose, a heading or a caption, its form will tell."""
        self._pieces.append(_Piece(text))

    def prose(self, text: str) -> None:
        """Add what may be quoted, whatever its form."""
        self._pieces.append(_Piece(text, BlockKind.PROSE))

    def heading(self, text: str, level: int) -> None:
        """Add a heading of a level, 1 for the highest."""
        self._pieces.append(_Piece(_one_line(text), BlockKind.HEADING, level))

    def row(self, text: str) -> None:
        """Add a row of a table as it can stand alone, with the names of its columns."""
        self._pieces.append(_Piece(_one_line(text), BlockKind.ROW))

    def caption(self, text: str) -> None:
        """Add the words of a picture."""
        self._pieces.append(_Piece(text, BlockKind.CAPTION))

    def page(self) -> None:
        """Begin a page."""
        self._pages.append(len(self._pieces))

    def unseen(self, text: str) -> None:
        """Leave out text that is not seen where it stands, and note it.

        When that is so, `rag.ingest.visibility` tells.
        """
        self._unseen.append((len(self._pages), text))

    def build(self, metadata: Mapping[str, str] | None = None) -> Extract:
        """Return all that was added."""
        parts: list[str] = []
        starts = []
        blocks = []
        length = 0
        joined = _PIECE_BOUNDARY.join(piece.text for piece in self._pieces)
        texts = repair(joined).split(_PIECE_BOUNDARY)
        for piece, text in zip(self._pieces, texts, strict=bool(self._pieces)):
            starts.append(length)
            cleaned = clean(text)
            if not cleaned:
                continue
            if piece.kind:
                end = length + len(cleaned)
                block = Block(start=length, end=end, kind=piece.kind, level=piece.level)
                blocks.append(block)
            parts.append(cleaned + "\n\n")
            length += len(cleaned) + 2
        cleaned_metadata = {name: clean(repair(value)) for name, value in (metadata or {}).items()}
        return Extract(
            text="".join(parts),
            blocks=tuple(blocks),
            pages=tuple([*starts, length][piece_index] for piece_index in self._pages),
            metadata={name: value for name, value in cleaned_metadata.items() if value},
            parts=tuple(hidden_text_parts(self._unseen)),
        )


def _one_line(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ").replace("\v", " ")
