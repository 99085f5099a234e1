"""Index a folder of many files, change it, and index it again.

    python benchmarks/folder.py --files 5000 [--embedder hash]

Prints how long each takes, and how many passages were embedded. While the folder is indexed once
more, files are written, moved and deleted at random; the last run must find what is there then.
"""

import argparse
import random
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from rag.config import Settings, load_settings
from rag.domain.ports import Embedder
from rag.model.embedder import load_embedder
from rag.service.assistant import Assistant
from rag.service.indexing.indexer import Indexer
from rag.testing.hash_embedder import HashEmbedder
from rag.testing.reading_models import WordReadingModel

_SEED = 20_26
_SEEDS = Path(__file__).parents[1] / "seeds"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--files", type=int, default=5_000)
    parser.add_argument("--embedder", choices=["packaged", "hash"], default="packaged")
    arguments = parser.parse_args()
    settings = load_settings(model="hash" if arguments.embedder == "hash" else None)
    embedder = HashEmbedder() if arguments.embedder == "hash" else _packaged(settings)
    with tempfile.TemporaryDirectory() as place:
        _measure(Path(place), arguments.files, settings, embedder)


def _packaged(settings: Settings) -> Embedder:
    from rag.model.fingerprint import DEFAULT_MODEL

    return load_embedder(DEFAULT_MODEL, cache=settings.cache_dir)


def _measure(place: Path, files: int, settings: Settings, embedder: Embedder) -> None:
    folder, index = place / "files", place / "index"
    folder.mkdir()
    chance = random.Random(_SEED)
    for number in range(files):
        _write(folder, number, chance)
    run = _runner(folder, index, settings, embedder)
    run(f"{files} new files")
    run("nothing changed")
    _write(folder, 0, chance)
    run("1 file changed")
    for path in sorted(folder.glob("*.txt"))[: files // 10]:
        (folder / "moved").mkdir(exist_ok=True)
        shutil.move(path, folder / "moved" / path.name)
    run(f"{files // 10} files moved")
    for path in sorted(folder.glob("*.txt"))[: files // 10]:
        path.unlink()
    run(f"{files // 10} files deleted")
    stop = threading.Event()
    changing = threading.Thread(target=_disturb, args=(folder, stop, files))
    changing.start()
    run("while files change at random")
    run("and once more")
    stop.set()
    changing.join()
    run("after they stopped")
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*.txt")}
    found = Assistant.open(index, embedder=embedder, reading_model=WordReadingModel())
    different = there ^ set(found.sources())
    if different:
        raise SystemExit(f"the index is not what is in the folder: {sorted(different)[:5]}")
    stale = [s for s in sorted(there) if found.document(s).text != (folder / s).read_text("utf-8")]
    if stale:
        raise SystemExit(f"the index has old texts: {stale[:5]}")
    print(f"the index holds just the {len(there)} files that are there")


def _runner(
    folder: Path, index: Path, settings: Settings, embedder: Embedder
) -> Callable[[str], None]:
    def run(what: str) -> None:
        begin = time.perf_counter()
        embedded, read = [0], [begin]

        def on_embedded(_done: int, total: int) -> None:
            embedded[0] = total

        def on_read(_done: int, _total: int) -> None:
            read[0] = time.perf_counter()

        indexer = Indexer(index, settings, embedder=embedder)
        manifest = indexer.bring_in_step(folder, on_read=on_read, on_embedded=on_embedded).manifest
        now = time.perf_counter()
        print(
            f"{what:32} {now - begin:7.1f} s, of which reading {read[0] - begin:6.1f} s; "
            f"{manifest.documents} documents, {manifest.passages} passages, {embedded[0]} embedded",
            flush=True,
        )

    return run


def _write(folder: Path, number: int, chance: random.Random) -> None:
    """Write a file of a few paragraphs of the seeds, put together anew."""
    paragraphs = [
        line
        for path in sorted(_SEEDS.glob("*.txt"))
        for line in path.read_text("utf-8").splitlines()
        if len(line) > 120
    ]
    text = "\n\n".join(f"{chance.randrange(10**6)}. {chance.choice(paragraphs)}" for _ in range(3))
    (folder / f"{number:05}.txt").write_text(f"VĂN BẢN {number}\n\n{text}\n", encoding="utf-8")


def _disturb(folder: Path, stop: threading.Event, files: int) -> None:
    chance = random.Random(_SEED + 1)
    while not stop.is_set():
        path = folder / f"{chance.randrange(files):05}.txt"
        what = chance.random()
        if what < 0.5:
            _write(folder, chance.randrange(files), chance)
        elif what < 0.75:
            path.unlink(missing_ok=True)
        elif path.exists():
            path.rename(folder / f"{chance.randrange(10**9)}.txt")
        time.sleep(0.005)


if __name__ == "__main__":
    main()
