"""Read files of one kind or another as text."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from rag.errors import DocumentError

__all__ = ["DocumentLoader", "PlainTextLoader", "default_loaders"]


class DocumentLoader(Protocol):
    """Reads files of some formats."""

    @property
    def suffixes(self) -> frozenset[str]:
        """The file name endings it reads, in lower case, with the dot."""
        ...

    def load(self, path: Path) -> str:
        """Return the text of a file.

        Raises:
            DocumentError: If the file cannot be read; the message says why and what to do.
        """
        ...


class PlainTextLoader:
    """Reads UTF-8 text and Markdown, whose markup stays in the text."""

    suffixes = frozenset({".txt", ".md", ".markdown"})

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes

    def load(self, path: Path) -> str:
        r"""Return the text with newlines as "\\n"."""
        try:
            size = path.stat().st_size
            if size > self._max_bytes:
                raise DocumentError(
                    f"it has {size / 1e6:.1f} MB, the limit is {self._max_bytes / 1e6:.0f} MB; "
                    "split it, or raise TRICHDAN_MAX_FILE_MB",
                    f"Tệp nặng {f'{size / 1e6:.1f}'.replace('.', ',')} MB, giới hạn là "
                    f"{self._max_bytes / 1e6:.0f} MB; "
                    "hãy chia nhỏ, hoặc nâng TRICHDAN_MAX_FILE_MB.",
                )
            data = path.read_bytes()
        except OSError as error:
            raise DocumentError(
                f"it cannot be opened: {error.strerror or error}",
                f"Không mở được tệp: {error.strerror or error}.",
            ) from error
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise DocumentError(
                f"it is not UTF-8 text (byte {error.start}); save it again with encoding UTF-8",
                f"Tệp không phải văn bản UTF-8 (byte {error.start}); hãy lưu lại với mã UTF-8.",
            ) from error
        if "\0" in text:
            raise DocumentError(
                "it is binary, not text; convert it to .txt or .md",
                "Tệp nhị phân, không phải văn bản; hãy chuyển sang .txt hoặc .md.",
            )
        if not text.strip("\ufeff \t\r\n\f\v"):
            raise DocumentError("it is empty", "Tệp rỗng.")
        return text.replace("\r\n", "\n").replace("\r", "\n")


def default_loaders(max_bytes: int) -> Sequence[DocumentLoader]:
    """Return a loader for every format that is read."""
    return (PlainTextLoader(max_bytes),)
