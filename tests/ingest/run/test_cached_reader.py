"""What was read is remembered, by what files hold."""

from pathlib import Path

import pytest

from rag.domain.work import Limits
from rag.errors import DocumentError, ReaderDiedError
from rag.ingest import read_corpus
from rag.ingest.formats import default_loader
from rag.ingest.run.file_reader import DirectReader
from rag.ingest.run.readings import Reading
from rag.store.reading_cache import SqliteReadingCache


class CountingReader:
    """Reads files and counts how many; fails on those whose names it was told."""

    suffixes = frozenset({".txt"})

    def __init__(self, failing: dict[str, DocumentError] | None = None, limit: str = "") -> None:
        self.circumstances = limit
        self.files: list[str] = []
        self._failing = failing or {}
        self._reader = DirectReader(default_loader(Limits()))

    def read(self, path: Path) -> list[Reading]:
        self.files.append(path.name)
        if path.name in self._failing:
            raise self._failing[path.name]
        return self._reader.read(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").write_text("Một câu.", encoding="utf-8")
    (folder / "b.txt").write_text("Hai câu.", encoding="utf-8")
    return folder


def read(folder: Path, reader: CountingReader) -> tuple[list[str], list[str]]:
    """Return what is read anew, and what fails."""
    with SqliteReadingCache(folder.parent / "cache.sqlite") as cache:
        corpus = read_corpus(folder, reader, cache)
        cache.forget_unused()
    return reader.files, [problem.source for problem in corpus.problems]


def test_only_what_changed_is_read_again_and_moves_are_not(folder: Path) -> None:
    assert read(folder, CountingReader()) == (["a.txt", "b.txt"], [])
    assert read(folder, CountingReader()) == ([], [])
    (folder / "sub").mkdir()
    (folder / "a.txt").rename(folder / "sub" / "moved.txt")
    (folder / "b.txt").write_text("Ba câu.", encoding="utf-8")
    assert read(folder, CountingReader()) == (["b.txt"], [])


def test_a_file_that_fails_is_read_again_when_it_changes(folder: Path) -> None:
    failing = {"a.txt": DocumentError("document.empty")}
    assert read(folder, CountingReader(failing)) == (["a.txt", "b.txt"], ["a.txt"])
    assert read(folder, CountingReader()) == ([], ["a.txt"])
    (folder / "a.txt").write_text("Một câu khác.", encoding="utf-8")
    assert read(folder, CountingReader()) == (["a.txt"], [])


def test_a_reader_that_died_is_no_fault_to_be_remembered(folder: Path) -> None:
    failing: dict[str, DocumentError] = {"a.txt": ReaderDiedError("run.reader_broke", how="x")}
    assert read(folder, CountingReader(failing)) == (["a.txt", "b.txt"], ["a.txt"])
    assert read(folder, CountingReader()) == (["a.txt"], [])


def test_other_limits_read_anew(folder: Path) -> None:
    failing = {"a.txt": DocumentError("run.too_long", seconds=3.0)}
    assert read(folder, CountingReader(failing, "3 s"))[1] == ["a.txt"]
    assert read(folder, CountingReader(limit="300 s"))[1] == []


@pytest.mark.parametrize("content", [b"", b"nonsense", b"SQLite format 3\0" + bytes(200)])
def test_a_cache_that_is_damaged_is_begun_anew(folder: Path, content: bytes) -> None:
    (folder.parent / "cache.sqlite").write_bytes(content)
    assert read(folder, CountingReader()) == (["a.txt", "b.txt"], [])
    assert read(folder, CountingReader()) == ([], [])
