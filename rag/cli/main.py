"""The command line. Nothing heavy is imported before a command needs it."""

import argparse
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.cli.index import list_documents, make_index, watch
from rag.config import load_settings
from rag.domain.permissions import Scope
from rag.errors import GoldError, ScopeError, TrichDanError
from rag.language.visible import visible, visible_json
from rag.store.generations import check_there

if TYPE_CHECKING:
    from rag.service.assistant import Assistant

__all__ = ["main"]

_Arguments = argparse.Namespace


def main(arguments: list[str] | None = None) -> int:
    """Run a command and return its exit status: 0 done, 2 wrong usage, 1 anything else."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    logging.basicConfig(level=logging.WARNING, format="trichdan: %(message)s")
    if sys.stderr.isatty():
        logging.getLogger("rag").setLevel(logging.INFO)  # what takes long is announced
    _quiet_libraries()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that what is open is tidied up
    parsed = _parser().parse_args(arguments)
    try:
        status: int = parsed.command(parsed)
    except TrichDanError as error:
        print(f"trichdan: {visible(str(error))}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    return status


def _quiet_libraries() -> None:
    """Keep libraries from drawing bars, looking for updates, and obeying what is not for us."""
    for name in [name for name in os.environ if name.startswith("GRADIO_")]:
        del os.environ[name]  # which could open ports or send questions elsewhere
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("TQDM_DISABLE", "1")
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="trichdan",
        description="Ask documents in Vietnamese or English; get the sentences that answer.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(
        name: str, run: Callable[[_Arguments], int], description: str
    ) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=description, description=description)
        sub.set_defaults(command=run)
        sub.add_argument(
            "--index", type=Path, default=Path("index"), help="index directory (default: index)"
        )
        return sub

    index = command(
        "index", make_index, "Index a folder of documents; only what changed is embedded."
    )
    index.add_argument("--json", action="store_true", help="print what came of it as JSON")
    following = command("watch", watch, "Keep an index in step with a folder until stopped.")
    for sub in (index, following):
        sub.add_argument(
            "--source",
            type=Path,
            default=Path("seeds"),
            help="a folder, or a TOML file that names collections (default: seeds)",
        )
        sub.add_argument("--model", help="a sentence-transformers directory or model id")
        sub.add_argument("--chunk-tokens", type=int, help="the most tokens a passage may have")

    listing = command(
        "documents", list_documents, "List the documents, whether they are in force, and failures."
    )
    listing.add_argument("--json", action="store_true", help="print the list as JSON")

    ask = command("ask", _ask, "Answer a question by quoting the documents.")
    what = ask.add_mutually_exclusive_group(required=True)
    what.add_argument("question", nargs="?", metavar="QUESTION")
    what.add_argument("--batch", type=Path, metavar="FILE.jsonl", help='{"id","question"} a line')
    ask.add_argument("--json", action="store_true", help="print the answer as JSON")

    search = command("search", _search, "List the passages nearest a query.")
    what = search.add_mutually_exclusive_group(required=True)
    what.add_argument("query", nargs="?", metavar="QUERY")
    what.add_argument("--batch", type=Path, metavar="FILE.jsonl", help='{"id","query"} a line')
    search.add_argument("-k", type=_positive, default=10, help="how many (default: 10)")
    search.add_argument("--json", action="store_true", help="print the passages as JSON")

    for sub in (ask, search):
        sub.add_argument(
            "--collection",
            action="append",
            metavar="NAME",
            help="look only in this collection; may be given several times",
        )
        sub.add_argument(
            "--groups",
            metavar="A,B",
            help="answer as for somebody in these groups; by default from all documents",
        )

    serve = command("serve", _serve, "Serve the chat page.")
    serve.add_argument("--host", default="127.0.0.1", help="(default: 127.0.0.1)")
    serve.add_argument("--port", type=int, default=7860, help="(default: 7860)")
    serve.add_argument(
        "--owner-here",
        action="store_true",
        help="let everybody at this machine manage the documents, without password or code",
    )

    evaluate = command("eval", _evaluate, "Answer questions whose answers are known, and score.")
    evaluate.add_argument(
        "gold",
        type=Path,
        metavar="GOLD",
        help="GOLD.jsonl over the index, or a set in SQuAD's format, SET.json, over its passages",
    )
    evaluate.add_argument(
        "--passages",
        type=Path,
        metavar="SET.json",
        help="read the passages, and the answers, in another language's file of the same set",
    )
    evaluate.add_argument("--bare", action="store_true", help="ask without diacritics")
    evaluate.add_argument("--json", action="store_true", help="print the figures as JSON")

    command(
        "doctor", _doctor, "Tell what is installed, which model, and whether the index is sound."
    )
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more, got {number}")
    return number


def _ask(arguments: _Arguments) -> int:
    lines = _read_lines(arguments.batch, "question") if arguments.batch else None
    check_there(arguments.index)  # before what takes seconds to import
    from rag.service.assistant import Assistant

    assistant = Assistant.open(arguments.index)
    scope = _scope_of(arguments, assistant)
    if lines is not None:
        return _run_batch(
            lines,
            lambda line: assistant.ask(
                line["question"], line.get("history", ()), scope=scope
            ).as_json(),
        )
    answer = assistant.ask(arguments.question, scope=scope)
    if arguments.json:
        _print_json(answer.as_json())
    else:
        from rag.present.terminal import answer_as_plain_text

        print(answer_as_plain_text(answer))
    return 0


def _search(arguments: _Arguments) -> int:
    lines = _read_lines(arguments.batch, "query") if arguments.batch else None
    check_there(arguments.index)
    from rag.service.assistant import Assistant

    assistant = Assistant.open(arguments.index)
    scope = _scope_of(arguments, assistant)

    def hits(query: str) -> list[dict[str, Any]]:
        return [assistant.hit_as_json(hit) for hit in assistant.search(query, arguments.k, scope)]

    if lines is not None:
        return _run_batch(lines, lambda line: {"hits": hits(line["query"])})
    found = hits(arguments.query)
    if arguments.json:
        _print_json(found)
    else:
        for hit in found:
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
    known = assistant.collections()
    unknown = sorted((named or frozenset()) - set(known))
    if unknown:
        raise ScopeError(
            f"there is no collection {unknown[0]!r}; there are: {', '.join(known) or 'none'}"
        )
    groups = arguments.groups
    return Scope(
        collections=named,
        groups=None
        if groups is None
        else frozenset(one.strip() for one in groups.split(",") if one.strip()),
    )


def _print_json(value: object) -> None:
    print(visible_json(value), flush=True)


def _read_lines(path: Path, key: str) -> list[dict[str, Any]]:
    """Read a file of JSON objects, one a line, each with a string under the key.

    Raises:
        GoldError: If the file cannot be read or a line is not of this form.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise GoldError(f"{path} cannot be read as UTF-8 text: {error}") from error
    lines = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except json.JSONDecodeError as error:
            raise GoldError(f"{path}, line {number} is not JSON: {error}") from error
        if not isinstance(value, dict) or not isinstance(value.get(key), str):
            raise GoldError(f'{path}, line {number} is not an object with a string "{key}"')
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
        _print_json({"id": line.get("id"), **result})
    return status


