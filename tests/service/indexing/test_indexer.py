"""One call brings an index in step with its sources, whatever it held before."""

import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag.config import Settings
from rag.domain.standing import Time
from rag.domain.work import Limits
from rag.errors import EmptyCorpusError, IndexBusyError
from rag.ingest.formats import default_loader
from rag.ingest.run.file_reader import DirectReader
from rag.service.assistant import Assistant
from rag.service.indexing.indexer import Indexer
from rag.store.catalogue import LocalCatalogue
from rag.store.generations import current_generation
from rag.testing.hash_embedder import HashEmbedder
from rag.testing.reading_models import WordReadingModel

MakeIndexer = Callable[..., Indexer]


@pytest.fixture
def index(tmp_path: Path) -> Path:
    return tmp_path / "index"


@pytest.fixture
def make_indexer(index: Path, hash_settings: Settings, embedder: HashEmbedder) -> MakeIndexer:
    def make(**options: object) -> Indexer:
        reader = DirectReader(default_loader(Limits()))
        chosen = {"embedder": embedder, "reader": reader, **options}
        return Indexer(index, hash_settings, **chosen)  # type: ignore[arg-type]

    return make


def test_what_is_in_step_is_left_alone(
    make_indexer: MakeIndexer, corpus: Path, index: Path, embedder: HashEmbedder
) -> None:
    indexer = make_indexer()
    first = indexer.bring_in_step(corpus)
    name, embedded = LocalCatalogue(index).current(), embedder.passages_embedded
    again = indexer.bring_in_step(corpus)
    assert (first.changed, again.changed) == (True, False)
    assert again.manifest == first.manifest
    assert (LocalCatalogue(index).current(), embedder.passages_embedded) == (name, embedded)


def test_only_what_changed_is_embedded(
    make_indexer: MakeIndexer, corpus: Path, embedder: HashEmbedder
) -> None:
    indexer = make_indexer()
    indexer.bring_in_step(corpus)
    before = embedder.passages_embedded
    (corpus / "new.txt").write_text("Một câu mới.", encoding="utf-8")
    result = indexer.bring_in_step(corpus)
    assert result.changed
    assert result.manifest.documents == 3
    assert embedder.passages_embedded == before + 1


def test_it_is_told_how_far_reading_and_embedding_are(
    make_indexer: MakeIndexer, corpus: Path
) -> None:
    read: list[tuple[int, int]] = []
    embedded: list[tuple[int, int]] = []
    make_indexer().bring_in_step(
        corpus,
        on_read=lambda done, total: read.append((done, total)),
        on_embedded=lambda done, total: embedded.append((done, total)),
    )
    assert read == [(0, 2), (1, 2), (2, 2)]
    assert embedded[0] == (0, embedded[-1][1])
    assert embedded[-1][0] == embedded[-1][1] > 0


def test_what_is_passed_over_is_in_the_result_with_the_reason(
    make_indexer: MakeIndexer, corpus: Path
) -> None:
    (corpus / "bad.txt").write_bytes(b"a\0b")
    result = make_indexer().bring_in_step(corpus)
    assert list(result.passed_over) == ["bad.txt"]
    assert "binary" in result.passed_over["bad.txt"]
    assert make_indexer().bring_in_step(corpus).passed_over == result.passed_over


@pytest.mark.parametrize("damage", ["format", "manifest"])
def test_an_index_that_cannot_be_read_is_built_anew_with_a_clear_line(
    make_indexer: MakeIndexer,
    corpus: Path,
    index: Path,
    caplog: pytest.LogCaptureFixture,
    damage: str,
) -> None:
    make_indexer().bring_in_step(corpus)
    directory, _ = current_generation(index)
    path = directory / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    path.write_text("{" if damage == "manifest" else json.dumps({**manifest, "format": 7}))
    with caplog.at_level(logging.WARNING):
        result = make_indexer().bring_in_step(corpus)
    assert result.changed
    lines = [
        record.getMessage() for record in caplog.records if "built anew" in record.getMessage()
    ]
    (line,) = lines
    expected = "made by another version of this program" if damage == "format" else "is damaged"
    assert expected in line
    assert line.endswith("; it is built anew")
    assert current_generation(index)[1] == result.manifest


def test_a_folder_may_be_emptied_but_none_is_begun_with(
    make_indexer: MakeIndexer, corpus: Path, tmp_path: Path
) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(EmptyCorpusError, match="no document in"):
        make_indexer().bring_in_step(empty)
    make_indexer().bring_in_step(corpus)
    for path in corpus.iterdir():
        path.unlink()
    assert make_indexer().bring_in_step(corpus).manifest.documents == 0


def test_only_one_builds_at_a_time(make_indexer: MakeIndexer, corpus: Path, index: Path) -> None:
    with (
        LocalCatalogue(index).lease(),
        pytest.raises(IndexBusyError, match="another process is building"),
    ):
        make_indexer().bring_in_step(corpus)


@pytest.fixture
def assistant_on(
    make_indexer: MakeIndexer, index: Path, tmp_path: Path
) -> Iterator[Callable[[str], Assistant]]:
    """Index a regulation that holds in 2024, and open it on a day."""
    folder = tmp_path / "regulations"
    folder.mkdir()
    (folder / "fee.txt").write_text("Phí đỗ xe là 20 đồng một tháng.", encoding="utf-8")
    (folder / "catalogue.toml").write_text(
        '[[document]]\nsource = "fee.txt"\ntitle = "Phí đỗ xe"\n'
        "effective_from = 2024-01-01\neffective_until = 2024-12-31\n",
        encoding="utf-8",
    )
    make_indexer().bring_in_step(folder)
    opened: list[Assistant] = []

    def on(day: str) -> Assistant:
        assistant = Assistant.open(
            index,
            embedder=HashEmbedder(),
            reading_model=WordReadingModel(),
            clock=lambda: Time(first=day, last=day),
        )
        opened.append(assistant)
        return assistant

    yield on
    for assistant in opened:
        assistant.close()


@pytest.mark.parametrize(
    ("day", "standing"),
    [
        ("2023-12-31", "not yet in force"),
        ("2024-06-01", "in force"),
        ("2025-01-01", "no longer in force"),
    ],
)
def test_the_day_is_the_clocks(
    assistant_on: Callable[[str], Assistant], day: str, standing: str
) -> None:
    assistant = assistant_on(day)
    assert assistant.standing("fee.txt").value == standing
    answer = assistant.ask("Phí đỗ xe là bao nhiêu đồng một tháng?")
    assert answer.answerable
    assert [quote.standing.value for quote in answer.quotes] == [standing]
