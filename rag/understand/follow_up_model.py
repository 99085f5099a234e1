"""Choose what a question means that may go on from the one before.

Two linear models, fitted by `training/fit_follow_ups.py` on conversations: one knows only the form
of the question and says which meanings are worth asking, the other knows what came out of asking
them. A score is the logarithm of how likely a meaning is the right one beside the others.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

from rag.errors import ModelError
from rag.resources import read_shipped
from rag.understand.follow_up import FORM, Meaning, Tie, Understanding

__all__ = ["ANSWER_FEATURES", "FollowUpModel", "form_features", "logit_of"]

ANSWER_FEATURES = ("confidence", "same_document")
"""Of asking a meaning: the logit of the confidence, and 1 if the best quote is of the document that
is nearest to the question before."""

_FILE = "follow_ups.json"
_LEAST_CHANCE = 0.05  # by its form, of a meaning that is asked: each costs as much as a question
_MOST_LOGIT = 6.0  # of a confidence, beyond which it is as good as certain


def form_features(tie: Tie, form: Mapping[str, float]) -> dict[str, float]:
    """Return the features of a meaning by its question's form, each for its tie alone."""
    if tie is Tie.ALONE:
        return {}
    return {tie.value: 1.0} | {f"{tie.value} {name}": form[name] for name in FORM}


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUpModel:
    """What each feature counts; see `form_features` and `ANSWER_FEATURES`.

    Attributes:
        by_form: Before anything is asked.
        by_answer: Of those that were.
    """

    by_form: Mapping[str, float]
    by_answer: Mapping[str, float]

    @classmethod
    def load(cls) -> "FollowUpModel":
        """Return the model that is shipped with the program.

        Raises:
            ModelError: If it is one of other features.
        """
        values = json.loads(read_shipped(_FILE))
        model = cls(by_form=values["by_form"], by_answer=values["by_answer"])
        form = dict.fromkeys(FORM, 1.0)
        known = {name for tie in Tie for name in form_features(tie, form)}
        names = {*model.by_form, *model.by_answer}
        if not set(model.by_form) <= known or not names <= {*known, *ANSWER_FEATURES}:
            raise ModelError(
                "model.other_features",
                file=_FILE,
                names=", ".join(sorted(names)),
                expected=", ".join(sorted({*known, *ANSWER_FEATURES})),
            )
        return model

    def likeliest(self, understood: Understanding) -> Meaning:
        """Return what a question most likely means, by its form."""
        return max(understood.meanings, key=lambda meaning: self._by_form(meaning, understood))

    def worth_asking(self, understood: Understanding) -> tuple[Meaning, ...]:
        """Return the meanings that are not unlikely by the question's form."""
        scores = [self._by_form(meaning, understood) for meaning in understood.meanings]
        total = sum(math.exp(score) for score in scores)
        return tuple(
            meaning
            for meaning, score in zip(understood.meanings, scores, strict=True)
            if math.exp(score) >= _LEAST_CHANCE * total
        )

    def score(
        self, understood: Understanding, meaning: Meaning, *, confidence: float, is_same: bool
    ) -> float:
        """Return how much speaks for a meaning that was asked.

        Args:
            understood: All that the question may mean.
            meaning: What was asked of that.
            confidence: Of the answer.
            is_same: Whether that is of the document nearest to the question before.
        """
        features = form_features(meaning.tie, understood.form)
        features |= {"confidence": logit_of(confidence), "same_document": float(is_same)}
        return sum(self.by_answer.get(name, 0.0) * value for name, value in features.items())

    def _by_form(self, meaning: Meaning, understood: Understanding) -> float:
        features = form_features(meaning.tie, understood.form)
        return sum(self.by_form.get(name, 0.0) * value for name, value in features.items())


def logit_of(confidence: float) -> float:
    """Return the logit of a probability, within what can be told apart."""
    if not 0.0 < confidence < 1.0:
        return _MOST_LOGIT if confidence >= 1.0 else -_MOST_LOGIT
    return max(-_MOST_LOGIT, min(_MOST_LOGIT, math.log(confidence / (1 - confidence))))
