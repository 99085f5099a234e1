"""The commands that keep an index in step with a folder, as they are run."""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.model

_LONG_S = 120.0


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "rag.cli", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


class Watching:
    """`trichdan watch`, and the lines it prints."""

    def __init__(self, source: Path, index: Path) -> None:
        command = [
            sys.executable,
            "-m",
            "rag.cli",
            "watch",
            "--source",
            source,
            "--index",
            index,
        ]
        self.process = subprocess.Popen(
            [str(part) for part in command],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line.rstrip())

    def line_with(self, words: str) -> str:
        seen = []
        while True:
            try:
                seen.append(self._lines.get(timeout=_LONG_S))
            except queue.Empty:
                raise AssertionError(f"no line with {words!r} in {seen}") from None
            if words in seen[-1]:
                return seen[-1]

    def stop(self) -> int:
        self.process.send_signal(signal.SIGINT)
        status = self.process.wait(timeout=_LONG_S)
        self._reader.join()
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status


def test_a_folder_is_followed_and_listed(tmp_path: Path) -> None:
    source, index = tmp_path / "source", tmp_path / "index"
    source.mkdir()
    (source / "a.txt").write_text("Thư viện mở cửa lúc 8 giờ.", encoding="utf-8")
    watching = Watching(source, index)
    try:
        watching.line_with(f"watching {source}")
        (source / "b.txt").write_text("Căng tin bán cơm trưa.", encoding="utf-8")
        (source / "c.txt").write_text("Thư viện mở cửa lúc 8 giờ.", encoding="utf-8")
        watching.line_with("2 documents, 2 passages, 1 duplicate")
        (source / "bad.txt").write_bytes(b"a\0b")
        watching.line_with("passed over 'bad.txt': it is binary")
        (source / "bad.txt").write_text("Bây giờ đọc được.", encoding="utf-8")
        watching.line_with("3 documents")
        (source / "b.txt").unlink()
        watching.line_with("2 documents")
    finally:
        status = watching.stop()
    assert status == 130

    again = run("index", "--source", source, "--index", index, "--json")
    assert json.loads(again.stdout) == {
        "changed": False,
        "documents": 2,
        "passages": 2,
        "failed": {},
        "duplicates": {"c.txt": "a.txt"},
    }
    assert again.stderr == ""
    listed = json.loads(run("documents", "--index", index, "--json").stdout)
    assert [document["source"] for document in listed["documents"]] == ["a.txt", "bad.txt"]
    assert listed["documents"][0]["language"] == "vi"
    plain = run("documents", "--index", index).stdout
    assert "c.txt\n    same as      a.txt" in plain


def test_a_collection_that_is_not_there_is_told(tmp_path: Path) -> None:
    source, index = tmp_path / "source", tmp_path / "index"
    source.mkdir()
    (source / "a.txt").write_text("Thư viện mở cửa lúc 8 giờ.", encoding="utf-8")
    assert run("index", "--source", source, "--index", index).returncode == 0
    asked = run("ask", "Mấy giờ?", "--index", index, "--collection", "x")
    assert asked.returncode == 1
    assert "there is no collection 'x'; there are: none" in asked.stderr
