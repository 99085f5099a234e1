"""Write the lock files: every package that is installed, with its version and its files' hashes.

    make lock               keep the versions; add what pyproject.toml asks for, and new files
    make lock UPGRADE=1     take the newest versions

`requirements.txt` is what running needs, and building the program itself; `requirements-X.txt` is
what the extra X of pyproject.toml needs besides. They hold for Python 3.11 and newer on Linux,
macOS and Windows, and name the hashes of all files that the package index has of a version, so pip
takes the file for its machine and refuses one that is not as it was when this was written. Nothing
is built: an archive of sources would run its own code and fetch what it is built with.

PyTorch has several builds of a version. The one on the public index needs NVIDIA's libraries on
Linux, 4 GB that nothing here uses; they stand apart, in `requirements-cuda.txt`. The CPU build of
the same version, on PyTorch's own index or in a folder of wheels, needs none, and only there are
its hashes known, so they are written down here. pip prefers files whose hash an index tells it,
so it would pass over a wheel in a folder: therefore the Makefile asks for the CPU build by its
full version first (`requirements-cpu.txt`), and for the other where that is not offered.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

__all__ = ["CPU_BUILDS", "Pin", "add_cpu_builds", "lock", "read_pins", "render"]

_ROOT = Path(__file__).parent.parent
_CUDA_PACKAGE = re.compile(r"cuda-|nvidia-|triton$")
_PIN = re.compile(r"([a-z0-9-]+)==([^ ;]+)(?: ; (.+))?")
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")

_TORCH_VERSION = "2.13.0"
CPU_BUILDS = {
    "platform_machine == 'x86_64' and python_version == '3.11' and sys_platform == 'linux'": (
        # torch-2.13.0+cpu-cp311-cp311-manylinux_2_28_x86_64.whl
        "6746dbcbeb526eb61330b76b41ff1b4eb848951103a892eeb080dfa2b264667b"
    ),
}
"""SHA-256 of the wheels of PyTorch's CPU build that may be installed, by where they run."""

_HEADER = """\
# {purpose}
# Written by: make lock (tools/lock.py). Install with: pip install --no-deps -r {name}
--require-hashes
--only-binary :all:
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """One version of a package.

    Attributes:
        name: Of the package, normalised.
        version: The only one.
        marker: Where it is needed; "" for everywhere.
        hashes: SHA-256 of the files that may be installed, in order.
    """

    name: str
    version: str
    marker: str
    hashes: tuple[str, ...]


def read_pins(text: str) -> list[Pin]:
    """Return the pins of a lock file.

    Raises:
        ValueError: If a line is neither an option, a comment nor a pin.
    """
    pins = []
    for line in text.replace("\\\n", " ").splitlines():
        if not line or line.startswith(("#", "--")):
            continue
        requirement, *_ = line.partition("--hash")
        match = _PIN.fullmatch(requirement.strip())
        if match is None:
            raise ValueError(f"no pin: {requirement.strip()!r}")
        name, version, marker = match.groups()
        hashes = tuple(_HASH.findall(line))
        pins.append(Pin(name=name, version=version, marker=marker or "", hashes=hashes))
    return pins


def render(name: str, purpose: str, pins: Iterable[Pin]) -> str:
    """Return the text of a lock file."""
    lines = [_HEADER.format(name=name, purpose=purpose)]
    for pin in pins:
        marker = f" ; {pin.marker}" if pin.marker else ""
        hashes = "".join(f" \\\n    --hash=sha256:{sha256}" for sha256 in pin.hashes)
        lines.append(f"{pin.name}=={pin.version}{marker}{hashes}\n")
    return "".join(lines)


def add_cpu_builds(pins: Iterable[Pin]) -> list[Pin]:
    """Let the CPU build of PyTorch be installed for the version that is pinned.

    Raises:
        ValueError: If another version is pinned than `CPU_BUILDS` is of.
    """
    completed = []
    for pin in pins:
        if pin.name == "torch":
            if pin.version != _TORCH_VERSION:
                raise ValueError(
                    f"torch is pinned to {pin.version}, but tools/lock.py has the hashes of the "
                    f"CPU build of {_TORCH_VERSION}: put those of {pin.version} there"
                )
            pin = replace(pin, hashes=tuple(sorted({*pin.hashes, *CPU_BUILDS.values()})))
        completed.append(pin)
    return completed


def lock(root: Path, *, upgrade: bool = False) -> None:
    """Write the lock files of a project, from its `pyproject.toml` and the package index."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    extras = sorted(project["project"]["optional-dependencies"])
    lock_texts = [path.read_text(encoding="utf-8") for path in root.glob("requirements*.txt")]
    pins = [pin for text in lock_texts for pin in read_pins(text)]
    preferred = [] if upgrade else [pin for pin in pins if "+" not in pin.version]
    resolve = partial(
        _resolve,
        root,
        build=project["build-system"]["requires"],
        python=project["project"]["requires-python"].removeprefix(">="),
    )
    base = add_cpu_builds(resolve(preferred=preferred))
    cuda = [pin for pin in base if _CUDA_PACKAGE.match(pin.name)]
    _write(root, "", "What running needs.", [pin for pin in base if pin not in cuda])
    _write(root, "-cuda", "What the build of PyTorch on the public index needs on Linux.", cuda)
    cpu = [
        Pin(name="torch", version=f"{_TORCH_VERSION}+cpu", marker=marker, hashes=(sha256,))
        for marker, sha256 in CPU_BUILDS.items()
    ]
    _write(root, "-cpu", "PyTorch's CPU build, to be installed first where it is offered.", cpu)
    for extra in extras:
        extended = add_cpu_builds(resolve(extra=extra, preferred=[*base, *preferred]))
        purpose = f"What the extra {extra!r} needs besides."
        _write(root, f"-{extra}", purpose, [pin for pin in extended if pin not in base])


def _write(root: Path, suffix: str, purpose: str, pins: Sequence[Pin]) -> None:
    name = f"requirements{suffix}.txt"
    (root / name).write_text(render(name, purpose, pins), encoding="utf-8")
    print(f"{name}: {len(pins)} packages")


def _resolve(
    root: Path, *, build: Sequence[str], python: str, preferred: Sequence[Pin], extra: str = ""
) -> list[Pin]:
    """Return all that is needed, in the preferred versions where that is possible."""
    with tempfile.TemporaryDirectory() as folder:
        build_input = Path(folder) / "build.in"
        output = Path(folder) / "requirements.txt"
        build_input.write_text("\n".join(build), encoding="utf-8")
        # uv keeps the versions that it finds in the file it is to write, and hashes if there are.
        output.write_text(
            "".join(f"{pin.name}=={pin.version}\n" for pin in preferred), encoding="utf-8"
        )
        subprocess.run(
            [
                *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal"),
                *("--generate-hashes", "--no-header", "--no-annotate", "--no-emit-options"),
                *("--python-version", python),
                *(("--extra", extra) if extra else ()),
                *("--output-file", output, root / "pyproject.toml", build_input),
            ],
            check=True,
        )
        return read_pins(output.read_text(encoding="utf-8"))


def main() -> int:
    parser = argparse.ArgumentParser(description="Write the lock files.")
    parser.add_argument("--upgrade", action="store_true", help="take the newest versions")
    lock(_ROOT, upgrade=parser.parse_args().upgrade)
    return 0


if __name__ == "__main__":
    sys.exit(main())
