"""Nothing that a single document does harms the indexing, the list of documents or `watch`."""

import argparse
import logging
import os
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from rag.cli import index as cli_index
from rag.config import Settings
from rag.domain.documents import Document, Language, Metadata
from rag.domain.vectors import Encoded
from rag.domain.work import Limits
from rag.errors import EmptyCorpusError, IndexDamagedError, IndexWriteError, ModelError
from rag.ingest import Corpus, read_corpus
from rag.ingest.formats import default_loader
from rag.ingest.run.file_reader import DirectReader
from rag.ingest.run.problems import Problems, _log_once
from rag.ingest.structure.passages import divide
from rag.language.visible import visible
from rag.service.assistant import Assistant
from rag.service.documents.document_list import list_documents
from rag.service.documents.library import State
from rag.service.indexing.indexer import Indexer, read_source
from rag.store.manifest import Manifest
from rag.testing.hash_embedder import HashEmbedder
from rag.testing.reading_models import WordReadingModel
from tests.conftest import OpenAssistant, OpenLibrary

BAD = "Điều 7. Văn bản này gây lỗi KHÓ-LƯỜNG\nPhí là 7 đồng một lượt.\n"
MARK = "KHÓ-LƯỜNG"
ERRORS = (StopIteration(), ValueError("\x1b]0;x\x07 sai"), RecursionError("sâu"), TypeError("kiểu"))


