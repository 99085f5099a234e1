"""Read a file into documents: its own, and those of the files within it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

from rag.domain.ports import Runner
from rag.domain.work import Done, Limits, Task
from rag.errors import DocumentError
from rag.ingest.extract import Extract
from rag.ingest.loaders import DocumentLoader
from rag.ingest.run.readings import (
    ReadDocument,
    Reading,
    UnreadPart,
    readings_from_json,
    readings_to_json,
)
from rag.ingest.structure.document import make_document

__all__ = ["READ_FILE", "SUFFIXES", "DirectReader", "FileReader", "RunnerReader"]

SUFFIXES = frozenset(
    ".csv .docm .docx .dotm .dotx .eml .htm .html .markdown .md .mht .mhtml .pdf .ppsx .pptm .pptx"
    " .text .tsv .txt .xhtml .xlsm .xlsx .zip".split()
)
"""The endings of all files that are read; those of `formats.default_loader`, without loading it."""


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
            raise DocumentError("document.no_text_put_a_version")
        return readings


def _readings(name: str, extract: Extract) -> Iterator[Reading]:
    if extract.text.strip():
        yield ReadDocument(name=name, document=make_document("", extract))
    for part in extract.parts:
        within = f"{name}/{part.name}" if name else part.name
        if part.extract is not None:
            yield from _readings(within, part.extract)
        elif part.message is not None:
            yield UnreadPart(name=within, message=part.message)


def _read_file(path: Path, limits: Limits, at_work: Callable[[], None]) -> list[Reading]:
    # What reads all formats is heavy, and only who reads files in this process needs it.
    from rag.ingest.formats import default_loader

    return DirectReader(default_loader(limits, at_work)).read(path)


READ_FILE = Task(
    name=f"{__name__}:READ_FILE",
    run=_read_file,
    item_to_json=str,
    item_from_json=Path,
    value_to_json=readings_to_json,
    value_from_json=readings_from_json,
)
"""Reads a file of any format into documents."""


class RunnerReader:
    """Reads files of all formats where a runner does its work.

    Args:
        runner: What does the work.
        limits: How much reading a file may take.
    """

    def __init__(self, runner: Runner, limits: Limits) -> None:
        self._runner = runner
        self._limits = limits
        self.suffixes = SUFFIXES
        self.circumstances = repr(limits)

    def read(self, path: Path) -> list[Reading]:
        """Return what is in a file.

        Raises:
            DocumentError: If it cannot be read within the limits.
        """
        (result,) = self._runner.map(READ_FILE, [path], limits=self._limits)
        if isinstance(result, Done):
            return result.value
        raise result.error
