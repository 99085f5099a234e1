"""Read a file into documents: its own, and those of the files within it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from rag.domain.serialise import document_to_json
from rag.errors import DocumentError
from rag.ingest.extract import Extract
from rag.ingest.loaders import DocumentLoader
from rag.ingest.structure.document import make_document

__all__ = ["DirectReader", "FileReader", "Reading"]

Reading = dict[str, Any]
"""Of a document or a file within a file, as JSON can hold it: its "name" within the file, "" for
the file itself, and either the "document" or a "reason" why there is none, also in "vietnamese"."""


class FileReader(Protocol):
    """Reads files of some formats."""

    @property
    def suffixes(self) -> frozenset[str]:
        """The file name endings it reads, in lower case, with the dot."""
        ...

    @property
    def circumstances(self) -> str:
        """What else decides how a file is read, such as limits."""
        ...

    def read(self, path: Path) -> list[Reading]:
        """Return what is in a file.

        Raises:
            DocumentError: If the file cannot be read; the message says why and what to do.
        """
        ...


class DirectReader:
    """Reads files in this process.

    Args:
        loader: Reads all formats.
    """

    def __init__(self, loader: DocumentLoader) -> None:
        self._loader = loader
        self.circumstances = ""

    @property
    def suffixes(self) -> frozenset[str]:
        """The file name endings it reads."""
        return self._loader.suffixes

    def read(self, path: Path) -> list[Reading]:
        """Return what is in a file."""
        readings = list(_readings("", self._loader.load(path)))
        if not readings:
            raise DocumentError(
                "there is no text in it; put a version with text there",
                "Tệp không có chữ; hãy thay bằng bản có chữ.",
            )
        return readings


def _readings(name: str, extract: Extract) -> Iterator[Reading]:
    if extract.text.strip():
        yield {"name": name, "document": document_to_json(make_document("", extract))}
    for part in extract.parts:
        within = f"{name}/{part.name}" if name else part.name
        if part.extract is None:
            yield {"name": within, "reason": part.reason, "vietnamese": part.vietnamese}
        else:
            yield from _readings(within, part.extract)
