"""Several folders in one index, and who may read what."""

from pathlib import Path

import pytest

from rag.domain.permissions import Scope
from rag.errors import EmptyCorpusError
from rag.ingest.run.folder import read_collections
from rag.service.assistant import Assistant
from tests.conftest import Build, OpenAssistant

SECRET = "Lương của giám đốc là 45 triệu đồng một tháng."
PUBLIC = "Thư viện mở cửa lúc 8 giờ sáng mỗi ngày."


@pytest.fixture
def source(tmp_path: Path) -> Path:
    for name, text in (("public", PUBLIC), ("secret", SECRET)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_text(text, encoding="utf-8")
    (tmp_path / "public" / "board.md").write_text(
        "---\naccess: board\n---\nHội đồng họp vào thứ sáu tuần này.", encoding="utf-8"
    )
    (tmp_path / "secret" / "both.txt").write_text("Mật mã của két sắt là 1234.", encoding="utf-8")
    (tmp_path / "secret" / "both.txt.toml").write_text('access = "board"', encoding="utf-8")
    file = tmp_path / "all.toml"
    file.write_text(
        '[[collection]]\nname = "chung"\nfolder = "public"\n\n'
        '[[collection]]\nname = "nhân sự"\nfolder = "secret"\ngroups = ["hr", "boss"]\n',
        encoding="utf-8",
    )
    return file


@pytest.fixture
def assistant(
    source: Path, tmp_path: Path, build: Build, open_assistant: OpenAssistant
) -> Assistant:
    build(source)
    return open_assistant(tmp_path / "index")


def groups(*names: str) -> Scope:
    return Scope(groups=frozenset(names))


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        (Scope(), ["chung/a.txt", "chung/board.md", "nhân sự/a.txt", "nhân sự/both.txt"]),
        (groups(), ["chung/a.txt"]),
        (groups("hr"), ["chung/a.txt", "nhân sự/a.txt"]),
        (groups("board"), ["chung/a.txt", "chung/board.md"]),
        (groups("boss", "board"), ["chung/a.txt", "chung/board.md", "nhân sự/a.txt", "nhân sự/both.txt"]),
        (Scope(collections=frozenset({"nhân sự"})), ["nhân sự/a.txt", "nhân sự/both.txt"]),
        (Scope(collections=frozenset({"nhân sự"}), groups=frozenset({"hr"})), ["nhân sự/a.txt"]),
    ],
)  # fmt: skip
def test_who_may_read_what(assistant: Assistant, scope: Scope, expected: list[str]) -> None:
    assert list(assistant.sources(scope)) == expected
    for question in ("Lương của giám đốc là bao nhiêu?", "Mật mã của két sắt là gì?", "Thư viện"):
        answer = assistant.ask(question, scope=scope)
        sources = {quote.document.source for quote in (*answer.quotes, *answer.related)}
        sources |= {hit.passage.source for hit in answer.hits}
        sources |= {hit.passage.source for hit in assistant.search(question, scope=scope)}
        assert sources <= set(expected)


def test_what_may_not_be_read_changes_nothing(assistant: Assistant, source: Path) -> None:
    """The scores are the same whether the restricted documents say something or not."""
    scope = groups()
    before = assistant.ask("Lương của giám đốc là bao nhiêu?", scope=scope)
    assert not before.answerable
    assert [hit.passage.source for hit in before.hits] == ["chung/a.txt"]


def test_a_collection_says_which_it_is(assistant: Assistant) -> None:
    assert assistant.collections() == ("chung", "nhân sự")
    assert assistant.collections(groups()) == ("chung",)
    assert assistant.document("nhân sự/a.txt").collection == "nhân sự"
    assert assistant.document("nhân sự/both.txt").access == (("hr", "boss"), ("board",))


