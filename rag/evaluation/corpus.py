"""A folder of documents for the time of an evaluation."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from rag.config import Settings
from rag.domain.ports import Embedder, ReadingModel
from rag.read.calibration import Calibrator
from rag.retrieve.language_centroids import LanguageCentroids
from rag.service.assistant import Assistant
from rag.service.indexing.indexer import Indexer

__all__ = ["opened_corpus"]


@contextmanager
def opened_corpus(
    write: Callable[[Path], None],
    settings: Settings,
    *,
    embedder: Embedder | None = None,
    reading_model: ReadingModel | None = None,
    centroids: LanguageCentroids | None = None,
    calibrator: Calibrator | None = None,
) -> Iterator[Assistant]:
    """Index a folder that something is written to, and open that.

    Args:
        write: Writes the documents.
        settings: With what they are indexed.
        embedder: By default the one that the settings name; likewise the others.
        reading_model: What reads the passages.
        centroids: What is subtracted from vectors.
        calibrator: Tells how sure answers are; by default the one that is shipped.
    """
    with tempfile.TemporaryDirectory() as folder:
        corpus, index = Path(folder, "corpus"), Path(folder, "index")
        corpus.mkdir()
        write(corpus)
        indexer = Indexer(index, settings, embedder=embedder, centroids=centroids)
        indexer.bring_in_step(corpus)
        assistant = Assistant.open(
            index,
            settings=settings,
            embedder=embedder,
            reading_model=reading_model,
            calibrator=calibrator,
        )
        with closing(assistant):
            yield assistant
