"""What a single document does wrong becomes a line about it, and the others go on.

Whatever is done with documents in this process is done within `Problems.recording`, one document at
a time, or by `Problems.run_without_failing`, where it is done with all of them at once.
"""

import logging
import sqlite3
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

from rag.domain.documents import Document
from rag.errors import DocumentError, TrichDanError
from rag.language.visible import visible
from rag.messages import Message, message

__all__ = ["Problem", "Problems", "log_once"]

_logger = logging.getLogger(__name__)
_Value = TypeVar("_Value")

_MAX_REASONS_SHOWN = 5  # of one document
_MAX_ERROR_CHARACTERS = 200
_MAX_TRACE_CHARACTERS = 20_000  # of which the end tells most
_MAX_CONFLICT_SEARCHES = 50  # for documents that only fail beside others, one each

_Operation = Callable[[Sequence[Document]], _Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """A file that was passed over, and why."""

    source: str
    message: Message

    @property
    def reason(self) -> str:
        """Why, in English."""
        return self.message.english

    @property
    def vietnamese(self) -> str:
        """The same for the page."""
        return self.message.vietnamese


class Problems:
    """Collects why files are passed over.

    Args:
        initial: What is known already.
    """

    def __init__(self, initial: Iterable[Problem] = ()) -> None:
        self._by_source: dict[str, list[Problem]] = {}
        for problem in initial:
            self.add(problem.source, problem.message)

    def __bool__(self) -> bool:
        return bool(self._by_source)

    def __contains__(self, source: object) -> bool:
        return source in self._by_source

    def collected(self) -> tuple[Problem, ...]:
        """Return one problem for each source, in the order in which they were noted."""
        return tuple(_merged(problems) for problems in self._by_source.values())

    def add(self, source: str, reason: Message) -> None:
        """Note why something is passed over; what is noted already is not noted twice.

        Each reason becomes one line without characters that act or that no file can hold: it may
        tell what a file is called, or what stands in it.
        """
        problem = Problem(
            source=source,
            message=Message(_on_one_line(reason.english), _on_one_line(reason.vietnamese)),
        )
        reasons = self._by_source.setdefault(source, [])
        if problem not in reasons:
            reasons.append(problem)

    @contextmanager
    def recording(self, source: str) -> Iterator[None]:
        """Note what is raised within as a problem of one document, and go on after it.

        Raises:
            TrichDanError: If something else than a document is the reason.
            OSError: Likewise.
        """
        try:
            yield
        except Exception as error:
            if not _may_be_documents_fault(error):
                raise
            self._add_error(source, error)

    def run_without_failing(
        self,
        documents: Sequence[Document],
        run: Callable[[Sequence[Document]], _Value],
        bare: Callable[[Document], Document] | None = None,
    ) -> _Value:
        """Return what `run` returns for all documents but those at which it fails.

        Only where it fails is it found out at which: first each document is tried by itself, then
        documents are added one by one, in halves, until it fails.

        Args:
            documents: What to run it on.
            run: May be called many times; only what the last call does counts.
            bare: Returns a document that says nothing of others. Then one that says something of
                others is left out, and not the one of which it says it.

        Raises:
            Exception: What `run` raises if no document is the reason.
        """
        kept = list(documents)
        searches = 0
        while True:
            try:
                return run(kept)
            except Exception as error:
                if not _may_be_documents_fault(error):
                    raise
                failing = _failing_alone(kept, run)
                if not failing:
                    searches += 1
                    failing = (
                        _first_conflicting(kept, run, bare)
                        if searches <= _MAX_CONFLICT_SEARCHES
                        else {}
                    )
                if not failing:
                    raise
            for source, reason in failing.items():
                self._add_error(source, reason)
            kept = [document for document in kept if document.source not in failing]

    def _add_error(self, source: str, error: Exception) -> None:
        if isinstance(error, DocumentError):
            self.add(source, error.message)
            return
        log_once(f"{source!r} is passed over, since the program failed at it", error)
        text = _on_one_line(str(error))[:_MAX_ERROR_CHARACTERS]
        what = f"{type(error).__name__}: {text}" if text else type(error).__name__
        self.add(source, message("run.program_failed", what=what))


def _on_one_line(text: str) -> str:
    return " ".join(visible(text).splitlines())


def log_once(what: str, error: BaseException) -> None:
    """Log an error with its traceback, unless just that was logged before.

    What a document says may stand in it, so that characters are made visible.
    """
    trace = "".join(traceback.format_exception(error))[-_MAX_TRACE_CHARACTERS:]
    _log_once(visible(what), visible(trace))


@lru_cache(maxsize=1_000)
def _log_once(what: str, trace: str) -> None:
    _logger.error("%s:\n%s", what, trace.rstrip())


def _may_be_documents_fault(error: Exception) -> bool:
    """Tell whether a document may be the reason of an error, and not a disk or a model."""
    if isinstance(error, DocumentError):
        return True
    # SQLite has kinds of their own for values that it cannot take.
    elsewhere = type(error) in (sqlite3.DatabaseError, sqlite3.OperationalError)
    return not (elsewhere or isinstance(error, TrichDanError | OSError))


def _error_of(run: _Operation[object], documents: Sequence[Document]) -> Exception | None:
    """Return what a document makes `run` raise; None if nothing."""
    try:
        run(documents)
    except Exception as error:
        if not _may_be_documents_fault(error):
            raise
        return error
    return None


def _failing_alone(documents: Sequence[Document], run: _Operation[object]) -> dict[str, Exception]:
    """Return of each document at which `run` fails, by source, how."""
    errors = {document.source: _error_of(run, [document]) for document in documents}
    return {source: error for source, error in errors.items() if error is not None}


def _first_conflicting(
    documents: Sequence[Document],
    run: _Operation[object],
    bare: Callable[[Document], Document] | None,
) -> dict[str, Exception]:
    """Return the document with which `run` begins to fail, by source, and how."""
    mixtures: list[Callable[[int], Sequence[Document]]] = [lambda count: documents[:count]]
    if bare is not None:
        bare_documents = [bare(document) for document in documents]
        mixtures.insert(0, lambda count: [*documents[:count], *bare_documents[count:]])
    for mixture in mixtures:
        if _error_of(run, mixture(0)) is not None:
            continue
        last_sound, first_failing = 0, len(documents)
        while first_failing - last_sound > 1:
            middle = (last_sound + first_failing) // 2
            if _error_of(run, mixture(middle)) is None:
                last_sound = middle
            else:
                first_failing = middle
        error = _error_of(run, mixture(first_failing))
        return {documents[first_failing - 1].source: error} if error is not None else {}
    return {}


def _merged(problems: Sequence[Problem]) -> Problem:
    """Return several problems of one file as one."""
    if len(problems) == 1:
        return problems[0]
    ellipsis = "; …" if len(problems) > _MAX_REASONS_SHOWN else ""
    shown = [problem.message for problem in problems[:_MAX_REASONS_SHOWN]]
    return Problem(
        source=problems[0].source,
        message=Message(
            "; ".join(reason.english for reason in shown) + ellipsis,
            " ".join(reason.vietnamese for reason in shown) + ellipsis.replace(";", ""),
        ),
    )
