"""Read a folder of files as documents; a file that cannot be read never stops the others."""

import hashlib
import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.documents import Block, BlockKind, Document, Sentence
from rag.errors import DocumentError, EmptyCorpusError
from rag.glossary import GLOSSARY_FILE, check_line
from rag.ingest.blocks import find_blocks
from rag.ingest.loaders import DocumentLoader
from rag.ingest.metadata import CATALOGUE, infer_metadata, read_catalogue
from rag.ingest.sentences import find_sentences
from rag.language import guess_language
from rag.vietnamese import nfc

__all__ = ["Corpus", "Problem", "make_document", "read_corpus"]

_logger = logging.getLogger(__name__)
_LANGUAGE_SAMPLE = 20_000  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A file that was passed over, and why."""

    source: str
    reason: str
    vietnamese: str = ""  # the reason, for the page


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """The documents of a folder, in the order of their names, and the files passed over.

    Attributes:
        glossary: The lines of the owner's glossary.
    """

    documents: tuple[Document, ...]
    problems: tuple[Problem, ...]
    glossary: tuple[str, ...] = ()

    @property
    def sha256(self) -> str:
        """A hash of all that an index is made from."""
        digest = hashlib.sha256(repr(self.glossary).encode())
        for document in self.documents:
            digest.update(repr((document.source, document.sha256, document.metadata)).encode())
        return digest.hexdigest()


def read_corpus(directory: Path, loaders: Sequence[DocumentLoader]) -> Corpus:
    """Read all files below a directory that some loader knows; hidden ones are left alone.

    Raises:
        EmptyCorpusError: If the directory is not there, or no document in it could be read.
    """
    if not directory.is_dir():
        raise EmptyCorpusError(
            f"there is no folder {directory}; name one with: trichdan index --source FOLDER"
        )
    loader_of = {suffix: loader for loader in loaders for suffix in loader.suffixes}
    documents: list[Document] = []
    problems: list[Problem] = []
    catalogue: Mapping[str, Mapping[str, str]] = {}
    try:
        catalogue = read_catalogue(directory)
    except DocumentError as error:
        problems.append(Problem(source=CATALOGUE, reason=str(error)))
    glossary = _read_glossary(directory, problems)
    for path in _files(directory, problems):
        loader = loader_of.get(path.suffix.lower())
        if loader is None:
            continue
        source = _source(path, directory)
        try:
            _check_place(path, directory)
            text = loader.load(path)
        except DocumentError as error:
            problems.append(Problem(source=source, reason=str(error), vietnamese=error.vietnamese))
        else:
            documents.append(make_document(source, text, catalogue.get(source, {})))
    if not documents:
        known = " ".join(sorted(loader_of))
        passed_over = "; ".join(f"{problem.source}: {problem.reason}" for problem in problems[:3])
        raise EmptyCorpusError(
            f"no document in {directory} can be read (of {known})"
            + (f": {passed_over}" if passed_over else "; put some there and index again")
        )
    return Corpus(documents=tuple(documents), problems=tuple(problems), glossary=glossary)


def _read_glossary(directory: Path, problems: list[Problem]) -> tuple[str, ...]:
    """Return the lines of the owner's glossary that can be understood; others are problems."""
    path = directory / GLOSSARY_FILE
    if not path.is_file():
        return ()
    try:
        lines = nfc(path.read_text(encoding="utf-8-sig")).splitlines()
    except (OSError, UnicodeDecodeError) as error:
        problems.append(Problem(source=GLOSSARY_FILE, reason=f"it cannot be read: {error}"))
        return ()
    problems += [
        Problem(
            source=GLOSSARY_FILE,
            reason=f"line {number} is neither English, a tab, Vietnamese nor SHORT = long",
        )
        for number, line in enumerate(lines, start=1)
        if not check_line(line)
    ]
    return tuple(line for line in lines if line.strip() and check_line(line))


def _files(directory: Path, problems: list[Problem]) -> Iterator[Path]:
    def passed_over(error: OSError) -> None:
        name = _source(Path(error.filename), directory)
        problems.append(Problem(source=name, reason=f"it cannot be opened: {error.strerror}"))

    found = []
    for folder, subfolders, names in os.walk(directory, onerror=passed_over):
        subfolders[:] = [name for name in subfolders if not name.startswith(".")]
        found += [Path(folder, name) for name in names if not name.startswith(".")]
    yield from sorted(found)


def _check_place(path: Path, directory: Path) -> None:
    """Refuse what is no ordinary file of the folder.

    Raises:
        DocumentError: For a pipe or device, which might never end, and for a link that leads out
            of the folder, whose target nobody chose to have quoted.
    """
    if path.is_symlink() and not path.resolve().is_relative_to(directory.resolve()):
        raise DocumentError(
            "it is a link that leads out of the folder; put a copy there instead",
            "Đây là liên kết dẫn ra ngoài thư mục; hãy đặt một bản sao vào đó.",
        )
    if path.exists() and not path.is_file():
        raise DocumentError(
            "it is no ordinary file; put the text into one",
            "Đây không phải tệp thông thường; hãy lưu văn bản vào một tệp.",
        )


def _source(path: Path, directory: Path) -> str:
    """Return a path as a document is called by; bytes that are no UTF-8 are shown as such."""
    name = path.relative_to(directory).as_posix()
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def make_document(source: str, text: str, entry: Mapping[str, str] | None = None) -> Document:
    r"""Make a document of a text: NFC, divided into blocks and sentences.

    Args:
        source: What the document is called by.
        text: Its text, newlines as "\\n".
        entry: What the catalogue says of it, if it does.
    """
    text = nfc(text)
    blocks = find_blocks(text)
    return Document(
        source=source,
        text=text,
        metadata=infer_metadata(text, blocks, entry or {}),
        language=guess_language(text[:_LANGUAGE_SAMPLE]),
        blocks=blocks,
        sentences=tuple(_sentences(text, blocks)),
    )


def _sentences(text: str, blocks: Sequence[Block]) -> Iterator[Sentence]:
    section = ""
    for index, block in enumerate(blocks):
        if block.kind is BlockKind.HEADING and not _is_title(blocks, index):
            section = text[block.start : block.end].strip("#*_ ")
        elif block.kind is BlockKind.PROSE:
            for start, end in find_sentences(text, block.start, block.end):
                yield Sentence(start=start, end=end, section=section)


def _is_title(blocks: Sequence[Block], index: int) -> bool:
    """The heading above all others names the document, not a section of it."""
    return index == 0 and any(block.kind is BlockKind.HEADING for block in blocks[1:3])
