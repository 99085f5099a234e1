"""Which documents an index in a directory serves, and who may change that."""

from contextlib import AbstractContextManager
from pathlib import Path

from rag.store.documents import SqliteDocuments
from rag.store.generations import building, current_name, sound_generation
from rag.store.index_files import CORPUS

__all__ = ["LocalCatalogue"]


class LocalCatalogue:
    """A `Catalogue` in a directory, shared by the processes of one machine.

    Args:
        index: The directory; see `rag.store.generations`.
    """

    def __init__(self, index: Path) -> None:
        self._index = index

    def current(self) -> str | None:
        """Return what the generation is called that is served, None if there is none."""
        return current_name(self._index)

    def documents(self) -> SqliteDocuments:
        """Open the documents of the current generation.

        Raises:
            IndexMissingError: If there is none.
            IndexDamagedError: If it is not what was written, nor is the one before.
        """
        directory, _ = sound_generation(self._index)
        return SqliteDocuments(directory / CORPUS, directory.name)

    def lease(self) -> AbstractContextManager[None]:
        """Hold the right to make another generation current; see `building`."""
        return building(self._index)
