"""Read files in a process of their own, with limits on time and memory.

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
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

from rag.domain.serialise import read_json
from rag.domain.work import Limits
from rag.errors import DocumentError, ReaderDiedError
from rag.ingest.run.file_reader import Reading
from rag.language.visible import visible

__all__ = ["SUFFIXES", "Sandbox"]

SUFFIXES = frozenset(
    ".csv .docm .docx .dotm .dotx .eml .htm .html .markdown .md .mht .mhtml .pdf .ppsx .pptm .pptx"
    " .text .tsv .txt .xhtml .xlsm .xlsx .zip".split()
)
"""The endings of all files that are read; those of `formats.default_loader`, without loading it."""

_START_S = 60.0  # to start and import, on a busy machine
_END_S = 5.0  # to end, once it has said so
_ANSWERS = frozenset({"readings", "reason", "broke", "memory"})
_LONGEST_LINE = 20  # bytes of the length of an answer
_FILES = 500  # read by one process; what libraries leak goes with it


class Sandbox:
    """Reads files of all formats in a child process, which is started when it is needed.

    Not safe to use from several threads at once.

    Args:
        limits: How much reading a file may take.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self._limits = limits or Limits()
        self.suffixes = SUFFIXES
        self.circumstances = repr(self._limits)
        self._child: _Child | None = None

    def __enter__(self) -> "Sandbox":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the child process."""
        if self._child:
            self._child.end()
            self._child = None

    def read(self, path: Path) -> list[Reading]:
        """Return what is in a file.

        Raises:
            DocumentError: If it cannot be read within the limits.
        """
        try:
            value = self._asked(path)
        except ReaderDiedError:
            value = self._asked(path)  # it may have been ended by somebody else
        if value.get("memory"):
            self.close()
            raise _too_much_memory(self._limits)
        if "broke" in value:
            raise _broke(value["broke"])
        if "reason" in value:
            raise DocumentError(visible(value["reason"]), visible(value["vietnamese"]))
        readings: list[Reading] = value["readings"]
        return readings

    def _asked(self, path: Path) -> dict[str, Any]:
        if self._child is None or self._child.files >= _FILES:
            self.close()
            self._child = _Child(self._limits)
        try:
            return self._child.ask(path)
        except BaseException:
            self.close()
            raise


class _Child:
    """The process, and a thread that takes what it says."""

    def __init__(self, limits: Limits) -> None:
        self.files = 0
        self._limits = limits
        root = str(Path(__file__).parents[3])
        known = os.environ.get("PYTHONPATH")
        threads = dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_THREAD_LIMIT"), "1")
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "rag.ingest.run.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={
                **os.environ,
                **threads,
                "PYTHONPATH": f"{root}{os.pathsep}{known}" if known else root,
            },
        )
        self._said: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        assert self._process.stdin is not None and self._process.stdout is not None
        self._input: IO[bytes] = self._process.stdin
        self._output: IO[bytes] = self._process.stdout
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()
        self._tell(asdict(limits))

    def ask(self, path: Path) -> dict[str, Any]:
        """Have a file read.

        Raises:
            DocumentError: If that takes too long, or ends the process.
        """
        self._tell(str(path))
        seconds = self._limits.seconds + (0 if self.files else _START_S)
        self.files += 1
        try:
            while (said := self._said.get(timeout=seconds)) == b"":
                pass  # it is still at work
        except queue.Empty:
            raise DocumentError(
                f"reading it took longer than {self._limits.seconds:.0f} s; split it, or raise "
                "TRICHDAN_MAX_FILE_SECONDS",
                f"Đọc tệp quá {self._limits.seconds:.0f} giây; hãy chia nhỏ, hoặc nâng "
                "TRICHDAN_MAX_FILE_SECONDS.",
            ) from None
        if said is None:
            self._said.put(None)  # whoever asks again is told the same
            raise _broke(f"exit status {self._ended()}", ReaderDiedError)
        try:
            value = read_json(said)
        except ValueError:
            value = None
        if not isinstance(value, dict) or not _ANSWERS & value.keys():
            raise _broke("what was read of it cannot be understood")
        return value

    def end(self) -> None:
        self._process.kill()
        self._process.wait()
        self._listener.join()
        for stream in (self._input, self._output):
            with contextlib.suppress(OSError):
                stream.close()

    def _ended(self) -> int:
        """Return with which status the process ended; it is ended if it goes on."""
        try:
            return self._process.wait(timeout=_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait()

    def _tell(self, value: object) -> None:
        with contextlib.suppress(OSError):  # if it has ended, the listener will say so
            self._input.write(json.dumps(value).encode("ascii") + b"\n")
            self._input.flush()

    def _listen(self) -> None:
        # What is no answer ends it: the process is no longer to be trusted.
        with contextlib.suppress(MemoryError, OverflowError):
            while (line := self._output.readline(_LONGEST_LINE)).strip().isdigit():
                size = int(line)
                self._said.put(self._output.read(size) if size else b"")
        self._said.put(None)


def _too_much_memory(limits: Limits) -> DocumentError:
    most = f"{limits.memory / 1e6:.0f} MB"
    return DocumentError(
        f"reading it takes more than {most} of memory; split it, or raise TRICHDAN_MAX_MEMORY_MB",
        f"Đọc tệp cần hơn {most} bộ nhớ; hãy chia nhỏ, hoặc nâng TRICHDAN_MAX_MEMORY_MB.",
    )


def _broke(how: str, kind: type[DocumentError] = DocumentError) -> DocumentError:
    how = " ".join(visible(how).split())
    return kind(
        f"it cannot be read and seems damaged ({how}); open it in the program it was made with, "
        "and save it again",
        f"Không đọc được, tệp có vẻ bị hỏng ({how}); hãy mở bằng chương trình đã tạo ra nó rồi "
        "lưu lại.",
    )
