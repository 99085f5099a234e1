"""Questions, passages and parallel sentences as they are published."""

import json
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

__all__ = [
    "Article",
    "Passage",
    "Question",
    "Span",
    "questions_of",
    "read_parallel",
    "read_parallel_lines",
    "read_squad",
    "read_squad_in_two",
    "read_tatoeba",
    "shuffled",
]

Span = tuple[int, int]

_HELD_OUT_ARTICLES = 4  # parallel ones, for choosing thresholds


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A paragraph of an article; `text` is NFC as published."""

    title: str
    text: str
    language: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question on a passage.

    Attributes:
        answer: Where most annotators saw the answer, in characters of the passage; None if the
            passage does not answer.
    """

    id: str
    text: str
    passage: Passage
    answer: Span | None


@dataclass(slots=True)
class Article:
    """The questions of one article; what is held out is held out by article."""

    title: str
    questions: list[Question] = field(default_factory=list)


def read_squad(path: Path, language: str) -> list[Article]:
    """Read a set in SQuAD's format, versions 1 and 2."""
    articles = []
    for entry in json.loads(path.read_text(encoding="utf-8"))["data"]:
        title = str(entry.get("title", "")).replace("_", " ")
        article = Article(title)
        for paragraph in entry["paragraphs"]:
            passage = Passage(title=title, text=paragraph["context"], language=language)
            for qa in paragraph["qas"]:
                article.questions.append(
                    Question(
                        id=str(qa["id"]),
                        text=qa["question"].strip(),
                        passage=passage,
                        answer=_answer(qa, passage.text),
                    )
                )
        articles.append(article)
    return articles


def read_squad_in_two(path: Path) -> list[dict[str, Question]]:
    """Read SQuAD 2.0 in two languages: each question by the languages that it is whole in."""
    values = json.loads(path.read_text(encoding="utf-8"))
    passages = {
        (passage["pid"], language): Passage(
            title=str(passage["title"]).replace("_", " "), text=passage[language], language=language
        )
        for passage in values["passages"]
        for language in ("vi", "en")
    }
    questions = []
    for number, value in enumerate(values["questions"]):
        answers = value["answer"]
        whole = [
            language
            for language in ("vi", "en")
            if value[language] and (answers is None or answers[language])
        ]
        questions.append(
            {
                language: Question(
                    id=str(number),
                    text=value[language].strip(),
                    passage=passages[value["pid"], language],
                    answer=answers and _span(*answers[language]),
                )
                for language in whole
            }
        )
    return questions


def read_parallel(
    folder: Path, languages: Sequence[str], seed: int
) -> tuple[dict[str, list[Question]], dict[str, list[Question]]]:
    """Return XQuAD's even articles held out, and all of them, by language in the same order.

    Args:
        folder: Where the sets are.
        languages: Which of them are read.
        seed: What is held out depends on it.
    """
    held_out: dict[str, list[Question]] = {}
    everything: dict[str, list[Question]] = {}
    for language in languages:
        articles = read_squad(folder / f"xquad_even.{language}.json", language)
        everything[language] = questions_of(articles)
        held_out[language] = questions_of(shuffled(articles, seed)[:_HELD_OUT_ARTICLES])
    return held_out, everything


def _span(text: str, start: int) -> Span:
    return start, start + len(text)


def questions_of(articles: Sequence[Article]) -> list[Question]:
    """Return the questions of articles, in order."""
    return [question for article in articles for question in article.questions]


def _answer(qa: dict[str, object], text: str) -> Span | None:
    """Return the span in the text that most annotators chose, the shortest of equals."""
    answers = qa.get("answers")
    spans: Counter[Span] = Counter()
    for annotated in answers if isinstance(answers, list) else []:
        start, answer = int(annotated["answer_start"]), str(annotated["text"])
        if answer and text[start : start + len(answer)] == answer:
            spans[(start, start + len(answer))] += 1
    if not spans:
        return None
    return min(spans, key=lambda span: (-spans[span], span[1] - span[0]))


def read_tatoeba(path: Path) -> list[tuple[str, str]]:
    """Read pairs of an English and a Vietnamese sentence, divided by tabs."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [(line.split("\t")[0], line.split("\t")[1]) for line in lines]


def read_parallel_lines(first: Path, second: Path) -> list[tuple[str, str]]:
    """Read pairs of lines of two files."""
    left = first.read_text(encoding="utf-8").splitlines()
    right = second.read_text(encoding="utf-8").splitlines()
    return list(zip(left, right, strict=True))


def shuffled(articles: Sequence[Article], seed: int) -> list[Article]:
    """Return the articles in an order that depends on the seed alone."""
    order = list(articles)
    random.Random(seed).shuffle(order)
    return order
