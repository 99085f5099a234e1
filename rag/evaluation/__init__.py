"""Ask questions whose answers are known, and score what comes back."""

from rag.evaluation.gold import GoldQuestion, read_gold
from rag.evaluation.runner import evaluate, report_as_table

__all__ = ["GoldQuestion", "evaluate", "read_gold", "report_as_table"]
