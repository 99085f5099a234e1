"""Train the reading model on public question sets and write it to rag/data.

    python -m training.train_reader DATA --out runs/reader [--steps 4000] [--device cuda]

DATA is a folder with the sets that docs/reading-model.md lists. Every few hundred steps the state
is written to --out, and the same command takes a training up again where it stopped.
"""

import argparse
import json
import logging
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import nn
from transformers import BertModel, PreTrainedTokenizerFast

from rag.config import load_settings
from rag.model.fingerprint import PACKAGED_MODEL
from rag.model.packaged import unpack_packaged_model
from rag.model.reading_network import PairBatch, ReadingNetwork, encode_pairs
from training.development import Development, measure
from training.examples import Example, ExampleMaker, Pair, ParallelSentences
from training.lexicon import learn_lexicon
from training.squad import (
    Question,
    questions_of,
    read_parallel_lines,
    read_squad,
    read_tatoeba,
    shuffled,
)

LANGUAGES = ("vi", "en", "ar", "de", "el", "es", "hi", "ro", "ru", "th", "tr", "zh")
_LANGUAGE_WEIGHTS = (0.40, 0.30, *[0.03] * 10)
_ENGLISH_SETS = (
    "squadshifts_new_wiki",
    "squadshifts_amazon_reviews",
    "squadshifts_reddit",
    "policyqa_dev",
    "policyqa_test",
    "squad2_dev_without_xquad",
)
_MIXTURE = {
    "crossing": 0.38,
    "sentences": 0.12,
    "vi_wiki_599": 0.06,
    "squadshifts_new_wiki": 0.16,
    "squadshifts_amazon_reviews": 0.05,
    "squadshifts_reddit": 0.05,
    "policyqa_dev": 0.02,
    "policyqa_test": 0.02,
    "squad2_dev_without_xquad": 0.14,
}
_HELD_OUT_ARTICLES = 4  # parallel ones, for choosing thresholds
_SEED = 20261122
_FROZEN_LAYERS = 4  # the lowest keep the embedding model's weights
_STEP_PAIRS = 12
_POOL_STEPS = 32  # whose pairs are sorted by length together
_HEAD_RATE_FACTOR = 6.0
_WARM_UP_SHARE = 0.06
_SAVE_EVERY = 250
_MEASURE_EVERY = 1500

_logger = logging.getLogger("training")


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How long and how fast is learnt, and from which draw of the examples."""

    steps: int
    rate: float
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What is learnt from, and what is kept apart to measure on."""

    maker: ExampleMaker
    development: Development


Questions = dict[str, list[Question]]


def read_parallel(folder: Path, languages: Sequence[str]) -> tuple[Questions, Questions]:
    """Return the parallel questions held out, and all of them, by language in the same order."""
    held_out: Questions = {}
    everything: Questions = {}
    for language in languages:
        articles = read_squad(folder / f"xquad_even.{language}.json", language)
        everything[language] = questions_of(articles)
        held_out[language] = questions_of(shuffled(articles, _SEED)[:_HELD_OUT_ARTICLES])
    return held_out, everything


def read_material(folder: Path) -> Material:
    """Read all sets; the same articles are held out in all languages."""
    held_out, everything = read_parallel(folder, LANGUAGES)
    held_out_ids = {question.id for question in held_out["en"]}
    by_id: dict[str, dict[str, Question]] = {}
    for language, questions in everything.items():
        for question in questions:
            if question.answer and question.id not in held_out_ids:
                by_id.setdefault(question.id, {})[language] = question
    complete = {
        identifier: translations
        for identifier, translations in by_id.items()
        if len(translations) == len(LANGUAGES)
    }
    development = Development({language: held_out[language] for language in ("vi", "en")})
    sets = {name: questions_of(read_squad(folder / f"{name}.json", "en")) for name in _ENGLISH_SETS}
    sets["vi_wiki_599"] = questions_of(read_squad(folder / "vi_wiki_599.json", "vi"))
    tatoeba = read_tatoeba(folder / "tatoeba_vie-eng.txt")
    ntrex = read_parallel_lines(folder / "ntrex.eng.txt", folder / "ntrex.vie.txt")
    manuals = read_tatoeba(folder / "libreoffice_help.txt")
    parallel = [
        (translations["en"].text, translations["vi"].text) for translations in complete.values()
    ]
    to_vietnamese, _ = learn_lexicon([*tatoeba, *ntrex, *manuals, *parallel])
    _logger.info("%d parallel questions, %d words", len(complete), len(to_vietnamese))
    maker = ExampleMaker(
        questions=sets,
        parallel_questions=complete,
        sentences=[
            _sentences(tatoeba, consecutive=False),
            _sentences(ntrex, consecutive=True),
            _sentences([pair for pair in manuals if len(pair[0].split()) >= 6], consecutive=False),
        ],
        to_vietnamese=to_vietnamese,
    )
    return Material(maker=maker, development=development)


