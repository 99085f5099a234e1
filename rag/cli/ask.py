"""The commands that ask and search."""

import argparse
import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.cli.output import print_json
from rag.domain.permissions import Scope
from rag.errors import GoldError, ScopeError, TrichDanError
from rag.language.visible import visible
from rag.present.schema import answer_as_json, hit_as_json
from rag.present.terminal import answer_as_plain_text
from rag.store.generations import check_there

if TYPE_CHECKING:
    from rag.service.assistant import Assistant

__all__ = ["ask", "search"]

_Arguments = argparse.Namespace


def ask(arguments: _Arguments) -> int:
    """Answer a question, or those of a file."""
    lines = _read_lines(arguments.batch, "question") if arguments.batch else None
    check_there(arguments.index)  # before what takes seconds to import
    from rag.service.assistant import Assistant

    with closing(Assistant.open(arguments.index)) as assistant:
        scope = _scope_of(arguments, assistant)
        if lines is not None:
            return _run_batch(
                lines,
                lambda line: answer_as_json(
                    assistant.ask(line["question"], line.get("history", ()), scope=scope)
                ),
            )
        answer = assistant.ask(arguments.question, scope=scope)
    if arguments.json:
        print_json(answer_as_json(answer))
    else:
        print(answer_as_plain_text(answer))
    return 0


def search(arguments: _Arguments) -> int:
    """List the passages nearest a query, or those of a file."""
    lines = _read_lines(arguments.batch, "query") if arguments.batch else None
    check_there(arguments.index)
    from rag.service.assistant import Assistant

    with closing(Assistant.open(arguments.index)) as assistant:
        scope = _scope_of(arguments, assistant)

        def hits_of(query: str) -> list[dict[str, Any]]:
            return [
                hit_as_json(hit, assistant.document(hit.passage.source))
                for hit in assistant.search(query, arguments.k, scope)
            ]

        if lines is not None:
            return _run_batch(lines, lambda line: {"hits": hits_of(line["query"])})
        hits = hits_of(arguments.query)
    if arguments.json:
        print_json(hits)
    else:
        for hit in hits:
            place = f"{hit['source']}:{hit['start']}-{hit['end']}"
            beginning = " ".join(hit["text"].split())[:100]
            print(visible(f"{hit['score']:.3f}  {place}  {beginning}"))
    return 0


def _scope_of(arguments: _Arguments, assistant: "Assistant") -> Scope:
    """Return what is searched.

    Raises:
        ScopeError: If there is no collection of a name.
    """
    named = frozenset(arguments.collection) if arguments.collection else None
    collections = assistant.collections()
    unknown = sorted((named or frozenset()) - set(collections))
    if unknown and collections:
        known = ", ".join(collections)
        raise ScopeError("usage.no_such_collection", unknown=unknown[0], known=known)
    if unknown:
        raise ScopeError("usage.no_collections", unknown=unknown[0])
    groups = arguments.groups
    return Scope(
        collections=named,
        groups=None
        if groups is None
        else frozenset(group.strip() for group in groups.split(",") if group.strip()),
    )


def _read_lines(path: Path, key: str) -> list[dict[str, Any]]:
    """Read a file of JSON objects, one a line, each with a string under the key.

    Raises:
        GoldError: If the file cannot be read or a line is not of this form.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise GoldError("usage.not_utf8", path=path, error=error) from error
    lines = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            raise GoldError("usage.line_not_json", path=path, number=number, error=error) from error
        if not isinstance(value, dict) or not isinstance(value.get(key), str):
            raise GoldError("usage.line_not_an_object", path=path, number=number, key=key)
        lines.append(value)
    return lines


def _run_batch(
    lines: Iterable[Mapping[str, Any]], run: Callable[[Mapping[str, Any]], dict[str, Any]]
) -> int:
    """Print one result a line, in order; one that cannot be answered says so, the rest go on."""
    status = 0
    for line in lines:
        try:
            result = run(line)
        except TrichDanError as error:
            result = {"error": str(error)}
            status = 1
        print_json({"id": line.get("id"), **result})
    return status
