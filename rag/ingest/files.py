"""Read a file whole, within limits."""

from pathlib import Path

from rag.errors import DocumentError

__all__ = ["check_size", "read_bytes"]


def check_size(path: Path, max_bytes: int) -> None:
    """Refuse a file that is missing, empty or too large.

    Raises:
        DocumentError: If so.
    """
    try:
        size = path.stat().st_size
    except OSError as error:
        raise _not_opened(error) from error
    if size == 0:
        raise DocumentError("document.empty")
    if size > max_bytes:
        raise DocumentError(
            "files.too_large",
            size=size / 1_000_000,
            limit=max_bytes / 1_000_000,
        )


def read_bytes(path: Path, max_bytes: int) -> bytes:
    """Return what a file holds.

    Raises:
        DocumentError: If it cannot be opened, is empty or too large.
    """
    check_size(path, max_bytes)
    try:
        return path.read_bytes()
    except OSError as error:
        raise _not_opened(error) from error


def _not_opened(error: OSError) -> DocumentError:
    return DocumentError(
        "document.not_opened",
        error=error.strerror or error,
    )
