"""Write rag/data/syllables.vi.txt.gz: counts of general Vietnamese.

    python -m tools.count_background_syllables TATOEBA WIKI_QUESTIONS LAW...

TATOEBA is a list of sentence pairs of tatoeba.org with tabs (English, Vietnamese, attribution),
WIKI_QUESTIONS a file in SQuAD's format, each LAW a text. rag/data/README.md names the sources.
"""

import argparse
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

from rag.language.syllables import count_syllables

_TARGET = Path(__file__).parent.parent / "rag" / "data" / "syllables.vi.txt.gz"


def _texts(tatoeba: Path, questions: Path, laws: list[Path]) -> Iterator[str]:
    for line in tatoeba.read_text(encoding="utf-8").splitlines():
        yield line.split("\t")[1]
    for article in json.loads(questions.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            yield paragraph["context"]
            yield from (question["question"] for question in paragraph["qas"])
    for law in laws:
        yield law.read_text(encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tatoeba", type=Path)
    parser.add_argument("questions", type=Path)
    parser.add_argument("laws", type=Path, nargs="+")
    arguments = parser.parse_args()
    counts = count_syllables(_texts(arguments.tatoeba, arguments.questions, arguments.laws))
    lines = [
        f"{first}\t{second}\t{count}" for (first, second), count in sorted(counts.pairs.items())
    ]
    _TARGET.write_bytes(gzip.compress("\n".join(lines).encode("utf-8"), 9, mtime=0))
    print(f"{len(lines)} counts, {_TARGET.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
