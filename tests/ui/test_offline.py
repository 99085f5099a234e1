"""Nothing leaves the machine, whatever comes in."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT


def test_what_a_process_wants_to_reach_is_noted(tmp_path: Path) -> None:
    noted = tmp_path / "addresses"
    recorder = {"PYTHONPATH": "tests/recorder", "RECORDED_ADDRESSES": str(noted)}
    look_up = "import socket; socket.getaddrinfo('192.0.2.1', 80)"
    done = subprocess.run(
        [sys.executable, "-c", look_up], cwd=ROOT, env={**os.environ, **recorder}, check=True
    )
    assert done.returncode == 0
    assert "socket.getaddrinfo '192.0.2.1'" in noted.read_text(encoding="utf-8")


@pytest.mark.model
def test_no_request_leaves_the_machine_whatever_comes_in(seeds_index: Path, tmp_path: Path) -> None:
    unshare = [shutil.which("unshare") or "unshare", "--map-root-user", "--net"]
    allowed = subprocess.run([*unshare, "true"], capture_output=True, check=False)
    if allowed.returncode and not os.environ.get("CI"):
        pytest.skip("this system allows no network namespace")
    done = subprocess.run(
        [*unshare, sys.executable, "tests/offline.py", str(seeds_index), str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["answered"]
    assert told["statuses"] == [200, 403, 404, 422]
    reached = [
        target
        for target in told["reached"]
        if "'127.0.0.1'" not in target and "AF_UNIX" not in target and " '/" not in target
    ]
    assert reached == []
    assert (told["status"], told["stderr"]) == (143, "")
