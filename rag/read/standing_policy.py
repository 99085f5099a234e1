"""What held at the time that is asked of comes before what it replaced, or was replaced by."""

from collections.abc import Sequence
from dataclasses import dataclass

from rag.domain.standing import Standing, Time
from rag.law.register import Register

__all__ = ["AsOf"]

_COST_OUT_OF_FORCE = 0.1  # what that costs a sentence by itself
_SCORE_BEHIND_SUCCESSOR = 0.02  # how far it comes behind what took its place
_LEAD_THAT_SAYS_MORE = 0.4  # how much better it must fit, to say what that does not


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOf:
    """How documents stand at the time that is asked of.

    Attributes:
        asked: Whether a time was asked of; otherwise it is this day.
    """

    register: Register
    time: Time
    asked: bool = False

    def standing(self, source: str) -> Standing:
        """Return how a document stands then."""
        return self.register.standing(source, self.time)

    def holds(self, source: str) -> bool:
        """Tell whether a document is in force then, as far as is known."""
        return self.standing(source) in (Standing.IN_FORCE, Standing.UNKNOWN)

    def demote_superseded(self, sources: Sequence[str], scores: Sequence[float]) -> list[float]:
        """Return scores with what held then before what it replaced, or was replaced by.

        Args:
            sources: Of which document each score is.
            scores: Higher is better. Those of documents that did not hold are lowered; they stay
                far ahead only where they say something that the others do not.
        """
        holds = [self.holds(source) for source in sources]
        best: dict[tuple[str, bool], float] = {}
        for source, held, score in zip(sources, holds, scores, strict=True):
            key = (self.register.family(source), held)
            best[key] = max(score, best.get(key, score))
        lowered = []
        for source, held, score in zip(sources, holds, scores, strict=True):
            family = self.register.family(source)
            behind = 0.0 if held else _COST_OUT_OF_FORCE
            if not held and (family, True) in best:
                ahead = best[family, False] - best[family, True]
                behind = max(
                    behind, ahead + _SCORE_BEHIND_SUCCESSOR if ahead < _LEAD_THAT_SAYS_MORE else 0.0
                )
            lowered.append(score - behind)
        return lowered
