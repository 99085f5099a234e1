"""Which passages may be found: by who asks, and by where a question points."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rag.domain.documents import Passage
from rag.domain.permissions import Access, Scope
from rag.law.places import Place

__all__ = ["Allowed", "find_allowed", "passages_at"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """What somebody may read.

    Attributes:
        sources: The documents, of those that say the same only the first.
        passages: Of each passage whether it is of these, shape (passages,).
    """

    sources: frozenset[str]
    passages: npt.NDArray[np.bool_]


def find_allowed(
    scope: Scope,
    hashes: Mapping[str, str],
    permissions: Mapping[str, tuple[str, Access]],
    passages: Sequence[Passage],
) -> Allowed:
    """Return what may be read in a scope.

    Args:
        scope: Who asks, and where they look.
        hashes: Of each document's text, by source, in order.
        permissions: The collection of each document and who may read it.
        passages: All passages of the index.
    """
    first: dict[str, str] = {}
    for source, sha256 in hashes.items():
        if scope.allows(*permissions[source]):
            first.setdefault(sha256, source)
    sources = frozenset(first.values())
    return Allowed(
        sources=sources,
        passages=np.array([one.source in sources for one in passages], dtype=bool),
    )


def passages_at(places: Sequence[Place], passages: Sequence[Passage]) -> npt.NDArray[np.bool_]:
    """Return of each passage whether it has something of the places."""
    return np.array(
        [
            any(
                passage.source == place.document.source
                and passage.start < place.section.end
                and passage.end > place.section.start
                for place in places
            )
            for passage in passages
        ],
        dtype=bool,
    )
