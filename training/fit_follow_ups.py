"""Fit what chooses the meaning of a question that goes on from another: follow_ups.json.

    python -m training.fit_follow_ups DATA --out runs/follow_ups

DATA is the folder of the sets that docs/reading-model.md lists. All that the last questions of the
written conversations may mean is asked of the documents of the written sets; the conversations over
documents that are held out only measure. People change the subject more often than these do, so to
every second one another is added that goes on with a question on another document. What came out
is kept in --out, and is not asked again.
"""

import argparse
import hashlib
import json
import pickle
import random
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rag.config import load_settings
from rag.domain.answer import Answer
from rag.domain.permissions import EVERYTHING
from rag.evaluation import (
    GoldQuestion,
    conversations_as_gold,
    is_right,
    read_written,
    write_documents,
)
from rag.evaluation.written import WrittenConversation, WrittenDocument, WrittenSets
from rag.resources import sums
from rag.service.answering.inquiry import Stopwatch
from rag.service.assistant import Assistant
from rag.service.indexing.indexer import Indexer
from rag.understand.follow_up import FORM, Meaning, Tie, Understanding, understand
from rag.understand.follow_up_model import (
    ANSWER_FEATURES,
    FollowUpModel,
    form_features,
    logit_of,
)
from training.listwise import FloatArray, fit_listwise

_FILE = Path(__file__).parent.parent / "rag" / "data" / "follow_ups.json"
_SEED = 20261128
_RIDGE = 0.02  # per conversation
_LAW = "law"  # articles, which no conversation is about, are called so


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What came out of asking all that a question may mean.

    Attributes:
        features: Of each meaning, by their names.
        right: Of each, whether its best quote is.
    """

    groups: tuple[str, ...]
    held_out: bool
    answerable: bool
    features: tuple[Mapping[str, float], ...]
    right: tuple[bool, ...]


def _changes(
    written: WrittenSets, documents: Mapping[str, WrittenDocument]
) -> list[WrittenConversation]:
    """Return conversations that go on with a question on another document."""
    questions = [
        question
        for question in written.questions
        if question.document in documents and question.answers
    ]
    rng = random.Random(_SEED)
    rng.shuffle(questions)
    changes = []
    for conversation, question in zip(written.conversations[::2], questions, strict=False):
        language = rng.choice(list(question.texts))
        changes.append(
            WrittenConversation(
                document=question.document,
                turns=(*conversation.turns[:-1], question.texts[language]),
                language=language,
                kind="other document",
                answers=question.answers,
            )
        )
    return changes


def _digest() -> str:
    """Return what what came out depends on, in short."""
    names = ("encoder.safetensors", "reader.safetensors", "confidence.json")
    return hashlib.sha256(repr([sums()[name] for name in names]).encode()).hexdigest()[:12]


def observe(assistant: Assistant, question: GoldQuestion, *, held_out: bool) -> Observed:
    """Ask all that a question may mean."""
    understood = understand(
        question.question,
        [turn["question"] for turn in question.history],
        assistant.analyser,
        _last,
    )
    tried = assistant.answering.try_meanings(
        understood, understood.meanings, EVERYTHING, Stopwatch()
    )
    return Observed(
        groups=question.groups,
        held_out=held_out,
        answerable=question.answerable,
        features=tuple(
            form_features(one.meaning.tie, understood.form or dict.fromkeys(FORM, 0.0))
            | {
                "confidence": logit_of(one.answer.confidence),
                "same_document": float(one.is_same),
            }
            for one in tried
        ),
        right=tuple(_is_right(one.answer, question) for one in tried),
    )


def _last(understood: Understanding) -> Meaning:
    """Return what an earlier question meant: what goes on furthest, if it names nothing itself."""
    return understood.meanings[0 if understood.form["named"] else -1]


def _is_right(answer: Answer, question: GoldQuestion) -> bool:
    best = (*answer.quotes, *answer.related)[:1]
    return any(is_right(quote, evidence) for quote in best for evidence in question.evidence)


def fit(observed: Sequence[Observed], names: Sequence[str]) -> dict[str, float]:
    """Return what each feature counts."""
    lists = [one for one in observed if any(one.right) and not all(one.right)]
    weights = fit_listwise(
        [_matrix(one, names) for one in lists],
        [np.array(one.right) for one in lists],
        [1.0] * len(lists),
        ridge=_RIDGE,
        least=None,
    )
    return {name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)}


def _matrix(observed: Observed, names: Sequence[str]) -> FloatArray:
    return np.array([[features.get(name, 0.0) for name in names] for features in observed.features])


def report(observed: Sequence[Observed], model: FollowUpModel) -> None:
    """Print how often the first quote is right, by the kinds of conversations."""
    groups = list(dict.fromkeys(group for one in observed for group in one.groups))
    print("\n| | conversations | alone | by form | by what came out | any |")
    print("|---|---|---|---|---|---|")
    for group in groups:
        own = [one for one in observed if group in one.groups and one.answerable]
        if not own:
            continue
        rights = [
            (
                one.right[0],
                one.right[_best(one, model.by_form)],
                one.right[_best(one, model.by_answer)],
                any(one.right),
            )
            for one in own
        ]
        cells = " | ".join(f"{share:.3f}" for share in np.mean(rights, axis=0))
        print(f"| {group} | {len(own)} | {cells} |")


def _best(observed: Observed, weights: Mapping[str, float]) -> int:
    return int(np.argmax(_matrix(observed, list(weights)) @ np.array(list(weights.values()))))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    written = read_written(arguments.data / "written")
    (arguments.out / "corpus").mkdir(parents=True, exist_ok=True)
    documents = {
        name: document for name, document in written.documents.items() if not name.startswith(_LAW)
    }
    write_documents(documents.values(), arguments.out / "corpus")
    settings = load_settings()
    Indexer(arguments.out / "index", settings).bring_in_step(arguments.out / "corpus")
    observed: list[Observed] = []
    with closing(Assistant.open(arguments.out / "index", settings=settings)) as assistant:
        for name, conversations in (
            ("conversations", written.conversations),
            ("changes", _changes(written, documents)),
        ):
            kept = arguments.out / f"{name}-{_digest()}.pickle"
            if not kept.exists():
                gold = conversations_as_gold(conversations, written.documents)
                tried = [
                    observe(
                        assistant,
                        question,
                        held_out=conversation.document in written.development,
                    )
                    for question, conversation in zip(gold, conversations, strict=True)
                ]
                kept.write_bytes(pickle.dumps(tried))
            observed += pickle.loads(kept.read_bytes())
    learnt = [one for one in observed if not one.held_out]
    form = dict.fromkeys(FORM, 1.0)
    by_form = [name for tie in Tie for name in form_features(tie, form)]
    model = FollowUpModel(
        by_form=fit(learnt, by_form), by_answer=fit(learnt, [*by_form, *ANSWER_FEATURES])
    )
    print("learnt from")
    report(learnt, model)
    print("\nheld out")
    report([one for one in observed if one.held_out], model)
    values = {"by_form": model.by_form, "by_answer": model.by_answer}
    _FILE.write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
