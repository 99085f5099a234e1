"""Fit a linear model that tells which of several is right."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize  # type: ignore[import-untyped]

__all__ = ["FloatArray", "fit_listwise"]

FloatArray = npt.NDArray[np.float64]

_START = 0.3


def fit_listwise(
    matrices: Sequence[FloatArray],
    labels: Sequence[npt.NDArray[np.bool_]],
    shares: Sequence[float],
    *,
    ridge: float,
    least: float | None,
) -> FloatArray:
    """Return what each feature counts, so that what is right is likeliest.

    The cross entropy of a softmax over each list (Cao et al. 2007), with a ridge on weights of
    features in units of their own spread.

    Args:
        matrices: Of each list the features of what is in it, shape (in it, features).
        labels: Which of it are right: at least one, and not all.
        shares: What each list counts.
        ridge: How much weights cost, per list.
        least: What no weight is below; None for anything.

    Returns:
        Shape (features,).
    """
    spread = np.concatenate(matrices).std(axis=0)
    spread[spread == 0] = math.inf  # what is always the same counts nothing
    total = sum(shares)

    def loss(weights: FloatArray) -> tuple[float, FloatArray]:
        value, gradient = 0.0, np.zeros_like(weights)
        for matrix, right, share in zip(matrices, labels, shares, strict=True):
            scores = (matrix / spread) @ weights
            all_of, right_of = np.logaddexp.reduce(scores), np.logaddexp.reduce(scores[right])
            value += share * (all_of - right_of)
            chance = np.exp(scores - all_of)
            chance[right] -= np.exp(scores[right] - right_of)
            gradient += share * (chance @ (matrix / spread))
        return (
            value / total + ridge * float(weights @ weights),
            gradient / total + 2 * ridge * weights,
        )

    features = matrices[0].shape[1]
    fitted = minimize(
        loss,
        np.full(features, _START),
        jac=True,
        method="L-BFGS-B",
        bounds=[(least, None)] * features,
    )
    weights: FloatArray = fitted.x / spread
    return weights
