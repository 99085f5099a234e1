"""Who may read what, and where somebody wants to look."""

from dataclasses import dataclass

from rag.domain.documents import Passage

__all__ = ["ANYWHERE", "EVERYTHING", "Access", "Filter", "Scope", "SourceSpan"]

Access = tuple[tuple[str, ...], ...]
"""Of each of these, who reads a document must be in one of the groups."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What somebody may read and wants to search.

    Attributes:
        groups: Those that they are in; None for who may read everything.
        collections: Those that are searched; None for all.
    """

    groups: frozenset[str] | None = None
    collections: frozenset[str] | None = None

    def allows(self, collection: str, access: Access) -> bool:
        """Tell whether a document may be read, and is looked for."""
        wanted = self.collections is None or collection in self.collections
        return wanted and (
            self.groups is None or all(self.groups.intersection(some) for some in access)
        )


EVERYTHING = Scope()
"""The scope of who sits at the files themselves."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSpan:
    """A stretch of a document."""

    source: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which passages may be found. Each condition is None where it is not made.

    A back end applies it before it counts to a limit, never after.

    Attributes:
        groups: Those that the asker is in: of each tuple in a passage's access, one must be.
        collections: Those that are searched.
        sources: The documents that are searched.
        without: Documents that are not.
        spans: Only passages are found that overlap one of them.
    """

    groups: frozenset[str] | None = None
    collections: frozenset[str] | None = None
    sources: frozenset[str] | None = None
    without: frozenset[str] = frozenset()
    spans: tuple[SourceSpan, ...] | None = None

    def admits_document(self, source: str, collection: str, access: Access) -> bool:
        """Tell whether passages of a document may be found, wherever they stand in it."""
        if self.collections is not None and collection not in self.collections:
            return False
        if self.sources is not None and source not in self.sources:
            return False
        if source in self.without:
            return False
        return self.groups is None or all(self.groups.intersection(some) for some in access)

    def admits(self, passage: Passage, collection: str, access: Access) -> bool:
        """Tell whether a passage may be found."""
        if not self.admits_document(passage.source, collection, access):
            return False
        return self.spans is None or any(
            span.source == passage.source and passage.start < span.end and passage.end > span.start
            for span in self.spans
        )


ANYWHERE = Filter()
"""The filter that lets all passages be found."""
