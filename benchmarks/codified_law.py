"""Print how well questions are answered among regulations of the codified law.

    python -m benchmarks.codified_law DATA LAW [--regulations 150] [--most 250]

DATA is the folder of the sets that docs/reading-model.md lists, LAW the codified law as text. What
is asked are questions on articles that nothing was trained on, in both languages, over whole
regulations, theirs and others drawn at random. What an article does not answer, another of its
regulation may; so none of the near misses is asked.
"""

import argparse
import random
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from rag.config import load_settings
from rag.evaluation import as_gold, evaluate, opened_corpus, read_written, report_as_table
from rag.evaluation.written import WrittenDocument, WrittenQuestion, WrittenSets
from rag.language.vietnamese import nfc
from training.written import Regulations

_SEED = 20261128


def _in_regulations(
    written: WrittenSets, regulations: Regulations
) -> tuple[list[WrittenQuestion], Mapping[str, WrittenDocument]]:
    """Return the questions as they are answered in whole regulations, and these."""
    questions: list[WrittenQuestion] = []
    documents: dict[str, WrittenDocument] = {}
    for question in written.held_out():
        article = written.documents[question.document]
        path = regulations.path(article.title)
        if path is None or not question.answers:
            continue
        name = _name_of(path)
        if name not in documents:
            text = nfc(path.read_text(encoding="utf-8"))
            documents[name] = replace(article, identifier=name, text=text)
        text = documents[name].text
        heading = text.find(article.text.split("\n", 1)[0])
        found = [
            (text.find(article.text[start:end], heading), end - start)
            for start, end in question.answers
        ]
        if heading >= 0 and all(at >= 0 for at, _ in found):
            answers = tuple((at, at + length) for at, length in found)
            questions.append(replace(question, document=name, answers=answers))
    return questions, documents


def _name_of(path: Path) -> str:
    return f"{path.parent.name}/{path.stem}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("law", type=Path)
    parser.add_argument("--regulations", type=int, default=150)
    parser.add_argument("--most", type=int, default=250, help="questions, in each language")
    arguments = parser.parse_args()
    regulations = Regulations(arguments.law)
    questions, documents = _in_regulations(read_written(arguments.data / "written"), regulations)
    spare = [path for path in regulations.paths() if _name_of(path) not in documents]
    random.Random(_SEED).shuffle(spare)
    others = spare[: max(0, arguments.regulations - len(documents))]
    chosen = [path for path in regulations.paths() if _name_of(path) in documents] + others

    def write(corpus: Path) -> None:
        for path in chosen:
            (corpus / path.parent.name).mkdir(exist_ok=True)
            shutil.copy(path, corpus / path.parent.name)

    asked = as_gold(questions[:: max(1, len(questions) // arguments.most)], documents)
    with opened_corpus(write, load_settings()) as assistant:
        print(report_as_table(evaluate(assistant, asked)))


if __name__ == "__main__":
    main()
