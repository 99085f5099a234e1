"""The written sets as documents of the program, and what stands beside them in their regulation."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from rag.domain.documents import Division, Document
from rag.evaluation.written import WrittenSets
from rag.ingest.structure.document import make_document
from rag.ingest.structure.metadata import Entry
from rag.language.vietnamese import nfc

__all__ = ["Regulations", "documents_of"]


def documents_of(written: WrittenSets) -> Mapping[str, Document]:
    """Return the documents of the sets by their identifiers."""
    return {
        identifier: make_document(
            identifier,
            written_document.text,
            Entry(
                title=written_document.title,
                publisher=written_document.publisher or None,
                date=written_document.date or None,
                language=written_document.language,
            ),
        )
        for identifier, written_document in written.documents.items()
    }


class Regulations:
    """The codified law: what stands beside an article in its regulation.

    Args:
        folder: A folder of text files, a regulation each, its title in the first line.
    """

    def __init__(self, folder: Path) -> None:
        self._files = {}
        for path in sorted(folder.glob("*/*.txt")):
            with path.open(encoding="utf-8") as file:
                self._files[nfc(file.readline()).strip()] = path

    def path(self, title: str) -> Path | None:
        """Return the file of the regulation of a title; None if it is not there."""
        return self._files.get(title)

    def paths(self) -> Sequence[Path]:
        """Return all files."""
        return list(self._files.values())

    def neighbours(self, article: Document, most: int) -> list[Document]:
        """Return the articles around one, the nearest first, each as a document.

        Args:
            article: Its title is that of the regulation, its first line the article's heading.
            most: How many.
        """
        path = self.path(article.metadata.title)
        if path is None:
            return []
        text = nfc(path.read_text(encoding="utf-8"))
        title = article.metadata.title
        regulation = make_document(title, text, Entry(title=title, language="vi"))
        articles = [section for section in regulation.sections if section.kind is Division.ARTICLE]
        heading = article.text.split("\n", 1)[0].strip()
        own = next(
            (
                position
                for position, section in enumerate(articles)
                if text.startswith(heading, section.start)
            ),
            None,
        )
        if own is None:
            return []
        nearest = sorted(range(len(articles)), key=lambda position: abs(position - own))
        bodies = (
            re.sub(r"\s+$", "", text[articles[position].start : articles[position].end])
            for position in nearest
            if position != own
        )
        chosen = [body for body in bodies if len(body) > 120 and body not in article.text][:most]
        documents = (
            make_document(f"{article.source}+{number}", body, Entry(title=title, language="vi"))
            for number, body in enumerate(chosen)
        )
        return [document for document in documents if document.sentences]
