"""The process in which files are read, so that a bad one harms nothing. See `sandbox`.

It is told its limits on the first line of its input, and on each following line, in JSON, a file
to read. It answers with the length of a value in JSON, a line feed, and the value; a length of 0
says that it is still at work.
"""

import contextlib
import ctypes
import json
import logging
import os
import signal
import sys
from pathlib import Path
from typing import IO, Any

from rag.domain.work import Limits
from rag.errors import DocumentError
from rag.ingest.formats import default_loader
from rag.ingest.run.file_reader import DirectReader, FileReader

__all__ = ["main"]

_PARENT_DIED = 1  # PR_SET_PDEATHSIG of Linux


def main() -> None:
    """Read the files that are asked for until there are no more."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())  # what libraries print must not mix with the answers
    os.dup2(nowhere, sys.stderr.fileno())
    logging.disable()
    limits = Limits(**json.loads(sys.stdin.readline()))
    _confine(limits)

    def still_at_work() -> None:
        answers.write(b"0\n")
        answers.flush()

    reader = DirectReader(default_loader(limits, still_at_work))
    for line in sys.stdin:
        _answer(answers, _read(reader, Path(json.loads(line))))


def _answer(answers: IO[bytes], value: dict[str, Any]) -> None:
    data = json.dumps(value).encode("ascii")
    answers.write(b"%d\n" % len(data))
    answers.write(data)
    answers.flush()


def _read(reader: FileReader, path: Path) -> dict[str, Any]:
    try:
        return {"readings": reader.read(path)}
    except DocumentError as error:
        return {"reason": str(error), "vietnamese": error.vietnamese}
    except MemoryError:
        return {"memory": True}
    except Exception as error:  # whatever a library makes of a file that it does not expect
        return {"broke": f"{type(error).__name__}: {error}"[:300]}


def _confine(limits: Limits) -> None:
    """Take from this process what a bad file could use up, where the system can."""
    sys.setrecursionlimit(3_000)
    with contextlib.suppress(AttributeError, OSError, ValueError):
        ctypes.CDLL(None).prctl(_PARENT_DIED, signal.SIGKILL)
    try:
        import resource
    except ImportError:  # Windows has no such limits; that on time holds there too
        return
    for what, most in (
        (resource.RLIMIT_AS, limits.memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, 1_000_000_000),
    ):
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(what, (most, most))


if __name__ == "__main__":
    main()
