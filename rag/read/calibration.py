"""How likely it is that the best quote answers: a logistic model of a reading's features."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.resources import read_shipped

__all__ = ["DOUBTED", "Calibration", "speaks_against"]

_FILE = "confidence.json"

DOUBTED = 0.05
"""The most confidence that is left where something speaks against a quote."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The coefficients, fitted by training/calibrate.py on questions that are not tested on.

    Attributes:
        names: Of the features of a reading.
        coefficients: One for each of them.
        intercept: Added to their sum.
        threshold: The confidence from which on a question counts as answered.
    """

    names: tuple[str, ...]
    coefficients: tuple[float, ...]
    intercept: float
    threshold: float

    @classmethod
    def load(cls) -> "Calibration":
        """Return the calibration that is shipped with the program."""
        values = json.loads(read_shipped(_FILE))
        return cls(
            names=tuple(values["features"]),
            coefficients=tuple(values["coefficients"]),
            intercept=values["intercept"],
            threshold=values["threshold"],
        )

    def confidence(self, features: Sequence[float]) -> float:
        """Return the probability that the question is answered, 0 to 1."""
        logit = self.intercept + sum(
            coefficient * feature
            for coefficient, feature in zip(self.coefficients, features, strict=True)
        )
        probability = 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))
        doubted = speaks_against(dict(zip(self.names, features, strict=True)))
        return min(probability, DOUBTED) if doubted else probability


def speaks_against(features: Mapping[str, float]) -> bool:
    """Tell whether a quote cannot answer, by the features of its reading.

    Where its document has none of the question's numbers, or where the figure or time that is asked
    for is not in it and the reading model does not see an answer either, hardly any held-out
    question was answered right (docs/benchmarks.md).
    """
    wrong_kind = features["wrong kind"] > 0 and features["answers"] < 0
    return features["missing numbers"] >= 1 or wrong_kind
