"""What answers questions over one index: its parts put together, and what is asked of them."""

import weakref
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rag.config import Settings, load_settings
from rag.domain.answer import Answer
from rag.domain.documents import Document
from rag.domain.hits import Hit
from rag.domain.permissions import EVERYTHING, Scope
from rag.domain.ports import Documents, Embedder, PassageIndex, ReadingModel
from rag.domain.standing import Clock, Standing, standing_of, today
from rag.language.glossary import Glossary
from rag.language.syllables import SyllableModel
from rag.read.calibration import Calibrator
from rag.read.ranker import SentenceRanker, Weights
from rag.retrieve.faiss_passage_index import FaissPassageIndex
from rag.retrieve.language_centroids import LanguageCentroids
from rag.retrieve.retriever import Retriever
from rag.service.answering.answering import Answering
from rag.service.indexing.compatibility import check_model, check_recipe
from rag.service.models import embedder_of, reading_model_of
from rag.store.documents import SqliteDocuments
from rag.store.generations import sound_generation
from rag.store.index_files import CENTROIDS, CORPUS, GLOSSARY, SYLLABLES
from rag.store.manifest import Manifest
from rag.understand.analyse import Analyser
from rag.understand.follow_up_model import FollowUpModel

__all__ = ["Assistant"]


class Assistant:
    """Answers questions from one generation of an index. Safe to use from several threads.

    Args:
        manifest: What the generation says of itself.
        documents: What is quoted.
        passages: Finds passages.
        embedder: The model that they were embedded with.
        reading_model: Reads them.
        centroids: What was taken from their vectors.
        syllables: Those of the documents.
        glossary: Terms and abbreviations.
        weights: What counts for a sentence; for measuring.
        calibrator: Tells how sure answers are; by default the one that is shipped.
        follow_ups: Chooses what a question means after another; by default the one that is shipped.
        clock: Returns the day that is taken for this one.
        opened: What is to be closed with it.

    Attributes:
        answering: The way of a question, step by step.
    """

    def __init__(
        self,
        *,
        manifest: Manifest,
        documents: Documents,
        passages: PassageIndex,
        embedder: Embedder,
        reading_model: ReadingModel,
        centroids: LanguageCentroids,
        syllables: SyllableModel,
        glossary: Glossary,
        weights: Weights | None = None,
        calibrator: Calibrator | None = None,
        follow_ups: FollowUpModel | None = None,
        clock: Clock = today,
        opened: ExitStack | None = None,
    ) -> None:
        self.manifest = manifest
        self.clock = clock
        self.documents = documents
        self.analyser = Analyser(syllables, glossary)
        self._passages = documents.passages()
        self.retriever = Retriever(
            index=passages,
            passages=self._passages,
            embedder=embedder,
            centroids=centroids,
        )
        self.ranker = SentenceRanker(glossary, reading_model, weights)
        self._metadata = documents.metadata()
        self._permissions = documents.permissions()
        self.answering = Answering(
            documents=documents,
            retriever=self.retriever,
            analyser=self.analyser,
            ranker=self.ranker,
            calibrator=calibrator or Calibrator.load(),
            glossary=glossary,
            follow_ups=follow_ups or FollowUpModel.load(),
            clock=clock,
        )
        # Whoever still answers from it keeps the files open; the last one to drop it closes them.
        self._close = weakref.finalize(self, (opened or ExitStack()).close)

    @classmethod
    def open(
        cls,
        index_dir: str | Path,
        *,
        settings: Settings | None = None,
        embedder: Embedder | None = None,
        reading_model: ReadingModel | None = None,
        weights: Weights | None = None,
        calibrator: Calibrator | None = None,
        follow_ups: FollowUpModel | None = None,
        clock: Clock = today,
    ) -> "Assistant":
        """Open the current generation of an index.

        Args:
            index_dir: Where `trichdan index` wrote it.
            settings: From the environment by default.
            embedder: The model to embed questions with; by default the one the index names.
            reading_model: The model that reads passages; by default the one that is shipped.
            weights: What counts for a sentence; for measuring.
            calibrator: Tells how sure answers are; by default the one that is shipped.
            follow_ups: Chooses what a question means after another; by default the one that is
                shipped.
            clock: Returns the day that is taken for this one.

        Raises:
            IndexMissingError: If there is no index.
            IndexDamagedError: If it is not what was written.
            IndexMismatchError: If it was built with another model than is asked for.
            ModelError: If its model cannot be loaded.
        """
        settings = settings or load_settings()
        index = Path(index_dir)
        directory, manifest = sound_generation(index)
        check_recipe(index, manifest, settings)
        embedder = embedder or embedder_of(manifest.recipe, settings)
        check_model(index, manifest, embedder)
        reading_model = reading_model or reading_model_of(settings)
        learnt = (directory / GLOSSARY).read_text(encoding="utf-8").splitlines()
        opened = ExitStack()
        try:
            documents = SqliteDocuments(directory / CORPUS, directory.name)
            opened.callback(documents.close)
            passages = FaissPassageIndex.open(directory)
            opened.callback(passages.close)
            syllables = SyllableModel(directory / SYLLABLES)
            opened.callback(syllables.close)
            return cls(
                manifest=manifest,
                documents=documents,
                passages=passages,
                embedder=embedder,
                reading_model=reading_model,
                centroids=LanguageCentroids.load(directory / CENTROIDS),
                syllables=syllables,
                glossary=Glossary.with_lines(learnt),
                weights=weights,
                calibrator=calibrator,
                follow_ups=follow_ups,
                clock=clock,
                opened=opened,
            )
        except BaseException:
            opened.close()
            raise

    def close(self) -> None:
        """Close the files of the index; nothing can be asked afterwards."""
        self._close()

    def ask(
        self,
        question: str,
        history: Sequence[Mapping[str, Any]] = (),
        *,
        as_typed: bool = False,
        scope: Scope = EVERYTHING,
    ) -> Answer:
        """Answer a question by quoting.

        Args:
            question: In Vietnamese, however it is typed, or in English.
            history: Earlier questions of the conversation, oldest first, each under "question";
                what else an entry has is passed over.
            as_typed: Take the question word for word and by itself.
            scope: What is searched; nothing else has any influence on what is found.

        Raises:
            QuestionError: If the question is empty, too long or no text.
        """
        earlier = [str(turn["question"]) for turn in history if turn.get("question")]
        return self.answering.ask(question, earlier, scope, as_typed=as_typed)

    def search(self, query: str, limit: int = 10, scope: Scope = EVERYTHING) -> tuple[Hit, ...]:
        """Return the passages nearest a query, best first; where one names an article, its own.

        Raises:
            QuestionError: If the query is empty, too long or no text.
        """
        return self.answering.search(query, limit, scope)

    def document(self, source: str) -> Document:
        """Return a document of the index, its text checked against the hash that was stored."""
        return self.documents.document(source)

    def passage_counts(self) -> Mapping[str, int]:
        """Return how many passages each document was divided into."""
        return Counter(passage.source for passage in self._passages.values())

    def newest_date(self, scope: Scope = EVERYTHING) -> str:
        """Return the newest date of the documents, ISO 8601, or "" if none is known."""
        return max((self._metadata[source].date for source in self.sources(scope)), default="")

    def sources(self, scope: Scope = EVERYTHING) -> tuple[str, ...]:
        """Return what the documents of the index are called by."""
        return tuple(
            source for source in self._metadata if scope.allows(*self._permissions[source])
        )

    def may_read(self, source: str, scope: Scope) -> bool:
        """Tell whether there is a document of this name in the scope."""
        permission = self._permissions.get(source)
        return permission is not None and scope.allows(*permission)

    def collections(self, scope: Scope = EVERYTHING) -> tuple[str, ...]:
        """Return the names of the collections that have a document in the scope."""
        names = {self._permissions[source][0] for source in self.sources(scope)}
        return tuple(sorted(name for name in names if name))

    def standing(self, source: str) -> Standing:
        """Return whether a document is in force today."""
        return standing_of(self._metadata[source], self.clock())
