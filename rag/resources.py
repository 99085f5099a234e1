"""The data that ships with the program, which is only used as the program was made with it.

`SHA256SUMS` beside it says what each file hashes to (`sha256sum -c` reads it too);
`tools/sum_data.py` writes it.
"""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from rag.errors import ModelError

__all__ = ["SUMS", "find_damaged", "read_shipped", "sums"]

SUMS = "SHA256SUMS"

_DATA = resources.files("rag") / "data"


@cache
def sums() -> Mapping[str, str]:
    """Return what each file that ships must hash to, by its name.

    Raises:
        ModelError: If the list itself cannot be read.
    """
    try:
        lines = (_DATA / SUMS).read_text(encoding="ascii").splitlines()
        return {name: sha256 for sha256, name in (line.split("  ") for line in lines)}
    except (OSError, ValueError) as error:
        raise ModelError("model.shipped_file_damaged", path=_DATA / SUMS) from error


def read_shipped(name: str) -> bytes:
    """Return a file that ships with the program.

    Raises:
        ModelError: If it is missing or is not what the program was made with.
    """
    expected = sums().get(name)
    try:
        data = (_DATA / name).read_bytes()
    except OSError as error:
        raise ModelError("model.shipped_file_damaged", path=_DATA / name) from error
    if hashlib.sha256(data).hexdigest() != expected:
        raise ModelError("model.shipped_file_damaged", path=_DATA / name)
    return data


def find_damaged() -> list[str]:
    """Return what there is to say of each file that ships and is damaged or missing."""
    damage = []
    try:
        names = list(sums())
    except ModelError as error:
        return [str(error)]
    for name in names:
        try:
            read_shipped(name)
        except ModelError as error:
            damage.append(str(error))
    return damage
