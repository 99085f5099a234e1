"""The documents name files, modules and classes that there are."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]

_FOLDERS = "rag|ui|tests|docs|tools|training|benchmarks|seeds"
_PATH = re.compile(rf"(?<![\w./-])(?:{_FOLDERS})/(?:[\w*.-]+/)*[\w*.-]*[\w*]")
_MODULE = re.compile(r"(?<![\w./-])(?:rag|ui|tests|tools|training|benchmarks)(?:\.[A-Za-z_]\w*)+")
_SUFFIXES = frozenset({"md", "py", "toml"})  # by which "benchmarks.md" is no module
_IMPORT = re.compile(r"^(?:>>> )?from ((?:rag|ui|tests)[\w.]*) import ([\w, ]+)$", re.M)
# "`Candidate` in `rag/read/sentence_candidates.py`"
_NAME = re.compile(rf"`([A-Za-z_]\w*)(?:\.\w+)*(?:\(\))?` in `((?:{_FOLDERS})/[\w/]+\.py)`")
_LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)(?:#[\w-]*)?\)")
# What a how-to has its reader write: "# new: rag/retrieve/milvus_passage_index.py".
_NEW = re.compile(r"# new: (\S+)")


def _mentions(pattern: re.Pattern[str]) -> list[object]:
    """Return each document with what a pattern finds in it, each once."""
    return list(_found(pattern))


def _found(pattern: re.Pattern[str]) -> Iterator[object]:
    for document in DOCUMENTS:
        text = document.read_text(encoding="utf-8")
        for match in sorted(set(pattern.findall(text))):
            values = match if isinstance(match, tuple) else (match,)
            named = f"{document.relative_to(ROOT)}: {' '.join(values)}"
            yield pytest.param(document, *values, id=named)


def _to_be_written(document: Path) -> set[str]:
    return set(_NEW.findall(document.read_text(encoding="utf-8")))


def _file_of(module: str) -> tuple[Path | None, list[str]]:
    """Return the file of a module, or of a module's attribute, and the attribute's names."""
    parts = module.split(".")
    for count in range(len(parts), 0, -1):
        place = ROOT.joinpath(*parts[:count])
        for file in (place.with_suffix(".py"), place / "__init__.py"):
            if file.is_file():
                return file, parts[count:]
    return None, parts


def _has(file: Path, name: str) -> bool:
    return re.search(rf"\b{name}\b", file.read_text(encoding="utf-8")) is not None


@pytest.mark.parametrize(("document", "path"), _mentions(_PATH))
def test_every_path_exists(document: Path, path: str) -> None:
    if path not in _to_be_written(document):
        assert any(ROOT.glob(path)), path


@pytest.mark.parametrize(("document", "module"), _mentions(_MODULE))
def test_every_module_exists(document: Path, module: str) -> None:
    written = f"{module.replace('.', '/')}.py"
    if module.rpartition(".")[2] in _SUFFIXES or written in _to_be_written(document):
        return
    file, attributes = _file_of(module)
    assert file is not None, module
    assert all(_has(file, attribute) for attribute in attributes), module


@pytest.mark.parametrize(("document", "module", "names"), _mentions(_IMPORT))
def test_every_name_that_an_example_imports_is_there(
    document: Path, module: str, names: str
) -> None:
    if f"{module.replace('.', '/')}.py" in _to_be_written(document):
        return
    file, attributes = _file_of(module)
    assert file is not None and not attributes, module
    for name in names.split(","):
        beside = file.parent / f"{name.strip()}.py"  # a module of a package
        assert beside.is_file() or _has(file, name.strip()), name


@pytest.mark.parametrize(("document", "name", "path"), _mentions(_NAME))
def test_every_name_stands_where_it_is_said_to(document: Path, name: str, path: str) -> None:
    if path not in _to_be_written(document):
        assert _has(ROOT / path, name), f"{name} in {path}"


@pytest.mark.parametrize(("document", "target"), _mentions(_LINK))
def test_every_link_leads_somewhere(document: Path, target: str) -> None:
    assert (document.parent / target).exists(), target


def test_every_decision_and_how_to_is_listed() -> None:
    decisions = ROOT / "docs" / "decisions"
    listed = set(_LINK.findall((decisions / "README.md").read_text(encoding="utf-8")))
    assert {file.name for file in decisions.glob("*.md")} - {"README.md"} <= listed
    overview = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for file in (ROOT / "docs" / "how-to").glob("*.md"):
        assert f"how-to/{file.name}" in overview, file.name
