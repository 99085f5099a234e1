"""An index on disk: whole or not at all, and nothing embedded twice."""

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from rag.config import Settings, load_settings
from rag.domain.vectors import Encoded
from rag.errors import (
    EmptyCorpusError,
    IndexBusyError,
    IndexDamagedError,
    IndexMismatchError,
    IndexMissingError,
    IndexWriteError,
    SettingsError,
)
from rag.service.assistant import Assistant
from rag.service.indexing.indexer import Indexer
from rag.store.generations import building, current_generation
from rag.testing.hash_embedder import HashEmbedder
from rag.testing.reading_models import WordReadingModel
from tests.conftest import ROOT, Build, OpenAssistant, build_index


def test_manifest_says_what_the_index_was_built_with(
    corpus: Path, build: Build, tmp_path: Path
) -> None:
    manifest = build(corpus)
    assert current_generation(tmp_path / "index")[1] == manifest
    assert (manifest.documents, manifest.passages, manifest.dimension) == (2, 2, 64)
    assert manifest.recipe.model == "hash"
    assert manifest.recipe.chunk_tokens == 64
    assert len(manifest.corpus_sha256) == 64
    assert {"corpus.sqlite", "vectors.faiss", "tokens.faiss"} <= manifest.files.keys()


def test_only_what_changed_is_embedded_again(
    corpus: Path,
    build: Build,
    tmp_path: Path,
    embedder: HashEmbedder,
    open_assistant: OpenAssistant,
) -> None:
    build(corpus)
    before = open_assistant(tmp_path / "index").search("nghỉ phép 12 ngày")
    first = embedder.passages_embedded
    build(corpus)
    assert embedder.passages_embedded == first, "nothing changed"
    (corpus / "new.txt").write_text("Một tài liệu mới.", encoding="utf-8")
    build(corpus)
    assert embedder.passages_embedded == first + 1
    (corpus / "new.txt").unlink()
    (corpus / "parking.md").rename(corpus / "cars.md")
    build(corpus)
    assert embedder.passages_embedded == first + 1, "moved, and deleted"
    after = open_assistant(tmp_path / "index")
    assert after.sources() == ("cars.md", "nghi_phep.txt")
    assert after.search("nghỉ phép 12 ngày")[0].score == pytest.approx(before[0].score, abs=1e-6)


class LookingEmbedder(HashEmbedder):
    """Notes what is served when it begins to embed."""

    def __init__(self, index: Path) -> None:
        super().__init__()
        self.served: tuple[str, ...] = ()
        self._index = index

    def encode_passages(self, texts: Sequence[str], titles: Sequence[str]) -> list[Encoded]:
        if not self.served:
            with closing(
                Assistant.open(
                    self._index, embedder=HashEmbedder(), reading_model=WordReadingModel()
                )
            ) as assistant:
                self.served = assistant.sources()
        return super().encode_passages(texts, titles)


def test_what_was_deleted_stops_answering_before_what_is_new_is_embedded(
    corpus: Path,
    build: Build,
    tmp_path: Path,
    hash_settings: Settings,
    open_assistant: OpenAssistant,
) -> None:
    build(corpus)
    index = tmp_path / "index"
    (corpus / "parking.md").unlink()
    new = "\n\n".join(f"Câu mới số {number} về hải quan. " * 9 for number in range(100))
    (corpus / "new.txt").write_text(new, encoding="utf-8")
    embedder = LookingEmbedder(index)
    build_index(corpus, index, hash_settings, embedder)
    assert embedder.served == ("nghi_phep.txt",)
    after = open_assistant(index)
    assert after.sources() == ("new.txt", "nghi_phep.txt")


def test_an_emptied_folder_answers_nothing_and_what_comes_back_is_not_embedded_again(
    corpus: Path,
    build: Build,
    tmp_path: Path,
    embedder: HashEmbedder,
    open_assistant: OpenAssistant,
) -> None:
    build(corpus)
    embedded = embedder.passages_embedded
    aside = corpus.rename(tmp_path / "aside")
    with pytest.raises(EmptyCorpusError, match="there is no folder"):
        build(corpus)  # it may be on a disk that is not there now
    corpus.mkdir()
    assert build(corpus).documents == 0
    empty = open_assistant(tmp_path / "index")
    answer = empty.ask("Where may staff park?")
    assert (answer.answerable, answer.quotes, answer.related) == (False, (), ())
    assert empty.search("parking") == ()
    corpus.rmdir()
    aside.rename(corpus)
    assert build(corpus).documents == 2
    assert embedder.passages_embedded == embedded


