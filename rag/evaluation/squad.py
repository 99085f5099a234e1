"""Sets of questions in SQuAD's format: passages, questions, and where the answers stand."""

import json
import re
import string
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack

import ir_measures
from ir_measures import MRR, Qrel, R, ScoredDoc, nDCG

from rag.config import Settings
from rag.domain.answer import Answer
from rag.errors import GoldError
from rag.evaluation.corpus import Parts, opened_corpus
from rag.language.vietnamese import nfc
from rag.service.assistant import Assistant

__all__ = [
    "SquadQuestion",
    "SquadSet",
    "asked_in",
    "evaluate_squad",
    "opened",
    "read_squad",
    "source_of",
    "token_f1",
]

_MOST_HITS = 10
_MEASURES = {"R@1": R @ 1, "R@10": R @ 10, "MRR": MRR @ 10, "nDCG@10": nDCG @ 10}
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_PUNCTUATION = dict.fromkeys(map(ord, string.punctuation + "“”‘’–—…"), " ")


@dataclass(frozen=True, slots=True, kw_only=True)
class SquadQuestion:
    """A question.

    Attributes:
        passage: The position of its passage in the set.
        answers: The answers that annotators gave; none if the passage does not answer.
    """

    identifier: str
    text: str
    passage: int
    answers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SquadSet:
    """Passages pooled into a corpus, and the questions on them."""

    passages: tuple[str, ...]
    questions: tuple[SquadQuestion, ...]


def read_squad(path: Path) -> SquadSet:
    """Read a file in SQuAD's format, version 1 or 2.

    Raises:
        GoldError: If the file cannot be read or is not of this form.
    """
    passages: list[str] = []
    questions: list[SquadQuestion] = []
    try:
        for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
            for paragraph in article["paragraphs"]:
                questions += [
                    SquadQuestion(
                        identifier=str(question["id"]),
                        text=question["question"],
                        passage=len(passages),
                        answers=tuple(
                            nfc(answer["text"]) for answer in question.get("answers", ())
                        ),
                    )
                    for question in paragraph["qas"]
                ]
                passages.append(nfc(paragraph["context"]))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise GoldError(
            "gold.not_squad", path=path, name=type(error).__name__, error=error
        ) from error
    if not questions:
        raise GoldError("gold.no_questions", path=path)
    return SquadSet(passages=tuple(passages), questions=tuple(questions))


def asked_in(questions: SquadSet, passages: SquadSet) -> SquadSet:
    """Return the questions of one set over the passages of another, which has the same by id.

    Raises:
        GoldError: If no question is in both.
    """
    by_id = {question.identifier: question for question in passages.questions}
    common = [question for question in questions.questions if question.identifier in by_id]
    if not common:
        raise GoldError("gold.nothing_in_common")
    return SquadSet(
        passages=passages.passages,
        questions=tuple(
            SquadQuestion(
                identifier=question.identifier,
                text=question.text,
                passage=by_id[question.identifier].passage,
                answers=by_id[question.identifier].answers,
            )
            for question in common
        ),
    )


def opened(
    passages: Sequence[str], settings: Settings, **parts: Unpack[Parts]
) -> AbstractContextManager[Assistant]:
    """Write passages to a folder as text files, 00000.txt and so on, index them, and open that.

    Args:
        passages: What to index.
        settings: With what.
        **parts: In the place of what there is by default.
    """

    def write(corpus: Path) -> None:
        for position, passage in enumerate(passages):
            (corpus / source_of(position)).write_text(passage, encoding="utf-8")

    return opened_corpus(write, settings, **parts)


def source_of(position: int) -> str:
    """Return what the file of a passage is called."""
    return f"{position:05d}.txt"


def evaluate_squad(
    assistant: Assistant,
    questions: Iterable[SquadQuestion],
    *,
    typed: Callable[[str], str] = lambda text: text,
) -> dict[str, Any]:
    """Ask all questions and return the figures.

    R@1, R@10, MRR and nDCG@10 are of the passages found, over the answerable questions; span F1
    is that of the words marked in the first quote, as SQuAD scores it, 0 where the answer was
    "not found"; `missed` and `false answers` are as in `evaluate`.

    Args:
        assistant: Over the passages.
        questions: What to ask.
        typed: How each question is typed.
    """
    relevant: list[Qrel] = []
    run: list[ScoredDoc] = []
    f1: list[float] = []
    answered: dict[bool, list[bool]] = {True: [], False: []}
    for question in questions:
        text = typed(question.text)
        answer = assistant.ask(text)
        answered[bool(question.answers)].append(answer.answerable)
        if not question.answers:
            continue
        f1.append(max(token_f1(_marked(answer), gold) for gold in question.answers))
        relevant.append(Qrel(question.identifier, source_of(question.passage), 1))
        best: dict[str, float] = {}
        for hit in answer.hits[:_MOST_HITS]:
            best.setdefault(hit.passage.source, hit.score)
        run += [ScoredDoc(question.identifier, source, score) for source, score in best.items()]
    report: dict[str, Any] = {"questions": sum(map(len, answered.values()))}
    if relevant:
        figures = ir_measures.calc_aggregate(list(_MEASURES.values()), relevant, run)
        report |= {name: round(figures[measure], 4) for name, measure in _MEASURES.items()}
        report["span F1"] = round(sum(f1) / len(f1), 4)
        report["missed"] = round(answered[True].count(False) / len(answered[True]), 4)
    if answered[False]:
        report["false answers"] = round(answered[False].count(True) / len(answered[False]), 4)
    return report


def _marked(answer: Answer) -> str:
    """Return the words marked in the first quote, or all of it if none are."""
    if not answer.quotes:
        return ""
    quote = answer.quotes[0]
    spans = quote.highlights or ((quote.start, quote.end),)
    return " ".join(quote.document.text[start:end] for start, end in spans)


def token_f1(quoted: str, gold: str) -> float:
    """Return F1 of the words of two texts, as SQuAD's own script does: Rajpurkar et al. 2016.

    Case, punctuation and English articles do not count.
    """
    quoted_words, gold_words = _tokens(quoted), _tokens(gold)
    if not quoted_words or not gold_words:
        return float(quoted_words == gold_words)
    common = sum((Counter(quoted_words) & Counter(gold_words)).values())
    return 2 * common / (len(quoted_words) + len(gold_words))


def _tokens(text: str) -> list[str]:
    plain = unicodedata.normalize("NFC", text).lower().translate(_PUNCTUATION)
    return _ARTICLES.sub(" ", plain).split()
