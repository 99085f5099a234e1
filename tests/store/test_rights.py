"""What is written is for its user only, or for a group that was chosen."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.config import Settings
from rag.store.generations import building, current_generation
from rag.store.reading_cache import SqliteReadingCache
from rag.store.rights import PRIVATE, Rights, make_directory, make_file, rights_in, set_rights
from tests.conftest import Build, OpenLibrary

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")


_IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0


@pytest.fixture(params=[0o000, 0o022, 0o077], ids="{:03o}".format)
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def modes(folder: Path) -> tuple[set[int], set[int]]:
    """Return the modes of all directories below a folder and of all files."""
    below = list(folder.rglob("*"))
    return (
        {mode(path) for path in below if path.is_dir()},
        {mode(path) for path in below if not path.is_dir()},
    )


def remember(index: Path) -> None:
    """Leave readings beside an index, whose files stay open."""
    cache = SqliteReadingCache(index / "readings.sqlite")
    cache.put("key", ["value"])
    assert {path.name for path in index.glob("readings*")} >= {"readings.sqlite"}
    assert {mode(path) for path in index.glob("readings*")} == {rights_in(index).file}
    cache.close()


def test_an_index_is_for_its_user_only(
    corpus: Path, build: Build, tmp_path: Path, umask: int
) -> None:
    build(corpus)
    (corpus / "more.txt").write_text("Một câu nữa.", encoding="utf-8")
    build(corpus)
    index = tmp_path / "index"
    remember(index)
    assert mode(index) == 0o700
    assert modes(index) == ({0o700}, {0o600})


def test_a_directory_that_was_there_is_not_changed_but_its_files_are_private(
    corpus: Path, build: Build, tmp_path: Path, umask: int
) -> None:
    index = tmp_path / "index"
    index.mkdir()
    index.chmod(0o755)
    build(corpus)
    remember(index)
    assert mode(index) == 0o755
    assert modes(index) == ({0o700}, {0o600})


@pytest.mark.parametrize(
    ("chosen", "directories", "files"),
    [(0o2750, 0o2750, 0o640), (0o750, 0o750, 0o640), (0o2770, 0o2770, 0o660)],
)
def test_an_index_whose_directory_a_group_may_read_is_shared_with_it(
    corpus: Path,
    build: Build,
    tmp_path: Path,
    umask: int,
    chosen: int,
    directories: int,
    files: int,
) -> None:
    index = tmp_path / "index"
    index.mkdir()
    index.chmod(chosen)
    build(corpus)
    remember(index)
    assert mode(index) == chosen
    assert modes(index) == ({directories}, {files})


def test_what_was_written_before_follows_when_the_index_is_next_built(
    corpus: Path, build: Build, tmp_path: Path
) -> None:
    build(corpus)
    index = tmp_path / "index"
    remember(index)
    for path in (index, *index.rglob("*")):  # as another version of the program left them
        path.chmod(0o755 if path.is_dir() else 0o644)
    with building(index):
        assert modes(index) == ({0o700}, {0o600})
    index.chmod(0o750)
    with building(index):
        assert modes(index) == ({0o750}, {0o640})
    assert current_generation(index)[1].documents == 2


@pytest.mark.skipif(not _IS_ROOT, reason="only root may choose any group")
def test_what_is_shared_belongs_to_the_group_of_the_directory(
    corpus: Path, build: Build, tmp_path: Path
) -> None:
    index = tmp_path / "index"
    index.mkdir()
    os.chown(index, -1, 4242)
    index.chmod(0o750)
    build(corpus)
    assert {path.stat().st_gid for path in index.rglob("*")} == {4242}


def test_a_group_that_cannot_be_given_gets_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "chown", refuse)
    path = tmp_path / "file"
    make_file(path, Rights(group=path.parent.stat().st_gid + 1, bits=0o050))
    assert mode(path) == 0o600


def test_links_are_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.write_text("x")
    target.chmod(0o644)
    link = tmp_path / "link"
    link.symlink_to(target)
    make_file(link)
    set_rights(link, PRIVATE)
    assert mode(target) == 0o644
    with pytest.raises(FileExistsError):
        make_directory(target)


def test_removed_documents_and_uploads_are_private_and_a_replaced_one_keeps_its_mode(
    corpus: Path,
    build: Build,
    tmp_path: Path,
    hash_settings: Settings,
    umask: int,
    open_library: OpenLibrary,
) -> None:
    build(corpus)
    data = tmp_path / "data"
    library = open_library(
        tmp_path / "index", settings=hash_settings.model_copy(update={"data_dir": data})
    )
    library.add("new.txt", "Một câu mới.".encode())
    assert mode(corpus / "new.txt") == 0o600
    for chosen in (0o600, 0o644, 0o440):
        (corpus / "parking.md").chmod(chosen)
        library.add("parking.md", f"Staff may park {chosen}.".encode(), replacing=True)
        assert mode(corpus / "parking.md") == chosen
    library.remove("new.txt")
    assert mode(data) == 0o700
    assert modes(data) == ({0o700}, {0o600})
    assert len(list((data / "removed").iterdir())) == 4


@pytest.mark.skipif(not _IS_ROOT, reason="only root may give files away")
def test_a_replaced_document_keeps_its_owner_where_that_may_be(
    corpus: Path, build: Build, tmp_path: Path, open_library: OpenLibrary
) -> None:
    build(corpus)
    library = open_library(tmp_path / "index", removed=tmp_path / "removed")
    os.chown(corpus / "parking.md", 4711, 4242)
    (corpus / "parking.md").chmod(0o640)
    library.add("parking.md", b"Staff may park.", replacing=True)
    status = (corpus / "parking.md").stat()
    assert (status.st_uid, status.st_gid, mode(corpus / "parking.md")) == (4711, 4242, 0o640)
    assert {path.stat().st_uid for path in (tmp_path / "removed").iterdir()} == {os.geteuid()}


def test_a_data_directory_that_was_there_keeps_its_mode(
    corpus: Path, build: Build, tmp_path: Path, hash_settings: Settings, open_library: OpenLibrary
) -> None:
    build(corpus)
    data = tmp_path / "data"
    data.mkdir()
    data.chmod(0o755)
    library = open_library(
        tmp_path / "index", settings=hash_settings.model_copy(update={"data_dir": data})
    )
    library.remove("parking.md")
    assert mode(data) == 0o755
    assert modes(data) == ({0o700}, {0o600})
