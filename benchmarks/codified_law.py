"""Print how well questions are answered among regulations of the codified law.

    python -m benchmarks.codified_law DATA LAW [--regulations 150] [--most 250]

DATA is the folder of the sets that docs/reading-model.md lists, LAW the codified law as text. What
is asked are questions on articles that nothing was trained on, in both languages, over whole
regulations, theirs and others drawn at random.
"""

import argparse
from pathlib import Path

from rag.config import load_settings
from rag.evaluation import evaluate, opened_corpus, read_written, report_as_table
from training.corpora import law_corpus
from training.written import Regulations


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("law", type=Path)
    parser.add_argument("--regulations", type=int, default=150)
    parser.add_argument("--most", type=int, default=250, help="questions, in each language")
    arguments = parser.parse_args()
    written = read_written(arguments.data / "written")
    corpus = law_corpus(written, Regulations(arguments.law), arguments.regulations)
    step = max(1, len(corpus.questions) // 2 // arguments.most)
    asked = [question for i, question in enumerate(corpus.questions) if (i // 2) % step == 0]
    with opened_corpus(corpus.write, load_settings()) as assistant:
        print(report_as_table(evaluate(assistant, asked)))


if __name__ == "__main__":
    main()
