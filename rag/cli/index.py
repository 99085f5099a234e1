"""The commands that make an index, keep it in step with a folder, and list what is in it."""

import argparse
import os
import shutil
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rag.config import load_settings
from rag.domain.documents import Metadata
from rag.errors import IndexBusyError, TrichDanError
from rag.ingest.run.folder import read_collections
from rag.ingest.run.problems import log_once
from rag.language.visible import visible, visible_json
from rag.law.register import Standing, standing_of, today
from rag.service.indexing.plan import make_plan
from rag.store.documents import CorpusStore
from rag.store.generations import Manifest, building, sound_generation
from rag.store.index_files import CORPUS

__all__ = ["list_documents", "make_index", "watch"]

_QUIET_MS = 1_000  # without a change, after which what changed is indexed
_LONGEST_MS = 60_000  # of changes without a pause
_LOOK_MS = 3_000  # after which it is seen whether the folder is still the same
_FIRST_LOOK_MS = 100


def make_index(arguments: argparse.Namespace) -> int:
    """Bring an index up to date with a folder."""
    manifest, changed = _Indexer(arguments).run()
    if arguments.json:
        print(visible_json(_summary(manifest, changed)))
    else:
        state = "" if changed else "is up to date: "
        index = _line(arguments.index)
        print(f"{index}{' ' if state else ': '}{state}{_counts(manifest)}")
    return 0


def _summary(manifest: Manifest, changed: bool) -> dict[str, Any]:
    return {
        "changed": changed,
        "documents": manifest.documents,
        "passages": manifest.passages,
        "failed": manifest.problems,
        "duplicates": manifest.duplicates,
    }


def _counts(manifest: Manifest) -> str:
    counts = [_counted(manifest.documents, "document"), _counted(manifest.passages, "passage")]
    if manifest.duplicates:
        counts.append(_counted(len(manifest.duplicates), "duplicate"))
    if manifest.problems:
        counts.append(f"{len(manifest.problems)} passed over")
    return ", ".join(counts)


def _counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}" + ("" if number == 1 else "s")


class _Indexer:
    """Indexes a folder, once or again and again with the same model."""

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._source: Path = arguments.source
        self._index: Path = arguments.index
        self._settings = load_settings(model=arguments.model, chunk_tokens=arguments.chunk_tokens)
        self._embedder: Any = None
        self._told: set[tuple[str, str]] = set()

    def run(self) -> tuple[Manifest, bool]:
        """Return the manifest of the index and whether it changed; say what is passed over."""
        with building(self._index):
            with _bar("reading", "file") as reading:
                plan = make_plan(self._source, self._index, self._settings, reading)
            self._tell_of({one.source: one.reason for one in plan.corpus.problems})
            if plan.current is not None:
                self._tell_of(_unfit(plan.current))
                return plan.current, False
            from rag.model.embedder import load_embedder
            from rag.service.indexing.builder import build_generation

            self._embedder = self._embedder or load_embedder(
                plan.recipe.model,
                cache=self._settings.cache_dir,
                query_prompt=plan.recipe.query_prompt,
                passage_prompt=plan.recipe.passage_prompt,
                may_fetch=self._settings.model == plan.recipe.model,
            )
            with _bar("embedding", "passage") as embedding:
                manifest = build_generation(
                    plan.corpus,
                    self._source,
                    self._index,
                    plan.recipe,
                    self._settings,
                    embedding,
                    self._embedder,
                )
            self._tell_of(_unfit(manifest))
        return manifest, True

    def _tell_of(self, problems: Mapping[str, str]) -> None:
        """Say what is passed over, and why; nothing is said twice."""
        for source, reason in problems.items():
            if (source, reason) not in self._told:
                self._told.add((source, reason))
                _tell(f"passed over {source!r}: {reason}")


def _unfit(manifest: Manifest) -> dict[str, str]:
    """Return what could be read but not indexed, and why."""
    return {source: manifest.problems.get(source, "") for source in manifest.unfit}


def _tell(text: str) -> None:
    print(f"trichdan: {_line(text)}", file=sys.stderr, flush=True)


def _line(text: object) -> str:
    """Return what a document or its owner wrote as one line that a terminal does not obey."""
    return visible(str(text)).replace("\n", " ").replace("\t", " ")