def test_an_older_generation_but_one_is_dropped(corpus: Path, build: Build, tmp_path: Path) -> None:
    for number in range(4):
        (corpus / "more.txt").write_text(f"Câu số {number}.", encoding="utf-8")
        build(corpus)
    assert len(list((tmp_path / "index" / "generations").iterdir())) == 2


def test_a_reader_keeps_the_generation_that_it_opened(
    corpus: Path, build: Build, tmp_path: Path, assistant: Assistant
) -> None:
    before = assistant.ask("Parking costs how much?").quotes
    for number in range(3):
        (corpus / "more.txt").write_text(f"Câu số {number}.", encoding="utf-8")
        build(corpus)
    assert assistant.ask("Parking costs how much?").quotes == before


@pytest.mark.parametrize("name", ["corpus.sqlite", "vectors.faiss", "tokens.faiss"])
@pytest.mark.parametrize("how", ["changed", "cut", "gone"])
def test_damage_is_found_and_mended_by_building_again(
    corpus: Path, build: Build, tmp_path: Path, name: str, how: str, open_assistant: OpenAssistant
) -> None:
    build(corpus)
    index = tmp_path / "index"
    path = current_generation(index)[0] / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.unlink() if how == "gone" else path.write_bytes(data[:-1] if how == "cut" else data)
    assert len(list((index / "generations").iterdir())) == 1, "there is none to go back to"
    with pytest.raises(IndexDamagedError, match=rf"{name} is not what was written.*trichdan index"):
        open_assistant(index)
    build(corpus)
    assert open_assistant(index).sources()


@pytest.mark.parametrize("content", [b"", b"nowhere", b"\xff\xfe", b"../../etc"])
def test_a_damaged_pointer_is_found(
    corpus: Path, build: Build, tmp_path: Path, content: bytes, open_assistant: OpenAssistant
) -> None:
    build(corpus)
    index = tmp_path / "index"
    (index / "CURRENT").write_bytes(content)
    with pytest.raises(IndexDamagedError, match="build it again"):
        current_generation(index)
    assistant = open_assistant(index)
    assert assistant.sources() == ("nghi_phep.txt", "parking.md"), "the generation itself is whole"


@pytest.mark.parametrize("what", ["CURRENT", "manifest.json", "vectors.faiss"])
def test_a_damaged_generation_is_set_aside_and_the_one_before_answers(
    corpus: Path,
    build: Build,
    tmp_path: Path,
    what: str,
    embedder: HashEmbedder,
    caplog: pytest.LogCaptureFixture,
    open_assistant: OpenAssistant,
) -> None:
    index = tmp_path / "index"
    build(corpus)
    (corpus / "more.txt").write_text("Một câu nữa.", encoding="utf-8")
    build(corpus)
    damaged = current_generation(index)[0]
    (index / what if what == "CURRENT" else damaged / what).write_bytes(b"nonsense")
    assistant = open_assistant(index)
    expected = {"nghi_phep.txt", "parking.md"} | ({"more.txt"} if what == "CURRENT" else set())
    assert set(assistant.sources()) == expected
    [message] = [record.getMessage() for record in caplog.records]
    assert "is damaged" in message
    assert f"bring it up to date with: trichdan index --source {corpus}" in message
    assert (index / "damaged" / damaged.name).exists() == (what != "CURRENT")
    embedded = embedder.passages_embedded
    build(corpus)
    assert embedder.passages_embedded == embedded + (what != "CURRENT")
    again = open_assistant(index)
    assert "more.txt" in again.sources()


def test_a_pointer_never_leads_out_of_the_index(
    corpus: Path, build: Build, tmp_path: Path, open_assistant: OpenAssistant
) -> None:
    build(corpus)
    outside = tmp_path / "outside"
    outside.mkdir()
    (tmp_path / "index" / "CURRENT").write_text("../../outside")
    open_assistant(tmp_path / "index")
    assert outside.is_dir()


