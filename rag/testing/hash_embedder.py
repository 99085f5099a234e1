"""A deterministic embedder."""

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from rag.domain.vectors import EmbedderInfo, Encoded, FloatArray
from rag.language.vietnamese import fold

__all__ = ["HashEmbedder"]

_DIMENSION = 64
_WORD = re.compile(r"\w+")


class HashEmbedder:
    """Gives each word a vector that depends on its letters alone, and counts passages embedded."""

    def __init__(self) -> None:
        self.passages_embedded = 0

    @property
    def info(self) -> EmbedderInfo:
        """What the index must record."""
        return EmbedderInfo(
            model="hash",
            fingerprint="1",
            dimension=_DIMENSION,
            max_tokens=512,
            query_prompt="",
            passage_prompt="",
        )

    def count_tokens(self, text: str) -> int:
        """Return the number of words."""
        return len(_WORD.findall(text))

    def encode_query(self, text: str) -> Encoded:
        """Return the vectors of a question."""
        return _encode(text)

    def encode_passages(self, texts: Sequence[str], titles: Sequence[str]) -> list[Encoded]:
        """Return the vectors of passages; titles are passed over."""
        self.passages_embedded += len(texts)
        return [_encode(text) for text, _ in zip(texts, titles, strict=True)]


def _encode(text: str) -> Encoded:
    matches = list(_WORD.finditer(text))
    tokens = np.stack([_vector(match.group()) for match in matches] or [_vector("")])
    spans = [match.span() for match in matches] or [(0, len(text))]
    mean = tokens.mean(axis=0)
    return Encoded(
        vector=mean / np.linalg.norm(mean), tokens=tokens, spans=np.array(spans, dtype=np.int32)
    )


def _vector(word: str) -> FloatArray:
    seed = int.from_bytes(hashlib.sha256(fold(word).encode()).digest()[:8], "little")
    vector = np.random.default_rng(seed).standard_normal(_DIMENSION).astype(np.float32)
    unit: FloatArray = vector / np.linalg.norm(vector)
    return unit
