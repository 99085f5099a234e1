"""The command that scores an index on questions whose answers are known."""

import argparse
from contextlib import closing
from functools import partial
from typing import Any

from rag.cli.output import print_json
from rag.config import load_settings
from rag.errors import GoldError, UsageError
from rag.language.vietnamese import fold
from rag.store.generations import check_there

__all__ = ["evaluate"]

_Arguments = argparse.Namespace


def evaluate(arguments: _Arguments) -> int:
    """Ask all questions and print the figures."""
    if arguments.held_out and not arguments.gold.is_dir():
        raise UsageError("usage.held_out_without_folder")
    if arguments.gold.is_dir():
        report = _evaluate_written(arguments)
    elif arguments.gold.suffix == ".json":
        report = _evaluate_squad(arguments)
    elif arguments.passages:
        raise UsageError("usage.passages_without_squad")
    else:
        report = _evaluate_gold(arguments)
    if arguments.json:
        print_json(report)
    else:
        from rag.evaluation import report_as_table

        print(report_as_table(report))
    return 0


def _evaluate_gold(arguments: _Arguments) -> dict[str, Any]:
    check_there(arguments.index)
    from rag.evaluation import evaluate as evaluated
    from rag.evaluation import read_gold
    from rag.service.assistant import Assistant

    gold = read_gold(arguments.gold)
    typed = fold if arguments.bare else str
    with closing(Assistant.open(arguments.index)) as assistant:
        return evaluated(assistant, gold, typed=typed)


def _evaluate_written(arguments: _Arguments) -> dict[str, Any]:
    from rag.evaluation import (
        as_gold,
        conversations_as_gold,
        opened_corpus,
        read_written,
        write_documents,
    )
    from rag.evaluation import evaluate as evaluated

    written = read_written(arguments.gold)
    questions, conversations = written.questions, written.conversations
    if arguments.held_out:
        questions, conversations = written.held_out(), written.held_out_conversations()
    if not questions:
        raise GoldError("gold.nothing_held_out", path=arguments.gold)
    gold = as_gold(questions, written.documents)
    gold += conversations_as_gold(conversations, written.documents)
    typed = fold if arguments.bare else str
    documents = written.documents.values()
    with opened_corpus(partial(write_documents, documents), load_settings()) as assistant:
        return evaluated(assistant, gold, typed=typed)


def _evaluate_squad(arguments: _Arguments) -> dict[str, Any]:
    from rag.evaluation import asked_in, evaluate_squad, opened, read_squad

    questions = read_squad(arguments.gold)
    if arguments.passages:
        questions = asked_in(questions, read_squad(arguments.passages))
    typed = fold if arguments.bare else str
    with opened(questions.passages, load_settings()) as assistant:
        return {arguments.gold.name: evaluate_squad(assistant, questions.questions, typed=typed)}
