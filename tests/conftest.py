"""What several tests need: a small index, the seeds' index, and whether there is a Chromium."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rag.service.indexing.plan import make_plan

from rag.config import Settings, load_settings
from rag.domain.work import Limits
from rag.ingest.formats import default_loader
from rag.ingest.run.file_reader import DirectReader
from rag.service.assistant import Assistant
from rag.service.indexing.builder import build_generation
from rag.store.generations import Manifest, building
from rag.testing.doubles import HashEmbedder, WordReadingModel

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"

Build = Callable[[Path], Manifest]


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
        index = tmp_path / "index"
        with building(index):
            plan = make_plan(
                source, index, hash_settings, reader=DirectReader(default_loader(Limits()))
            )
            if plan.current is not None:
                return plan.current
            return build_generation(
                plan.corpus, source, index, plan.recipe, hash_settings, lambda *_: None, embedder
            )

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
def assistant(corpus: Path, build: Build, tmp_path: Path, embedder: HashEmbedder) -> Assistant:
    build(corpus)
    return Assistant.open(tmp_path / "index", embedder=embedder, reading_model=WordReadingModel())


@pytest.fixture(scope="session")
def seeds_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The seeds, indexed with the packaged model."""
    index = tmp_path_factory.mktemp("seeds") / "index"
    settings = load_settings()
    with building(index):
        plan = make_plan(SEEDS, index, settings)
        build_generation(plan.corpus, SEEDS, index, plan.recipe, settings, lambda *_: None)
    return index


@pytest.fixture(scope="session")
def seeds(seeds_index: Path) -> Assistant:
    return Assistant.open(seeds_index)


@pytest.fixture(scope="session")
def chromium() -> Iterator[str]:
    found = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if found is None:
        if os.environ.get("CI"):
            pytest.fail("CI needs Chromium: apt-get install chromium")
        pytest.skip("no Chromium; on Debian: sudo apt install chromium")
    yield found
