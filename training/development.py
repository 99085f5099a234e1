"""Measure a reading model on questions that it has not learnt from."""

import random
from collections.abc import Iterator
from typing import Any

import torch
from sklearn.metrics import roc_auc_score

from rag.model.reading_network import ReadingNetwork, encode_pairs
from training.groups import Group, QuestionSet

__all__ = ["measure"]

_QUESTIONS = 240  # that are asked, spread over the set
_WINDOWS = 6


def measure(network: ReadingNetwork, tokenizer: Any, questions: QuestionSet) -> dict[str, float]:
    """Return by language how often the likeliest sentence is right, and how refusal is told.

    A sentence is right if an answer is in it; AUROC is of the likeliest sentence's logit, of
    questions whose answer is among the windows against the others.
    """
    network.eval()
    right: dict[str, list[float]] = {"vi": [], "en": []}
    scores: dict[str, list[float]] = {"vi": [], "en": []}
    labels: dict[str, list[bool]] = {"vi": [], "en": []}
    for group in _groups(questions):
        for language, question in zip(("vi", "en"), group.questions, strict=True):
            best, is_right = _read(network, tokenizer, question, group)
            answered = any(window.spans for window in group.windows)
            scores[language].append(best)
            labels[language].append(answered)
            if answered:
                right[language].append(is_right)
    figures: dict[str, float] = {}
    for language in ("vi", "en"):
        figures[f"{language} sentence"] = round(sum(right[language]) / len(right[language]), 3)
        figures[f"{language} auroc"] = round(roc_auc_score(labels[language], scores[language]), 3)
    return figures


def _groups(questions: QuestionSet) -> Iterator[Group]:
    rng = random.Random(0)
    step = max(1, len(questions.asked) // _QUESTIONS)
    for position in range(0, len(questions.asked), step):
        yield questions.group(position, rng, _WINDOWS, twins=True)


def _read(
    network: ReadingNetwork, tokenizer: Any, question: str, group: Group
) -> tuple[float, float]:
    """Return the logit of the likeliest sentence, and 1 if it answers."""
    device = next(network.parameters()).device
    windows = group.windows
    batch = encode_pairs(
        tokenizer,
        [question] * len(windows),
        [f"{window.lead}\n" if window.lead else "" for window in windows],
        [window.text for window in windows],
        step=16,
    )
    with torch.inference_mode(), torch.autocast(device.type, dtype=torch.bfloat16):
        spans, _ = network(batch.input_ids.to(device), batch.attention_mask.to(device))
    logits = spans.float().cpu()
    best, is_right = -1e4, 0.0
    for row, window in enumerate(windows):
        offsets = batch.offsets[row]
        for start, end in window.sentences:
            inside = batch.in_text[row] & (offsets[:, 1] > start) & (offsets[:, 0] < end)
            if inside.any():
                logit = float(logits[row, inside].logsumexp(dim=0).mean())
                if logit > best:
                    best = logit
                    is_right = float(any(low < end and high > start for low, high in window.spans))
    return best, is_right
