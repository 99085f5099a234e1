"""The process in which work is done, so that a bad file harms nothing. See `child_process`.

It is told its task and its limits on the first line of its input, and on each following line, in
JSON, an item. It answers with the length of a value in JSON, a line feed, and the value; a length
of 0 says that it is still at work.
"""

import contextlib
import ctypes
import importlib
import json
import logging
import os
import signal
import sys
from typing import IO, Any

from rag.domain.work import Limits, Task
from rag.errors import TrichDanError

__all__ = ["main"]

_PR_SET_PDEATHSIG = 1  # of Linux: the signal that follows the parent's end


def main() -> None:
    """Do what is asked for until there is no more."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    null_device = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null_device, sys.stdout.fileno())  # what libraries print must not mix with the answers
    os.dup2(null_device, sys.stderr.fileno())
    logging.disable()
    order = json.loads(sys.stdin.readline())
    limits = Limits(**order["limits"])
    _limit_resources(limits)
    module, name = order["task"].split(":")
    task: Task[Any, Any] = getattr(importlib.import_module(module), name)

    def at_work() -> None:
        answers.write(b"0\n")
        answers.flush()

    for line in sys.stdin:
        _write_answer(answers, _answer_to(lambda item: task.run(item, limits, at_work), task, line))


def _answer_to(run: Any, task: Task[Any, Any], line: str) -> dict[str, Any]:
    try:
        return {"value": task.value_to_json(run(task.item_from_json(json.loads(line))))}
    except TrichDanError as error:
        return {"en": error.message.english, "vi": error.message.vietnamese}
    except MemoryError:
        return {"memory": True}
    except Exception as error:  # whatever a library makes of a file that it does not expect
        return {"broke": f"{type(error).__name__}: {error}"[:300]}


def _write_answer(answers: IO[bytes], value: dict[str, Any]) -> None:
    data = json.dumps(value).encode("ascii")
    answers.write(b"%d\n" % len(data))
    answers.write(data)
    answers.flush()


def _limit_resources(limits: Limits) -> None:
    """Take from this process what a bad file could use up, where the system can."""
    sys.setrecursionlimit(3_000)
    with contextlib.suppress(AttributeError, OSError, ValueError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    try:
        import resource
    except ImportError:  # Windows has no such limits; that on time holds there too
        return
    for resource_kind, limit in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 1_000_000_000),
    ):
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource_kind, (limit, limit))


if __name__ == "__main__":
    main()
