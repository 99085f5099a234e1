"""Compare a question with a passage token by token.

Late interaction, or MaxSim (Khattab and Zaharia, 2020): each token of the question is compared with
every token of the passage, and what counts is its best match.
"""

import numpy as np
import numpy.typing as npt

__all__ = ["weigh_tokens"]

_SMALLEST_WEIGHT = 0.01

FloatArray = npt.NDArray[np.float32]


def weigh_tokens(matches: FloatArray) -> FloatArray:
    """Return how much each token of a question should count; the weights sum to 1.

    A token that every passage matches as well as the best one, such as a question mark,
    tells nothing: its weight is how far the best passage stands out from the mean.

    Args:
        matches: Each candidate's best cosine with each token, shape (candidates, query tokens).
    """
    weights = matches.max(axis=0) - matches.mean(axis=0) + _SMALLEST_WEIGHT
    normalised: FloatArray = weights / weights.sum()
    return normalised
