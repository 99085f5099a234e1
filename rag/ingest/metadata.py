"""What is known of a document: from the corpus's catalogue, else from its text."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from rag.documents import Block, BlockKind, Metadata
from rag.errors import DocumentError

__all__ = ["CATALOGUE", "infer_metadata", "read_catalogue"]

CATALOGUE = "catalogue.toml"
"""The file at the top of a corpus that says what its documents are."""

_STAMP = re.compile(
    r"\s*(?:date|published|updated|ngày đăng|cập nhật)\s*:?\s*(\d{4}-\d{2}-\d{2})", re.I
)
_MARKDOWN = re.compile(r"^[#\s]+|[#*_\s]+$|^[*_]+")


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    source: str
    title: str | None = None
    publisher: str | None = None
    date: str | None = None
    url: str | None = None
    author: str | None = None


class _Catalogue(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    document: list[_Entry] = []


def read_catalogue(corpus: Path) -> Mapping[str, Mapping[str, str]]:
    """Return what the catalogue says of each document, by source; nothing if there is none.

    Raises:
        DocumentError: If the catalogue is there but cannot be understood.
    """
    path = corpus / CATALOGUE
    if not path.is_file():
        return {}
    try:
        catalogue = _Catalogue.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise DocumentError(f"in {place}: {first['msg']}; known are: {_known()}") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DocumentError(f"it is not valid TOML in UTF-8: {error}") from error
    return {
        entry.source: entry.model_dump(exclude={"source"}, exclude_none=True)
        for entry in catalogue.document
    }


def _known() -> str:
    return ", ".join(["source", *(field.name for field in fields(Metadata))])


def infer_metadata(text: str, blocks: Sequence[Block], entry: Mapping[str, str]) -> Metadata:
    """Return what is known of a document: what the catalogue says, else what the text shows.

    An entry that is there but empty says that the thing is not known.
    """
    stamp = _STAMP.match(text)
    inferred = {"title": _title(text, blocks), "date": stamp[1] if stamp else ""}
    return Metadata(**{**inferred, **entry})


def _title(text: str, blocks: Sequence[Block]) -> str:
    """Return the heading with which the text begins, if it stands alone above it."""
    if not blocks or blocks[0].kind is not BlockKind.HEADING:
        return ""
    first = blocks[0]
    line = text[first.start : first.end]
    set_off = line.startswith("#") or line.isupper() or text[first.end :].startswith("\n\n")
    underlined = len(blocks) > 1 and blocks[1].kind is BlockKind.NOISE
    return _MARKDOWN.sub("", line) if set_off or underlined else ""
