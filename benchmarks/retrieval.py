"""Print R@1 on SQuAD-format sets in both languages: which share of questions finds its passage.

    python -m benchmarks.retrieval xquad.vi.json xquad.en.json

The two files hold the same questions and passages in Vietnamese and English. The passages are
written to a folder as text files and indexed like any other. Rows: what is searched with;
columns: questions → passages, and Vietnamese questions without diacritics.
"""

import argparse
import json
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from rag.assistant import Assistant
from rag.centring import Centres
from rag.config import load_settings
from rag.documents import Language
from rag.embedding import SentenceTransformerEmbedder, load_embedder
from rag.indexing import build_generation
from rag.plan import make_plan
from rag.storage import building
from rag.vietnamese import fold

_Search = Callable[[str], str]


def read_squad(path: Path) -> tuple[list[str], list[tuple[str, int]]]:
    """Return the passages, and the questions with the position of their passage."""
    passages: list[str] = []
    questions: list[tuple[str, int]] = []
    for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            questions += [(one["question"], len(passages)) for one in paragraph["qas"]]
            passages.append(paragraph["context"])
    return passages, questions


def index_passages(
    passages: Sequence[str],
    folder: Path,
    embedder: SentenceTransformerEmbedder,
    centres: Centres | None = None,
) -> Assistant:
    """Write passages as text files, 0000.txt and so on, and open an index of them."""
    corpus, index = folder / "corpus", folder / "index"
    corpus.mkdir(parents=True)
    for position, passage in enumerate(passages):
        (corpus / f"{position:04d}.txt").write_text(passage, encoding="utf-8")
    settings = load_settings()
    with building(index):
        plan = make_plan(corpus, index, settings)
        build_generation(
            plan.corpus, corpus, index, plan.recipe, settings, lambda *_: None, embedder, centres
        )
    return Assistant.open(index, embedder=embedder)


def _recall(search: _Search, questions: Sequence[tuple[str, int]], *, bare: bool) -> float:
    found = [
        search(fold(question) if bare else question) == f"{passage:04d}.txt"
        for question, passage in questions
    ]
    return sum(found) / len(found)


def _dense(passages: Sequence[str], embedder: SentenceTransformerEmbedder) -> _Search:
    """Return the baseline: one vector a passage, one a question, and their inner product."""
    vectors = np.stack(
        [one.vector for one in embedder.encode_passages(passages, [""] * len(passages))]
    )

    def search(question: str) -> str:
        return f"{int((vectors @ embedder.encode_query(question).vector).argmax()):04d}.txt"

    return search


def _whole(assistant: Assistant) -> _Search:
    return lambda question: assistant.search(question, 1)[0].passage.source


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parallel", type=Path, nargs=2, help="Vietnamese, then English")
    arguments = parser.parse_args()
    files = dict(zip(Language, map(read_squad, arguments.parallel), strict=True))
    embedder = load_embedder("multilingual-e5-small", cache=load_settings().cache_dir)
    zero = np.zeros(embedder.info.dimension, dtype=np.float32)
    none = Centres(dict.fromkeys(Language, zero), dict.fromkeys(Language, zero))
    columns = [
        (asked, read, bare)
        for read in Language
        for asked in Language
        for bare in (False, True)
        if not bare or asked is Language.VIETNAMESE
    ]
    rows: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for read in Language:
            passages = files[read][0]
            searches = {
                "dense vectors (baseline)": _dense(passages, embedder),
                "without centring": _whole(
                    index_passages(passages, Path(folder, read, "plain"), embedder, none)
                ),
                "as shipped": _whole(index_passages(passages, Path(folder, read, "all"), embedder)),
            }
            for name, search in searches.items():
                rows.setdefault(name, []).extend(
                    _recall(search, files[asked][1], bare=bare)
                    for asked, of, bare in columns
                    if of is read
                )
    titles = [f"{asked}{' bare' if bare else ''}→{read}" for asked, read, bare in columns]
    print("| R@1 | " + " | ".join(titles) + " |")
    print("|---" * (len(titles) + 1) + "|")
    for name, figures in rows.items():
        print(f"| {name} | " + " | ".join(f"{figure:.3f}" for figure in figures) + " |")


if __name__ == "__main__":
    main()
