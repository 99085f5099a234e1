"""What several tests need: a small index, the seeds' index, and whether there is a Chromium."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rag.config import Settings, load_settings
from rag.domain.ports import Embedder
from rag.domain.work import Limits
from rag.store.manifest import Manifest
from rag.testing.hash_embedder import HashEmbedder
from rag.testing.reading_models import WordReadingModel

if TYPE_CHECKING:
    from rag.service.assistant import Assistant
    from rag.service.documents.library import Library

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"

Build = Callable[[Path], Manifest]
OpenAssistant = Callable[[Path], "Assistant"]
OpenLibrary = Callable[..., "Library"]


def build_index(source: Path, index: Path, settings: Settings, embedder: Embedder) -> Manifest:
    """Bring an index in step with a folder, whose files are read in this process."""
    # Here and below what is heavy is imported where it is needed, so that pure tests are quick.
    from rag.ingest.formats import default_loader
    from rag.ingest.run.file_reader import DirectReader
    from rag.service.indexing.indexer import Indexer

    reader = DirectReader(default_loader(Limits()))
    indexer = Indexer(index, settings, embedder=embedder, reader=reader)
    return indexer.bring_in_step(source).manifest


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("TRICHDAN_") and name != "TRICHDAN_CACHE_DIR":
            monkeypatch.delenv(name)


@pytest.fixture
def embedder() -> HashEmbedder:
    return HashEmbedder()


@pytest.fixture
def hash_settings() -> Settings:
    return load_settings(model="hash", chunk_tokens=64)


@pytest.fixture
def build(tmp_path: Path, embedder: HashEmbedder, hash_settings: Settings) -> Build:
    """Index a folder into tmp_path/index with the deterministic embedder."""

    def run(source: Path) -> Manifest:
        return build_index(source, tmp_path / "index", hash_settings, embedder)

    return run


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    """A folder with a document in each language."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "nghi_phep.txt").write_text(
        "QUY CHẾ NGHỈ PHÉP\n\nMỗi cán bộ được nghỉ 12 ngày phép trong một năm. Đơn xin nghỉ nộp cho "
        "trưởng phòng trước 3 ngày.\n\nTrưởng phòng ký đơn (Ảnh: Minh Anh)\n",
        encoding="utf-8",
    )
    (folder / "parking.md").write_text(
        "# Parking\n\nStaff may park in the yard behind the main building. Visitors park on the "
        "street.\n\n## Fees\n\nParking costs 20 dollars a month.\n",
        encoding="utf-8",
    )
    return folder


@pytest.fixture
def open_assistant(embedder: HashEmbedder) -> Iterator[OpenAssistant]:
    """Open indexes with the deterministic models; they are closed after the test."""
    from rag.service.assistant import Assistant

    with ExitStack() as opened:

        def open_index(index: Path) -> Assistant:
            assistant = Assistant.open(index, embedder=embedder, reading_model=WordReadingModel())
            return opened.enter_context(closing(assistant))

        yield open_index


@pytest.fixture
def open_library(hash_settings: Settings) -> Iterator[OpenLibrary]:
    """Open libraries with deterministic models of their own; they are closed after the test."""
    from rag.service.documents.library import Library

    with ExitStack() as opened:

        def open_index(
            index: Path, *, settings: Settings = hash_settings, removed: Path | None = None
        ) -> Library:
            library = Library(
                index,
                settings=settings,
                removed=removed,
                embedder=HashEmbedder(),
                reading_model=WordReadingModel(),
            )
            return opened.enter_context(closing(library))

        yield open_index


@pytest.fixture
def assistant(
    corpus: Path, build: Build, tmp_path: Path, open_assistant: OpenAssistant
) -> "Assistant":
    build(corpus)
    return open_assistant(tmp_path / "index")


@pytest.fixture(scope="session")
def seeds_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seeds, indexed with the packaged model."""
    from rag.service.indexing.indexer import Indexer

    index = tmp_path_factory.mktemp("seeds") / "index"
    Indexer(index, load_settings()).bring_in_step(SEEDS)
    return index


@pytest.fixture(scope="session")
def seeds(seeds_index: Path) -> "Iterator[Assistant]":
    from rag.service.assistant import Assistant

    with closing(Assistant.open(seeds_index)) as opened:
        yield opened


@pytest.fixture(scope="session")
def chromium() -> Iterator[str]:
    executable = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if executable is None:
        if os.environ.get("CI"):
            pytest.fail("CI needs Chromium: apt-get install chromium")
        pytest.skip("no Chromium; on Debian: sudo apt install chromium")
    yield executable
