"""The catalogue of messages, and that the code and it agree."""

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import nodes

import rag.errors
from rag.domain.documents import Language
from rag.errors import DocumentError, IndexBusyError
from rag.messages import Message, catalogue, message
from tests.conftest import ROOT
from ui.templating import ENVIRONMENT
from ui.texts import page_texts

_ERRORS = {name for name in rag.errors.__all__ if name != "TrichDanError"}


def _names(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for path in (*(ROOT / "rag").rglob("*.py"), *(ROOT / "ui").rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def _uses() -> Iterator[tuple[str, str, set[str]]]:
    """Yield where a message is used, its key, and the names of its values."""
    for path, tree in _trees():
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = node.func.id if isinstance(node.func, ast.Name) else ""
            first = node.args[0]
            literal = isinstance(first, ast.Constant) and isinstance(first.value, str)
            if called in _ERRORS | {"message", "kind", "words"} and literal:
                values = {str(keyword.arg) for keyword in node.keywords}
                yield f"{path.relative_to(ROOT)}:{node.lineno}", ast.literal_eval(first), values


def _uses_in_templates() -> Iterator[tuple[str, str, set[str]]]:
    """Yield the same of the templates: `words("key", name=value)`, or of the page `texts["key"]`."""
    for path in (ROOT / "ui" / "templates").glob("*.html"):
        template = ENVIRONMENT.parse(path.read_text(encoding="utf-8"))
        for call in template.find_all(nodes.Call):
            called = call.node.name if isinstance(call.node, nodes.Name) else ""
            if called in ("words", "page_words"):
                values = {keyword.key for keyword in call.kwargs}
                yield f"{path.name}:{call.lineno}", call.args[0].as_const(), values
        for item in template.find_all(nodes.Getitem):
            if isinstance(item.node, nodes.Name) and item.node.name == "texts":
                yield f"{path.name}:{item.lineno}", f"page.text.{item.arg.as_const()}", set()


def _names_in_scripts() -> tuple[set[str], set[str]]:
    """Return what scripts and template name texts by: what is quoted there, and how it may begin.

    A script makes some names of a beginning and a state, as in `state.${state}`.
    """
    paths = [*(ROOT / "ui" / "static").glob("*.js"), ROOT / "ui" / "templates" / "page.html"]
    text = "".join(path.read_text(encoding="utf-8") for path in paths)
    return set(re.findall(r'"([\w.-]+)"', text)), set(re.findall(r"`([\w.]+\.)\$\{", text))


def test_every_message_that_is_used_is_there_with_just_its_values() -> None:
    for place, key, values in (*_uses(), *_uses_in_templates()):
        assert key in catalogue(), place
        assert _names(catalogue()[key].english) == values, place


def test_the_page_names_only_texts_that_there_are() -> None:
    page = (ROOT / "ui" / "templates" / "page.html").read_text(encoding="utf-8")
    names = set(re.findall(r'data-(?:text|label|placeholder)="([\w.-]+)"', page))
    for path in (ROOT / "ui" / "static").glob("*.js"):
        names |= set(re.findall(r'\bt\("([\w.-]+)"', path.read_text(encoding="utf-8")))
    assert len(names) > 60
    assert names <= page_texts(Language.ENGLISH).keys()


def test_every_message_that_is_there_is_used() -> None:
    literals = {
        str(node.value)
        for _, tree in _trees()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
    }
    used = literals | {key for _, key, _ in _uses_in_templates()}
    names, beginnings = _names_in_scripts()
    used |= {f"page.text.{name}" for name in names}
    made = tuple(f"page.text.{beginning}" for beginning in beginnings)
    assert [key for key in catalogue() if key not in used and not key.startswith(made)] == []


@pytest.mark.parametrize("key", catalogue())
def test_both_languages_say_the_same_of_the_same(key: str) -> None:
    told = catalogue()[key]
    assert told.english.strip() == told.english != ""
    assert told.vietnamese.strip() == told.vietnamese != told.english
    assert _names(told.english) == _names(told.vietnamese)


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
    error = DocumentError("files.too_large", size=1234.5, limit=50)
    assert str(error).startswith("it has 1,234.5 MB, the limit is 50 MB;")
    assert error.vietnamese.startswith("Tệp nặng 1.234,5 MB, giới hạn là 50 MB;")


def test_an_error_within_a_message_is_told_in_its_language() -> None:
    busy = IndexBusyError("index.busy", index=Path("index"))
    told = message("run.sidecar_not_understood", sidecar="a.toml", error=busy)
    assert told.english.endswith(
        "another process is building the index in index; wait until it has finished"
    )
    assert told.vietnamese.endswith("hãy đợi đến khi xong.")


def test_a_message_can_be_made_of_what_another_process_said() -> None:
    error = DocumentError(Message("it {x} is", "nó {x}"))
    assert (str(error), error.vietnamese) == ("it {x} is", "nó {x}")
