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
        raise DocumentError("it is empty", "Tệp rỗng.")
    if size > max_bytes:
        raise DocumentError(
            f"it has {size / 1e6:.1f} MB, the limit is {max_bytes / 1e6:.0f} MB; "
            "split it, or raise TRICHDAN_MAX_FILE_MB",
            f"Tệp nặng {f'{size / 1e6:.1f}'.replace('.', ',')} MB, giới hạn là "
            f"{max_bytes / 1e6:.0f} MB; hãy chia nhỏ, hoặc nâng TRICHDAN_MAX_FILE_MB.",
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
        f"it cannot be opened: {error.strerror or error}",
        f"Không mở được tệp: {error.strerror or error}.",
    )
