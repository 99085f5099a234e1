"""Choose the sentences that answer, out of the passages that were found."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rag.documents import Document
from rag.query import Query
from rag.quote import Quote
from rag.retrieve import Hit, Retrieved
from rag.vietnamese import fold, words

__all__ = ["LateInteractionReader", "Reader", "Reading"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The best quotes, best first, and what speaks for and against their answering."""

    quotes: tuple[Quote, ...]
    features: tuple[float, ...]


class Reader(Protocol):
    """Chooses quotes."""

    def read(
        self, query: Query, retrieved: Retrieved, document: Callable[[str], Document]
    ) -> Reading:
        """Return the best quotes of the passages found."""
        ...
