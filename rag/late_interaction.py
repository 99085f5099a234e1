"""Compare a question with a passage token by token.

Late interaction (Khattab and Zaharia, 2020): each token of the question is compared with every
token of the passage, and what counts is its best match. The passages' token vectors are stored
as 8-bit numbers with a scale each, a quarter of the size, which changes a cosine by less than
.01, and are mapped into memory, so that only those that are compared are read.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["TokenStore", "weigh_tokens"]

_FILES = ("codes", "scales", "spans", "starts")
_SMALLEST_WEIGHT = 0.01

FloatArray = npt.NDArray[np.float32]


class TokenStore:
    """The token vectors of all passages.

    Args:
        codes: Shape (tokens, dimension), int8.
        scales: What a code of 1 stands for, shape (tokens,), float16.
        spans: Where each token stands in its document, shape (tokens, 2), int32.
        starts: Where each passage's tokens begin, and the end, shape (passages + 1,), int64.
    """

    def __init__(
        self,
        codes: npt.NDArray[np.int8],
        scales: npt.NDArray[np.float16],
        spans: npt.NDArray[np.int32],
        starts: npt.NDArray[np.int64],
    ) -> None:
        self._codes, self._scales, self._spans, self._starts = codes, scales, spans, starts

    @classmethod
    def build(
        cls, tokens: Iterable[FloatArray], spans: Sequence[npt.NDArray[np.int32]]
    ) -> "TokenStore":
        """Quantise the token vectors of passages, given in their order."""
        coded = [_quantize(vectors) for vectors in tokens]
        starts = np.cumsum([0, *(len(one) for one in spans)], dtype=np.int64)
        return cls(
            np.concatenate([codes for codes, _ in coded]),
            np.concatenate([scales for _, scales in coded]),
            np.concatenate(list(spans)).astype(np.int32),
            starts,
        )

    def spans(self, passage: int) -> npt.NDArray[np.int32]:
        """Return where the passage's tokens stand in its document, shape (tokens, 2)."""
        return self._spans[self._starts[passage] : self._starts[passage + 1]]

    def tokens(self, passage: int) -> FloatArray:
        """Return the passage's token vectors, shape (tokens, dimension)."""
        part = slice(self._starts[passage], self._starts[passage + 1])
        vectors: FloatArray = self._codes[part].astype(np.float32)
        vectors *= self._scales[part].astype(np.float32)[:, None]
        return vectors

    def similarities(self, query: FloatArray, passages: Sequence[int]) -> list[FloatArray]:
        """Return each passage's cosines with the question's tokens.

        Args:
            query: Shape (query tokens, dimension).
            passages: Positions of the passages.

        Returns:
            For each passage, shape (passage tokens, query tokens).
        """
        return [self.tokens(passage) @ query.T for passage in passages]

    def save(self, directory: Path) -> None:
        """Write one NumPy file for each array."""
        arrays: tuple[npt.NDArray[Any], ...] = (
            self._codes,
            self._scales,
            self._spans,
            self._starts,
        )
        for name, array in zip(_FILES, arrays, strict=True):
            np.save(directory / f"tokens.{name}.npy", array, allow_pickle=False)

    @classmethod
    def load(cls, directory: Path) -> "TokenStore":
        """Map what `save` wrote into memory."""
        return cls(
            *(
                np.load(directory / f"tokens.{name}.npy", mmap_mode="r", allow_pickle=False)
                for name in _FILES
            )
        )


def _quantize(vectors: FloatArray) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float16]]:
    largest = np.abs(vectors).max(axis=1, initial=1e-6)
    scales = (largest / 127).astype(np.float16)
    codes = np.clip(np.rint(vectors / scales.astype(np.float32)[:, None]), -127, 127)
    return codes.astype(np.int8), scales


def weigh_tokens(matches: FloatArray) -> FloatArray:
    """Return how much each token of a question should count; the weights sum to 1.

    A token that every passage matches as well as the best one, such as a question mark,
    tells nothing: its weight is how far the best passage stands out from the mean.

    Args:
        matches: Each candidate's best cosine with each token, shape (candidates, query tokens).
    """
    weights = matches.max(axis=0) - matches.mean(axis=0) + _SMALLEST_WEIGHT
    normalised: FloatArray = weights / weights.sum()
    return normalised
