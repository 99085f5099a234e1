"""What a generation says of itself: what it was built from and with, and the hash of every file."""

from pydantic import BaseModel, ConfigDict

__all__ = ["FORMAT", "FileRecord", "Manifest", "Recipe", "Unfit"]

FORMAT = 8
"""Raise it when the files of a generation are others: indexes are then built anew."""


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileRecord(_Record):
    """A file of a generation, by which damage is seen."""

    bytes: int
    sha256: str


class Recipe(_Record):
    """With what a generation was built; another recipe makes other vectors."""

    model: str
    fingerprint: str
    query_prompt: str | None
    passage_prompt: str | None
    chunk_tokens: int
    chunking: int
    reading: int


class Unfit(_Record):
    """A document that could be read, but not indexed.

    Attributes:
        sha256: The hash of its text.
        vietnamese: Why, for the page; the manifest's `problems` say it in English.
    """

    sha256: str
    vietnamese: str


class Manifest(_Record):
    """What a generation says of itself.

    Attributes:
        source: The path of the folder or file, as `folder.escaped_path` writes it.
        query_prompt: What is put before every question, whoever chose it; likewise
            passage_prompt.
        problems: Why files were passed over, by what they are called.
        unfit: Those of them that could be read, and are in the corpus that has the hash.
    """

    format: int = FORMAT
    created: str
    source: str
    corpus_sha256: str
    documents: int
    passages: int
    dimension: int
    recipe: Recipe
    query_prompt: str
    passage_prompt: str
    problems: dict[str, str]
    duplicates: dict[str, str] = {}
    unfit: dict[str, Unfit] = {}
    files: dict[str, FileRecord] = {}
