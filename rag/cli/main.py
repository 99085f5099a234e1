"""The command line. Nothing heavy is imported before a command needs it."""

import argparse
import logging
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

from rag.cli.ask import ask, search
from rag.cli.documents import list_documents
from rag.cli.evaluate import evaluate
from rag.cli.index import make_index, watch
from rag.cli.serve import examine_all, serve
from rag.errors import TrichDanError, UsageError
from rag.language.visible import visible

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
        return 2 if isinstance(error, UsageError) else 1
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

    asking = command("ask", ask, "Answer a question by quoting the documents.")
    what = asking.add_mutually_exclusive_group(required=True)
    what.add_argument("question", nargs="?", metavar="QUESTION")
    what.add_argument("--batch", type=Path, metavar="FILE.jsonl", help='{"id","question"} a line')
    asking.add_argument("--json", action="store_true", help="print the answer as JSON")

    searching = command("search", search, "List the passages nearest a query.")
    what = searching.add_mutually_exclusive_group(required=True)
    what.add_argument("query", nargs="?", metavar="QUERY")
    what.add_argument("--batch", type=Path, metavar="FILE.jsonl", help='{"id","query"} a line')
    searching.add_argument("-k", type=_positive, default=10, help="how many (default: 10)")
    searching.add_argument("--json", action="store_true", help="print the passages as JSON")

    for sub in (asking, searching):
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

    serving = command("serve", serve, "Serve the chat page.")
    serving.add_argument("--host", default="127.0.0.1", help="(default: 127.0.0.1)")
    serving.add_argument("--port", type=int, default=7860, help="(default: 7860)")
    serving.add_argument(
        "--owner-here",
        action="store_true",
        help="let everybody at this machine manage the documents, without password or code",
    )

    evaluating = command("eval", evaluate, "Answer questions whose answers are known, and score.")
    evaluating.add_argument(
        "gold",
        type=Path,
        metavar="GOLD",
        help="GOLD.jsonl over the index; a set in SQuAD's format, SET.json, over its passages; or "
        "a folder of written sets, docs.jsonl and questions.jsonl, over its documents",
    )
    evaluating.add_argument(
        "--passages",
        type=Path,
        metavar="SET.json",
        help="read the passages, and the answers, in another language's file of the same set",
    )
    evaluating.add_argument(
        "--held-out",
        action="store_true",
        help="of a folder, ask the questions of the documents that its dev.txt names",
    )
    evaluating.add_argument("--bare", action="store_true", help="ask without diacritics")
    evaluating.add_argument("--json", action="store_true", help="print the figures as JSON")

    command(
        "doctor",
        examine_all,
        "Tell what is installed, which model, and whether the index is sound.",
    )
    return parser


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"must be 1 or more, got {number}")
    return number
