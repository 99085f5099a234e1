"""What reads files of one kind or another."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from rag.ingest.extract import Extract

__all__ = ["DocumentLoader", "LoaderSet"]


class DocumentLoader(Protocol):
    """Reads files of some formats."""

    @property
    def suffixes(self) -> frozenset[str]:
        """The file name endings it reads, in lower case, with the dot."""
        ...

    def load(self, path: Path) -> Extract:
        """Return what a file says.

        Raises:
            DocumentError: If the file cannot be read; the message says why and what to do.
        """
        ...


class LoaderSet:
    """Reads what any of several loaders reads."""

    def __init__(self, loaders: Sequence[DocumentLoader]) -> None:
        self._loader_of = {suffix: loader for loader in loaders for suffix in loader.suffixes}

    @property
    def suffixes(self) -> frozenset[str]:
        """The file name endings it reads."""
        return frozenset(self._loader_of)

    def load(self, path: Path) -> Extract:
        """Return what a file says, read by the loader for its ending."""
        return self._loader_of[path.suffix.lower()].load(path)
