"""Every seam: what is used, and the simplest way to do the same."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from rag.config import Settings, load_settings
from rag.domain.documents import Document
from rag.domain.ports import Catalogue, Embedder, PassageIndex, ReadingModel, Runner
from rag.ingest.run.child_process import ChildProcessRunner
from rag.ingest.structure.document import make_document
from rag.retrieve.faiss_passage_index import FaissPassageIndex
from rag.store.catalogue import LocalCatalogue
from rag.store.documents import SqliteDocuments
from rag.store.generations import building, new_generation
from rag.store.index_files import CORPUS
from rag.store.manifest import Manifest
from rag.testing.contracts import (
    CatalogueContract,
    EmbedderContract,
    PassageIndexContract,
    ReadingModelContract,
    RunnerContract,
)
from rag.testing.hash_embedder import HashEmbedder
from rag.testing.memory import InlineRunner, MemoryCatalogue, MemoryPassageIndex
from rag.testing.reading_models import SilentReadingModel, WordReadingModel
from tests.manifests import manifest_of


class TestHashEmbedder(EmbedderContract):
    @pytest.fixture
    def embedder(self) -> Embedder:
        return HashEmbedder()


class TestSilentReadingModel(ReadingModelContract):
    @pytest.fixture
    def reading_model(self) -> ReadingModel:
        return SilentReadingModel()


class TestWordReadingModel(ReadingModelContract):
    @pytest.fixture
    def reading_model(self) -> ReadingModel:
        return WordReadingModel()


@pytest.mark.model
class TestPackagedReadingModel(ReadingModelContract):
    @pytest.fixture
    def reading_model(self, packaged: ReadingModel) -> ReadingModel:
        return packaged


@pytest.fixture(scope="module")
def packaged() -> ReadingModel:
    from rag.service.models import reading_model_of

    return reading_model_of(load_settings())


class TestMemoryPassageIndex(PassageIndexContract):
    @pytest.fixture
    def passage_index(self) -> PassageIndex:
        return MemoryPassageIndex()


class TestFaissPassageIndex(PassageIndexContract):
    @pytest.fixture
    def passage_index(self) -> Iterator[PassageIndex]:
        index = FaissPassageIndex(HashEmbedder().info.dimension)
        yield index
        index.close()


class TestFaissPassageIndexInFiles(PassageIndexContract):
    """The same once it was saved and opened; changes are made to what was opened."""

    @pytest.fixture
    def passage_index(self, tmp_path: Path) -> Iterator[PassageIndex]:
        index = _reopened(FaissPassageIndex(HashEmbedder().info.dimension), tmp_path)
        yield index
        index.close()

    @pytest.fixture
    def filled(self, passage_index: PassageIndex, tmp_path: Path) -> Iterator[PassageIndex]:
        memory = FaissPassageIndex(HashEmbedder().info.dimension)
        self.fill(memory)
        index = _reopened(memory, tmp_path)
        yield index
        index.close()


def _reopened(index: FaissPassageIndex, directory: Path) -> FaissPassageIndex:
    index.save(directory)
    index.close()
    return FaissPassageIndex.open(directory)


LAW = make_document(
    "law.txt",
    "LUẬT PHÍ\n\nĐiều 1. Phạm vi điều chỉnh\n\nLuật này quy định về phí.\n\n"
    "Điều 2. Mức phí hải quan\n\nPhí là 20.000 đồng.\n",
)


class TestMemoryCatalogue(CatalogueContract):
    @pytest.fixture
    def law(self) -> Document:
        return LAW

    @pytest.fixture
    def catalogue(self) -> Catalogue:
        return MemoryCatalogue()

    @pytest.fixture
    def publish(self, catalogue: MemoryCatalogue) -> Callable[[Sequence[Document]], None]:
        return catalogue.publish


class TestLocalCatalogue(CatalogueContract):
    @pytest.fixture
    def law(self) -> Document:
        return LAW

    @pytest.fixture
    def catalogue(self, tmp_path: Path) -> Catalogue:
        return LocalCatalogue(tmp_path / "index")

    @pytest.fixture
    def publish(
        self, tmp_path: Path, hash_settings: Settings
    ) -> Callable[[Sequence[Document]], None]:
        def run(documents: Sequence[Document]) -> None:
            def write(directory: Path) -> Manifest:
                SqliteDocuments.build(directory / CORPUS, documents, [], [])
                return manifest_of(documents=len(documents), passages=0)

            index = tmp_path / "index"
            with building(index):
                new_generation(index, write)

        return run


class TestInlineRunner(RunnerContract):
    @pytest.fixture
    def runner(self) -> Runner:
        return InlineRunner()


class TestChildProcessRunner(RunnerContract):
    @pytest.fixture
    def runner(self) -> Iterator[Runner]:
        with ChildProcessRunner() as runner:
            yield runner
