"""Which documents and passages somebody may be answered from."""

from collections.abc import Mapping
from dataclasses import dataclass

from rag.domain.permissions import Access, Filter, Scope

__all__ = ["Readable", "readable_in"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Readable:
    """What somebody may be answered from.

    Attributes:
        sources: The documents, of those that say the same only the first.
        where: The same for an index of passages.
    """

    sources: frozenset[str]
    where: Filter


def readable_in(
    scope: Scope,
    hashes: Mapping[str, str],
    permissions: Mapping[str, tuple[str, Access]],
) -> Readable:
    """Return what may be read in a scope.

    Args:
        scope: Who asks, and where they look.
        hashes: Of each document's text, by source, in order.
        permissions: The collection of each document and who may read it.
    """
    first: dict[str, str] = {}
    repeated = set()
    for source, sha256 in hashes.items():
        if scope.allows(*permissions[source]) and first.setdefault(sha256, source) != source:
            repeated.add(source)
    return Readable(
        sources=frozenset(first.values()),
        where=Filter(
            groups=scope.groups, collections=scope.collections, without=frozenset(repeated)
        ),
    )
