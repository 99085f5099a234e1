"""Files of the folder are put in place whole, once, and never lost."""

import errno
import json
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rag.errors import DocumentError, DocumentExistsError
from rag.ingest.run.folder import Collection, file_of, source_of
from rag.ingest.run.leftovers import claim, remove_leftovers
from rag.service.documents import uploads
from rag.service.documents.library import Library
from tests.conftest import Build, OpenLibrary

Make = Callable[[], Library]


@pytest.fixture
def make(corpus: Path, build: Build, tmp_path: Path, open_library: OpenLibrary) -> Make:
    build(corpus)

    def library() -> Library:
        return open_library(tmp_path / "index", removed=tmp_path / "removed")

    return library


@pytest.fixture
def library(make: Make) -> Library:
    return make()


def kept(folder: Path) -> list[bytes]:
    """Return what the removed documents hold; nothing else may lie there."""
    return sorted(path.read_bytes() for path in (folder / "removed").iterdir())


def age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


# --- what was left by a process that was killed


def test_what_was_left_for_an_hour_is_removed_at_the_start_and_when_indexing(
    library: Library, make: Make, build: Build, corpus: Path, tmp_path: Path
) -> None:
    (corpus / "2024").mkdir()
    (tmp_path / "removed").mkdir()
    places = [corpus, corpus / "2024", tmp_path / "removed"]
    for folder in places:
        for name, seconds in ((".adding-abcdefg1.txt", 3_700), (".adding-abcdefg2.txt", 3_500)):
            (folder / name).write_text("x")
            age(folder / name, seconds)
    (tmp_path / "removed" / ".keeping-abcdefg1").write_text("x")
    age(tmp_path / "removed" / ".keeping-abcdefg1", 3_700)
    (corpus / ".adding-notes-of-mine.txt").write_text("x")  # no name of ours
    age(corpus / ".adding-notes-of-mine.txt", 9_000)
    make()
    assert [sorted(path.name for path in folder.glob(".*")) for folder in places] == [
        [".adding-abcdefg2.txt", ".adding-notes-of-mine.txt"],
        [".adding-abcdefg2.txt"],
        [".adding-abcdefg2.txt"],
    ]
    age(corpus / "2024" / ".adding-abcdefg2.txt", 3_700)
    build(corpus)
    assert list((corpus / "2024").iterdir()) == []


def test_what_a_process_works_on_is_not_removed(tmp_path: Path) -> None:
    path = tmp_path / ".adding-abcdefgh.pdf"
    path.write_text("x")
    with path.open("rb") as file:
        assert claim(file.fileno())
        age(path, 9_000)
        remove_leftovers(tmp_path)
        assert path.exists(), "it is being read still, however long that takes"
    remove_leftovers(tmp_path)
    assert not path.exists()


def test_an_upload_is_held_while_it_is_read(tmp_path: Path) -> None:
    with uploads.written_aside(b"x", tmp_path / "a.txt") as aside:
        age(aside, 9_000)
        remove_leftovers(tmp_path)
        assert aside.read_bytes() == b"x"
    assert list(tmp_path.iterdir()) == []


# --- full disks