class _Bar:
    """A progress bar with rate and remaining time."""

    def __init__(self, name: str, unit: str) -> None:
        self._name = name
        self._unit = unit
        self._bar: Any = None

    def __call__(self, done: int, total: int) -> None:
        """Show how far it is."""
        if self._bar is None or self._bar.total != total:
            self.close()
            from tqdm import tqdm

            self._bar = tqdm(
                total=total,
                unit=self._unit,
                desc=self._name,
                ncols=min(100, shutil.get_terminal_size().columns),
                leave=False,
                delay=0.5,
            )
        self._bar.update(done - self._bar.n)

    def close(self) -> None:
        """Take it from the terminal."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


@contextmanager
def _bar(name: str, unit: str) -> Iterator[Any]:
    """Give what shows progress on a terminal, and says nothing elsewhere."""
    if not sys.stderr.isatty():
        yield lambda _done, _total: None
        return
    bar = _Bar(name, unit)
    try:
        yield bar
    finally:
        bar.close()


def watch(arguments: argparse.Namespace) -> int:
    """Keep an index in step with a folder until it is stopped."""
    from watchfiles import watch as changes_in

    indexer = _Indexer(arguments)
    index = Path(os.path.realpath(arguments.index))
    read_collections(arguments.source)  # so that a wrong name is told at once
    told = False
    while True:
        # What changes during the first run is noticed too, since it begins after the watching.
        waiting = True
        places = _places(arguments.source)
        if not places:
            time.sleep(_LOOK_MS / 1_000)
            continue
        for changes in changes_in(
            *places,
            watch_filter=lambda _change, path: not _is_within(path, index),
            debounce=_LONGEST_MS,
            step=_QUIET_MS,
            rust_timeout=_LOOK_MS if told else _FIRST_LOOK_MS,
            yield_on_timeout=True,
        ):
            if changes or waiting:
                waiting = not _report(indexer)
            if not told:
                print(f"watching {_line(arguments.source)}; stop with Ctrl+C", flush=True)
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
        places += [one.folder for one in read_collections(source)]
    found = {}
    for place in places:
        with suppress(OSError):
            found[place] = place.stat().st_ino
    return found


def _report(indexer: _Indexer) -> bool:
    """Index once and say what came of it; return False if it is to be tried again soon."""
    try:
        manifest, changed = indexer.run()
    except IndexBusyError:
        return False
    except TrichDanError as error:
        _tell(f"{error}; what was indexed before goes on answering")
        return True
    except Exception as error:  # whatever it is, the next change may be indexed
        log_once("the folder could not be indexed", error)
        _tell("something went wrong; what was indexed before goes on answering")
        return True
    if changed:
        print(f"{_line(manifest.created)}  {_counts(manifest)}", flush=True)
    return True


def list_documents(arguments: argparse.Namespace) -> int:
    """List what is in an index, what is known of it, and what was passed over."""
    directory, manifest = sound_generation(arguments.index)
    store = CorpusStore(directory / CORPUS)
    permissions = store.permissions()
    now = today()
    if arguments.json:
        listed = [
            {
                "source": source,
                **asdict(metadata),
                "language": store.document(source).language.value,
                "collection": permissions[source][0],
                "access_groups": permissions[source][1],
                "standing": standing_of(metadata, now).value,
            }
            for source, metadata in store.metadata().items()
        ]
        value = {
            "documents": listed,
            "duplicates": manifest.duplicates,
            "failed": manifest.problems,
        }
        print(visible_json(value))
        return 0
    for source, metadata in store.metadata().items():
        groups = " and ".join(" or ".join(one) for one in permissions[source][1])
        language = store.document(source).language.value
        print(_line(source))
        for name, said in _facts(metadata, standing_of(metadata, now)):
            print(f"    {name:<12} {_line(said)}")
        print(f"    {'language':<12} {language}")
        if groups:
            print(f"    {'for':<12} {_line(groups)}")
    for source, original in manifest.duplicates.items():
        print(f"{_line(source)}\n    same as      {_line(original)}")
    for source, reason in manifest.problems.items():
        print(f"{source!r}\n    passed over  {_line(reason)}")
    return 0


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
    return ((name, said) for name, said in facts.items() if said)
