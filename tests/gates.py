"""Bounds of the figures that models must keep."""


def share(count: int, total: int) -> float:
    """Return a share, rounded as `rag.evaluation` rounds it, so that bounds can be compared."""
    return round(count / total, 4)