@pytest.mark.parametrize("step", ["copyfileobj", "fsync", "rename"])
def test_a_full_disk_leaves_no_half_copy_and_the_document_where_it_is(
    library: Library, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    before = (corpus / "parking.md").read_bytes()
    full = OSError(errno.ENOSPC, "No space left on device")

    def half(source: Any, target: Any) -> None:
        target.write(source.read(5))
        target.flush()
        raise full

    def refuse(*_: Any, **__: Any) -> None:
        raise full

    with monkeypatch.context() as patch:
        if step == "copyfileobj":
            patch.setattr(shutil, "copyfileobj", half)
        elif step == "fsync":
            patch.setattr(os, "fsync", refuse)
        else:
            patch.setattr(os, "link", refuse)
            patch.setattr(Path, "replace", refuse)
        for change in (
            lambda: library.remove("parking.md"),
            lambda: library.add("parking.md", b"New.", replacing=True),
        ):
            with pytest.raises(DocumentError, match="No space left on device") as caught:
                change()
            assert "parking.md" in caught.value.vietnamese
    assert (corpus / "parking.md").read_bytes() == before
    assert kept(tmp_path) == []
    assert sorted(path.name for path in corpus.iterdir()) == ["nghi_phep.txt", "parking.md"]


# --- names

NAMES = [
    b"caf\xe9.txt",  # no UTF-8
    b"\xff\xfe.txt",
    b"lit\\xe9.txt",  # a backslash, and what would read like a byte
    b"half\\x\xe9.txt",
    b"\\ud83d.txt",
    b"back\\slash.txt",
    b"\\x5cxe9.txt",
    b"n" * 251 + b".txt",
    "ữ".encode() * 83 + b".txt",
]


@pytest.mark.skipif(os.name == "nt", reason="Windows has other names")
@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_any_name_is_listed_replaced_and_removed(
    library: Library, corpus: Path, tmp_path: Path, name: bytes
) -> None:
    path = corpus / os.fsdecode(name)
    path.write_text("Một câu cũ.", encoding="utf-8")
    [source] = {listed.source for listed in library.documents()[0]} - {
        "nghi_phep.txt",
        "parking.md",
    }
    assert json.loads(json.dumps(source, ensure_ascii=False).encode()) == source
    assert library.add(source, "Một câu mới.".encode(), replacing=True) == source
    assert path.read_text(encoding="utf-8") == "Một câu mới."
    library.remove(source)
    assert not path.exists()
    assert kept(tmp_path) == ["Một câu cũ.".encode(), "Một câu mới.".encode()]
    for copy in (tmp_path / "removed").iterdir():
        assert len(os.fsencode(copy.name)) <= 255
        assert copy.suffix == ".txt"


def test_no_two_names_are_called_the_same(tmp_path: Path) -> None:
    collection = Collection(folder=tmp_path)
    names = [os.fsdecode(name) for name in NAMES] + ["caf\\xe9.txt", "\\xff\\xfe.txt", "\ud83d.txt"]
    sources = {source_of(tmp_path / name, collection): name for name in names}
    assert len(sources) == len(names)
    assert sources["caf\\xe9.txt"] == os.fsdecode(b"caf\xe9.txt")
    assert sources["back\\slash.txt"] == "back\\slash.txt"
    for source, name in sources.items():
        if name.isprintable():
            (tmp_path / name).write_text("x")
            assert file_of(source, [collection]) == (tmp_path / name, collection)


@pytest.mark.parametrize(
    "source",
    ["", ".", "..", "../x.txt", "a/../../x.txt", "sub/../x.txt", "/etc/passwd", "a\0b", "a\0/b",
     "n" * 300, "n/" * 3_000, ".hidden.txt", ".git/x.txt", "\\x2e\\x2e/x.txt", "round/x.txt"],
)  # fmt: skip
def test_what_is_no_document_is_not_found(library: Library, tmp_path: Path, source: str) -> None:
    (tmp_path / "x.txt").write_text("x")
    (library.folder / "sub").mkdir()
    (library.folder / ".git").mkdir()
    (library.folder / "round").symlink_to("round")
    for name in (".hidden.txt", ".git/x.txt"):
        (library.folder / name).write_text("x")
    with pytest.raises(DocumentError, match="there is no file"):
        library.remove(source)
    assert (tmp_path / "x.txt").exists()


def test_files_of_a_kind_that_is_not_read_are_removed_whatever_their_ending(
    library: Library, corpus: Path, tmp_path: Path
) -> None:
    name = "a." + "b" * 240
    (corpus / name).write_text("x")
    library.remove(name)
    assert kept(tmp_path) == [b"x"]


def test_a_link_is_replaced_but_not_what_it_leads_to(
    library: Library, corpus: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("Bí mật.", encoding="utf-8")
    (corpus / "link.txt").symlink_to(outside)
    with pytest.raises(DocumentExistsError):
        library.add("link.txt", "Một câu.".encode())
    library.add("link.txt", "Một câu.".encode(), replacing=True)
    assert (corpus / "link.txt").read_text(encoding="utf-8") == "Một câu."
    assert not (corpus / "link.txt").is_symlink()
    assert outside.read_text(encoding="utf-8") == "Bí mật."
    assert not (tmp_path / "removed").exists(), "what it led to is no document of the folder"


# --- two servers on one folder


@pytest.mark.parametrize("links", [True, False], ids=["links", "no links"])
def test_of_two_who_add_the_same_name_at_once_one_wins(
    make: Make, corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    """Both have read what they add before either puts it in place."""
    ready = threading.Barrier(2)
    put_in_place = uploads.put_in_place

    def together(*arguments: Any, **named: Any) -> None:
        ready.wait(timeout=60)
        put_in_place(*arguments, **named)

    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr("rag.service.documents.library.put_in_place", together)
    if not links:
        monkeypatch.setattr(os, "link", refuse)
    outcomes: dict[int, object] = {}

    def add(number: int, library: Library) -> None:
        try:
            outcomes[number] = library.add("new.txt", f"Câu số {number}.".encode())
        except DocumentExistsError as error:
            outcomes[number] = error

    threads = [threading.Thread(target=add, args=(number, make())) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    [winner] = [number for number, outcome in outcomes.items() if outcome == "new.txt"]
    loser = outcomes[1 - winner]
    assert isinstance(loser, DocumentExistsError)
    assert loser.vietnamese == "Đã có tệp new.txt; hãy thay thế hoặc đặt tên khác."
    assert (corpus / "new.txt").read_text(encoding="utf-8") == f"Câu số {winner}."
    assert not list(corpus.glob(".*"))


def test_of_two_who_replace_at_once_nothing_is_lost(
    make: Make, corpus: Path, tmp_path: Path
) -> None:
    before = (corpus / "parking.md").read_bytes()
    libraries = [make() for _ in range(4)]
    texts = [f"Câu số {number}.".encode() for number in range(4)]
    threads = [
        threading.Thread(target=library.add, args=("parking.md", text), kwargs={"replacing": True})
        for library, text in zip(libraries, texts, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted([*kept(tmp_path), (corpus / "parking.md").read_bytes()]) == sorted(
        [before, *texts]
    )


def test_where_nothing_can_be_reserved_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "link", refuse)
    monkeypatch.setattr(Path, "replace", refuse)
    target = tmp_path / "a.txt"
    with (
        uploads.written_aside(b"x", target) as aside,
        pytest.raises(OSError, match="Input/output error"),
    ):
        uploads.put_in_place(aside, target, replacing=False, removed=tmp_path / "removed")
    assert list(tmp_path.iterdir()) == []


def test_who_holds_a_folder_for_long_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "_FOLDER_WAIT_S", 0.0)
    descriptor = os.open(tmp_path, os.O_RDONLY)
    try:
        assert claim(descriptor)
        with pytest.raises(TimeoutError, match="another program is changing"):
            uploads.take_out(tmp_path / "a.txt", removed=tmp_path / "removed")
    finally:
        os.close(descriptor)


# --- files that are no documents


@pytest.mark.parametrize(
    "name",
    ["glossary.tsv", "GLOSSARY.TSV", "x/../glossary.tsv", "examples.txt", "catalogue.toml",
     "Catalogue.Toml", "parking.md.toml", "other.toml"],
)  # fmt: skip
@pytest.mark.parametrize("replacing", [True, False])
@pytest.mark.parametrize("exists", [True, False])
def test_what_steers_the_reading_is_no_document(
    library: Library, corpus: Path, name: str, replacing: bool, exists: bool
) -> None:
    last = Path(name).name
    if exists:
        (corpus / last).write_text("TCHQ = Tổng cục Hải quan", encoding="utf-8")
    with pytest.raises(DocumentError, match="says how the documents are understood") as caught:
        library.add(name, "WCO = Bãi rác".encode(), replacing=replacing)
    assert "quy định cách hiểu các tài liệu" in caught.value.vietnamese
    assert (corpus / last).exists() == exists
    if exists:
        assert (corpus / last).read_text(encoding="utf-8") == "TCHQ = Tổng cục Hải quan"


@pytest.mark.parametrize("name", ["glossary.tsv", "catalogue.toml", "parking.md.toml"])
def test_what_steers_the_reading_is_not_removed(library: Library, corpus: Path, name: str) -> None:
    (corpus / name).write_text("", encoding="utf-8")
    with pytest.raises(DocumentError, match="says how the documents are understood"):
        library.remove(name)
    assert (corpus / name).exists()


def test_what_only_seems_to_steer_is_a_document(library: Library, corpus: Path) -> None:
    (corpus / "2024").mkdir()
    (corpus / "2024" / "glossary.tsv").write_text("a\tb", encoding="utf-8")
    (corpus / "gone.md.toml").write_text("", encoding="utf-8")
    assert library.add("2024/glossary.tsv", b"c\td\ne\tf", replacing=True) == "2024/glossary.tsv"
    library.remove("2024/glossary.tsv")
    library.remove("gone.md.toml")
    assert sorted(path.name for path in corpus.iterdir()) == [
        "2024", "nghi_phep.txt", "parking.md",
    ]  # fmt: skip


@pytest.mark.skipif(os.name == "nt", reason="Windows has other names")
def test_a_folder_may_be_called_anything_too(
    corpus: Path, build: Build, tmp_path: Path, open_library: OpenLibrary
) -> None:
    folder = corpus.rename(tmp_path / os.fsdecode(b"\\xe9 \xe9"))
    assert build(folder).source.endswith("/\\x5cxe9 \\xe9")
    library = open_library(tmp_path / "index")
    assert library.folder == folder
    assert {listed.state.value for listed in library.documents()[0]} == {"indexed"}
