"""The reading model: which words of a passage answer a question, and whether any do.

It is the packaged embedding model with its upper layers tuned to read a question and a passage
together, and two small heads: one says of each token how likely an answer begins or ends there,
the other of the passage how likely it answers at all.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from safetensors.torch import load
from torch import nn
from transformers import BertModel, PreTrainedTokenizerFast

from rag.domain.vectors import PassageReading
from rag.errors import ModelError
from rag.model.embedder import has_fast_bfloat16
from rag.model.packaged import unpack_packaged_model
from rag.resources import read_shipped

__all__ = [
    "MAX_QUESTION_TOKENS",
    "MAX_TOKENS",
    "PairBatch",
    "ReadingNetwork",
    "TunedReadingModel",
    "encode_pairs",
    "load_reading_model",
]

MAX_TOKENS = 384
"""The most tokens of a question and a passage together."""

MAX_QUESTION_TOKENS = 64

_QUESTION_PROMPT = "query: "
_WIDTH_STEP = 32  # tokens
_WEIGHTS_FILE = "reader.safetensors"


class ReadingNetwork(nn.Module):
    """An encoder with a head for spans and one for whether the passage answers.

    Args:
        encoder: The embedding model.
    """

    def __init__(self, encoder: BertModel) -> None:
        super().__init__()
        hidden = encoder.config.hidden_size
        self.encoder = encoder
        self.span = nn.Linear(hidden, 2)
        self.inner = nn.Linear(hidden, hidden)
        self.answers = nn.Linear(hidden, 1)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the logits of spans, (batch, tokens, 2), and of answering, (batch,)."""
        states = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        first = torch.tanh(self.inner(states[:, 0]))
        return self.span(states), self.answers(first).squeeze(-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PairBatch:
    """Questions and passages as the network takes them.

    Attributes:
        input_ids: Shape (batch, tokens).
        attention_mask: Shape (batch, tokens).
        in_text: Which tokens are of the passage's text, shape (batch, tokens).
        offsets: Where they stand in it, in characters, shape (batch, tokens, 2).
    """

    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    in_text: torch.Tensor
    offsets: torch.Tensor


def encode_pairs(
    tokenizer: Any,
    questions: list[str],
    leads: list[str],
    texts: list[str],
    *,
    limit: int = MAX_TOKENS,
    step: int = 1,
) -> PairBatch:
    """Tokenize questions, each beside a passage: <s> query: question </s> lead, text </s>.

    Args:
        tokenizer: The embedding model's fast tokenizer.
        questions: Shortened to `MAX_QUESTION_TOKENS`.
        leads: What says what each text is about, or "".
        texts: Shortened so that all fits.
        limit: The most tokens.
        step: The width of the batch is a multiple of it; a processor is slow at first with each
            new width.
    """
    asked = _ids(tokenizer, [_QUESTION_PROMPT + question for question in questions])
    ahead = _ids(tokenizer, leads)
    read = tokenizer(texts, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
    rows, starts = [], []
    for question, lead, text in zip(asked, ahead, read["input_ids"], strict=True):
        row = [tokenizer.cls_token_id, *question[:MAX_QUESTION_TOKENS], tokenizer.sep_token_id]
        row += lead
        starts.append(len(row))
        row += text[: limit - len(row) - 1]
        rows.append([*row, tokenizer.sep_token_id])
    width = -(-max(map(len, rows)) // step) * step
    input_ids = torch.full((len(rows), width), tokenizer.pad_token_id)
    attention_mask = torch.zeros((len(rows), width), dtype=torch.long)
    in_text = torch.zeros((len(rows), width), dtype=torch.bool)
    offsets = torch.zeros((len(rows), width, 2), dtype=torch.long)
    for position, (row, start) in enumerate(zip(rows, starts, strict=True)):
        input_ids[position, : len(row)] = torch.tensor(row)
        attention_mask[position, : len(row)] = 1
        end = len(row) - 1
        in_text[position, start:end] = True
        if end > start:
            offsets[position, start:end] = torch.tensor(
                read["offset_mapping"][position][: end - start]
            )
    return PairBatch(
        input_ids=input_ids, attention_mask=attention_mask, in_text=in_text, offsets=offsets
    )


def _ids(tokenizer: Any, texts: list[str]) -> list[list[int]]:
    ids: list[list[int]] = tokenizer(texts, add_special_tokens=False, verbose=False)["input_ids"]
    return ids


FloatArray = npt.NDArray[np.float32]


class TunedReadingModel:
    """Runs the network on the CPU.

    Args:
        directory: The directory of the model that was tuned.
        weights: The file of tuned layers and heads, as `training.train_reader` wrote it.

    Raises:
        ModelError: If the weights cannot be loaded or do not fit the model.
    """

    def __init__(self, directory: Path, weights: bytes) -> None:
        precision = torch.bfloat16 if has_fast_bfloat16() else torch.float32
        encoder = BertModel.from_pretrained(
            directory, attn_implementation="sdpa", dtype=precision, local_files_only=True
        )
        network = ReadingNetwork(encoder).to(precision)
        try:
            _, unexpected = network.load_state_dict(load(weights), strict=False)
        except (RuntimeError, SafetensorError) as error:
            raise ModelError("model.reading_model_not_loaded", error=error) from error
        if unexpected:
            raise ModelError("model.reading_model_unfit")
        self._network = network.eval()
        self._tokenizer: Any = PreTrainedTokenizerFast.from_pretrained(
            directory, local_files_only=True
        )

    @property
    def tokenizer(self) -> Any:
        """The model's own tokenizer, of `transformers`."""
        return self._tokenizer

    def read(
        self, question: str, leads: Sequence[str], texts: Sequence[str]
    ) -> list[PassageReading]:
        """Read a question beside each of some texts."""
        if not texts:
            return []
        batch = encode_pairs(
            self._tokenizer,
            [question] * len(texts),
            [f"{lead}\n" if lead else "" for lead in leads],
            list(texts),
            step=_WIDTH_STEP,
        )
        with torch.inference_mode():
            spans, answers = self._network(batch.input_ids, batch.attention_mask)
        logits = spans.float().masked_fill(~batch.in_text.unsqueeze(-1), -1e4).log_softmax(dim=1)
        readings = []
        for position in range(len(texts)):
            kept = batch.in_text[position]
            readings.append(
                PassageReading(
                    answerable_logit=float(answers[position]),
                    spans=batch.offsets[position][kept].numpy().astype(np.int32),
                    starts=logits[position, kept, 0].numpy(),
                    ends=logits[position, kept, 1].numpy(),
                )
            )
        return readings


def load_reading_model(cache: Path) -> TunedReadingModel:
    """Return the reading model that is shipped with the program.

    Args:
        cache: Where the packaged embedding model, which it is a tuning of, is unpacked.

    Raises:
        ModelError: If it cannot be loaded, or is not what the program was made with.
    """
    return TunedReadingModel(unpack_packaged_model(cache), read_shipped(_WEIGHTS_FILE))
