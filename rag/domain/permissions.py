"""Who may read what, and where somebody wants to look."""

from dataclasses import dataclass

__all__ = ["EVERYTHING", "Access", "Scope"]

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
            self.groups is None or all(self.groups.intersection(one) for one in access)
        )


EVERYTHING = Scope()
"""The scope of who sits at the files themselves."""
