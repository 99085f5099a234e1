"""Everything that is installed is pinned, with the hashes of its files."""

import base64
import hashlib
import importlib.metadata
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterable
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT
from tools.lock import CPU_BUILDS, Pin, add_cpu_builds, read_pins, render

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
FILES = ("", "-cpu", "-cuda", "-dev", "-ocr")


def pins(suffix: str = "") -> list[Pin]:
    return read_pins((ROOT / f"requirements{suffix}.txt").read_text(encoding="utf-8"))


def versions(*suffixes: str) -> dict[str, str]:
    return {pin.name: pin.version for suffix in suffixes for pin in pins(suffix)}


def test_every_extra_has_a_file_and_no_other_is_there() -> None:
    extras = {f"-{extra}" for extra in PROJECT["project"]["optional-dependencies"]}
    assert {"", "-cpu", "-cuda", *extras} == set(FILES)
    names = {path.name for path in ROOT.glob("*requirements*")}
    assert names == {f"requirements{suffix}.txt" for suffix in FILES}
    assert not (ROOT / "constraints.txt").exists()


@pytest.mark.parametrize("suffix", FILES)
def test_every_pin_has_a_hash(suffix: str) -> None:
    text = (ROOT / f"requirements{suffix}.txt").read_text(encoding="utf-8")
    assert "\n--require-hashes\n--only-binary :all:\n" in text
    locked = pins(suffix)
    assert locked
    for pin in locked:
        assert pin.hashes, pin.name
        assert len(set(pin.hashes)) == len(pin.hashes), pin.name
    what = text.splitlines()[0].removeprefix("# ")
    assert render(f"requirements{suffix}.txt", what, locked) == text, "it was changed by hand"


@pytest.mark.parametrize("extra", ["", "dev", "ocr"])
def test_what_the_project_asks_for_is_pinned(extra: str) -> None:
    project = PROJECT["project"]
    asked = (
        project["optional-dependencies"][extra]
        if extra
        else [*project["dependencies"], *PROJECT["build-system"]["requires"]]
    )
    pinned = versions("", f"-{extra}") if extra else versions("")
    for line in asked:
        requirement = Requirement(line)
        version = pinned[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(version, prereleases=True), f"{line}: {version}"
    assert versions("")["torch"] == "2.13.0"


def _needed(names: Iterable[str]) -> set[str]:
    """Return what installed packages need on this machine, and what that needs, by name."""
    needed: set[str] = set()
    left = [Requirement(name) for name in names]
    seen: set[tuple[str, frozenset[str]]] = set()
    while left:
        asked = left.pop()
        name = canonicalize_name(asked.name)
        if (name, frozenset(asked.extras)) in seen:
            continue
        seen.add((name, frozenset(asked.extras)))
        needed.add(name)
        for line in importlib.metadata.requires(name) or ():
            more = Requirement(line)
            extras = ("", *asked.extras)
            if not more.marker or any(more.marker.evaluate({"extra": extra}) for extra in extras):
                left.append(more)
    return needed


@pytest.mark.parametrize("extra", ["", "dev", "ocr"])
def test_what_they_need_in_turn_is_pinned(extra: str) -> None:
    project = PROJECT["project"]
    asked = project["optional-dependencies"][extra] if extra else project["dependencies"]
    pinned = versions("", "-cuda", f"-{extra}") if extra else versions("", "-cuda")
    assert _needed(asked) - pinned.keys() == set()


def test_nothing_is_pinned_twice() -> None:
    every = [(pin.name, pin.version) for suffix in ("", "-cuda", "-dev") for pin in pins(suffix)]
    assert sorted(set(every)) == sorted(every)
    assert versions("-ocr").items() <= versions("-dev").items()


def test_both_builds_of_pytorch_may_be_installed() -> None:
    [torch] = [pin for pin in pins() if pin.name == "torch"]
    assert set(CPU_BUILDS.values()) < set(torch.hashes)
    assert [(pin.version, pin.marker, pin.hashes) for pin in pins("-cpu")] == [
        ("2.13.0+cpu", marker, (sha256,)) for marker, sha256 in CPU_BUILDS.items()
    ]
    cuda = versions("-cuda")
    assert {"triton", "cuda-toolkit", "nvidia-cublas"} < cuda.keys()
    assert not [name for name in versions("") if re.match("nvidia|cuda|triton", name)]


def test_the_hashes_of_another_pytorch_are_asked_for() -> None:
    newer = Pin(name="torch", version="2.99.0", marker="", hashes=("0" * 64,))
    with pytest.raises(ValueError, match=r"torch is pinned to 2\.99\.0, but tools/lock\.py"):
        add_cpu_builds([newer])


def test_a_lock_file_is_read_as_it_is_written() -> None:
    written = [
        Pin(name="a-b", version="1.0+cpu", marker="", hashes=("0" * 64, "1" * 64)),
        Pin(name="c", version="2", marker="sys_platform == 'linux'", hashes=("2" * 64,)),
    ]
    text = render("requirements.txt", "What running needs.", written)
    assert read_pins(text) == written
    with pytest.raises(ValueError, match="no pin: 'c>=2'"):
        read_pins("c>=2 \\\n    --hash=sha256:" + "0" * 64)


def test_nothing_is_installed_without_a_hash() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    installs = re.findall(r"^.*\$\(PIP\) install.*$", makefile, re.MULTILINE)
    assert installs == [
        "LOCKED := $(PIP) install --quiet --no-deps --require-hashes --only-binary :all:",
        "\t@$(PIP) install --quiet --no-deps --no-build-isolation --no-index --editable .",
    ]
    assert "pip install" not in makefile
    assert "pip install" not in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def _wheel(folder: Path) -> Path:
    """Make a wheel of one module."""
    path = folder / "trichdan_tiny-1.0-py3-none-any.whl"
    metadata = "trichdan_tiny-1.0.dist-info"
    files = {
        "trichdan_tiny.py": "VALUE = 1\n",
        f"{metadata}/METADATA": "Metadata-Version: 2.1\nName: trichdan-tiny\nVersion: 1.0\n",
        f"{metadata}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{name},sha256={_record_hash(text)},\n" for name, text in files.items())
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in {**files, f"{metadata}/RECORD": record}.items():
            archive.writestr(name, text)
    return path


def _record_hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


@pytest.mark.parametrize("tampered", [False, True])
def test_pip_refuses_what_does_not_have_the_hash(tmp_path: Path, tampered: bool) -> None:
    sha256 = hashlib.sha256(_wheel(tmp_path).read_bytes()).hexdigest()
    if tampered:
        sha256 = ("1" if sha256[0] == "0" else "0") + sha256[1:]
    pin = Pin(name="trichdan-tiny", version="1.0", marker="", hashes=(sha256,))
    lock = tmp_path / "requirements.txt"
    lock.write_text(render(lock.name, "One package.", [pin]), encoding="utf-8")
    target = tmp_path / "installed"
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pip", "--isolated", "install", "--quiet", "--no-deps"),
            *("--disable-pip-version-check", "--no-index", "--find-links", tmp_path),
            *("--target", target, "-r", lock),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == int(tampered), done.stderr
    assert ("DO NOT MATCH THE HASHES" in done.stderr) is tampered
    assert (target / "trichdan_tiny.py").is_file() is not tampered
