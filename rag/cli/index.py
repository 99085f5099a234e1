"""The commands that make an index and keep it in step with a folder."""

import argparse
import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from rag.cli.output import counted, line, print_json, progress_bar, tell
from rag.config import load_settings
from rag.errors import IndexBusyError, TrichDanError
from rag.ingest.run.folder import read_collections
from rag.ingest.run.problems import log_once
from rag.service.indexing.indexer import Indexer, IndexingResult
from rag.store.manifest import Manifest

__all__ = ["make_index", "watch"]

_QUIET_MS = 1_000  # without a change, after which what changed is indexed
_LONGEST_CHANGING_MS = 60_000  # of changes without a pause
_LOOK_AGAIN_MS = 3_000  # after which it is seen whether the folder is still the same
_FIRST_LOOK_MS = 100


def make_index(arguments: argparse.Namespace) -> int:
    """Bring an index up to date with a folder."""
    result = _ToldIndexer(arguments).run()
    if arguments.json:
        print_json(_summary(result))
    else:
        state = "" if result.changed else "is up to date: "
        index = line(arguments.index)
        print(f"{index}{' ' if state else ': '}{state}{_counts(result.manifest)}")
    return 0


def _summary(result: IndexingResult) -> dict[str, Any]:
    manifest = result.manifest
    return {
        "changed": result.changed,
        "documents": manifest.documents,
        "passages": manifest.passages,
        "failed": manifest.problems,
        "duplicates": manifest.duplicates,
    }


def _counts(manifest: Manifest) -> str:
    counts = [counted(manifest.documents, "document"), counted(manifest.passages, "passage")]
    if manifest.duplicates:
        counts.append(counted(len(manifest.duplicates), "duplicate"))
    if manifest.problems:
        counts.append(f"{len(manifest.problems)} passed over")
    return ", ".join(counts)


class _ToldIndexer:
    """Indexes what a command names, shows how far it is, and says what is passed over."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._source: Path = arguments.source
        settings = load_settings(model=arguments.model, chunk_tokens=arguments.chunk_tokens)
        self._indexer = Indexer(arguments.index, settings)
        self._told: set[tuple[str, str]] = set()

    def run(self) -> IndexingResult:
        """Bring the index in step; nothing that is passed over is told twice."""
        with (
            progress_bar("reading", "file") as reading,
            progress_bar("embedding", "passage") as bar,
        ):
            result = self._indexer.bring_in_step(self._source, on_read=reading, on_embedded=bar)
        for source, reason in result.passed_over.items():
            if (source, reason) not in self._told:
                self._told.add((source, reason))
                tell(f"passed over {source!r}: {reason}")
        return result


def watch(arguments: argparse.Namespace) -> int:
    """Keep an index in step with a folder until it is stopped."""
    from watchfiles import watch as changes_in

    indexer = _ToldIndexer(arguments)
    index = Path(os.path.realpath(arguments.index))
    read_collections(arguments.source)  # so that a wrong name is told at once
    told = False
    while True:
        # What changes during the first run is noticed too, since it begins after the watching.
        waiting = True
        places = _places(arguments.source)
        if not places:
            time.sleep(_LOOK_AGAIN_MS / 1_000)
            continue
        for changes in changes_in(
            *places,
            watch_filter=lambda _change, path: not _is_within(path, index),
            debounce=_LONGEST_CHANGING_MS,
            step=_QUIET_MS,
            rust_timeout=_LOOK_AGAIN_MS if told else _FIRST_LOOK_MS,
            yield_on_timeout=True,
        ):
            if changes or waiting:
                waiting = not _report(indexer)
            if not told:
                print(f"watching {line(arguments.source)}; stop with Ctrl+C", flush=True)
                told = True
                break  # from here on with less haste
            if _places(arguments.source) != places:
                break  # a folder was removed, made again, or named anew


def _is_within(path: str, folder: Path) -> bool:
    # Path.resolve raises RuntimeError where links go round in a circle.
    return Path(os.path.realpath(path)).is_relative_to(folder)


def _places(source: Path) -> dict[Path, int]:
    """Return what there is to be watched, and by what it is known if it is made anew."""
    places = [source] if source.is_file() else []
    with suppress(TrichDanError):
        places += [collection.folder for collection in read_collections(source)]
    inodes = {}
    for place in places:
        with suppress(OSError):
            inodes[place] = place.stat().st_ino
    return inodes


def _report(indexer: _ToldIndexer) -> bool:
    """Index once and say what came of it; return False if it is to be tried again soon."""
    try:
        result = indexer.run()
    except IndexBusyError:
        return False
    except TrichDanError as error:
        tell(f"{error}; what was indexed before goes on answering")
        return True
    except Exception as error:  # whatever it is, the next change may be indexed
        log_once("the folder could not be indexed", error)
        tell("something went wrong; what was indexed before goes on answering")
        return True
    if result.changed:
        print(f"{line(result.manifest.created)}  {_counts(result.manifest)}", flush=True)
    return True
