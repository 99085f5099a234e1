"""Texts as vectors, and what models say of texts.

Token vectors are kept as 8-bit numbers: a quarter of the size, which changes a cosine by .001.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from rag.domain.documents import Passage, PassageId
from rag.domain.permissions import Access

__all__ = [
    "EmbedderInfo",
    "Encoded",
    "EncodedQuery",
    "FloatArray",
    "IndexedPassage",
    "PassageReading",
    "SpanArray",
    "TokenMatrix",
    "decode_tokens",
    "encode_tokens",
]

FloatArray = npt.NDArray[np.float32]
SpanArray = npt.NDArray[np.int32]

_SCALE = 254.0  # a code is the number times this; beyond ±.5 it is cut off, which is rare
_LARGEST_CODE = 127


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
    spans: SpanArray


@dataclass(frozen=True, slots=True, kw_only=True)
class EncodedQuery:
    """A question as it is searched for.

    Attributes:
        text: Its words.
        folded: Whether diacritics are to be ignored, since they were restored and may be wrong.
        vector: The whole question, shape (dimension,).
        tokens: Each of its tokens, shape (query tokens, dimension).
    """

    text: str
    folded: bool
    vector: FloatArray
    tokens: FloatArray


@dataclass(frozen=True, slots=True)
class TokenMatrix:
    """The tokens of a passage.

    Attributes:
        vectors: Shape (tokens, dimension).
        spans: Where they stand in the document, shape (tokens, 2).
    """

    vectors: FloatArray
    spans: SpanArray


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedPassage:
    """A passage with all that it is found by.

    Attributes:
        content: The hash of all that its vectors depend on.
        text: What is read of it, after what it is to be understood by: the words it is found by.
        collection: That its document is in.
        access: Who may read its document.
        encoded: Its centred vectors; spans are positions in the document.
    """

    id: PassageId
    passage: Passage
    content: str
    text: str
    collection: str
    access: Access
    encoded: Encoded


@dataclass(frozen=True, slots=True, kw_only=True)
class PassageReading:
    """What the model says of one passage.

    Attributes:
        answerable_logit: The logit of the passage's answering the question.
        spans: Where each token stands in the text, shape (tokens, 2), characters.
        starts: The log probability that the answer begins with each token, shape (tokens,).
        ends: The same for its end.
    """

    answerable_logit: float
    spans: SpanArray
    starts: FloatArray
    ends: FloatArray


def encode_tokens(tokens: FloatArray) -> npt.NDArray[np.int8]:
    """Return token vectors as 8-bit numbers; what `decode_tokens` gives encodes to the same."""
    codes = np.clip(np.rint(tokens * _SCALE), -_LARGEST_CODE, _LARGEST_CODE)
    return np.asarray(codes, dtype=np.int8)


def decode_tokens(codes: npt.NDArray[Any]) -> FloatArray:
    """Return the token vectors that 8-bit numbers stand for."""
    vectors: FloatArray = np.asarray(codes, dtype=np.float32) / np.float32(_SCALE)
    return vectors
