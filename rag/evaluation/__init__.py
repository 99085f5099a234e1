"""Ask questions whose answers are known, and score what comes back."""

from rag.evaluation.corpus import opened_corpus
from rag.evaluation.gold import GoldQuestion, is_right, read_gold
from rag.evaluation.runner import evaluate, report_as_table
from rag.evaluation.squad import (
    SquadQuestion,
    SquadSet,
    asked_in,
    evaluate_squad,
    opened,
    read_squad,
)
from rag.evaluation.written import (
    as_gold,
    conversations_as_gold,
    read_written,
    write_documents,
)

__all__ = [
    "GoldQuestion",
    "SquadQuestion",
    "SquadSet",
    "as_gold",
    "asked_in",
    "conversations_as_gold",
    "evaluate",
    "evaluate_squad",
    "is_right",
    "opened",
    "opened_corpus",
    "read_gold",
    "read_squad",
    "read_written",
    "report_as_table",
    "write_documents",
]