@pytest.fixture(autouse=True)
def _forget_what_was_logged() -> None:
    _log_once.cache_clear()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with a document between two others that all stages can be made to fail at."""
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "a.txt").write_text("Tổng cục Hải quan (TCHQ) có 12 đội.", encoding="utf-8")
    (folder / "bad.txt").write_text(BAD, encoding="utf-8")
    (folder / "z.txt").write_text("Bến cảng Sao Mai có 44 cần cẩu.", encoding="utf-8")
    return folder


class Run:
    """Indexes a folder with the deterministic embedder."""

    def __init__(self, folder: Path, index: Path, settings: Settings) -> None:
        self.folder, self.index, self.settings = folder, index, settings
        self.embedder = HashEmbedder()

    def read(self) -> Corpus:
        reader = DirectReader(default_loader(Limits()))
        return read_source(self.folder, self.index, self.settings, reader=reader, may_be_empty=True)

    def indexer(self) -> Indexer:
        reader = DirectReader(default_loader(Limits()))
        return Indexer(self.index, self.settings, embedder=self.embedder, reader=reader)

    def build(self) -> Manifest:
        return self.indexer().bring_in_step(self.folder).manifest

    def states(self) -> dict[str, str]:
        with closing(
            Assistant.open(self.index, embedder=HashEmbedder(), reading_model=WordReadingModel())
        ) as assistant:
            listed = list_documents(assistant, self.read())
        assert all(
            entry.reason and entry.vietnamese for entry in listed if entry.state is State.FAILED
        )
        return {entry.source: entry.state.value for entry in listed}


@pytest.fixture
def run(folder: Path, tmp_path: Path, hash_settings: Settings) -> Run:
    return Run(folder, tmp_path / "index", hash_settings)


def failing(real: Callable[..., Any], error: Exception) -> Callable[..., Any]:
    """Return a function that fails whenever what it is given has to do with the bad document."""

    def touches(value: object) -> bool:
        if isinstance(value, tuple | list):
            return any(map(touches, value))
        if isinstance(value, Document):
            return MARK in value.text
        return isinstance(value, str | dict | Path) and (
            MARK in str(value) or "bad.txt" in str(value)
        )

    def replaced(*arguments: Any, **named: Any) -> Any:
        arguments = tuple(
            list(argument) if isinstance(argument, Iterator) else argument for argument in arguments
        )
        if any(map(touches, [*arguments, *named.values()])):
            raise type(error)(*error.args)
        return real(*arguments, **named)

    return replaced


STAGES = [
    "rag.ingest.run.folder_reader.check_place",
    "rag.ingest.run.folder_reader.replace",
    "rag.ingest.run.folder_reader.with_sound_dates",
    "rag.ingest.run.corpus.resolve_relations",
    "rag.service.indexing.work.divide",
    "rag.service.indexing.work.context_of",
    "rag.service.indexing.work.readable_text",
    "rag.service.indexing.work._content_hash",
    "rag.store.documents.document_to_json",
    "rag.store.documents.division_key",
    "rag.store.documents.title_key",
    "rag.retrieve.fts5_index._terms",
    "rag.service.indexing.builder.count_syllables",
    "rag.service.indexing.builder.find_abbreviations",
]


@pytest.mark.parametrize(("stage", "error"), list(zip(STAGES, ERRORS * 4, strict=False)))
def test_a_document_that_fails_at_any_stage_is_a_problem_and_the_others_go_on(
    run: Run,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    stage: str,
    error: Exception,
) -> None:
    with monkeypatch.context() as patch:
        module, name = stage.rsplit(".", 1)
        patch.setattr(stage, failing(getattr(__import__(module, fromlist=[name]), name), error))
        with caplog.at_level(logging.ERROR):
            manifest = run.build()
            again = run.indexer().bring_in_step(run.folder)
            assert run.states() == {"a.txt": "indexed", "bad.txt": "failed", "z.txt": "indexed"}
        assert manifest.documents == 2
        assert list(manifest.problems) == ["bad.txt"]
        assert type(error).__name__ in manifest.problems["bad.txt"]
        assert "\x1b" not in manifest.problems["bad.txt"]
        assert not again.changed and again.manifest == manifest, "it is not tried again and again"
    [record] = caplog.records
    logged = record.getMessage()
    assert "'bad.txt' is passed over" in logged
    assert "Traceback" in logged
    assert "\x1b" not in logged
    (run.folder / "bad.txt").write_text(BAD + "Thêm một câu.", encoding="utf-8")
    assert run.build().problems == {}
    assert run.states() == {"a.txt": "indexed", "bad.txt": "indexed", "z.txt": "indexed"}


class PickyEmbedder(HashEmbedder):
    """Fails at texts with a mark, or at all."""

    def __init__(self, error: Exception, mark: str = MARK) -> None:
        super().__init__()
        self._error = error
        self._mark = mark

    def encode_passages(self, texts: Sequence[str], titles: Sequence[str]) -> list[Encoded]:
        if any(self._mark in text for text in texts):
            raise self._error
        return super().encode_passages(texts, titles)


def test_a_document_that_cannot_be_embedded_is_a_problem(run: Run) -> None:
    (run.folder / "bad2.txt").write_text(f"{MARK} nữa. " + "Câu khác. " * 400, encoding="utf-8")
    # What it has in common with the other is embedded once, and not for the bad one alone.
    (run.folder / "zz.txt").write_text("Câu khác. " * 400, encoding="utf-8")
    run.embedder = PickyEmbedder(RuntimeError("tensor"))
    manifest = run.build()
    assert manifest.documents == 3
    assert sorted(manifest.problems) == ["bad.txt", "bad2.txt"]
    assert "RuntimeError: tensor" in manifest.problems["bad.txt"]
    assert run.states()["zz.txt"] == "indexed"
    assert run.states()["bad2.txt"] == "failed"


def test_what_is_no_fault_of_a_document_ends_the_run_and_the_index_stays(
    run: Run, open_assistant: OpenAssistant
) -> None:
    before = run.build()
    (run.folder / "more.txt").write_text("Một câu nữa.", encoding="utf-8")
    for error, raised in (
        (ModelError("model.reading_model_unfit"), ModelError),
        (OSError(28, "No space left on device"), IndexWriteError),
        (sqlite3.OperationalError("database or disk is full"), IndexWriteError),
    ):
        run.embedder = PickyEmbedder(error, "Một câu")
        with pytest.raises(raised):
            run.build()
    run.embedder = PickyEmbedder(RuntimeError("always"), "")
    (run.folder / "more.txt").rename(run.folder / "moved.txt")
    for name in ("a.txt", "bad.txt", "z.txt"):
        (run.folder / name).unlink()
    with pytest.raises(EmptyCorpusError, match="no document can be indexed: 'moved.txt': .*always"):
        run.build()
    assert open_assistant(run.index).manifest == before


def test_the_bad_one_may_be_the_only_one(
    run: Run, tmp_path: Path, open_library: OpenLibrary
) -> None:
    """It is listed, so that it can be removed on the page."""
    run.build()
    for name in ("a.txt", "bad.txt", "z.txt"):
        (run.folder / name).unlink()
    (run.folder / "broken.txt").write_bytes(b"a\0b")
    library = open_library(run.index, removed=tmp_path / "removed")
    listed, problem = library.documents()
    assert problem is None
    assert {entry.source: entry.state.value for entry in listed} == {
        "a.txt": "gone", "bad.txt": "gone", "broken.txt": "failed", "z.txt": "gone",
    }  # fmt: skip
    library.remove("broken.txt")
    assert "broken.txt" not in {entry.source for entry in library.documents()[0]}


def test_texts_that_broke_the_indexing(run: Run) -> None:
    (run.folder / "bad.txt").write_text(
        "BỘ TÀI CHÍNH\n\nSố: 12/2024/TT-BTC\n\nHà Nội, ngày 01 tháng 01 năm 0001\n\nTHÔNG TƯ\n\n"
        "Điều 1. Thông tư này thay thế Thông tư số 11/2020/TT-BTC.\n\n"
        "Thông tư này có hiệu lực từ ngày 01/01/0001.\n",
        encoding="utf-8",
    )
    (run.folder / "front.md").write_text(
        "---\nreplaces: z.txt\neffective_from: 0001-01-01\ndate: 9999-12-31\n---\nMột câu.",
        encoding="utf-8",
    )
    (run.folder / "pua.txt").write_text(
        "Câu. " + "".join(map(chr, range(0xE000, 0xF900))), encoding="utf-8"
    )
    (run.folder / "z.txt.toml").write_text('number = "Thông tư 11/2020/TT-BTC"', encoding="utf-8")
    manifest = run.build()
    assert {"a.txt", "bad.txt", "front.md", "z.txt"} <= run.states().keys()
    assert manifest.problems.keys() <= {"pua.txt"}
    assert run.states()["z.txt"] == "indexed"


@pytest.mark.parametrize(
    ("stated", "reason"),
    [
        ('effective_from = "2024"', "effective_from: '2024' is no day from 1900-01-01 to 2199-12-31"),
        ("effective_from = 0001-01-01", "effective_from: 0001-01-01 is no day"),
        ("effective_until = 9999-12-31", "effective_until: 9999-12-31 is no day"),
        ("date = 0001-01-01", "date: 0001-01-01 is no day from 1900-01-01 to tomorrow"),
        ("date = 2150-01-01", "date: 2150-01-01 is no day from 1900-01-01 to tomorrow"),
        ('date = "31/02/2020"', "date: '31/02/2020' is no day"),
        ("date = 2024", "date: 2024 is no day"),
        ("date = 07:32:00", "is no day"),
        ("date = []", "date: [] is no day"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("beside", [True, False])
def test_a_day_that_cannot_be_is_told_and_the_document_read_without_it(
    folder: Path, stated: str, reason: str, beside: bool
) -> None:
    name, head = ("z.txt.toml", "") if beside else (
        "catalogue.toml", '[[document]]\nsource = "a.txt"\n[[document]]\nsource = "z.txt"\n'
    )  # fmt: skip
    (folder / name).write_text(f'{head}title = "Bến cảng"\n{stated}\n', encoding="utf-8")
    corpus = read_corpus(folder, DirectReader(default_loader(Limits())))
    [problem] = corpus.problems
    assert problem.source == name
    assert reason in problem.reason
    assert "write it as 2018-06-05" in problem.reason
    assert "không phải là ngày từ 1900-01-01" in problem.vietnamese
    [document] = [document for document in corpus.documents if document.source == "z.txt"]
    metadata = document.metadata
    assert metadata.title == "Bến cảng"
    assert (metadata.date, metadata.effective_from, metadata.effective_until) == ("", "", "")


def test_days_that_can_be_are_kept(folder: Path) -> None:
    (folder / "z.txt.toml").write_text(
        'date = "2020"\neffective_from = 2190-01-01\neffective_until = ""', encoding="utf-8"
    )
    corpus = read_corpus(folder, DirectReader(default_loader(Limits())))
    assert corpus.problems == ()
    metadata = next(
        document for document in corpus.documents if document.source == "z.txt"
    ).metadata
    assert (metadata.date, metadata.effective_from) == ("2020", "2190-01-01")


def test_several_problems_of_one_file_are_all_told(folder: Path) -> None:
    (folder / "catalogue.toml").write_text(
        '[[document]]\nsource = "a.txt"\ndate = 0001-01-01\n[[document]]\nsource = "no.txt"\n',
        encoding="utf-8",
    )
    [problem] = read_corpus(folder, DirectReader(default_loader(Limits()))).problems
    assert problem.source == "catalogue.toml"
    assert "document.0.date: 0001-01-01 is no day" in problem.reason
    assert "it names 'no.txt', but there is no such document" in problem.reason


@pytest.mark.skipif(os.name == "nt", reason="Windows has other names")
def test_a_reason_can_be_written_whatever_the_file_is_called(
    run: Run, tmp_path: Path, hash_settings: Settings, open_assistant: OpenAssistant
) -> None:
    """A name that no JSON can hold must neither end the indexing nor take the list away."""
    name = os.fsdecode(b"caf\xe9.txt")
    (run.folder / name).write_text("Một câu.", encoding="utf-8")
    (run.folder / f"{name}.toml").write_text('titel = "\\u001B[2J"\naccess = ', encoding="utf-8")
    (run.folder / "bad.txt.toml").write_text('"a\\nb\\u2028\\u202E" = 1', encoding="utf-8")
    manifest = run.build()
    assert manifest.problems.keys() == {"bad.txt", "caf\\xe9.txt"}
    assert "what caf\ufffd.txt.toml says of it" in manifest.problems["caf\\xe9.txt"]
    assert run.states()["caf\\xe9.txt"] == "failed"
    assistant = open_assistant(run.index)
    for entry in list_documents(assistant, run.read()):
        for text in (entry.source, entry.reason, entry.vietnamese):
            assert visible(text) == text
            assert text.isprintable()


def document(source: str, **metadata: Any) -> Document:
    return Document(
        source=source,
        text=source,
        metadata=Metadata(**metadata),
        language=Language.VIETNAMESE,
        blocks=(),
        sentences=(),
    )


def test_of_two_that_fail_together_the_one_that_speaks_of_the_other_is_left_out() -> None:
    documents = [document("a"), document("b", replaces=("c",)), document("c"), document("d")]

    def relate(subset: Sequence[Document]) -> tuple[str, ...]:
        sources = {member.source for member in subset}
        if any(set(member.metadata.replaces) & sources for member in subset):
            raise OverflowError("date value out of range")
        return tuple(member.source for member in subset)

    def bare(member: Document) -> Document:
        return document(member.source)

    problems = Problems()
    assert problems.run_without_failing(documents, relate, bare) == ("a", "c", "d")
    [problem] = problems.collected()
    assert problem.source == "b"
    assert "OverflowError: date value out of range" in problem.reason
    assert "OverflowError: date value out of range" in problem.vietnamese


def test_what_always_fails_is_nobodys_fault() -> None:
    def fail(_: Sequence[Document]) -> None:
        raise ValueError("always")

    problems = Problems()
    with pytest.raises(ValueError, match="always"):
        problems.run_without_failing([], fail)
    assert problems.collected() == ()


def test_two_files_that_are_called_the_same_are_one_problem(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.ingest.run.folder_reader.source_of", lambda path, _: path.name[:1])
    (folder / "b.txt").write_text("Câu khác.", encoding="utf-8")
    corpus = read_corpus(folder, DirectReader(default_loader(Limits())))
    assert [document.source for document in corpus.documents] == ["a", "b", "z"]
    [problem] = corpus.problems
    assert (problem.source, "called the same" in problem.reason) == ("b", True)


def test_what_the_index_has_of_one_document_may_be_damaged(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    run.build()
    real = Assistant.document

    def document_of(assistant: Assistant, source: str) -> Document:
        if source == "bad.txt":
            raise IndexDamagedError("index.text_changed", source="a.txt")
        return real(assistant, source)

    monkeypatch.setattr(Assistant, "document", document_of)
    assert run.states() == {"a.txt": "indexed", "bad.txt": "failed", "z.txt": "indexed"}


class Failing:
    """An indexer that fails."""

    def run(self) -> tuple[Manifest, bool]:
        raise KeyError("\x1b[2J")


def test_watching_never_ends_because_of_an_error(
    capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    indexer: Any = Failing()
    assert cli_index._report(indexer)
    assert cli_index._report(indexer)
    assert capsys.readouterr().err == 2 * (
        "trichdan: something went wrong; what was indexed before goes on answering\n"
    )
    [record] = caplog.records
    assert "Traceback" in record.getMessage()
    assert "\x1b" not in record.getMessage()


def test_links_that_go_round_in_a_circle_do_not_end_the_watching(tmp_path: Path) -> None:
    (tmp_path / "round").symlink_to("round")
    index = tmp_path / "index"
    assert not cli_index._is_within(str(tmp_path / "round"), index)
    assert cli_index._is_within(str(index / "CURRENT"), index)


def test_the_command_tells_what_could_not_be_indexed(
    run: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TRICHDAN_MODEL", "hash")
    monkeypatch.setattr("rag.model.embedder.load_embedder", lambda *_, **__: HashEmbedder())
    monkeypatch.setattr("rag.service.indexing.work.divide", failing(divide, ValueError("lạ")))
    arguments = argparse.Namespace(
        source=run.folder, index=run.index, model=None, chunk_tokens=64, json=False
    )
    for _ in range(2):
        assert cli_index.make_index(arguments) == 0
        shown = capsys.readouterr()
        assert "2 documents, 2 passages, 1 passed over" in shown.out
        [line] = [line for line in shown.err.splitlines() if line.startswith("trichdan: passed")]
        assert line.startswith("trichdan: passed over 'bad.txt': the program failed at it (Value")
