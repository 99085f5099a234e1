"""What documents say is printed so that a terminal does not obey it."""

import argparse
import json
import logging
from pathlib import Path

import pytest

from rag.cli import index as cli_index
from rag.cli.documents import list_documents
from rag.ingest.run.problems import _log_once, log_once
from rag.language.visible import visible, visible_json
from rag.testing.hash_embedder import HashEmbedder
from tests.conftest import Build

ACTING = [
    *map(chr, [*range(0x09), *range(0x0B, 0x20), 0x7F, *range(0x80, 0xA0)]),
    *"\u061c\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029",
    "\udfff", "\udc80", "\udbff", "\ud800",
]  # fmt: skip
ESCAPES = "\x1b]0;chủ\x07\x1b]52;c;eA==\x07\x9b2J\u202eđảo\x7f"


def test_one_character_is_shown_for_each_that_acts() -> None:
    assert visible("".join(ACTING)) == "\ufffd" * len(ACTING)
    text = "Hải quan Việt Nam\tĐiều 5\n“a” – b\u00a0c\u200b\ufeff\u00ad 漢字 🙂 e\u0301"
    assert visible(text) == text
    assert visible(f"a{ESCAPES}b\r\n") == (
        "a\ufffd]0;chủ\ufffd\ufffd]52;c;eA==\ufffd\ufffd2J\ufffdđảo\ufffdb\ufffd\n"
    )


def test_json_says_the_same_and_holds_nothing_that_acts() -> None:
    value = {"".join(ACTING): ["Hải quan\n\t", ESCAPES]}
    printed = visible_json(value)
    assert visible(printed) == printed
    assert "Hải quan" in printed
    assert json.loads(printed) == value


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    (folder / "a.txt").write_text("Bến cảng Sao Mai có 44 cần cẩu.", encoding="utf-8")
    hostile = f"{ESCAPES}\nb.txt\n    same as      a.txt"
    (folder / "a.txt.toml").write_text(
        "\n".join(
            f"{name} = {json.dumps(hostile)}" for name in ("title", "author", "publisher", "url")
        )
        + f"\nnumber = {json.dumps(hostile)}\nreplaces = [{json.dumps(hostile)}]\n",
        encoding="utf-8",
    )
    (folder / "wrong.txt").write_text("x", encoding="utf-8")
    (folder / "wrong.txt.toml").write_text(f"{json.dumps(ESCAPES)} = 1", encoding="utf-8")
    (folder / f"bad{ESCAPES.replace('/', '')}.txt").write_bytes(b"a\0b")
    return folder


def lines(text: str) -> list[str]:
    assert visible(text) == text
    return text.splitlines()


def test_documents_are_listed_visibly(
    folder: Path, build: Build, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    build(folder)
    arguments = argparse.Namespace(index=tmp_path / "index", json=False)
    assert list_documents(arguments) == 0
    listed = lines(capsys.readouterr().out)
    assert listed[0] == "a.txt"
    assert [line for line in listed if not line.startswith(" ")] == [
        "a.txt", *(line for line in listed if line.startswith(("'bad", "'wrong"))),
    ]  # fmt: skip
    title = next(line for line in listed if line.startswith("    title "))
    assert title.endswith("\ufffd b.txt     same as      a.txt")
    assert any("passed over" in line and "wrong.txt.toml" in line for line in listed)
    assert list_documents(argparse.Namespace(index=tmp_path / "index", json=True)) == 0
    [line] = lines(capsys.readouterr().out)
    assert json.loads(line)["documents"][0]["author"].startswith(ESCAPES)


def test_what_is_passed_over_is_told_visibly(
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("TRICHDAN_MODEL", "hash")
    monkeypatch.setattr("rag.model.embedder.load_embedder", lambda *_, **__: HashEmbedder())
    arguments = argparse.Namespace(
        source=folder, index=tmp_path / "index", model=None, chunk_tokens=64, json=True
    )
    assert cli_index.make_index(arguments) == 0
    shown = capsys.readouterr()
    told = lines(shown.err)
    assert len(told) == 2
    assert all(line.startswith("trichdan: passed over '") for line in told)
    [line] = lines(shown.out)
    assert len(json.loads(line)["failed"]) == 2


def test_what_is_logged_is_visible_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    _log_once.cache_clear()
    with caplog.at_level(logging.ERROR):
        for _ in range(3):
            log_once(f"at {ESCAPES}", ValueError(ESCAPES))
    [record] = caplog.records
    assert visible(record.getMessage()) == record.getMessage()
    assert "ValueError: \ufffd]0;chủ" in record.getMessage()