def test_copies_for_different_people_are_each_cited_to_their_own(
    source: Path, tmp_path: Path, build: Build, open_assistant: OpenAssistant
) -> None:
    (tmp_path / "secret" / "copy.txt").write_text(PUBLIC, encoding="utf-8")
    (tmp_path / "public" / "copy.txt").write_text(PUBLIC, encoding="utf-8")
    manifest = build(source)
    assert manifest.duplicates == {"chung/copy.txt": "chung/a.txt"}
    assistant = open_assistant(tmp_path / "index")
    answer = assistant.ask("Thư viện mở cửa lúc mấy giờ?")
    sources = [quote.document.source for quote in (*answer.quotes, *answer.related)]
    assert sources.count("chung/a.txt") == 1
    assert "nhân sự/copy.txt" not in sources
    only = Scope(collections=frozenset({"nhân sự"}))
    answer = assistant.ask("Thư viện mở cửa lúc mấy giờ?", scope=only)
    assert "nhân sự/copy.txt" in {hit.passage.source for hit in answer.hits}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("collection = 1", "each .*collection.* has a name"),
        ('[[collection]]\nname = "a/b"\nfolder = "x"', "without slashes"),
        (
            '[[collection]]\nname = "a"\nfolder = "x"\n[[collection]]\nname = "a"\nfolder = "y"',
            "two",
        ),
        ("collection = []", "names no collection"),
        ("nonsense", "cannot be read as TOML"),
    ],
)
def test_a_file_of_collections_that_is_wrong(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "all.toml").write_text(text, encoding="utf-8")
    with pytest.raises(EmptyCorpusError, match=message):
        read_collections(tmp_path / "all.toml")


def test_a_collection_whose_folder_is_gone_is_told_and_the_others_read(
    source: Path, tmp_path: Path, build: Build
) -> None:
    (tmp_path / "secret").rename(tmp_path / "elsewhere")
    manifest = build(source)
    assert manifest.problems == {"nhân sự": f"there is no folder {tmp_path / 'secret'}"}
    assert manifest.documents == 2


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt.toml", 'access = "hr'),
        ("a.txt.toml", 'access = "hr"\ntitel = "x"'),
        ("a.txt.toml", "access = 7"),
        ("A.TXT.TOML", 'access = "hr"'),
        ("a.txt.toml", 'access = ["hr", "boss"]'),
        ("catalogue.toml", '[[document]]\nsource = "a.txt"\naccess = "hr'),
        ("catalogue.toml", '[[document]]\nsource = "a.txt"\naccess = ["hr"]'),
        ("a.txt.toml", "access = " + "[" * 20_000),
    ],
)
def test_a_restriction_that_cannot_be_understood_opens_nothing(
    tmp_path: Path, build: Build, open_assistant: OpenAssistant, name: str, content: str
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").write_text(SECRET, encoding="utf-8")
    (folder / "b").mkdir()
    (folder / "b" / "open.txt").write_text(PUBLIC, encoding="utf-8")
    (folder / name).write_text(content, encoding="utf-8")
    build(folder)
    assistant = open_assistant(tmp_path / "index")
    assert "a.txt" not in assistant.sources(groups("x"))
    assert assistant.document("b/open.txt").text == PUBLIC


@pytest.mark.parametrize(
    "head", ["title: A: B\naccess: hr", "access: {group: hr}", "groups: [hr, boss]", "access: hr"]
)
def test_front_matter_that_restricts_is_kept_to(
    tmp_path: Path, build: Build, open_assistant: OpenAssistant, head: str
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.md").write_text(f"---\n{head}\n---\n{SECRET}", encoding="utf-8")
    (folder / "open.txt").write_text(PUBLIC, encoding="utf-8")
    build(folder)
    assistant = open_assistant(tmp_path / "index")
    assert assistant.sources(groups("x")) == ("open.txt",)


def test_what_only_some_may_read_tells_nobody_else_of_relations(
    tmp_path: Path, build: Build, open_assistant: OpenAssistant
) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "old.txt").write_text("Một câu cũ về phí.", encoding="utf-8")
    (folder / "old.txt.toml").write_text('number = "Thông tư 1/2015/TT-BTC"', encoding="utf-8")
    (folder / "new.txt").write_text("Một câu mới về phí.", encoding="utf-8")
    (folder / "new.txt.toml").write_text(
        'number = "Thông tư 2/2019/TT-BTC"\nreplaces = "Thông tư 1/2015/TT-BTC"\naccess = "hr"',
        encoding="utf-8",
    )
    build(folder)
    assistant = open_assistant(tmp_path / "index")
    assert assistant.document("old.txt").metadata.replaced_by == ()


def test_a_catalogue_that_names_what_is_not_there_is_told(tmp_path: Path, build: Build) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "a.txt").write_text(PUBLIC, encoding="utf-8")
    (folder / "catalogue.toml").write_text('[[document]]\nsource = "b.txt"', encoding="utf-8")
    assert build(folder).problems == {
        "catalogue.toml": "it names 'b.txt', but there is no such document"
    }
