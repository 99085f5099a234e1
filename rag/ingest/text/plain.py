"""Plain text and Markdown."""

import contextlib
from pathlib import Path

from rag.domain.documents import Block, BlockKind
from rag.errors import DocumentError
from rag.ingest.extract import Extract
from rag.ingest.files import read_bytes
from rag.ingest.structure.metadata import read_front_matter
from rag.ingest.text.encodings import decode, repair
from rag.language.vietnamese import nfc

__all__ = ["PlainTextLoader"]


class PlainTextLoader:
    """Reads text and Markdown, whose markup stays in the text."""

    suffixes = frozenset({".txt", ".text", ".md", ".markdown"})

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes

    def load(self, path: Path) -> Extract:
        r"""Return the text with newlines as "\\n", and what its front matter says."""
        text = nfc(_decoded(read_bytes(path, self._max_bytes)))
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if not text.strip("\ufeff \t\n\f\v"):
            raise DocumentError("document.empty")
        end, front_matter = read_front_matter(text)
        front = (Block(start=0, end=len(text[:end].rstrip()), kind=BlockKind.NOISE),) if end else ()
        return Extract(text=text, blocks=front, front_matter=front_matter)


def _decoded(data: bytes) -> str:
    """Return text, UTF-8 as it is, so that positions are those of the file.

    Only where most of it was meant for an old Vietnamese font, and saved as UTF-8 all the same, it
    is put right.
    """
    if b"\0" not in data:
        with contextlib.suppress(UnicodeDecodeError):
            return _repaired(data.decode("utf-8"))
    return decode(data).text


def _repaired(text: str) -> str:
    mended = repair(text)
    if mended == text:
        return text
    pairs = zip(text.split("\n"), mended.split("\n"), strict=False)
    telling = [(was, now) for was, now in pairs if not was.isascii()]
    changed = sum(was != now for was, now in telling)
    return mended if changed > len(telling) / 2 else text
