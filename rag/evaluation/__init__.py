"""Ask questions whose answers are known, and score what comes back."""

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

__all__ = [
    "GoldQuestion",
    "SquadQuestion",
    "SquadSet",
    "asked_in",
    "evaluate",
    "evaluate_squad",
    "is_right",
    "opened",
    "read_gold",
    "read_squad",
    "report_as_table",
]
