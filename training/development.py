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
_ASK_EVERY = 2


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
    for question_language in ("vi", "en"):
        for passage_language in ("vi", "en"):
            rng = random.Random(0)
            f1, in_sentence, answering, other, left = [], [], [], [], []
            questions = list(
                zip(
                    development.questions[question_language],
                    development.questions[passage_language],
                    strict=True,
                )
            )
            for question, parallel in questions[::_ASK_EVERY]:
                if parallel.answer is None:
                    continue
                text = parallel.passage.text
                neighbours = sorted(
                    {
                        neighbour.passage.text
                        for _, neighbour in questions
                        if neighbour.passage.title == parallel.passage.title
                        and neighbour.passage.text != text
                    }
                )
                without = " ".join(
                    text[start:end]
                    for start, end in find_sentences(text, 0, len(text))
                    if not (start < parallel.answer[1] and end > parallel.answer[0])
                )
                texts = [text, rng.choice(neighbours), without or "."]
                spans, logits = read_texts(network, tokenizer, question.text, texts)
                f1.append(_character_f1(spans[0], parallel.answer))
                in_sentence.append(
                    any(
                        start <= spans[0][0] < end
                        and start < parallel.answer[1]
                        and end > parallel.answer[0]
                        for start, end in find_sentences(text, 0, len(text))
                    )
                )
                answering.append(logits[0])
                other.append(logits[1])
                left.append(logits[2])
            figures |= {
                f"{question_language}-{passage_language} F1": _mean(f1),
                f"{question_language}-{passage_language} sentence": _mean(
                    list(map(float, in_sentence))
                ),
                f"{question_language}-{passage_language} other": _auroc(answering, other),
                f"{question_language}-{passage_language} left": _auroc(answering, left),
            }
    return {name: round(value, 3) for name, value in figures.items()}


def read_texts(
    network: ReadingNetwork, tokenizer: Any, question: str, texts: list[str]
) -> tuple[list[tuple[int, int]], list[float]]:
    """Return the best span of each text, and the logit of its answering."""
    device = next(network.parameters()).device
    batch = encode_pairs(tokenizer, [question] * len(texts), [""] * len(texts), texts)
    with torch.inference_mode(), torch.autocast(device.type, dtype=torch.bfloat16):
        span_logits, answers = network(batch.input_ids.to(device), batch.attention_mask.to(device))
    span_logits = span_logits.float().cpu().masked_fill(~batch.in_text.unsqueeze(-1), -1e4)
    spans = []
    for i in range(len(texts)):
        first, last = best_span(span_logits[i])
        offsets = batch.offsets[i]
        spans.append((int(offsets[first, 0]), int(offsets[last, 1])))
    return spans, answers.float().tolist()


def best_span(logits: torch.Tensor) -> tuple[int, int]:
    """Return the first and last token of the likeliest span, from logits (tokens, 2)."""
    pair_logits = logits[:, 0].unsqueeze(1) + logits[:, 1].unsqueeze(0)
    allowed = torch.ones_like(pair_logits).triu().tril(_LONGEST_ANSWER - 1).bool()
    flat = int(pair_logits.masked_fill(~allowed, -1e9).argmax())
    return flat // pair_logits.shape[1], flat % pair_logits.shape[1]


def _character_f1(predicted: tuple[int, int], answer: tuple[int, int]) -> float:
    """Return F1 of the characters of two spans."""
    common = max(0, min(predicted[1], answer[1]) - max(predicted[0], answer[0]))
    total = predicted[1] - predicted[0] + answer[1] - answer[0]
    return 2 * common / total if total else 0.0


def _auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    labels = [1] * len(positive) + [0] * len(negative)
    return float(roc_auc_score(labels, [*positive, *negative]))


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
