"""Which office a regulation is from, and whether it can put another out of force.

By the order of Vietnam's Law on Promulgation of Legal Documents (63/2025/QH15, Article 4; likewise
80/2015/QH13): a document is replaced by one of the same office or of an office above it
(Article 8).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from rag.language.vietnamese import fold
from rag.law.lexicon import LAW_LEXICON

__all__ = ["Authority", "Rank", "authority_of", "can_replace"]


class Rank(IntEnum):
    """How high a document stands; higher is above."""

    INTERNAL = 1  # of a company, a school, any office's rules for itself
    LOCAL = 2  # of a province, district or commune
    AGENCY = 3  # of a general department or another office below a ministry
    MINISTRY = 4  # circulars, joint circulars, ministers' decisions
    PRIME_MINISTER = 5
    GOVERNMENT = 6  # decrees; the President's orders
    STANDING_COMMITTEE = 7  # ordinances
    NATIONAL_ASSEMBLY = 8  # laws and codes


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """Whose word a document is.

    Attributes:
        offices: By their abbreviations, folded: "btc"; several of a joint circular.
    """

    rank: Rank
    offices: frozenset[str]


_CODE = re.compile(r"(?<!\d)\d++[a-z]?(?:/\d{4})?/(?P<code>[^\W\d][\w&]*(?:-[\w&]+)*)", re.I)
_WORDS = LAW_LEXICON.table("authority")
_KINDS = frozenset(_WORDS["kinds"]["all"])
_BINDING = frozenset(_WORDS["kinds"]["binding"])
_OF_STATE = {
    tuple(code.split("-")): Rank[rank.upper()]
    for rank, codes in _WORDS["of_state"].items()
    for code in codes
}
_LOCAL = frozenset(_WORDS["offices"]["local"])
_MINISTRY_OF: Mapping[str, str] = _WORDS["ministry_of"]
_SUCCESSOR_OF: Mapping[str, str] = _WORDS["successor_of"]
_MINISTRIES = frozenset(
    [
        *_WORDS["offices"]["central"],
        *_MINISTRY_OF.values(),
        *_SUCCESSOR_OF.keys(),
        *_SUCCESSOR_OF.values(),
    ]
)


def authority_of(number: str) -> Authority | None:
    """Return whose word a document of a number is; None if the number does not tell.

    Args:
        number: Kind and number: "Thông tư 39/2018/TT-BTC", "Luật 54/2014/QH13".
    """
    match = _CODE.search(number)
    if match is None:
        return None
    parts = tuple(fold(match["code"]).split("-"))
    kind, offices = _kind_and_offices(parts)
    if re.fullmatch(r"qh\d{1,2}", parts[-1]) and kind in ("", "nq"):
        rank, offices = Rank.NATIONAL_ASSEMBLY, frozenset({"qh"})
    elif re.fullmatch(r"ubtvqh\d{1,2}", parts[-1]) and kind in ("", "nq"):
        rank, offices = Rank.STANDING_COMMITTEE, frozenset({"ubtvqh"})
    elif parts in _OF_STATE:
        rank = _OF_STATE[parts]
    else:
        rank = _rank(offices, binding=kind in _BINDING)
    return Authority(rank=rank, offices=offices)


def _kind_and_offices(parts: tuple[str, ...]) -> tuple[str, frozenset[str]]:
    """Return how a kind of documents is abbreviated, "" if it is not, and the offices after it."""
    if parts[0] in _KINDS and len(parts) > 1:
        return parts[0], frozenset(parts[1:])
    return "", frozenset(parts)


def _rank(offices: frozenset[str], *, binding: bool) -> Rank:
    if not binding:
        return Rank.INTERNAL
    if offices & _LOCAL:
        return Rank.LOCAL
    if offices & _MINISTRY_OF.keys():
        return Rank.AGENCY
    return Rank.MINISTRY if offices and offices <= _MINISTRIES else Rank.INTERNAL


def can_replace(newer: str, older: str) -> bool:
    """Tell whether a document of one number can put one of another out of force as a whole."""
    above, below = authority_of(newer), authority_of(older)
    if above is None or below is None:
        return False
    if above.rank is below.rank:
        return bool(_with_successors(below.offices) & above.offices)
    if above.rank < below.rank:
        return False
    if above.rank is Rank.MINISTRY and below.rank is Rank.AGENCY:
        ministries = frozenset(
            _MINISTRY_OF[office] for office in below.offices if office in _MINISTRY_OF
        )
        return bool(_with_successors(ministries) & above.offices)
    return above.rank > Rank.AGENCY


def _with_successors(offices: frozenset[str]) -> frozenset[str]:
    """Return offices with those that took them over."""
    line = set(offices)
    for office in offices:
        later = _SUCCESSOR_OF.get(office)
        while later and later not in line:
            line.add(later)
            later = _SUCCESSOR_OF.get(later)
    return frozenset(line)
