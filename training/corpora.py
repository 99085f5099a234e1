"""Corpora with questions that nothing is trained on: to fit what ranks and what tells how sure."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from rag.evaluation import GoldQuestion, as_gold, read_written, write_documents
from rag.evaluation.gold import GoldEvidence
from rag.evaluation.written import WrittenQuestion, WrittenSets
from rag.language.vietnamese import nfc
from training.squad import Question
from training.train_reader import read_xquad
from training.written import Regulations

__all__ = ["Corpus", "development_corpora", "law_corpus", "written_corpus"]

_SEED = 20261128


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """A folder of documents, and the questions that are asked of it.

    Attributes:
        write: Writes the documents into a folder.
        articles: Of each question what it is about: halves are made of these.
    """

    name: str
    write: Callable[[Path], None]
    questions: Sequence[GoldQuestion]
    articles: Sequence[str]


def development_corpora(data: Path, law: Path) -> list[Corpus]:
    """Return the corpora that are fitted on: written documents, regulations, encyclopedia."""
    written = read_written(data / "written")
    regulations = Regulations(law)
    held_out = read_xquad(data)[0]
    return [
        written_corpus(written, others=300),
        law_corpus(written, regulations, size=70),
        *(_xquad_corpus(held_out, read_xquad(data)[1], language) for language in ("vi", "en")),
    ]


def written_corpus(written: WrittenSets, others: int | None = None) -> Corpus:
    """Return the documents that are held out, among others of the written sets, all by default."""
    spare = sorted(set(written.documents) - written.development)
    random.Random(_SEED).shuffle(spare)
    kept = written.development | set(spare[:others])
    questions = written.held_out()
    return Corpus(
        name="written",
        write=partial(
            write_documents,
            [document for name, document in written.documents.items() if name in kept],
        ),
        questions=as_gold(questions, written.documents),
        articles=[question.document for question in questions for _ in question.texts],
    )


def law_corpus(written: WrittenSets, regulations: Regulations, size: int) -> Corpus:
    """Return the regulations whose articles are held out, among others of the codified law.

    What an article does not answer, another of its regulation may: of the near misses none is
    asked.

    Args:
        written: The sets.
        regulations: The codified law.
        size: How many regulations.
    """
    paths: dict[str, Path] = {}
    questions: list[WrittenQuestion] = []
    gold: list[GoldQuestion] = []
    articles: list[str] = []
    texts: dict[Path, str] = {}
    for question in written.held_out():
        document = written.documents[question.document]
        path = regulations.path(document.title)
        if path is None or not question.answers:
            continue
        text = texts.setdefault(path, nfc(path.read_text(encoding="utf-8")))
        article = text.find(document.text.split("\n", 1)[0])
        evidence = []
        for start, end in question.answers:
            words = document.text[start:end]
            at = text.find(words, max(article, 0))
            if at >= 0:
                evidence.append(GoldEvidence(source=path.name, quote=words, start=at))
        if article >= 0 and len(evidence) == len(question.answers):
            paths[path.name] = path
            questions.append(question)
            for language, asked in question.texts.items():
                gold.append(
                    GoldQuestion(
                        identifier=f"{question.document}-{len(questions)}-{language}",
                        question=asked,
                        groups=(language, f"{language} {question.style}"),
                        answerable=True,
                        evidence=tuple(evidence),
                    )
                )
                articles.append(path.name)
    spare = [path for path in regulations.paths() if path.name not in paths]
    random.Random(_SEED).shuffle(spare)
    for path in spare[: max(0, size - len(paths))]:
        paths[path.name] = path

    def write(folder: Path) -> None:
        for name, path in paths.items():
            (folder / name).write_bytes(path.read_bytes())

    return Corpus(name="law", write=write, questions=gold, articles=articles)


def _xquad_corpus(
    held_out: Sequence[dict[str, Question]], others: Sequence[dict[str, Question]], language: str
) -> Corpus:
    """Return passages of an encyclopedia, with the questions of the articles held out."""
    passages = list(
        dict.fromkeys(nfc(question[language].passage.text) for question in (*held_out, *others))
    )
    numbers = {text: f"{number:05d}.txt" for number, text in enumerate(passages)}

    def write(folder: Path) -> None:
        for text, name in numbers.items():
            (folder / name).write_text(text, encoding="utf-8")

    gold: list[GoldQuestion] = []
    articles: list[str] = []
    for parallel in held_out:
        own = parallel[language]
        if own.answer is None or nfc(own.passage.text) != own.passage.text:
            continue
        start, end = own.answer
        for asked_in in ("vi", "en"):
            gold.append(
                GoldQuestion(
                    identifier=f"{own.id}-{asked_in}",
                    question=parallel[asked_in].text,
                    groups=(asked_in,),
                    answerable=True,
                    evidence=(
                        GoldEvidence(
                            source=numbers[own.passage.text],
                            quote=own.passage.text[start:end],
                            start=start,
                        ),
                    ),
                )
            )
            articles.append(own.passage.title)
    return Corpus(name=f"encyclopedia {language}", write=write, questions=gold, articles=articles)
