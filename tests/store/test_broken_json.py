"""JSON of ours that is broken, however, counts as damaged."""

import json
import queue
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

import numpy as np
import pytest

from rag.domain.serialise import read_json
from rag.domain.vectors import Encoded
from rag.domain.work import Limits
from rag.errors import DocumentError, IndexDamagedError
from rag.ingest.run.cached_reader import CachedReader
from rag.ingest.run.child_process import ChildProcessRunner
from rag.ingest.run.file_reader import RunnerReader
from rag.ingest.run.readings import ReadDocument
from rag.retrieve.language_centroids import LanguageCentroids
from rag.store.documents import SqliteDocuments
from rag.store.embedding_journal import EmbeddingJournal
from rag.store.generations import current_generation, sound_generation
from rag.store.reading_cache import SqliteReadingCache
from tests.conftest import Build, OpenAssistant
from tests.ingest.run.test_cached_reader import CountingReader, read

BROKEN = {
    "deep": b"[" * 100_000,
    "deep object": b'{"a":' * 100_000,
    "cut": b'{"format": 7, "cre',
    "number": b"9" * 5_000,
    "no UTF-8": b"\xff\xfe\xff",
    "empty": b"",
    "null": b"null",
    "list": b"[]",
    "other": b'{"a": 1}',
}
broken = pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN.keys())


@pytest.mark.parametrize("name", ["deep", "deep object", "cut", "number", "no UTF-8", "empty"])
def test_all_that_is_broken_is_one_kind_of_error(name: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_json(BROKEN[name])


@broken
def test_a_broken_manifest_is_damage(
    corpus: Path, build: Build, tmp_path: Path, data: bytes
) -> None:
    index = tmp_path / "index"
    build(corpus)
    first = current_generation(index)[0]
    (corpus / "more.txt").write_text("Một câu nữa.", encoding="utf-8")
    build(corpus)
    second = current_generation(index)[0]
    (second / "manifest.json").write_bytes(data)
    with pytest.raises(IndexDamagedError, match="build it again"):
        current_generation(index)
    assert sound_generation(index)[0] == first
    assert (index / "damaged" / second.name).exists()
    build(corpus)
    assert current_generation(index)[1].documents == 3


@pytest.mark.parametrize(
    "data", [b"[" * 100_000, b"a\0b", b"n" * 300, b"\xff", b"."], ids=lambda data: ascii(data[:9])
)
def test_a_broken_pointer_is_damage(
    corpus: Path, build: Build, tmp_path: Path, data: bytes, open_assistant: OpenAssistant
) -> None:
    build(corpus)
    index = tmp_path / "index"
    (index / "CURRENT").write_bytes(data)
    with pytest.raises(IndexDamagedError, match="build it again"):
        current_generation(index)
    assert open_assistant(index).sources() == ("nghi_phep.txt", "parking.md")


@broken
def test_a_broken_reading_is_read_anew(tmp_path: Path, data: bytes) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").write_text("Một câu.", encoding="utf-8")
    assert read(folder, CountingReader()) == (["a.txt"], [])
    with closing(sqlite3.connect(tmp_path / "cache.sqlite")) as connection, connection:
        connection.execute("UPDATE readings SET value = ?", (zlib.compress(data),))
    assert read(folder, CountingReader()) == (["a.txt"], [])
    assert read(folder, CountingReader()) == ([], [])


@pytest.mark.parametrize(
    "value",
    [
        7,
        [],
        [7],
        [{"name": "", "reason": "x"}],
        [{"name": "", "document": {"text": "Một câu."}}],
        [{"name": "", "document": "Một câu."}],
        {"name": ""},
    ],
)
def test_a_reading_of_another_form_is_read_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: object
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Một câu.", encoding="utf-8")
    aside = tmp_path / "aside"
    aside.mkdir()
    with SqliteReadingCache(tmp_path / "cache.sqlite") as cache:
        monkeypatch.setattr(cache, "get", lambda _: value)
        [reading] = CachedReader(CountingReader(), cache, aside, 1_000).read(path)
    assert isinstance(reading, ReadDocument)
    assert reading.document.text == "Một câu."


@pytest.mark.parametrize("value", [b"", b"nonsense", 7, "text"])
def test_a_value_of_the_cache_that_is_none_is_nothing(tmp_path: Path, value: object) -> None:
    with SqliteReadingCache(tmp_path / "cache.sqlite") as cache:
        cache.put("key", ["value"])
        assert cache.get("key") == ["value"]
    with closing(sqlite3.connect(tmp_path / "cache.sqlite")) as connection, connection:
        connection.execute("UPDATE readings SET value = ?", (value,))
    with SqliteReadingCache(tmp_path / "cache.sqlite") as cache:
        assert cache.get("key") is None


@broken
def test_what_is_stored_of_a_document_is_checked(
    corpus: Path, build: Build, tmp_path: Path, data: bytes
) -> None:
    build(corpus)
    path = current_generation(tmp_path / "index")[0] / "corpus.sqlite"
    text = data.decode("utf-8", "replace")
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "UPDATE documents SET value = ?, metadata = ?, access = ?", (text, text, text)
        )
    with closing(SqliteDocuments(path)) as documents:
        with pytest.raises(IndexDamagedError, match=r"'parking.md' is damaged; build it again"):
            documents.document("parking.md")
        with pytest.raises(IndexDamagedError, match="is damaged; build it again"):
            documents.metadata()
        if not isinstance(json_or_none(data), list | dict):
            with pytest.raises(IndexDamagedError, match="is damaged; build it again"):
                documents.permissions()


