"""A folder of documents for the time of an evaluation."""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TypedDict, Unpack

from rag.config import Settings
from rag.domain.ports import Embedder, ReadingModel
from rag.read.calibration import Calibrator
from rag.retrieve.language_centroids import LanguageCentroids
from rag.service.assistant import Assistant
from rag.service.indexing.indexer import Indexer

__all__ = ["Parts", "opened_corpus"]


class Parts(TypedDict, total=False):
    """What is put in the place of what the settings name, or of what is shipped.

    Attributes:
        centroids: What is subtracted from vectors.
    """

    embedder: Embedder
    reading_model: ReadingModel
    centroids: LanguageCentroids
    calibrator: Calibrator


@contextmanager
def opened_corpus(
    write: Callable[[Path], None], settings: Settings, **parts: Unpack[Parts]
) -> Iterator[Assistant]:
    """Index a folder that something is written to, and open that.

    Args:
        write: Writes the documents.
        settings: With what they are indexed.
        **parts: In the place of what there is by default.
    """
    with tempfile.TemporaryDirectory() as folder:
        corpus, index = Path(folder, "corpus"), Path(folder, "index")
        corpus.mkdir()
        write(corpus)
        indexer = Indexer(
            index, settings, embedder=parts.get("embedder"), centroids=parts.get("centroids")
        )
        indexer.bring_in_step(corpus)
        assistant = Assistant.open(
            index,
            settings=settings,
            embedder=parts.get("embedder"),
            reading_model=parts.get("reading_model"),
            calibrator=parts.get("calibrator"),
        )
        with closing(assistant):
            yield assistant
