"""Find the files of a corpus: one folder, or several that a file names."""

import os
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ConfigDict, ValidationError, field_validator

from rag.errors import DocumentError, EmptyCorpusError
from rag.ingest.structure.metadata import CATALOGUE, SIDECAR
from rag.language.glossary import GLOSSARY_FILE
from rag.messages import Message, message

__all__ = [
    "EXAMPLES_FILE",
    "Collection",
    "FolderProblem",
    "check_place",
    "escaped_path",
    "file_of",
    "files_in",
    "is_control_file",
    "read_collections",
    "source_of",
    "unescaped_path",
]

EXAMPLES_FILE = "examples.txt"
"""What the owner's example questions are called, at the top of a folder."""

_MAX_SOURCE_CHARACTERS = 1_000
_CONTROL_FILES = frozenset({CATALOGUE, GLOSSARY_FILE, EXAMPLES_FILE})
# What stands in a source for what no text can hold; a backslash only where it would seem to.
_UNENCODABLE = re.compile("[\ud800-\udfff]|\\\\(?=x[0-9a-f]{2}|u[0-9a-f]{4})")
_ESCAPE = re.compile(r"\\x(5c|[89a-f][0-9a-f])|\\u(d[89a-f][0-9a-f]{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Collection:
    """A folder of documents, and who may read them.

    Attributes:
        name: What its documents' sources begin with; "" if there is only this one.
        groups: People of any of these may read them; everybody if there are none.
    """

    folder: Path
    name: str = ""
    groups: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderProblem:
    """A place that cannot be looked into, and why."""

    path: Path
    message: Message


class _CollectionEntry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: str
    folder: str
    groups: list[str] = []

    @field_validator("name")
    @classmethod
    def _is_a_name(cls, name: str) -> str:
        if not name.strip() or "/" in name or name.startswith(".") or not name.isprintable():
            raise ValueError("a name is a word or some, without slashes")
        return name


class _CollectionsFile(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    collection: list[_CollectionEntry]


def read_collections(source: Path) -> tuple[Collection, ...]:
    """Return the collections of a corpus: a folder, or a TOML file that names several.

    Raises:
        EmptyCorpusError: If there is neither, or the file cannot be understood.
    """
    if source.suffix.lower() != ".toml" or source.is_dir():
        if not source.is_dir():
            raise EmptyCorpusError("run.no_source_folder", source=source)
        return (Collection(folder=source),)
    try:
        entries = _CollectionsFile.model_validate(
            tomllib.loads(source.read_text("utf-8-sig"))
        ).collection
    except ValidationError as error:
        first_error = error.errors()[0]
        place = ".".join(map(str, first_error["loc"]))
        raise EmptyCorpusError(
            "run.collections_not_understood",
            source=source,
            place=place,
            reason=first_error["msg"],
        ) from error
    except (OSError, ValueError, RecursionError) as error:  # ValueError: no UTF-8, or no TOML
        raise EmptyCorpusError("run.collections_not_toml", source=source, error=error) from error
    names = [entry.name for entry in entries]
    repeated_name = next((name for name in names if names.count(name) > 1), None)
    if repeated_name is not None or not entries:
        if repeated_name is None:
            raise EmptyCorpusError("run.no_collection", source=source)
        raise EmptyCorpusError("run.collection_named_twice", source=source, name=repeated_name)
    return tuple(
        Collection(folder=source.parent / entry.folder, name=entry.name, groups=tuple(entry.groups))
        for entry in entries
    )


def files_in(folder: Path) -> Iterator[Path | FolderProblem]:
    """Yield the files below a folder in the order of their names, and what cannot be looked into.

    Hidden files and folders are left alone.
    """
    paths: list[Path] = []
    problems: list[FolderProblem] = []

    def note_problem(error: OSError) -> None:
        if not isinstance(error, FileNotFoundError):  # it was removed meanwhile
            problems.append(
                FolderProblem(
                    path=Path(error.filename),
                    message=message("run.not_opened", error=error.strerror),
                )
            )

    for parent, subfolders, names in os.walk(folder, onerror=note_problem):
        visible = [name for name in subfolders if not name.startswith(".")]
        linked = [name for name in visible if _is_link(Path(parent, name))]
        subfolders[:] = [name for name in visible if name not in linked]
        paths += [Path(parent, name) for name in [*names, *linked] if not name.startswith(".")]
    yield from problems
    yield from sorted(paths)


def _is_link(path: Path) -> bool:
    try:
        return path.is_symlink()
    except OSError:  # it may not be looked at, and what opens it will say so
        return True


def check_place(path: Path, folder: Path) -> None:
    """Refuse what is no ordinary file of the folder, and a name that cannot be shown in a line.

    Raises:
        DocumentError: For a pipe or device, which might never end, and for a link that leads out
            of the folder, whose target nobody chose to have quoted.
    """
    name = path.relative_to(folder).as_posix()
    is_unprintable = any(
        unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in name
    )
    if is_unprintable or len(name) > _MAX_SOURCE_CHARACTERS:
        raise DocumentError(
            "run.name_unusable",
        )
    if path.is_symlink():
        if not path.exists():
            raise DocumentError(
                "run.link_leads_nowhere",
            )
        if not path.resolve().is_relative_to(folder.resolve()):
            raise DocumentError(
                "run.link_leads_out",
            )
        if path.is_dir():
            raise DocumentError(
                "run.link_to_folder",
            )
    if path.exists() and not path.is_file():
        raise DocumentError(
            "run.not_a_regular_file",
        )


def source_of(path: Path, collection: Collection) -> str:
    r"""Return what a file is called by, as any text can hold it.

    A byte of its name that is no UTF-8 is written as `\xe9`, half a surrogate pair as `\ud83d`, and
    a backslash before what would read like one of these as `\x5c`. `file_of` finds it again.
    """
    name = escaped_path(path.relative_to(collection.folder).as_posix())
    return f"{collection.name}/{name}" if collection.name else name


def escaped_path(name: str) -> str:
    """Return a name or path of the system as any text can hold it; see `source_of`."""
    return _UNENCODABLE.sub(_escape, name)


def unescaped_path(text: str) -> str:
    """Return the name or path that `escaped_path` was given."""
    return _ESCAPE.sub(_unescape, text)


def _escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code == ord("\\"):
        return r"\x5c"
    is_byte = 0xDC80 <= code <= 0xDCFF
    return f"\\x{code - 0xDC00:02x}" if is_byte else f"\\u{code:04x}"


def _unescape(match: re.Match[str]) -> str:
    if match[2]:
        return chr(int(match[2], 16))
    return "\\" if match[1] == "5c" else chr(0xDC00 + int(match[1], 16))


def file_of(source: str, collections: Sequence[Collection]) -> tuple[Path, Collection] | None:
    """Return the file that a document is called by, and its collection; None if there is none.

    What is hidden is none, nor is what a link to a folder leads to elsewhere.
    """
    for collection in collections:
        prefix = f"{collection.name}/" if collection.name else ""
        name = unescaped_path(source.removeprefix(prefix))
        if not source.startswith(prefix) or any(
            part.startswith(".") for part in PurePosixPath(name).parts
        ):
            continue
        target = collection.folder / name
        try:
            is_present = target.is_symlink() or target.is_file()
            if is_present and _is_within(target.parent, collection.folder):
                return target, collection
        except (OSError, ValueError):  # a name that is too long, or that no file can have
            continue
    return None


def _is_within(path: Path, folder: Path) -> bool:
    # Path.resolve raises RuntimeError where links go round in a circle.
    return Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder))


def is_control_file(path: Path, folder: Path) -> bool:
    """Tell whether a file is no document of a folder, but says how its documents are understood.

    Such are its catalogue, its glossary, its example questions, and files beside documents that say
    what those are.
    """
    is_at_top = path.parent == folder and path.name in _CONTROL_FILES
    return is_at_top or (path.name.lower().endswith(SIDECAR) and path.with_suffix("").exists())
