"""Tune the embedding model so that the two languages meet, and write the changes of its weights.

    python -m training.train_encoder DATA --out rag/data/encoder.safetensors [--steps 320]

DATA is the folder that `training.train_reader` learns from. What is learnt is what the search
does: late interaction, and one vector a text, both centred by language. Questions find their
passage among others, in 12 languages; parts of sentences find the translation among its like. The
change of each weight matrix is of low rank (LoRA, Hu et al. 2021); only the layers above the first
four change, so that the reading model's lower layers stay as they are. A part of the change is
kept (Wortsman et al. 2022, "Robust fine-tuning of zero-shot models"), which finds more than all of
it does.
"""

import argparse
import logging
import os
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn.functional import cross_entropy, normalize
from torch.nn.utils import parametrize
from transformers import BertModel, PreTrainedTokenizerFast

from rag.config import load_settings
from rag.model.fingerprint import PACKAGED_MODEL
from rag.model.packaged import unpack_packaged_model
from training.encoder_batches import Batch, Material

_SEED = 20261122
_FROZEN_LAYERS = 4
_RANK = 16
_LEARNING_RATE = 6e-4
_WARM_UP_STEPS = 40
_KEPT_SHARE = 0.75  # of the change
_COSINE_SCALE = 40.0  # cosines are multiplied by it
_DENSE_LOSS_WEIGHT = 0.3  # what one vector a text counts beside late interaction
_BACKWARD_LOSS_WEIGHT = 0.3  # what finding the question of a text counts
_LEAST_TOKEN_WEIGHT = 0.01  # of a token, as in rag/retrieve/maxsim.py
_CENTRE_EVERY = 150  # steps
_QUERY_PROMPT, _PASSAGE_PROMPT = "query: ", "passage: "
_QUERY_TOKENS, _PASSAGE_TOKENS = 64, 224

_logger = logging.getLogger("training")


class LowRank(nn.Module):
    """A change of a weight matrix, of low rank, nothing at first."""

    def __init__(self, weight: torch.Tensor) -> None:
        super().__init__()
        rows, columns = weight.shape
        self.down = nn.Parameter(torch.randn(_RANK, columns) / columns**0.5)
        self.up = nn.Parameter(torch.zeros(rows, _RANK))

    def forward(self, weight: torch.Tensor) -> torch.Tensor:
        """Return the changed weight."""
        return weight + self.up @ self.down


@dataclass(frozen=True, slots=True)
class Encoded:
    """Texts as vectors of length 1: shapes (texts, d), (texts, tokens, d), (texts, tokens).

    Attributes:
        in_text: Which tokens are of the text, not of its prompt nor special.
    """

    pooled: torch.Tensor
    tokens: torch.Tensor
    in_text: torch.Tensor


def build_encoder(directory: Path, device: str) -> tuple[BertModel, Any]:
    """Return the model with changes that can be learnt, and its tokenizer."""
    torch.manual_seed(_SEED)
    encoder = BertModel.from_pretrained(
        directory, attn_implementation="eager", add_pooling_layer=False
    )
    for module in encoder.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    for parameter in encoder.parameters():
        parameter.requires_grad = False
    for layer in encoder.encoder.layer[_FROZEN_LAYERS:]:
        for module in layer.modules():
            if isinstance(module, nn.Linear):
                parametrize.register_parametrization(module, "weight", LowRank(module.weight))
    encoder.to(device)  # type: ignore[arg-type]
    return encoder, PreTrainedTokenizerFast.from_pretrained(directory)


def encode(
    encoder: BertModel, tokenizer: Any, prompts: Sequence[str], texts: Sequence[str], limit: int
) -> Encoded:
    """Return texts as vectors; tokens of prompts and special ones are not `in_text`."""
    inputs = tokenizer(
        [prompt + text for prompt, text in zip(prompts, texts, strict=True)],
        padding=True,
        truncation=True,
        max_length=limit,
        pad_to_multiple_of=32,
        return_offsets_mapping=True,
        return_tensors="pt",
    )
    device = next(encoder.parameters()).device
    mask = inputs["attention_mask"].to(device)
    with torch.autocast(device.type, dtype=torch.bfloat16):
        output = encoder(input_ids=inputs["input_ids"].to(device), attention_mask=mask)
    states = output.last_hidden_state.float()
    offsets = inputs["offset_mapping"]
    starts = torch.tensor([len(prompt) for prompt in prompts]).unsqueeze(1)
    in_text = (offsets[..., 1] > starts) & (offsets[..., 1] > offsets[..., 0])
    pooled = (states * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True)
    return Encoded(normalize(pooled, dim=-1), normalize(states, dim=-1), in_text.to(device))


