"""The command that lists what is in an index."""

import argparse
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict

from rag.cli.output import line, print_json
from rag.domain.documents import Metadata
from rag.domain.standing import Standing, standing_of, today
from rag.store.documents import SqliteDocuments
from rag.store.generations import sound_generation
from rag.store.index_files import CORPUS
from rag.store.manifest import Manifest

__all__ = ["list_documents"]


def list_documents(arguments: argparse.Namespace) -> int:
    """List what is in an index, what is known of it, and what was passed over."""
    directory, manifest = sound_generation(arguments.index)
    with closing(SqliteDocuments(directory / CORPUS, directory.name)) as documents:
        if arguments.json:
            _print_as_json(documents, manifest)
        else:
            _print_as_text(documents, manifest)
    return 0


def _print_as_json(documents: SqliteDocuments, manifest: Manifest) -> None:
    permissions = documents.permissions()
    now = today()
    listed = [
        {
            "source": source,
            **asdict(metadata),
            "language": documents.document(source).language.value,
            "collection": permissions[source][0],
            "access_groups": permissions[source][1],
            "standing": standing_of(metadata, now).value,
        }
        for source, metadata in documents.metadata().items()
    ]
    print_json(
        {"documents": listed, "duplicates": manifest.duplicates, "failed": manifest.problems}
    )


def _print_as_text(documents: SqliteDocuments, manifest: Manifest) -> None:
    permissions = documents.permissions()
    now = today()
    for source, metadata in documents.metadata().items():
        groups = " and ".join(" or ".join(group) for group in permissions[source][1])
        print(line(source))
        for name, value in _facts(metadata, standing_of(metadata, now)):
            print(f"    {name:<12} {line(value)}")
        print(f"    {'language':<12} {documents.document(source).language.value}")
        if groups:
            print(f"    {'for':<12} {line(groups)}")
    for source, original in manifest.duplicates.items():
        print(f"{line(source)}\n    same as      {line(original)}")
    for source, reason in manifest.problems.items():
        print(f"{source!r}\n    passed over  {line(reason)}")


def _facts(metadata: Metadata, standing: Standing) -> Iterator[tuple[str, str]]:
    """Yield what is known of a document, by name."""
    force = standing.value
    if metadata.effective_from or metadata.effective_until:
        force += f" ({metadata.effective_from or '…'} to {metadata.effective_until or '…'})"
    facts = {
        "title": metadata.title,
        "number": metadata.number,
        "publisher": metadata.publisher,
        "date": metadata.date,
        "author": metadata.author,
        "address": metadata.url,
        "standing": force,
        "replaces": "; ".join(metadata.replaces),
        "replaced by": "; ".join(metadata.replaced_by),
        "amends": "; ".join(metadata.amends),
    }
    return ((name, value) for name, value in facts.items() if value)