def test_no_index_says_how_to_build_one(tmp_path: Path) -> None:
    with pytest.raises(IndexMissingError, match="trichdan index --source FOLDER"):
        Assistant.open(tmp_path / "nowhere")


def test_another_model_or_prompt_than_the_index_was_built_with(
    corpus: Path, build: Build, tmp_path: Path
) -> None:
    build(corpus)
    for settings in (load_settings(model="other"), load_settings(query_prompt="q: ")):
        with pytest.raises(IndexMismatchError, match=r"build it again with: trichdan index"):
            Assistant.open(
                tmp_path / "index",
                settings=settings,
                embedder=HashEmbedder(),
                reading_model=WordReadingModel(),
            )


def test_a_changed_recipe_makes_an_index_stale(
    corpus: Path, build: Build, tmp_path: Path, hash_settings: Settings
) -> None:
    build(corpus)
    index = tmp_path / "index"
    embedder = HashEmbedder()
    assert not Indexer(index, hash_settings, embedder=embedder).bring_in_step(corpus).changed
    other = load_settings(model="hash", chunk_tokens=65)
    assert Indexer(index, other, embedder=embedder).bring_in_step(corpus).changed


def test_a_folder_with_nothing_to_quote_leaves_the_index_alone(
    corpus: Path, build: Build, tmp_path: Path
) -> None:
    before = build(corpus)
    bare = tmp_path / "bare"
    bare.mkdir()
    (bare / "a.txt").write_text("-----\n(Ảnh: A)\n", encoding="utf-8")
    with pytest.raises(EmptyCorpusError, match="no document has any text to quote"):
        build(bare)
    assert current_generation(tmp_path / "index")[1] == before


def test_two_builders_at_once(tmp_path: Path) -> None:
    with (
        building(tmp_path),
        pytest.raises(IndexBusyError, match="another process is building"),
        building(tmp_path),
    ):
        pass


def test_an_index_directory_that_cannot_be_written(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(IndexWriteError, match="what was indexed before is unchanged"),
        building(tmp_path / "file" / "index"),
    ):
        pass


def test_a_full_disk_leaves_the_last_generation_serving(
    corpus: Path, build: Build, tmp_path: Path
) -> None:
    before = build(corpus)
    text = "".join(f"Câu số {number} về hải quan. " for number in range(2_000))
    (corpus / "long.txt").write_text(text, encoding="utf-8")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(IndexWriteError, match="cannot be written"):
            build(corpus)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert current_generation(tmp_path / "index")[1] == before
    assert not list((tmp_path / "index" / "generations").glob(".*"))


_BUILDER = """
import sys
from pathlib import Path
from rag.config import load_settings
from rag.service.indexing.indexer import Indexer
from rag.testing.hash_embedder import HashEmbedder
source, index = map(Path, sys.argv[1:])
settings = load_settings(model="hash", chunk_tokens=64)
print("ready", flush=True)
for number in range(1000):
    (source / "more.txt").write_text(f"Câu số {number}. " * 50, encoding="utf-8")
    indexer = Indexer(index, settings, embedder=HashEmbedder())
    indexer.bring_in_step(source, on_embedded=print)
"""


def test_a_killed_builder_leaves_a_whole_generation(
    corpus: Path, build: Build, tmp_path: Path, open_assistant: OpenAssistant
) -> None:
    build(corpus)
    for number in range(6):
        command = [sys.executable, "-c", _BUILDER, str(corpus), str(tmp_path / "index")]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            time.sleep(0.05 + 0.07 * number)
            os.kill(process.pid, signal.SIGKILL)
        assert "parking.md" in open_assistant(tmp_path / "index").sources()
    build(corpus)
    assert not list((tmp_path / "index" / "generations").glob(".*"))


@pytest.mark.parametrize(
    ("name", "value"), [("chunk_tokens", 5), ("max_file_mb", 0), ("model", ""), ("nonsense", 1)]
)
def test_settings_that_cannot_be(name: str, value: object) -> None:
    with pytest.raises(SettingsError, match=rf"TRICHDAN_{name.upper()} is {value!r}"):
        load_settings(**{name: value})


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRICHDAN_CHUNK_TOKENS", "100")
    assert load_settings().chunk_tokens == 100
    assert load_settings(chunk_tokens=120).chunk_tokens == 120
