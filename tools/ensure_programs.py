"""See that the programs are there that tests need, installing them where that is possible.

Tests that need one are skipped where it is missing, except when CI is set: then they fail.
"""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass


@dataclass(frozen=True)
class _Program:
    names: tuple[str, ...]
    packages: tuple[str, ...]  # of Debian
    needed_for: str


_PROGRAMS = (
    _Program(
        names=("chromium", "chromium-browser", "google-chrome"),
        packages=("chromium",),
        needed_for="the browser tests",
    ),
    _Program(
        names=("tesseract",),
        packages=("tesseract-ocr", "tesseract-ocr-vie"),
        needed_for="the tests of scans",
    ),
)


def main() -> int:
    missing = [program for program in _PROGRAMS if not _is_installed(program)]
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    if missing and is_root and shutil.which("apt-get"):
        packages = [package for program in missing for package in program.packages]
        print(f"installing {' '.join(packages)} for tests")
        for arguments in (["update", "-qq"], ["install", "-y", "-qq", *packages]):
            subprocess.run(["apt-get", *arguments], check=False, stdout=subprocess.DEVNULL)
    for program in missing:
        if not _is_installed(program):
            print(
                f"no {program.names[0]}: {program.needed_for} are left out; on Debian: "
                f"sudo apt install {' '.join(program.packages)}"
            )
    return 0


def _is_installed(program: _Program) -> bool:
    executable = next(filter(None, map(shutil.which, program.names)), None)
    if executable is None or "tesseract" not in program.names:
        return executable is not None
    languages = subprocess.run(
        [executable, "--list-langs"], capture_output=True, text=True, check=False
    )
    return "vie" in languages.stdout.split()


if __name__ == "__main__":
    sys.exit(main())
