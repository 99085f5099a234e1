"""Which office a regulation is from, and whether it can put another out of force.

By the order of Vietnam's Law on Promulgation of Legal Documents (63/2025/QH15, Article 4; likewise
80/2015/QH13): a document is replaced by one of the same office or of an office above it
(Article 8).
"""

import re
from dataclasses import dataclass
from enum import IntEnum

from rag.language.vietnamese import fold

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
_KINDS = frozenset(
    "tt ttlt tl qd ct nq nd kh cv tb hd qc qt pa bc cd l pl lct vbhn nqlt ttlb".split()
)
# Kinds by which an office lays down law; a notice, a plan or internal rules replace none.
_BINDING = frozenset("tt ttlt ttlb nqlt qd ct".split())
# What only the Government, the President and the Prime Minister issue, by the whole code: "CP"
# in another place is a joint-stock company, "CTN" a company for water.
_OF_STATE = {
    ("nd", "cp"): Rank.GOVERNMENT,
    ("nq", "cp"): Rank.GOVERNMENT,
    ("qd", "cp"): Rank.GOVERNMENT,
    ("cp",): Rank.GOVERNMENT,
    ("l", "ctn"): Rank.GOVERNMENT,
    ("lct",): Rank.GOVERNMENT,
    ("qd", "ttg"): Rank.PRIME_MINISTER,
    ("ct", "ttg"): Rank.PRIME_MINISTER,
    ("ttg",): Rank.PRIME_MINISTER,
}
_LOCAL = frozenset("ubnd hdnd ub".split())
# Offices below a ministry, and that ministry.
_PARENTS = {
    "tchq": "btc", "chq": "btc", "tct": "btc", "ct": "btc", "kbnn": "btc", "ubck": "btc",
    "ubcknn": "btc", "tcdt": "btc", "tctk": "bkhdt", "tcdl": "bvhttdl", "qltt": "bct",
    "tcqltt": "bct", "tcdbvn": "bgtvt", "bhxh": "btc", "tcgdnn": "bldtbxh", "tctl": "bnnptnt",
}  # fmt: skip
# Offices that took over others: their documents are now replaced by these.
_SUCCESSORS = {
    "bkhdt": "btc", "bkh": "bkhdt", "btnmt": "bnnmt", "bnnptnt": "bnnmt", "bnn": "bnnptnt",
    "bgtvt": "bxd", "btttt": "bkhcn", "bbcvt": "btttt", "bldtbxh": "bnv", "ubdt": "bdttg",
    "bcn": "bct", "btm": "bct", "bts": "bnnptnt", "bvhtt": "bvhttdl", "bkhcnmt": "bkhcn",
}  # fmt: skip
_OTHER_MINISTRIES = frozenset(
    "nhnn tandtc vksndtc vkstc ttcp vpcp ktnn tandtc bhxhvn tldld ubqg".split()
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
    if offices & _PARENTS.keys():
        return Rank.AGENCY
    ministries = _OTHER_MINISTRIES | _SUCCESSORS.keys() | set(_SUCCESSORS.values())
    known = ministries | set(_PARENTS.values()) | {"bca", "bqp", "byt", "bgddt", "btp", "bng"}
    return Rank.MINISTRY if offices and offices <= known else Rank.INTERNAL


def can_replace(newer: str, older: str) -> bool:
    """Tell whether a document of one number can put one of another out of force as a whole."""
    above, below = authority_of(newer), authority_of(older)
    if above is None or below is None:
        return False
    if above.rank is below.rank:
        return bool(_lines(below.offices) & above.offices)
    if above.rank < below.rank:
        return False
    if above.rank is Rank.MINISTRY and below.rank is Rank.AGENCY:
        parents = frozenset(_PARENTS[office] for office in below.offices if office in _PARENTS)
        return bool(_lines(parents) & above.offices)
    return above.rank > Rank.AGENCY


def _lines(offices: frozenset[str]) -> frozenset[str]:
    """Return offices with those that took them over."""
    found = set(offices)
    for office in offices:
        later = _SUCCESSORS.get(office)
        while later and later not in found:
            found.add(later)
            later = _SUCCESSORS.get(later)
    return frozenset(found)
