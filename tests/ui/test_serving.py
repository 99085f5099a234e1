"""`trichdan serve` in ordinary trouble: it serves, or says in one line why not."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.model
HEADERS = {"X-Trichdan": "1", "Content-Type": "application/json"}


@contextmanager
def started(index: Path, **environment: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "rag.cli", "serve", "--index", str(index), "--port", "0"]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    ) as server:
        try:
            yield server
        finally:
            server.kill()


def post(port: int, path: str, body: object) -> tuple[int, bytes]:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", path, json.dumps(body), HEADERS)
    response = connection.getresponse()
    read = response.read()
    connection.close()
    return response.status, read


def test_without_a_data_folder_the_page_answers_and_ends_when_told(
    seeds_index: Path, tmp_path: Path
) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("no folder")
    with started(seeds_index, TRICHDAN_DATA_DIR=str(in_the_way / "data")) as server:
        assert server.stdout is not None
        assert server.stderr is not None
        port = int(server.stdout.readline().partition("127.0.0.1:")[2].split()[0])
        code = server.stdout.readline()
        assert code.startswith("Code for document owners: ")
        status, answer = post(port, "/api/ask", {"question": "WCO là gì?"})
        assert (status, json.loads(answer)["answered"]) == (200, True)
        status, kept = post(port, "/api/opinions", {"kind": "helpful", "question": "a?"})
        assert status == 507
        reason = json.loads(kept)["detail"]["reason"]
        assert reason["vi"] != reason["en"]
        assert str(tmp_path) not in kept.decode()
        wrong = post(port, "/api/owner", {"password": "not the code"})[0]
        right = post(port, "/api/owner", {"password": code.partition(": ")[2].strip()})[0]
        assert (wrong, right) == (403, 200)

        answers: list[int] = []

        def ask() -> None:
            answers.append(post(port, "/api/ask", {"question": "Chủ đề năm 2024 của WCO?"})[0])

        threads = [threading.Thread(target=ask) for _ in range(2)]
        for thread in threads:
            thread.start()
        time.sleep(0.05)
        server.send_signal(signal.SIGINT)
        for thread in threads:
            thread.join()
        assert server.wait(20) == 130
        assert answers == [200, 200], "answers under way are given"
        told = server.stderr.read()
        assert "trichdan: " in told
        assert "Traceback" not in told


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_can_be_told_to_end_while_it_starts(
    seeds_index: Path, tmp_path: Path, number: signal.Signals
) -> None:
    with started(seeds_index, TRICHDAN_DATA_DIR=str(tmp_path)) as server:
        time.sleep(4)  # in the middle of importing or of loading
        server.send_signal(number)
        assert server.wait(20) == 128 + number
        assert server.stderr is not None
        assert "Traceback" not in server.stderr.read()


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        (
            {"TRICHDAN_OWNER_PASSWORT": "geheim123"},
            "there is no setting TRICHDAN_OWNER_PASSWORT; is TRICHDAN_OWNER_PASSWORD meant?",
        ),
        (
            {"TRICHDAN_OWNER_PASSWORD": "kurz"},
            "TRICHDAN_OWNER_PASSWORD is too short: it must have 8 characters or more",
        ),
    ],
)
def test_a_wrong_setting_stops_it_with_one_line_and_no_secret(
    seeds_index: Path, setting: dict[str, str], problem: str
) -> None:
    with started(seeds_index, **setting) as server:
        assert server.wait(60) == 1
        assert server.stderr is not None
        assert server.stderr.read() == f"trichdan: {problem}\n"