def _sentences(pairs: Sequence[tuple[str, str]], *, consecutive: bool) -> ParallelSentences:
    return ParallelSentences(
        sentences={
            "en": [english for english, _ in pairs],
            "vi": [vietnamese for _, vietnamese in pairs],
        },
        consecutive=consecutive,
    )


def draw_steps(maker: ExampleMaker, seed: int, begin: int, end: int) -> Iterator[list[Pair]]:
    """Yield the pairs of each step; what they are depends on the seed and the step's number."""
    for pool in range(begin // _POOL_STEPS, (end + _POOL_STEPS - 1) // _POOL_STEPS):
        rng = random.Random(seed + pool)
        pairs = [_draw(maker, rng) for _ in range(_POOL_STEPS * _STEP_PAIRS)]
        pairs.sort(key=lambda pair: max(len(pair[0].text), len(pair[1].text)))
        steps = [pairs[i : i + _STEP_PAIRS] for i in range(0, len(pairs), _STEP_PAIRS)]
        rng.shuffle(steps)
        for number, step in enumerate(steps, start=pool * _POOL_STEPS):
            if begin <= number < end:
                yield step


def _draw(maker: ExampleMaker, rng: random.Random) -> Pair:
    [kind] = rng.choices(list(_MIXTURE), list(_MIXTURE.values()))
    if kind == "crossing":
        return maker.crossing(LANGUAGES, _LANGUAGE_WEIGHTS, rng)
    if kind == "sentences":
        return maker.sentence_finding(rng)
    return maker.monolingual(kind, rng)


def loss_of(
    network: ReadingNetwork, batch: PairBatch, examples: Sequence[Example]
) -> tuple[torch.Tensor, Mapping[str, float]]:
    """Return what is to be lowered: examples are answering ones, then as many that are not.

    The spans' part is the cross entropy of the first and the last token over the tokens of the
    text, or of the tokens of a whole sentence together; the answering part is the cross entropy
    of each passage and of the order of the two passages of a question.
    """
    spans, answers = network(batch.input_ids, batch.attention_mask)
    spans, answers = spans.float(), answers.float()
    spans = spans.masked_fill(~batch.in_text.unsqueeze(-1), -1e4).log_softmax(dim=1)
    losses = []
    half = len(examples) // 2
    for i, example in enumerate(examples[:half]):
        assert example.span is not None
        start, end = example.span
        offsets = batch.offsets[i]
        inside = batch.in_text[i] & (offsets[:, 1] > start) & (offsets[:, 0] < end)
        answer_tokens = inside.nonzero().squeeze(-1)
        if not len(answer_tokens):
            continue
        if example.exact:
            losses.append(-(spans[i, answer_tokens[0], 0] + spans[i, answer_tokens[-1], 1]) / 2)
        else:
            losses.append(-spans[i, answer_tokens].logsumexp(dim=0).mean())
    span_loss = torch.stack(losses).mean()
    labels = torch.cat([torch.ones(half), torch.zeros(len(examples) - half)]).to(answers.device)
    answer_loss = nn.functional.binary_cross_entropy_with_logits(answers, labels)
    order_loss = nn.functional.softplus(answers[half:] - answers[:half]).mean()
    return span_loss + answer_loss + 0.5 * order_loss, {
        "span": span_loss.item(),
        "answers": answer_loss.item(),
        "order": order_loss.item(),
    }


def build_network(directory: Path, device: str) -> tuple[ReadingNetwork, Any]:
    """Return the network before training, and its tokenizer."""
    torch.manual_seed(_SEED)
    encoder = BertModel.from_pretrained(
        directory, attn_implementation="eager", add_pooling_layer=False
    )
    network = ReadingNetwork(encoder)
    for module in network.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    frozen = [encoder.embeddings, *encoder.encoder.layer[:_FROZEN_LAYERS]]
    for module in frozen:
        for parameter in module.parameters():
            parameter.requires_grad = False
    return network.to(device), PreTrainedTokenizerFast.from_pretrained(directory)


def train(
    network: ReadingNetwork,
    tokenizer: Any,
    material: Material,
    *,
    schedule: Schedule,
    out: Path,
) -> None:
    """Train, or go on with a training that stopped."""
    steps = schedule.steps
    device = next(network.parameters()).device
    tuned = {name: weight for name, weight in network.named_parameters() if weight.requires_grad}
    heads = [weight for name, weight in tuned.items() if not name.startswith("encoder")]
    body = [weight for name, weight in tuned.items() if name.startswith("encoder")]
    optimizer = torch.optim.AdamW(
        [
            {"params": body, "lr": schedule.rate},
            {"params": heads, "lr": schedule.rate * _HEAD_RATE_FACTOR},
        ],
        weight_decay=0.01,
    )
    scheduler = torch.optim.lr_scheduler.LambdaLR(
        optimizer,
        lambda step: min(
            (step + 1) / (steps * _WARM_UP_SHARE),
            max(0.0, (steps - step) / (steps * (1 - _WARM_UP_SHARE))),
        ),
    )
    state_file = out / "state.pt"
    begin = 0
    if state_file.exists():
        state = torch.load(state_file, map_location=device, weights_only=True)
        network.load_state_dict(state["network"], strict=False)
        optimizer.load_state_dict(state["optimizer"])
        scheduler.load_state_dict(state["scheduler"])
        begin = state["step"]
        _logger.info("going on from step %d", begin)
    network.train()
    sums: dict[str, float] = {}
    since = time.monotonic()
    for step, pairs in enumerate(
        draw_steps(material.maker, schedule.seed, begin, steps), start=begin + 1
    ):
        examples = [pair[0] for pair in pairs] + [pair[1] for pair in pairs]
        batch = to_batch(tokenizer, examples, device)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            loss, parts = loss_of(network, batch, examples)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(tuned.values(), 1.0)
        optimizer.step()
        scheduler.step()
        for name, value in parts.items():
            sums[name] = sums.get(name, 0.0) + value
        if step % 50 == 0:
            rate = 50 / (time.monotonic() - since)
            mean_losses = ", ".join(f"{name} {value / 50:.3f}" for name, value in sums.items())
            _logger.info("step %d of %d, %.2f steps/s: %s", step, steps, rate, mean_losses)
            sums, since = {}, time.monotonic()
        if step % _SAVE_EVERY == 0 or step == steps:
            state = {
                "network": {name: weight.detach() for name, weight in tuned.items()},
                "optimizer": optimizer.state_dict(),
                "scheduler": scheduler.state_dict(),
                "step": step,
            }
            torch.save(state, out / "state.tmp")
            (out / "state.tmp").replace(state_file)
        if step % _MEASURE_EVERY == 0 or step == steps:
            figures = measure(network, tokenizer, material.development)
            _logger.info("development: %s", json.dumps(figures))
            network.train()
            since = time.monotonic()


def to_batch(tokenizer: Any, examples: Sequence[Example], device: torch.device) -> PairBatch:
    """Return examples as the network takes them."""
    batch = encode_pairs(
        tokenizer,
        [example.question for example in examples],
        [f"{example.lead}\n" if example.lead else "" for example in examples],
        [example.text for example in examples],
        step=32,
    )
    return PairBatch(
        input_ids=batch.input_ids.to(device),
        attention_mask=batch.attention_mask.to(device),
        in_text=batch.in_text.to(device),
        offsets=batch.offsets.to(device),
    )


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--rate", type=float, default=8e-5, help="of the layers, at its highest")
    parser.add_argument("--seed", type=int, default=_SEED, help="of the examples")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--start", type=Path, help="go on from weights that were exported")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    directory = unpack_packaged_model(load_settings().cache_dir, PACKAGED_MODEL)
    network, tokenizer = build_network(Path(directory), arguments.device)
    if arguments.start:
        network.load_state_dict(load_file(arguments.start), strict=False)
    material = read_material(arguments.data)
    schedule = Schedule(steps=arguments.steps, rate=arguments.rate, seed=arguments.seed)
    train(network, tokenizer, material, schedule=schedule, out=arguments.out)


if __name__ == "__main__":
    main()
