"""The questions that the owner of a folder wants shown on the first screen.

They stand in `examples.txt` at the top of the folder, one a line; a line that begins with "#" is a
comment.
"""

import os
import stat
import tempfile
import unicodedata
from collections.abc import Sequence
from pathlib import Path

from rag.errors import DocumentError
from rag.ingest.run.folder import EXAMPLES_FILE, check_place
from rag.ingest.run.leftovers import ADDING, claim
from rag.language.vietnamese import nfc

__all__ = ["read_examples", "save_examples"]

_MAX_FILE_BYTES = 20_000
_MAX_QUESTION_CHARACTERS = 150
_COMMENT_MARK = "#"


def read_examples(folder: Path) -> tuple[str, ...]:
    """Return the owner's questions in their order; none if there is no such file.

    Raises:
        DocumentError: If the file is too large, is no text in UTF-8, or a line of it is too long
            or has characters that act unseen.
    """
    lines = _read_lines(folder)
    for number, line in enumerate(lines, start=1):
        _check_line(number, line)
    return tuple(dict.fromkeys(line for line in lines if _is_question(line)))


def save_examples(folder: Path, lines: Sequence[str]) -> None:
    """Write the owner's questions in one step; the comments at the head of the file stay.

    Args:
        folder: Where the file is, or shall be.
        lines: The questions, one each; empty ones are left out. Without any, the program chooses.

    Raises:
        DocumentError: If one will not do, or the file cannot be written.
    """
    questions = []
    for number, line in enumerate(lines, start=1):
        question = nfc(line).strip()
        _check_line(number, question)
        if question.startswith(_COMMENT_MARK):
            raise DocumentError(
                "run.example_is_comment",
                number=number,
            )
        if question:
            questions.append(question)
    content = "".join(f"{line}\n" for line in [*_head_comments(folder), *dict.fromkeys(questions)])
    encoded = content.encode()
    _check_size(encoded)
    try:
        _replace_file(folder / EXAMPLES_FILE, encoded)
    except OSError as error:
        raise DocumentError(
            "run.examples_not_written",
            examples_file=EXAMPLES_FILE,
            error=error.strerror or error,
        ) from error


def _read_lines(folder: Path) -> list[str]:
    path = folder / EXAMPLES_FILE
    if not os.path.lexists(path):
        return []
    check_place(path, folder)
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_FILE_BYTES + 1)
    except OSError as error:
        raise DocumentError(
            "document.not_opened",
            error=error.strerror or error,
        ) from error
    _check_size(content)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DocumentError(
            "run.examples_not_utf8",
        ) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
    return [nfc(line).strip() for line in text.split("\n")]


def _is_question(line: str) -> bool:
    return bool(line) and not line.startswith(_COMMENT_MARK)


def _check_size(content: bytes) -> None:
    if len(content) > _MAX_FILE_BYTES:
        raise DocumentError(
            "run.examples_too_large",
            limit=_MAX_FILE_BYTES // 1_000,
        )


def _check_line(number: int, line: str) -> None:
    """Refuse a line that is no question in a line; comments may be as they like."""
    if not _is_question(line):
        return
    if len(line) > _MAX_QUESTION_CHARACTERS:
        raise DocumentError(
            "run.example_too_long",
            number=number,
            longest=_MAX_QUESTION_CHARACTERS,
        )
    # "C": control, bidi and other format characters, and those that are none; "Zl", "Zp": breaks.
    if any(
        unicodedata.category(character)[0] == "C" or character in "\u2028\u2029"
        for character in line
    ):
        raise DocumentError(
            "run.example_has_unseen_character",
            number=number,
        )


def _head_comments(folder: Path) -> list[str]:
    """Return the comments at the head of the file, as far as it can be read."""
    try:
        lines = _read_lines(folder)
    except DocumentError:
        return []
    questions = (number for number, line in enumerate(lines) if _is_question(line))
    head = lines[: next(questions, len(lines))]
    return [line for line in head if line]


def _replace_file(path: Path, content: bytes) -> None:
    """Write a file aside and give it its name; it keeps the mode of the one before."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=ADDING, suffix=path.suffix)
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            claim(descriptor)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        if path.is_file():
            temporary.chmod(stat.S_IMODE(path.stat().st_mode) & 0o777)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
