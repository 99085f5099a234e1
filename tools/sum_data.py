"""Write what the data that ships with the program hashes to, after it was changed on purpose."""

import hashlib
import sys
from pathlib import Path

__all__ = ["sum_data"]

_DATA = Path(__file__).parent.parent / "rag" / "data"
_UNCHECKED = {"README.md", "SHA256SUMS"}


def sum_data(folder: Path) -> str:
    """Return the text of `SHA256SUMS` for a folder of data."""
    return "".join(
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(folder.iterdir())
        if path.name not in _UNCHECKED
    )


def main() -> int:
    (_DATA / "SHA256SUMS").write_text(sum_data(_DATA), encoding="ascii")
    return 0


if __name__ == "__main__":
    sys.exit(main())