class Centring:
    """Subtracts each language's mean vector, as the search does.

    Args:
        sentences: By language, what to measure the means on.
    """

    def __init__(self, sentences: Mapping[str, Sequence[str]]) -> None:
        self._sentences = sentences
        self._pooled: dict[str, torch.Tensor] = {}
        self._tokens: dict[str, torch.Tensor] = {}

    def measure(self, encoder: BertModel, tokenizer: Any) -> None:
        """Measure the means of the model as it is now."""
        with torch.no_grad():
            for language, sentences in self._sentences.items():
                pooled, tokens = [], []
                for begin in range(0, len(sentences), 16):
                    batch = sentences[begin : begin + 16]
                    encoded = encode(encoder, tokenizer, [_PASSAGE_PROMPT] * len(batch), batch, 256)
                    pooled.append(encoded.pooled)
                    tokens.append(encoded.tokens[encoded.in_text])
                self._pooled[language] = torch.cat(pooled).mean(0)
                self._tokens[language] = torch.cat(tokens).mean(0)

    def apply(self, encoded: Encoded, languages: Sequence[str]) -> Encoded:
        """Return the vectors of texts in these languages, centred."""
        pooled = encoded.pooled - torch.stack([self._pooled[language] for language in languages])
        token_means = torch.stack([self._tokens[language] for language in languages]).unsqueeze(1)
        return Encoded(
            normalize(pooled, dim=-1),
            normalize(encoded.tokens - token_means, dim=-1),
            encoded.in_text,
        )


def late_scores(questions: Encoded, texts: Encoded) -> torch.Tensor:
    """Return the late interaction of each question with each text, shape (questions, texts)."""
    cosines = torch.einsum("qid,pjd->qpij", questions.tokens, texts.tokens)
    matches = cosines.masked_fill(~texts.in_text[None, :, None, :], -1.0).amax(dim=-1)
    with torch.no_grad():  # tokens count as in rag.retrieve.maxsim.weigh_tokens
        weights = matches.amax(dim=1) - matches.mean(dim=1) + _LEAST_TOKEN_WEIGHT
        weights = weights * questions.in_text
        weights = weights / weights.sum(dim=1, keepdim=True)
    return torch.einsum("qpi,qi->qp", matches, weights)


def loss_of(encoder: BertModel, tokenizer: Any, centring: Centring, batch: Batch) -> torch.Tensor:
    """Return the cross entropy of each question's text among the texts of the batch."""
    questions = [question for _, question in batch.questions]
    texts = [text for _, text in batch.texts]
    prompts = [_PASSAGE_PROMPT + (f"{lead}\n" if lead else "") for lead in batch.leads]
    query_prompts = [_QUERY_PROMPT] * len(questions)
    encoded_questions = encode(encoder, tokenizer, query_prompts, questions, _QUERY_TOKENS)
    encoded_texts = encode(encoder, tokenizer, prompts, texts, _PASSAGE_TOKENS)
    encoded_questions = centring.apply(
        encoded_questions, [language for language, _ in batch.questions]
    )
    encoded_texts = centring.apply(encoded_texts, [language for language, _ in batch.texts])
    # A text that stands there twice is not wrong.
    same = torch.tensor([[text == other for other in texts] for text in texts[: len(questions)]])
    same = same.fill_diagonal_(False)
    same = same.to(encoded_questions.pooled.device)
    late = (_COSINE_SCALE * late_scores(encoded_questions, encoded_texts)).masked_fill(same, -1e4)
    dense = (_COSINE_SCALE * encoded_questions.pooled @ encoded_texts.pooled.T).masked_fill(
        same, -1e4
    )
    labels = torch.arange(len(questions), device=late.device)
    return (
        cross_entropy(late, labels)
        + _BACKWARD_LOSS_WEIGHT * cross_entropy(late[:, : len(questions)].T, labels)
        + _DENSE_LOSS_WEIGHT * cross_entropy(dense, labels)
    )


def train(encoder: BertModel, tokenizer: Any, material: Material, steps: int) -> None:
    """Learn the changes."""
    tuned = [weight for weight in encoder.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(tuned, lr=_LEARNING_RATE, weight_decay=0.01)
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min((step + 1) / _WARM_UP_STEPS, (steps - step) / (steps - _WARM_UP_STEPS)),
    )
    centring = Centring(material.background)
    centring.measure(encoder, tokenizer)
    encoder.eval()  # type: ignore[no-untyped-call]
    rng = random.Random(_SEED)
    total_loss, since = 0.0, time.monotonic()
    for step in range(1, steps + 1):
        if step % _CENTRE_EVERY == 0:
            centring.measure(encoder, tokenizer)
        loss = loss_of(encoder, tokenizer, centring, material.draw(rng))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(tuned, 1.0)
        optimizer.step()
        scheduler.step()
        total_loss += loss.item()
        if step % 25 == 0:
            rate = 25 / (time.monotonic() - since)
            _logger.info(
                "step %d of %d, %.2f steps/s: loss %.3f", step, steps, rate, total_loss / 25
            )
            total_loss, since = 0.0, time.monotonic()


def save_changes(encoder: BertModel, path: Path) -> None:
    """Write the part of the changes that is kept, in half precision, as they are shipped."""
    changes = {}
    for name, weight in encoder.named_parameters():
        if weight.requires_grad:
            kept = weight.detach() * _KEPT_SHARE if name.endswith(".up") else weight.detach()
            plain_name = name.replace(".parametrizations.weight.0", "")
            changes[plain_name] = kept.to(torch.bfloat16).contiguous()
    save_file(changes, path, metadata={"base": "intfloat/multilingual-e5-small"})


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=320)
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    torch.set_num_threads(os.cpu_count() or 1)  # FAISS, loaded beside, sets it to 1
    directory = unpack_packaged_model(load_settings().cache_dir, PACKAGED_MODEL)
    encoder, tokenizer = build_encoder(directory, arguments.device)
    train(encoder, tokenizer, Material(arguments.data), arguments.steps)
    save_changes(encoder, arguments.out)


if __name__ == "__main__":
    main()
