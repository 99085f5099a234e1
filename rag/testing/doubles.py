"""For tests, ours and those of other embedders: a deterministic embedder and a contract suite.

class TestMyEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> Embedder:
        return MyEmbedder()
"""

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from rag.domain.ports import Embedder
from rag.domain.vectors import EmbedderInfo, Encoded, FloatArray, PassageReading
from rag.language.vietnamese import fold

__all__ = ["EmbedderContract", "HashEmbedder", "SilentReadingModel", "WordReadingModel"]

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
            last = max((i for i, one in enumerate(common) if one), default=-1)
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


class EmbedderContract:
    """What every embedder must do; a subclass provides the fixture `embedder`."""

    texts = ("Hải quan Việt Nam ký hiệp định.", "Customs signed an agreement in 2025.", "2025")

    def test_vectors_have_length_one(self, embedder: Embedder) -> None:
        """All vectors are of the dimension that `info` gives, and of length 1."""
        for one in embedder.encode_passages(self.texts, ["", "Title", ""]):
            assert one.vector.shape == (embedder.info.dimension,)
            assert one.tokens.shape[1] == embedder.info.dimension
            assert abs(float(np.linalg.norm(one.vector)) - 1) < 1e-2
            assert np.allclose(np.linalg.norm(one.tokens, axis=1), 1, atol=1e-2)

    def test_spans_are_in_the_text_and_in_order(self, embedder: Embedder) -> None:
        """Each token has a span, none reaches beyond the text, whatever the title."""
        for text, one in zip(
            self.texts, embedder.encode_passages(self.texts, ["Một tiêu đề"] * 3), strict=True
        ):
            assert len(one.spans) == len(one.tokens)
            assert one.spans.min() >= 0
            assert one.spans.max() <= len(text)
            assert (np.diff(one.spans[:, 0]) >= 0).all()
            joined = "".join(text[start:end] for start, end in one.spans)
            assert joined.replace(" ", "").strip(".") == text.replace(" ", "").strip(".")

    def test_order_and_batch_do_not_matter(self, embedder: Embedder) -> None:
        """A text has the same vector alone and among others."""
        together = embedder.encode_passages(self.texts, [""] * 3)
        for text, one in zip(self.texts, together, strict=True):
            alone = embedder.encode_passages([text], [""])[0]
            assert float(one.vector @ alone.vector) > 0.99

    def test_tokens_are_counted(self, embedder: Embedder) -> None:
        """A longer text has more tokens, an empty one none."""
        assert embedder.count_tokens("") == 0
        assert 0 < embedder.count_tokens("Việt Nam") < embedder.count_tokens("Việt Nam và Lào")
