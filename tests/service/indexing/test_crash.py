"""Kill indexing at hundreds of moments, and look what is left."""

import json
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

_KILLS = 300

# Each run is a fork of one process, so that it begins at once. One run of ten is spared; the others
# are killed at any moment of the time that it took, so that a slow machine is tried as well. What a run embeds is written to a
# file before it is handed over, so that what was embedded twice can be told.
_DRIVER = """
import hashlib, json, os, random, signal, sqlite3, sys, time
from contextlib import closing
from pathlib import Path

import numpy as np

from rag.service.assistant import Assistant
from rag.config import load_settings
from rag.errors import IndexMissingError
from rag.ingest.formats import default_loader
from rag.domain.work import Limits
from rag.ingest.run.file_reader import DirectReader
from rag.service.indexing.indexer import Indexer
from rag.store.documents import SqliteDocuments
from rag.store.generations import sound_generation
from rag.testing.hash_embedder import HashEmbedder
from rag.testing.reading_models import WordReadingModel

source, index, log = map(Path, sys.argv[1:4])
kills = int(sys.argv[4])
SPARED = 10
settings = load_settings(model="hash", chunk_tokens=32)
reader = DirectReader(default_loader(Limits()))
chance = random.Random(7)


class Embedder(HashEmbedder):
    def encode_passages(self, texts, titles):
        time.sleep(0.002)
        encoded = super().encode_passages(texts, titles)
        with log.open("a") as file:
            for text, title in zip(texts, titles):
                content = chr(0).join(["vi", title, text])
                file.write(hashlib.sha256(content.encode()).hexdigest() + chr(10))
        return encoded


def build():
    Indexer(index, settings, embedder=Embedder(), reader=reader).bring_in_step(source)


def kept():
    "What is embedded for good: in the journal, or in the generation that is served."
    hashes = set()
    try:
        directory, _ = sound_generation(index)
        hashes |= contents_of(directory)
    except IndexMissingError:
        pass
    journal = index / "journal.sqlite"
    if journal.exists():
        with closing(sqlite3.connect(journal)) as connection:
            try:
                rows = connection.execute("SELECT content FROM embeddings")
                hashes |= {row[0] for row in rows}
            except sqlite3.OperationalError:  # killed before its table was there
                pass
    return hashes


def contents_of(directory):
    with closing(SqliteDocuments(directory / "corpus.sqlite")) as documents:
        return set(documents.contents())


def change(number):
    path = source / f"{chance.randrange(12)}.txt"
    if chance.random() < 0.2 and path.exists() and len(list(source.iterdir())) > 3:
        path.unlink()
    else:
        words = [f"Câu {number} {i} về hàng {chance.randrange(999)}." for i in range(120)]
        path.write_text(" ".join(words), encoding="utf-8")


served = 0
finished = 0
duration = 0.1  # of a run that nobody kills, in seconds, on this machine as busy as it is
lost = []
in_journal = 0
for number in range(kills):
    if number == 30:  # until then the first generation may not have been finished
        build()
        log.write_text("")
    change(number)
    before = kept()
    begun = time.monotonic()
    child = os.fork()
    if child == 0:
        try:
            build()
            os._exit(0)
        except BaseException:
            import traceback
            traceback.print_exc()
            os._exit(1)
    moment = chance.random() * duration
    if number % SPARED:
        time.sleep(moment)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status):
        assert os.WEXITSTATUS(status) == 0, "a run failed"
        finished += 1
        if not number % SPARED:
            duration = time.monotonic() - begun
    embedded = set(log.read_text().split()) if log.exists() else set()
    log.write_text("")
    if embedded & before:
        lost.append(number)
    in_journal += bool(embedded and embedded <= kept() and not os.WIFEXITED(status))
    if (index / "CURRENT").exists():
        sound_generation(index)
        served += 1

log.write_text("")
before = kept()
build()
last = sum(1 for _ in log.open())
directory, manifest = sound_generation(index)
needed = contents_of(directory)
with closing(Assistant.open(
    index, settings=settings, embedder=HashEmbedder(), reading_model=WordReadingModel()
)) as assistant:
    sources = assistant.sources()
print(json.dumps({
    "served": served,
    "finished": finished,
    "lost": lost,
    "in_journal": in_journal,
    "embedded_last": last,
    "missing_before_last": len(needed - before),
    "sources": sources,
    "left_over": [path.name for path in (index / "generations").glob(".*")],
    "journal": (index / "journal.sqlite").exists(),
}))
"""


def test_indexing_killed_at_hundreds_of_moments_loses_nothing(tmp_path: Path) -> None:
    source = tmp_path / "corpus"
    source.mkdir()
    (source / "first.txt").write_text("Một câu để bắt đầu.", encoding="utf-8")
    arguments = [source, tmp_path / "index", tmp_path / "log", _KILLS]
    done = subprocess.run(
        [sys.executable, "-c", _DRIVER, *map(str, arguments)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["served"] > _KILLS / 2, "nearly always there is something that answers"
    assert _KILLS / 10 <= told["finished"] < _KILLS, "some runs were killed and some were not"
    assert told["lost"] == [], "nothing that was embedded is embedded again"
    assert told["in_journal"] > 0, "some were killed after they had embedded"
    assert told["embedded_last"] == told["missing_before_last"]
    assert set(told["sources"]) == {path.name for path in source.iterdir()}
    assert told["left_over"] == []
    assert told["journal"] is False
    assert "damaged" not in done.stderr
