"""Measure a reading model on parallel questions that it has not learnt from."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from sklearn.metrics import roc_auc_score

from rag.ingest.structure.sentences import find_sentences
from rag.model.reading_network import ReadingNetwork, encode_pairs
from training.squad import Question

__all__ = ["Development", "best_span", "measure"]

_LONGEST_ANSWER = 40  # tokens
_EVERY = 2  # of the questions are asked


@dataclass(frozen=True, slots=True)
class Development:
    """The same questions in Vietnamese and English, in the same order."""

    questions: Mapping[str, Sequence[Question]]


def measure(network: ReadingNetwork, tokenizer: Any, development: Development) -> dict[str, float]:
    """Return, by direction (question, passage): span F1, right sentences, AUROC of answering.

    AUROC is against a neighbouring passage ("other") and against the same passage without the
    sentence that answers ("left").
    """
    network.eval()
    figures: dict[str, float] = {}
    for asked in ("vi", "en"):
        for read in ("vi", "en"):
            rng = random.Random(0)
            f1, sentence, right, other, left = [], [], [], [], []
            questions = list(
                zip(development.questions[asked], development.questions[read], strict=True)
            )
            for question, there in questions[::_EVERY]:
                if there.answer is None:
                    continue
                text = there.passage.text
                neighbours = sorted(
                    {
                        one.passage.text
                        for _, one in questions
                        if one.passage.title == there.passage.title and one.passage.text != text
                    }
                )
                without = " ".join(
                    text[start:end]
                    for start, end in find_sentences(text, 0, len(text))
                    if not (start < there.answer[1] and end > there.answer[0])
                )
                texts = [text, rng.choice(neighbours), without or "."]
                found, logits = read_texts(network, tokenizer, question.text, texts)
                f1.append(_overlap(found[0], there.answer))
                sentence.append(
                    any(
                        start <= found[0][0] < end
                        and start < there.answer[1]
                        and end > there.answer[0]
                        for start, end in find_sentences(text, 0, len(text))
                    )
                )
                right.append(logits[0])
                other.append(logits[1])
                left.append(logits[2])
            figures |= {
                f"{asked}-{read} F1": _mean(f1),
                f"{asked}-{read} sentence": _mean(list(map(float, sentence))),
                f"{asked}-{read} other": _auroc(right, other),
                f"{asked}-{read} left": _auroc(right, left),
            }
    return {name: round(value, 3) for name, value in figures.items()}


def read_texts(
    network: ReadingNetwork, tokenizer: Any, question: str, texts: list[str]
) -> tuple[list[tuple[int, int]], list[float]]:
    """Return the best span of each text, and the logit of its answering."""
    device = next(network.parameters()).device
    batch = encode_pairs(tokenizer, [question] * len(texts), [""] * len(texts), texts)
    with torch.inference_mode(), torch.autocast(device.type, dtype=torch.bfloat16):
        spans, answers = network(batch.input_ids.to(device), batch.attention_mask.to(device))
    spans = spans.float().cpu().masked_fill(~batch.in_text.unsqueeze(-1), -1e4)
    found = []
    for i in range(len(texts)):
        first, last = best_span(spans[i])
        offsets = batch.offsets[i]
        found.append((int(offsets[first, 0]), int(offsets[last, 1])))
    return found, answers.float().tolist()


def best_span(logits: torch.Tensor) -> tuple[int, int]:
    """Return the first and last token of the likeliest span, from logits (tokens, 2)."""
    both = logits[:, 0].unsqueeze(1) + logits[:, 1].unsqueeze(0)
    allowed = torch.ones_like(both).triu().tril(_LONGEST_ANSWER - 1).bool()
    flat = int(both.masked_fill(~allowed, -1e9).argmax())
    return flat // both.shape[1], flat % both.shape[1]


def _overlap(found: tuple[int, int], answer: tuple[int, int]) -> float:
    """Return F1 of characters."""
    common = max(0, min(found[1], answer[1]) - max(found[0], answer[0]))
    total = found[1] - found[0] + answer[1] - answer[0]
    return 2 * common / total if total else 0.0


def _auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    labels = [1] * len(positive) + [0] * len(negative)
    return float(roc_auc_score(labels, [*positive, *negative]))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
