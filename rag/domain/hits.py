"""What a search finds."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rag.domain.documents import Passage, PassageId

__all__ = ["Hit", "Recalled", "Retrieved"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """A passage that may be of use, before it is compared token by token.

    Attributes:
        dense: The inner product of its vector with the question's; None if it was found by words.
        bm25: Its share of the BM25 score that the question could reach, 0 to 1.
    """

    id: PassageId
    dense: float | None
    bm25: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A passage with its score, and its tokens for whoever reads it.

    Attributes:
        tokens: Their vectors, shape (passage tokens, dimension).
        spans: Where they stand in the document, shape (passage tokens, 2).
        maxsim: Its late interaction score, up to 1.
        bm25: Its share of the BM25 score that the question could reach, 0 to 1.
    """

    passage: Passage
    score: float
    maxsim: float
    bm25: float
    tokens: npt.NDArray[np.float32]
    spans: npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieved:
    """The passages found, best first.

    Attributes:
        query_tokens: The vectors of the question's tokens, shape (query tokens, dimension).
    """

    hits: tuple[Hit, ...]
    query_tokens: npt.NDArray[np.float32]
