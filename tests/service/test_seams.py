"""The world of an assistant is swapped by arguments: nothing on disk, the same answers."""

from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

import pytest

from rag.domain.documents import Document, Passage, PassageId, passage_id
from rag.domain.permissions import Scope
from rag.domain.vectors import IndexedPassage
from rag.ingest.structure.document import make_document
from rag.ingest.structure.passages import divide
from rag.language.glossary import Glossary
from rag.language.syllables import SyllableModel, count_syllables
from rag.retrieve.language_centroids import LanguageCentroids, measure_centroids
from rag.service.assistant import Assistant
from rag.testing.hash_embedder import HashEmbedder
from rag.testing.memory import MemoryDocuments, MemoryPassageIndex
from rag.testing.reading_models import WordReadingModel
from tests.manifests import manifest_of

DOCUMENTS = (
    make_document("parking.txt", "Staff may park in the yard. Parking costs 20 dollars a month."),
    make_document("nghi_phep.txt", "Mỗi cán bộ được nghỉ 12 ngày phép trong một năm."),
)


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    embedder = HashEmbedder()
    centroids = measure_centroids(embedder)
    index = MemoryPassageIndex()
    passages: dict[PassageId, Passage] = {}
    for document in DOCUMENTS:
        indexed = [
            _indexed(document, passage, embedder, centroids)
            for passage in divide(document, max_tokens=64, count_tokens=embedder.count_tokens)
        ]
        index.replace(document.source, indexed)
        passages |= {passage.id: passage.passage for passage in indexed}
    count_syllables(document.text for document in DOCUMENTS).write(tmp_path / "syllables.sqlite")
    syllables = SyllableModel(tmp_path / "syllables.sqlite")
    opened = ExitStack()
    opened.callback(syllables.close)
    assistant = Assistant(
        manifest=manifest_of(documents=len(DOCUMENTS), passages=len(passages)),
        documents=MemoryDocuments(DOCUMENTS, passages),
        passages=index,
        embedder=embedder,
        reading_model=WordReadingModel(),
        centroids=centroids,
        syllables=syllables,
        glossary=Glossary.default(),
        opened=opened,
    )
    with closing(assistant):
        yield assistant


def _indexed(
    document: Document, passage: Passage, embedder: HashEmbedder, centroids: LanguageCentroids
) -> IndexedPassage:
    text = document.text[passage.start : passage.end]
    (encoded,) = embedder.encode_passages([text], [""])
    centred = centroids.subtract(encoded, document.language)
    return IndexedPassage(
        id=passage_id(document.source, passage.start, text),
        passage=passage,
        content=text,
        text=text,
        collection=document.collection,
        access=document.access,
        encoded=replace(centred, spans=centred.spans + passage.start),
    )


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("What does parking cost a month?", "Parking costs 20 dollars a month."),
        (
            "can bo duoc nghi bao nhieu ngay phep",
            "Mỗi cán bộ được nghỉ 12 ngày phép trong một năm.",
        ),
    ],
)
def test_an_assistant_answers_from_memory(assistant: Assistant, question: str, quote: str) -> None:
    answer = assistant.ask(question)
    assert answer.answerable
    assert answer.quotes[0].text == quote


def test_permissions_hold_there_too(assistant: Assistant) -> None:
    nowhere = Scope(collections=frozenset({"other"}))
    answer = assistant.ask("What does parking cost a month?", scope=nowhere)
    assert not answer.answerable
    assert (answer.quotes, answer.related, answer.hits) == ((), (), ())
