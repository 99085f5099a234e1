"""Example questions for the first screen that the documents really answer."""

import contextlib
import logging
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from rag.domain.permissions import EVERYTHING, Scope
from rag.errors import DocumentError, EmptyCorpusError, TrichDanError
from rag.ingest.run.example_questions import read_examples
from rag.ingest.run.folder import EXAMPLES_FILE, Collection, read_collections
from rag.service.assistant import Assistant
from ui.examples.making import SHOWN, Asking, make_examples

__all__ = ["Examples", "find_examples"]

_logger = logging.getLogger(__name__)


def find_examples(
    assistant: Assistant,
    scope: Scope = EVERYTHING,
    *,
    wanted: Callable[[], bool] = lambda: True,
) -> tuple[str, ...]:
    """Return questions that are answered: those that the owner chose, or else made ones.

    Takes some seconds: each is asked. Made are three in each language, of different documents and
    of different kinds where possible.

    Args:
        assistant: What is asked.
        scope: What everybody may read.
        wanted: Is called before each question; the search ends when it returns False.
    """
    asking = Asking(assistant, scope, wanted)
    chosen = _chosen_by_owner(assistant, scope)
    answered = tuple(_first_answered(chosen, asking))
    return answered or tuple(make_examples(asking))


# ---- those that the owner chose -------------------------------------------------------------


def _collections(assistant: Assistant, scope: Scope) -> tuple[Collection, ...]:
    """Return the folders of the documents whose owner's word may be shown in a scope."""
    try:
        every = read_collections(Path(assistant.manifest.source))
    except EmptyCorpusError as error:
        _logger.debug("the folder of the documents is not there: %s", error)
        return ()
    return tuple(
        collection
        for collection in every
        if scope.allows(collection.name, (collection.groups,) if collection.groups else ())
    )


def _chosen_by_owner(assistant: Assistant, scope: Scope) -> Iterator[str]:
    for collection in _collections(assistant, scope):
        try:
            yield from read_examples(collection.folder)
        except DocumentError as error:
            _logger.warning("%s is passed over: %s", collection.folder / EXAMPLES_FILE, error)


def _first_answered(questions: Iterable[str], asking: Asking) -> Iterator[str]:
    shown = 0
    for question in dict.fromkeys(questions):
        if shown == SHOWN or not asking.goes_on():
            return
        if asking.ask(question) is not None:
            shown += 1
            yield question


# ---- for each generation of the index -------------------------------------------------------

_Stamp = tuple[tuple[str, int, int, int], ...]


class Examples:
    """Finds examples beside the serving.

    They are looked for once for each generation of the index, and again when the owner has changed
    them.

    Args:
        scope: What everybody may read.
    """

    def __init__(self, scope: Scope = EVERYTHING) -> None:
        self._scope = scope
        self._lock = threading.Lock()
        self._of: Assistant | None = None
        self._stamp: _Stamp = ()
        self._found: tuple[str, ...] | None = None
        self._turn = object()  # of the search that is wanted; another is no longer

    def get(self, assistant: Assistant) -> tuple[str, ...] | None:
        """Return the examples, or None while they are being looked for."""
        stamp = _stamp(assistant, self._scope)
        with self._lock:
            if self._of is not assistant or self._stamp != stamp:
                if self._of is not assistant:
                    self._found = None
                self._of, self._stamp, self._turn = assistant, stamp, object()
                threading.Thread(
                    target=self._find, args=(assistant, self._turn), daemon=True
                ).start()
            return self._found

    def stop(self) -> None:
        """End the search after the question that is being asked."""
        with self._lock:
            self._turn = object()

    def _find(self, assistant: Assistant, turn: object) -> None:
        try:
            questions = find_examples(assistant, self._scope, wanted=lambda: self._turn is turn)
        except TrichDanError as error:
            _logger.warning("no examples: %s", error)
            questions = ()
        except Exception:  # the page is served without examples
            _logger.exception("no examples could be found")
            questions = ()
        with self._lock:
            if self._turn is turn:
                self._found = questions


def _stamp(assistant: Assistant, scope: Scope) -> _Stamp:
    """Return what is different after the owner has changed the examples."""
    files = []
    for collection in _collections(assistant, scope):
        path = collection.folder / EXAMPLES_FILE
        with contextlib.suppress(OSError):
            status = path.stat()
            files.append((str(path), status.st_ino, status.st_mtime_ns, status.st_size))
    return tuple(files)