def _serve(arguments: _Arguments) -> int:
    check_there(arguments.index)
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        del os.environ[name]  # the server asks nobody; libraries would use it for themselves
    from ui.serving import serve

    serve(
        arguments.index,
        host=arguments.host,
        port=arguments.port,
        owner_here=arguments.owner_here,
    )


def _evaluate(arguments: _Arguments) -> int:
    if arguments.gold.suffix == ".json":
        report = _evaluate_squad(arguments)
    elif arguments.passages:
        raise GoldError("--passages goes with a set in SQuAD's format, whose name ends in .json")
    else:
        report = _evaluate_gold(arguments)
    if arguments.json:
        _print_json(report)
    else:
        from rag.evaluation import report_as_table

        print(report_as_table(report))
    return 0


def _evaluate_gold(arguments: _Arguments) -> dict[str, Any]:
    check_there(arguments.index)
    from rag.evaluation import evaluate, read_gold
    from rag.service.assistant import Assistant

    gold = read_gold(arguments.gold)
    typed = _without_marks if arguments.bare else str
    return evaluate(Assistant.open(arguments.index), gold, typed=typed)


def _evaluate_squad(arguments: _Arguments) -> dict[str, Any]:
    from rag.evaluation import asked_in, evaluate_squad, opened, read_squad

    questions = read_squad(arguments.gold)
    if arguments.passages:
        questions = asked_in(questions, read_squad(arguments.passages))
    typed = _without_marks if arguments.bare else str
    with opened(questions.passages, load_settings()) as assistant:
        return {arguments.gold.name: evaluate_squad(assistant, questions.questions, typed=typed)}


def _without_marks(text: str) -> str:
    from rag.language.vietnamese import fold

    return fold(text)


def _doctor(arguments: _Arguments) -> int:
    from rag.service.doctor import examine

    sound = True
    for finding in examine(arguments.index):
        print(f"{'ok ' if finding.sound else 'BAD'}  {finding.what}")
        sound = sound and finding.sound
    return 0 if sound else 1


if __name__ == "__main__":
    sys.exit(main())
