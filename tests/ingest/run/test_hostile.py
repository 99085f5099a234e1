"""Files that are broken or made to harm, read as the program reads them: in a child process."""

import os
import zipfile
from pathlib import Path

import pypdfium2
import pytest

from rag.domain.work import Limits
from rag.errors import ReaderDiedError
from rag.ingest import Corpus, read_corpus
from rag.ingest.formats import default_loader
from rag.ingest.run.child_process import ChildProcessRunner
from rag.ingest.run.file_reader import SUFFIXES, RunnerReader
from tests.conftest import ROOT

FILES = ROOT / "tests" / "files"
LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a0 "ha">'
    + "".join(f'<!ENTITY a{level} "{f"&a{level - 1};" * 10}">' for level in range(1, 12))
    + "]>"
)


def read(folder: Path, limits: Limits | None = None) -> Corpus:
    with ChildProcessRunner() as runner:
        return read_corpus(folder, RunnerReader(runner, limits or Limits()))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "good.txt").write_text("Có một câu ở đây.", encoding="utf-8")
    return folder


def zipped(path: Path, members: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)


def replaced(source: Path, path: Path, member: str, content: bytes) -> None:
    """Write an office file with one of its parts replaced."""
    with zipfile.ZipFile(source) as archive:
        zipped(path, {name: archive.read(name) for name in archive.namelist()} | {member: content})


def long_pdf(path: Path, pages: int) -> None:
    document = pypdfium2.PdfDocument.new()
    for _ in range(pages):
        document.new_page(200, 200).close()
    document.save(path)
    document.close()


def test_every_bad_file_is_one_line_and_harms_nothing(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("Một bí mật.", encoding="utf-8")
    zeros = bytes(200_000_000)
    zipped(folder / "bomb.zip", {"a.txt": zeros, "b.txt": zeros, "c.txt": zeros})
    zipped(folder / "bomb.docx", {"word/document.xml": zeros, "[Content_Types].xml": zeros})
    laughs = (LAUGHS + "<html><body><p>&a11;</p></body></html>").encode()
    (folder / "laughs.xhtml").write_bytes(laughs)
    word = (
        LAUGHS
        + '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main">'
        "<w:body><w:p><w:r><w:t>&a11;</w:t></w:r></w:p></w:body></w:document>"
    ).encode()
    replaced(FILES / "word-pandoc.docx", folder / "laughs.docx", "word/document.xml", word)
    sheet = (LAUGHS + "<worksheet><sheetData>&a11;</sheetData></worksheet>").encode()
    replaced(
        FILES / "sheet-libreoffice.xlsx", folder / "laughs.xlsx", "xl/worksheets/sheet1.xml", sheet
    )
    long_pdf(folder / "long.pdf", 10_000)
    for name in ("pdf-password.pdf", "pdf-truncated.pdf"):
        (folder / name).write_bytes((FILES / name).read_bytes())
    whole = (FILES / "word-libreoffice.docx").read_bytes()
    (folder / "truncated.docx").write_bytes(whole[: len(whole) // 2])
    (folder / "line\nbreak.txt").write_text("Một câu.", encoding="utf-8")
    zipped(folder / "climbing.zip", {"../../climbed.txt": "Một câu.".encode()})
    (folder / "out.txt").symlink_to(secret)
    (folder / "elsewhere").symlink_to(tmp_path, target_is_directory=True)
    os.mkfifo(folder / "pipe.txt")
    (folder / "letter.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5_000))
    before = sorted(path for path in tmp_path.rglob("*") if not path.is_relative_to(folder))

    corpus = read(folder)

    assert [
        document.source for document in corpus.documents if "laughs" not in document.source
    ] == ["good.txt"]
    reasons: dict[str, list[str]] = {}
    for problem in corpus.problems:
        reasons.setdefault(problem.source, []).append(problem.reason)
        assert "\n" not in problem.reason
        assert problem.vietnamese, problem.source
    assert all(len(reasons_of_file) == 1 for reasons_of_file in reasons.values()), reasons
    expected = {
        "bomb.zip": "unpack",
        "bomb.docx": "MB",
        "long.pdf": "it has 10,000 pages, the limit is 2,000",
        "pdf-password.pdf": "password",
        "pdf-truncated.pdf": "damaged",
        "truncated.docx": "damaged",
        "line\nbreak.txt": "line breaks",
        "out.txt": "leads out of the folder",
        "elsewhere": "leads out of the folder",
        "pipe.txt": "no ordinary file",
        "letter.doc": "save it as .docx",
    }
    for source, words in expected.items():
        assert words in reasons.pop(source)[0], source
    assert "laughs.docx" in reasons
    assert any(source.startswith("climbing.zip") for source in reasons)
    assert all("laughs" in source or "climbing" in source for source in reasons), reasons
    assert not any("hahaha" in document.text for document in corpus.documents)
    assert sorted(path for path in tmp_path.rglob("*") if not path.is_relative_to(folder)) == before
    assert secret.read_text(encoding="utf-8") == "Một bí mật."


def test_what_takes_too_long_is_stopped_and_the_others_go_on(folder: Path) -> None:
    rows = "".join(f"{number},a,b,c,d,e\n" for number in range(150_000))
    (folder / "a_slow.csv").write_text("n,v,w,x,y,z\n" + rows, encoding="utf-8")
    with ChildProcessRunner() as runner:
        reader = RunnerReader(runner, Limits(seconds=0.3))
        reader.read(folder / "good.txt")  # it has started
        corpus = read_corpus(folder, reader)
    assert [document.source for document in corpus.documents] == ["good.txt"]
    [slow] = corpus.problems
    assert slow.source == "a_slow.csv"
    assert "took longer than 0 s; split it, or raise TRICHDAN_MAX_FILE_SECONDS" in slow.reason


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such limit")
def test_what_takes_too_much_memory_is_stopped_and_the_others_go_on(folder: Path) -> None:
    (folder / "a_large.txt").write_text("Một câu dài. " * 2_000_000, encoding="utf-8")
    corpus = read(folder, Limits(memory=500_000_000))
    assert [document.source for document in corpus.documents] == ["good.txt"]
    [large] = corpus.problems
    assert "takes more than 500 MB of memory" in large.reason


def test_a_reader_that_crashes_is_started_again(folder: Path) -> None:
    with ChildProcessRunner() as runner:
        reader = RunnerReader(runner, Limits())
        reader.read(folder / "good.txt")
        child = runner._child
        assert child is not None
        child._process.kill()
        child._process.wait()
        with pytest.raises(ReaderDiedError, match="seems damaged \\(exit status -9\\)"):
            child.ask(str(folder / "good.txt"), 10.0)
        assert len(reader.read(folder / "good.txt")) == 1


def test_the_endings_are_those_of_the_loaders() -> None:
    assert default_loader(Limits()).suffixes == SUFFIXES