def json_or_none(data: bytes) -> object:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


@broken
def test_broken_centres_are_damage(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "centres.json").write_bytes(data)
    with pytest.raises(IndexDamagedError, match="is damaged; build the index again"):
        LanguageCentroids.load(tmp_path / "centres.json")


def encoded() -> Encoded:
    return Encoded(
        vector=np.ones(4, dtype=np.float32),
        tokens=np.zeros((2, 4), dtype=np.float32),
        spans=np.zeros((2, 2), dtype=np.int32),
    )


@pytest.mark.parametrize("column", ["vector", "tokens", "spans"])
@pytest.mark.parametrize("value", [b"", b"abc", "text", 7])
def test_what_is_broken_in_the_journal_is_embedded_again(
    tmp_path: Path, column: str, value: object
) -> None:
    path = tmp_path / "journal.sqlite"
    with EmbeddingJournal(path, "recipe") as journal:
        journal.add({"good": encoded(), "bad": encoded()})
        assert journal.contents() == {"good", "bad"}
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE embeddings SET {column} = ? WHERE content = 'bad'", (value,))
    with EmbeddingJournal(path, "recipe") as journal:
        assert journal.contents() == {"good"}
        assert journal.encoded("good").tokens.shape == (2, 4)


def test_a_journal_whose_pages_are_damaged_is_begun_anew(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "journal.sqlite"
    with EmbeddingJournal(path, "recipe") as journal:
        journal.add({f"content {number:05}": encoded() for number in range(2_000)})
    data = bytearray(path.read_bytes())
    data[8_192:] = bytes(byte ^ 0xFF for byte in data[8_192:])
    path.write_bytes(data)
    with EmbeddingJournal(path, "recipe") as journal:
        assert journal.contents() == frozenset()
        journal.add({"new": encoded()})
        assert journal.contents() == {"new"}
    assert "is damaged and is begun anew" in caplog.text


@pytest.mark.parametrize(
    "answer",
    [b"[" * 100_000, b"{}", b"[]", b"7", b"\xff", b'{"other": 1}', b'{"value": 7}'],
    ids=lambda answer: ascii(answer[:9]),
)
def test_an_answer_of_the_reader_that_is_none_is_the_files_problem(
    tmp_path: Path, answer: bytes
) -> None:
    (tmp_path / "a.txt").write_text("Một câu.", encoding="utf-8")
    with ChildProcessRunner() as runner:
        reader = RunnerReader(runner, Limits())
        assert len(reader.read(tmp_path / "a.txt")) == 1
        child = runner._child
        assert child is not None
        child._answers = queue.SimpleQueue()
        child._answers.put(answer)
        with pytest.raises(DocumentError, match="cannot be understood") as caught:
            reader.read(tmp_path / "a.txt")
        assert caught.value.vietnamese
        assert len(reader.read(tmp_path / "a.txt")) == 1, "another process reads the next"
