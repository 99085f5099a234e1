"""Deterministic reading models."""

import re
from collections.abc import Sequence

import numpy as np

from rag.domain.vectors import PassageReading
from rag.language.vietnamese import fold

__all__ = ["SilentReadingModel", "WordReadingModel"]

_WORD = re.compile(r"\w+")


class SilentReadingModel:
    """Says of all passages and words the same: what is left without a reading model."""

    def read(
        self, question: str, leads: Sequence[str], texts: Sequence[str]
    ) -> list[PassageReading]:
        """Return readings that prefer nothing."""
        del question, leads
        return [_reading(text, [0.0] * len(_WORD.findall(text)), 0.0) for text in texts]


class WordReadingModel:
    """Sees the answer after the last word that a text has in common with the question."""

    def read(
        self, question: str, leads: Sequence[str], texts: Sequence[str]
    ) -> list[PassageReading]:
        """Return readings in which the word after the last common one is likeliest."""
        del leads
        asked = set(_WORD.findall(fold(question)))
        readings = []
        for text in texts:
            common = [word in asked for word in _WORD.findall(fold(text))]
            last = max((i for i, is_common in enumerate(common) if is_common), default=-1)
            weights = [5.0 * (i == last + 1) for i in range(len(common))]
            readings.append(_reading(text, weights, 2.0 * sum(common) / max(1, len(asked))))
        return readings


def _reading(text: str, weights: Sequence[float], answers: float) -> PassageReading:
    spans = [match.span() for match in _WORD.finditer(text)]
    logits = np.array(weights, dtype=np.float32)
    chances = logits - np.logaddexp.reduce(logits) if len(logits) else logits
    return PassageReading(
        answerable_logit=answers,
        spans=np.array(spans, dtype=np.int32).reshape(-1, 2),
        starts=chances,
        ends=chances,
    )
