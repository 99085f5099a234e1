"""What the rest of the program knows of its models: protocols, and the values they give."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

__all__ = [
    "Embedder",
    "EmbedderInfo",
    "Encoded",
    "FloatArray",
    "PassageReading",
    "ReadingModel",
]

FloatArray = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbedderInfo:
    """What a model is; all of it must be the same when an index is built and searched.

    Attributes:
        max_tokens: The most tokens it reads of a text with its prompt, special tokens not counted.
    """

    model: str
    fingerprint: str
    dimension: int
    max_tokens: int
    query_prompt: str
    passage_prompt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoded:
    """A text as vectors of length 1.

    Attributes:
        vector: The whole text, shape (dimension,), float32.
        tokens: Each token in its context, shape (tokens, dimension), float32, without
            special tokens and without the prompt.
        spans: Where each token stands in the text, shape (tokens, 2), characters.
    """

    vector: FloatArray
    tokens: FloatArray
    spans: npt.NDArray[np.int32]


class Embedder(Protocol):
    """What the rest of the program knows of an embedding model."""

    @property
    def info(self) -> EmbedderInfo:
        """What the index must record."""
        ...

    def count_tokens(self, text: str) -> int:
        """Return how many tokens the model makes of the text, special tokens not counted."""
        ...

    def encode_query(self, text: str) -> Encoded:
        """Return the vectors of a question."""
        ...

    def encode_passages(self, texts: Sequence[str], titles: Sequence[str]) -> list[Encoded]:
        """Return the vectors of passages, each read after the title of its document.

        The spans are into the passage's text; the title's tokens are left out.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageReading:
    """What the model says of one passage.

    Attributes:
        answers: The logit of the passage's answering the question.
        spans: Where each token stands in the text, shape (tokens, 2), characters.
        starts: The log probability that the answer begins with each token, shape (tokens,).
        ends: The same for its end.
    """

    answers: float
    spans: npt.NDArray[np.int32]
    starts: FloatArray
    ends: FloatArray


class ReadingModel(Protocol):
    """What the rest of the program knows of a reading model."""

    def read(
        self, question: str, leads: Sequence[str], texts: Sequence[str]
    ) -> list[PassageReading]:
        """Read a question beside each of some texts, each with what says what it is about."""
        ...
