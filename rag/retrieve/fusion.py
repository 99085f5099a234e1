"""Combine the scores of a passage. Pure functions; higher is better."""

__all__ = ["LEXICAL_WEIGHT", "fuse"]

LEXICAL_WEIGHT = 0.2
"""What sharing all of a question's words is worth beside a late interaction score of up to 1.

Ranks are not fused: across the two languages those of BM25 are noise (docs/architecture.md).
"""


def fuse(late: float, lexical: float) -> float:
    """Return the score of a passage.

    Args:
        late: Its late interaction score, up to 1.
        lexical: Its share of the BM25 score that the question could reach, 0 to 1.
    """
    return late + LEXICAL_WEIGHT * lexical
