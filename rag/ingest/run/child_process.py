"""Do work in a process of its own, with limits on time and memory.

A file may be broken or made to harm: a library that reads it can hang, crash or use up memory.
That then ends the process that reads, and is the reason why this one file is passed over.
"""

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, TypeVar

from rag.domain.serialise import read_json
from rag.domain.work import Done, Failed, Limits, Task
from rag.errors import DocumentError, ReaderDiedError
from rag.language.visible import visible
from rag.messages import Message

__all__ = ["ChildProcessRunner"]

_Item = TypeVar("_Item")
_Value = TypeVar("_Value")

_START_TIMEOUT_S = 60.0  # to start and import, on a busy machine
_EXIT_TIMEOUT_S = 5.0  # to end, once it has said so
_ANSWER_KEYS = frozenset({"value", "en", "broke", "memory"})
_MAX_LENGTH_LINE_BYTES = 20  # of the line that says how long an answer is
_MAX_ITEMS_PER_PROCESS = 500  # what libraries leak goes with it


class ChildProcessRunner:
    """A `Runner` that does its work in a child process, which is started when it is needed.

    Not safe to use from several threads at once.
    """

    def __init__(self) -> None:
        self._child: _Child | None = None

    def __enter__(self) -> "ChildProcessRunner":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the child process."""
        if self._child:
            self._child.end()
            self._child = None

    def map(
        self, task: Task[_Item, _Value], items: Iterable[_Item], *, limits: Limits
    ) -> Iterator[Done[_Value] | Failed]:
        """Yield what comes of each item, in their order; see `Runner`."""
        for item in items:
            try:
                yield Done(self._result(task, item, limits))
            except DocumentError as error:
                yield Failed(error)

    def _result(self, task: Task[_Item, _Value], item: _Item, limits: Limits) -> _Value:
        order = {"task": task.name, "limits": asdict(limits)}
        data = task.item_to_json(item)
        try:
            answer = self._answer_of_child(order, data, limits)
        except ReaderDiedError:
            answer = self._answer_of_child(
                order, data, limits
            )  # it may have been ended by somebody else
        if answer.get("memory"):
            self.close()
            raise _too_much_memory(limits)
        if "broke" in answer:
            raise _reading_failed(answer["broke"])
        if "en" in answer:
            raise DocumentError(Message(visible(answer["en"]), visible(answer["vi"])))
        try:
            return task.value_from_json(answer["value"])
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise _reading_failed("what was read of it cannot be understood") from error

    def _answer_of_child(self, order: dict[str, Any], data: Any, limits: Limits) -> dict[str, Any]:
        if self._child and (
            self._child.items >= _MAX_ITEMS_PER_PROCESS or self._child.order != order
        ):
            self.close()
        self._child = self._child or _Child(order)
        try:
            return self._child.ask(data, limits.seconds)
        except BaseException:
            self.close()
            raise


class _Child:
    """The process, and a thread that takes what it says."""

    def __init__(self, order: dict[str, Any]) -> None:
        self.items = 0
        self.order = order
        root = str(Path(__file__).parents[3])
        python_path = os.environ.get("PYTHONPATH")
        threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_THREAD_LIMIT"), "1")
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "rag.ingest.run.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={
                **os.environ,
                **threads,
                "PYTHONPATH": f"{root}{os.pathsep}{python_path}" if python_path else root,
            },
        )
        self._answers: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        assert self._process.stdin is not None and self._process.stdout is not None
        self._input: IO[bytes] = self._process.stdin
        self._output: IO[bytes] = self._process.stdout
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self._send(order)

    def ask(self, data: Any, limit_s: float) -> dict[str, Any]:
        """Have an item done.

        Args:
            data: The item, as JSON can hold it.
            limit_s: The most seconds that may pass without a sign of work.

        Raises:
            DocumentError: If that takes too long, or ends the process.
        """
        self._send(data)
        seconds = limit_s + (0 if self.items else _START_TIMEOUT_S)
        self.items += 1
        try:
            while (answer := self._answers.get(timeout=seconds)) == b"":
                pass  # it is still at work
        except queue.Empty:
            raise DocumentError("run.too_long", seconds=limit_s) from None
        if answer is None:
            self._answers.put(None)  # whoever asks again is told the same
            raise _reading_failed(f"exit status {self._exit_status()}", ReaderDiedError)
        try:
            value = read_json(answer)
        except ValueError:
            value = None
        if not isinstance(value, dict) or not _ANSWER_KEYS & value.keys():
            raise _reading_failed("what was read of it cannot be understood")
        return value

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._listener.join()
        for stream in (self._input, self._output):
            with contextlib.suppress(OSError):
                stream.close()

    def _exit_status(self) -> int:
        """Return with which status the process ended; it is ended if it goes on."""
        try:
            return self._process.wait(timeout=_EXIT_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def _send(self, value: object) -> None:
        with contextlib.suppress(OSError):  # if it has ended, the listener will say so
            self._input.write(json.dumps(value).encode("ascii") + b"\n")
            self._input.flush()

    def _listen(self) -> None:
        # What is no answer ends it: the process is no longer to be trusted.
        with contextlib.suppress(MemoryError, OverflowError):
            while (line := self._output.readline(_MAX_LENGTH_LINE_BYTES)).strip().isdigit():
                size = int(line)
                self._answers.put(self._output.read(size) if size else b"")
        self._answers.put(None)


def _too_much_memory(limits: Limits) -> DocumentError:
    limit = f"{limits.memory / 1e6:.0f} MB"
    return DocumentError(
        "run.too_much_memory",
        limit=limit,
    )


def _reading_failed(reason: str, kind: type[DocumentError] = DocumentError) -> DocumentError:
    return kind("run.reader_broke", how=" ".join(visible(reason).split()))
