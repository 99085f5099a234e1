"""The catalogue of messages, and that the code and it agree."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import rag.errors
from rag.errors import DocumentError, IndexBusyError
from rag.messages import Message, catalogue, message
from tests.conftest import ROOT

_ERRORS = {name for name in rag.errors.__all__ if name != "TrichDanError"}


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def _uses() -> Iterator[tuple[str, str, set[str]]]:
    """Yield where a message is used, its key, and the names of its values."""
    for path in (*(ROOT / "rag").rglob("*.py"), *(ROOT / "ui").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func.id if isinstance(node.func, ast.Name) else ""
            first = node.args[0]
            literal = isinstance(first, ast.Constant) and isinstance(first.value, str)
            if called in _ERRORS | {"message", "kind"} and literal:
                values = {str(keyword.arg) for keyword in node.keywords}
                yield f"{path.relative_to(ROOT)}:{node.lineno}", ast.literal_eval(first), values


def test_every_message_that_is_used_is_there_with_just_its_values() -> None:
    for place, key, values in _uses():
        assert key in catalogue(), place
        assert _names(catalogue()[key].english) == values, place


def test_every_message_that_is_there_is_used() -> None:
    text = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("rag", "ui")
        for path in (ROOT / folder).rglob("*.py")
    )
    assert [key for key in catalogue() if f'"{key}"' not in text] == []


@pytest.mark.parametrize("key", catalogue())
def test_both_languages_say_the_same_of_the_same(key: str) -> None:
    said = catalogue()[key]
    assert said.english.strip() == said.english != ""
    assert said.vietnamese.strip() == said.vietnamese != said.english
    assert _names(said.english) == _names(said.vietnamese)


def test_no_error_is_raised_with_words_of_its_own() -> None:
    """Whatever a person meets stands in the catalogue."""
    for path in (*(ROOT / "rag").rglob("*.py"), *(ROOT / "ui").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
                continue
            if node.func.id in _ERRORS and node.args:
                first = node.args[0]
                made = isinstance(first, ast.Call) and ast.unparse(first.func) == "Message"
                assert made or isinstance(first, ast.Constant), f"{path}:{node.lineno}"


def test_numbers_are_written_as_each_language_does() -> None:
    error = DocumentError("files.has_mb_limit_mb", size=1234.5, limit=50)
    assert str(error).startswith("it has 1,234.5 MB, the limit is 50 MB;")
    assert error.vietnamese.startswith("Tệp nặng 1.234,5 MB, giới hạn là 50 MB;")


def test_an_error_within_a_message_is_told_in_its_language() -> None:
    busy = IndexBusyError("index.another_process_building_index", index=Path("index"))
    said = message("run.what_says_cannot_understood", sidecar="a.toml", error=busy)
    assert said.english.endswith(
        "another process is building the index in index; wait until it has finished"
    )
    assert said.vietnamese.endswith("hãy đợi đến khi xong.")


def test_a_message_can_be_made_of_what_another_process_said() -> None:
    error = DocumentError(Message("it {x} is", "nó {x}"))
    assert (str(error), error.vietnamese) == ("it {x} is", "nó {x}")
