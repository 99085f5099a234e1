"""Index a folder of many files, change it, and index it again.

    python -m benchmarks.folder --files 5000 [--embedder hash]

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

_RANDOM_SEED = 20_26
_SEED_DOCUMENTS = Path(__file__).parents[1] / "seeds"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--files", type=int, default=5_000)
    parser.add_argument("--embedder", choices=["packaged", "hash"], default="packaged")
    arguments = parser.parse_args()
    settings = load_settings(model="hash" if arguments.embedder == "hash" else None)
    embedder = HashEmbedder() if arguments.embedder == "hash" else _packaged_embedder(settings)
    with tempfile.TemporaryDirectory() as workspace:
        _measure(Path(workspace), arguments.files, settings, embedder)


def _packaged_embedder(settings: Settings) -> Embedder:
    from rag.model.fingerprint import DEFAULT_MODEL

    return load_embedder(DEFAULT_MODEL, cache=settings.cache_dir)


def _measure(workspace: Path, files: int, settings: Settings, embedder: Embedder) -> None:
    folder, index = workspace / "files", workspace / "index"
    folder.mkdir()
    rng = random.Random(_RANDOM_SEED)
    for number in range(files):
        _write_file(folder, number, rng)
    run = _index_runner(folder, index, settings, embedder)
    run(f"{files} new files")
    run("nothing changed")
    _write_file(folder, 0, rng)
    run("1 file changed")
    for path in sorted(folder.glob("*.txt"))[: files // 10]:
        (folder / "moved").mkdir(exist_ok=True)
        shutil.move(path, folder / "moved" / path.name)
    run(f"{files // 10} files moved")
    for path in sorted(folder.glob("*.txt"))[: files // 10]:
        path.unlink()
    run(f"{files // 10} files deleted")
    stop = threading.Event()
    changer = threading.Thread(target=_change_at_random, args=(folder, stop, files))
    changer.start()
    run("while files change at random")
    run("and once more")
    stop.set()
    changer.join()
    run("after they stopped")
    sources = {path.relative_to(folder).as_posix() for path in folder.rglob("*.txt")}
    assistant = Assistant.open(index, embedder=embedder, reading_model=WordReadingModel())
    differing = sources ^ set(assistant.sources())
    if differing:
        raise SystemExit(f"the index is not what is in the folder: {sorted(differing)[:5]}")
    stale = [
        source
        for source in sorted(sources)
        if assistant.document(source).text != (folder / source).read_text("utf-8")
    ]
    if stale:
        raise SystemExit(f"the index has old texts: {stale[:5]}")
    print(f"the index holds just the {len(sources)} files that are there")


def _index_runner(
    folder: Path, index: Path, settings: Settings, embedder: Embedder
) -> Callable[[str], None]:
    def run(label: str) -> None:
        begin = time.perf_counter()
        embedded, read_at = 0, begin

        def on_embedded(_done: int, total: int) -> None:
            nonlocal embedded
            embedded = total

        def on_read(_done: int, _total: int) -> None:
            nonlocal read_at
            read_at = time.perf_counter()

        indexer = Indexer(index, settings, embedder=embedder)
        manifest = indexer.bring_in_step(folder, on_read=on_read, on_embedded=on_embedded).manifest
        end = time.perf_counter()
        print(
            f"{label:32} {end - begin:7.1f} s, of which reading {read_at - begin:6.1f} s; "
            f"{manifest.documents} documents, {manifest.passages} passages, {embedded} embedded",
            flush=True,
        )

    return run


def _write_file(folder: Path, number: int, rng: random.Random) -> None:
    """Write a file of a few paragraphs of the seeds, put together anew."""
    paragraphs = [
        line
        for path in sorted(_SEED_DOCUMENTS.glob("*.txt"))
        for line in path.read_text("utf-8").splitlines()
        if len(line) > 120
    ]
    text = "\n\n".join(f"{rng.randrange(10**6)}. {rng.choice(paragraphs)}" for _ in range(3))
    (folder / f"{number:05}.txt").write_text(f"VĂN BẢN {number}\n\n{text}\n", encoding="utf-8")


def _change_at_random(folder: Path, stop: threading.Event, files: int) -> None:
    rng = random.Random(_RANDOM_SEED + 1)
    while not stop.is_set():
        path = folder / f"{rng.randrange(files):05}.txt"
        draw = rng.random()
        if draw < 0.5:
            _write_file(folder, rng.randrange(files), rng)
        elif draw < 0.75:
            path.unlink(missing_ok=True)
        elif path.exists():
            path.rename(folder / f"{rng.randrange(10**9)}.txt")
        time.sleep(0.005)


if __name__ == "__main__":
    main()
