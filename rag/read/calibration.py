"""How likely it is that what would be quoted answers: the one place that says how sure."""

import json
import math
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field, fields
from enum import StrEnum

from rag.errors import ModelError
from rag.resources import read_shipped

__all__ = [
    "FEATURES",
    "Calibrator",
    "Doubt",
    "Evidence",
    "ReadingFeatures",
    "WordingFeatures",
    "speaks_against",
]

_FILE = "confidence.json"
_MOST_LOGIT = 30.0  # beyond which a probability is 0 or 1 for any purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingFeatures:
    """What is known of the sentence that scores best.

    Attributes:
        sentence: The mean cosine of the question's tokens with the sentence's.
        context: The same where matches around count.
        words: The share of the question's words that are found.
        maxsim: The late interaction score of the best passage.
        missing_numbers: The share of the question's numbers that its document lacks.
        crossing: 1 if the languages differ.
        answerable_logit: Of its window's answering.
        span_logprob: How likely the answer is in the sentence.
        lacks_type: 1 if the sentence lacks the figure or time that is asked for.
    """

    sentence: float
    context: float
    words: float
    maxsim: float
    missing_numbers: float
    crossing: float
    answerable_logit: float
    span_logprob: float
    lacks_type: float


FEATURES = tuple(feature.name for feature in fields(ReadingFeatures))
"""The names of a reading's features, in their order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WordingFeatures:
    """What is known where a question is answered by what stands at a place, as it stands.

    Attributes:
        alone: Whether it is the only such place.
        asks_only_wording: Whether the question asks for no more.
    """

    alone: bool
    asks_only_wording: bool


class Doubt(StrEnum):
    """Why quotes cannot answer, whatever was read of them."""

    PLACE_MISSING = "the place or regulation that the question names is not there"
    TYPE_MISSING = "the place that it names has no figure or time, which it asks for"
    OTHER_REGULATION = "they are not of the regulation that it names"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What speaks for and against some quotes' answering.

    Attributes:
        features: None if nothing was found to quote.
    """

    features: ReadingFeatures | WordingFeatures | None
    doubts: frozenset[Doubt] = field(default_factory=frozenset)


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrator:
    """A logistic model of a reading's features, and how often wording that is asked for is right.

    Attributes:
        coefficients: One for each of `FEATURES`, fitted by training/calibrate.py on questions that
            are not tested on; with the `intercept`, which is added to their sum.
        wording: The probability where a question asks only for what stands at one place.
        wording_among_several: The same where it asks for more, or several documents have it.
        doubted: The most that is left where something speaks against a quote.
        threshold: From which on a question counts as answered; above `doubted`.
    """

    coefficients: Mapping[str, float]
    intercept: float
    wording: float
    wording_among_several: float
    doubted: float
    threshold: float

    @classmethod
    def load(cls) -> "Calibrator":
        """Return the calibration that is shipped with the program.

        Raises:
            ModelError: If it is one of other features.
        """
        values = json.loads(read_shipped(_FILE))
        names = tuple(values["features"])
        if names != FEATURES:
            raise ModelError(
                "model.other_features",
                file=_FILE,
                names=", ".join(names),
                expected=", ".join(FEATURES),
            )
        return cls(
            coefficients=dict(zip(names, values["coefficients"], strict=True)),
            intercept=values["intercept"],
            wording=values["wording"],
            wording_among_several=values["wording among several"],
            doubted=values["doubted"],
            threshold=values["threshold"],
        )

    @classmethod
    def unfitted(cls) -> "Calibrator":
        """Return one that knows nothing yet: with it passages are read to fit another."""
        return cls(
            coefficients=dict.fromkeys(FEATURES, 0.0),
            intercept=0.0,
            wording=0.0,
            wording_among_several=0.0,
            doubted=0.0,
            threshold=1.0,
        )

    def probability(self, evidence: Evidence) -> float:
        """Return how likely it is that the question is answered, 0 to 1."""
        features = evidence.features
        if features is None:
            return 0.0
        if isinstance(features, WordingFeatures):
            sure = features.alone and features.asks_only_wording
            probability = self.wording if sure else self.wording_among_several
            doubted = False
        else:
            probability = self._of_reading(features)
            doubted = speaks_against(features)
        return min(probability, self.doubted) if doubted or evidence.doubts else probability

    def _of_reading(self, features: ReadingFeatures) -> float:
        values = dict(zip(FEATURES, astuple(features), strict=True))
        logit = self.intercept + sum(
            coefficient * values[name] for name, coefficient in self.coefficients.items()
        )
        return 1 / (1 + math.exp(-max(-_MOST_LOGIT, min(_MOST_LOGIT, logit))))


def speaks_against(features: ReadingFeatures) -> bool:
    """Tell whether a quote cannot answer, by the features of its reading.

    Where its document has none of the question's numbers, or where the figure or time that is asked
    for is not in it and the reading model does not see an answer either, hardly any held-out
    question was answered right (docs/benchmarks.md).
    """
    wrong_type = features.lacks_type > 0 and features.answerable_logit < 0
    return features.missing_numbers >= 1 or wrong_type
