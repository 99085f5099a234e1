"""A folder that changes while its questions are answered."""

import shutil
import threading
import time
from pathlib import Path

import pytest

from rag.config import Settings
from rag.errors import DocumentError
from rag.service.documents.library import Library, State
from rag.testing.hash_embedder import HashEmbedder
from tests.conftest import Build, OpenLibrary, build_index


@pytest.fixture
def library(
    corpus: Path,
    build: Build,
    tmp_path: Path,
    hash_settings: Settings,
    open_library: OpenLibrary,
) -> Library:
    build(corpus)
    return open_library(
        tmp_path / "index",
        settings=hash_settings.model_copy(update={"max_file_mb": 0.001}),
        removed=tmp_path / "removed",
    )


def index_and_wait(library: Library) -> None:
    assert library.start_indexing()
    for _ in range(200):
        if not library.indexing().running:
            return
        time.sleep(0.05)
    raise AssertionError("the indexing does not end")


def states(library: Library) -> dict[str, str]:
    return {listed.source: listed.state.value for listed in library.documents()[0]}


def test_a_document_is_added_indexed_answered_from_and_removed(
    library: Library, tmp_path: Path
) -> None:
    before = library.assistant()
    assert library.add("C:\\tài liệu\\thu_vien.txt", "Thư viện mở cửa lúc 8 giờ.".encode()) == (
        "thu_vien.txt"
    )
    assert states(library)["thu_vien.txt"] == "waiting"
    assert library.assistant() is before, "nothing changes until it is indexed"
    index_and_wait(library)
    assert library.indexing().error is None
    assert states(library)["thu_vien.txt"] == "indexed"
    answer = library.assistant().ask("Thư viện mở cửa lúc mấy giờ?")
    assert answer.answerable
    assert answer.quotes[0].document.source == "thu_vien.txt"
    library.remove("thu_vien.txt")
    assert states(library)["thu_vien.txt"] == "gone"
    index_and_wait(library)
    assert "thu_vien.txt" not in states(library)
    [kept] = (tmp_path / "removed").iterdir()
    assert kept.read_text(encoding="utf-8") == "Thư viện mở cửa lúc 8 giờ."


def test_replacing_keeps_what_was_there(library: Library, tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match="there already"):
        library.add("parking.md", b"New.")
    assert library.add("parking.md", b"Nobody may park.", replacing=True) == "parking.md"
    assert states(library)["parking.md"] == "waiting"
    assert (library.folder / "parking.md").read_bytes() == b"Nobody may park."
    [kept] = (tmp_path / "removed").iterdir()
    assert kept.read_text(encoding="utf-8").startswith("# Parking")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("a.exe", b"x", "of this kind"),
        ("../../etc/passwd", b"x", "of this kind"),
        (".hidden.txt", b"x", "no name for a document"),
        ("", b"x", "no name for a document"),
        ("a.txt", b"", "empty"),
        ("a.txt", b"\xff\xfe\x00", "not UTF-16"),
        ("a.txt", b"x" * 2_000, "the limit"),
        ("parking.md", b"a\0b", "binary"),
    ],
)
def test_what_cannot_be_read_is_refused_and_nothing_is_lost(
    library: Library, name: str, content: bytes, words: str
) -> None:
    before = {path.name: path.read_bytes() for path in library.folder.iterdir()}
    with pytest.raises(DocumentError, match=words) as caught:
        library.add(name, content, replacing=True)
    assert caught.value.vietnamese
    assert {path.name: path.read_bytes() for path in library.folder.iterdir()} == before


def test_only_files_of_the_folder_are_removed(library: Library, tmp_path: Path) -> None:
    outside = tmp_path / "outside.txt"
    outside.write_text("x")
    (library.folder / "link.txt").symlink_to(outside)
    for name in ("../outside.txt", "no.txt", ".", "..", ""):
        with pytest.raises(DocumentError, match="no file"):
            library.remove(name)
    library.remove("link.txt")
    assert not (library.folder / "link.txt").is_symlink()
    assert outside.exists()


def test_a_document_in_a_subfolder_is_replaced_where_it_is(library: Library) -> None:
    (library.folder / "2024").mkdir()
    inner = library.folder / "2024" / "parking.md"
    inner.write_text("Old.", encoding="utf-8")
    assert library.add("2024/parking.md", b"New rules.", replacing=True) == "2024/parking.md"
    assert inner.read_bytes() == b"New rules."
    assert (library.folder / "parking.md").read_text(encoding="utf-8").startswith("# Parking")


def test_files_that_cannot_be_read_are_listed_with_the_reason(library: Library) -> None:
    (library.folder / "broken.txt").write_bytes(b"a\0b")
    [broken] = [listed for listed in library.documents()[0] if listed.state is State.FAILED]
    assert (broken.source, "binary" in broken.reason) == ("broken.txt", True)
    assert "nhị phân" in broken.vietnamese


def test_a_failed_indexing_is_told_and_the_old_index_goes_on(library: Library) -> None:
    shutil.rmtree(library.folder)
    index_and_wait(library)
    documents, problem = library.documents()
    for message in (library.indexing().error, problem):
        assert message is not None
        assert "there is no folder" in message.english
        assert "Không có thư mục" in message.vietnamese
    assert {listed.state for listed in documents} == {State.GONE}
    assert library.assistant().ask("Staff may park where?").hits


def test_an_index_built_elsewhere_is_taken_up(
    library: Library, corpus: Path, tmp_path: Path, hash_settings: Settings
) -> None:
    (corpus / "new.txt").write_text("Canteen opens at noon.", encoding="utf-8")
    index = tmp_path / "index"
    build_index(corpus, index, hash_settings, HashEmbedder())
    assert "new.txt" in library.assistant().sources()


def test_questions_are_answered_while_the_index_changes(library: Library) -> None:
    failures: list[Exception] = []
    stop = threading.Event()

    def keep_asking() -> None:
        while not stop.is_set():
            try:
                assert library.assistant().ask("Where may staff park?").hits
            except Exception as error:
                failures.append(error)
                return

    askers = [threading.Thread(target=keep_asking) for _ in range(3)]
    for asker in askers:
        asker.start()
    for number in range(4):
        library.add(f"more{number}.txt", f"Room {number} is on floor {number}.".encode())
        index_and_wait(library)
    stop.set()
    for asker in askers:
        asker.join()
    assert not failures


def test_documents_of_collections_are_added_and_removed_where_they_belong(
    tmp_path: Path, build: Build, open_library: OpenLibrary
) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(f"Một câu của {name}.", encoding="utf-8")
    source = tmp_path / "all.toml"
    source.write_text(
        '[[collection]]\nname = "A"\nfolder = "one"\n\n[[collection]]\nname = "B"\nfolder = "two"\n',
        encoding="utf-8",
    )
    build(source)
    library = open_library(tmp_path / "index", removed=tmp_path / "removed")
    assert library.add("new.txt", "Một câu mới.".encode()) == "A/new.txt"
    assert (tmp_path / "one" / "new.txt").exists()
    assert library.add("B/a.txt", "Một câu khác.".encode(), replacing=True) == "B/a.txt"
    assert (tmp_path / "two" / "a.txt").read_text(encoding="utf-8") == "Một câu khác."
    library.remove("B/a.txt")
    assert not (tmp_path / "two" / "a.txt").exists()
    with pytest.raises(DocumentError, match="no file"):
        library.remove("C/a.txt")
    assert states(library) == {"A/a.txt": "indexed", "A/new.txt": "waiting", "B/a.txt": "gone"}
