"""How likely it is that the best quote answers: a logistic model of a reading's features."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources

__all__ = ["Calibration"]

_FILE = "confidence.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """The coefficients, fitted by training/calibrate.py on questions that are not tested on.

    Attributes:
        coefficients: One for each feature of a reading.
        intercept: Added to their sum.
        threshold: The confidence from which on a question counts as answered.
    """

    coefficients: tuple[float, ...]
    intercept: float
    threshold: float

    @classmethod
    def load(cls) -> "Calibration":
        """Return the calibration that is shipped with the program."""
        values = json.loads((resources.files("rag") / "data" / _FILE).read_text(encoding="utf-8"))
        return cls(
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
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, logit))))
