"""What held at the time that is asked of comes before what it replaced."""

import pytest

from rag.domain.documents import Metadata
from rag.domain.standing import Standing, Time
from rag.law.register import Register
from rag.read.standing_policy import AsOf

REGISTER = Register(
    {
        "old": Metadata(
            number="Thông tư 1/2015/TT-BTC",
            effective_from="2015-01-01",
            effective_until="2019-12-31",
            replaced_by=("Thông tư 2/2020/TT-BTC",),
        ),
        "new": Metadata(number="Thông tư 2/2020/TT-BTC", effective_from="2020-01-01"),
        "expired": Metadata(number="Thông tư 3/2015/TT-BTC", effective_until="2016-12-31"),
        "undated": Metadata(title="Bài báo"),
    }
)


def as_of(day: str) -> AsOf:
    return AsOf(register=REGISTER, time=Time(first=day, last=day), asked=True)


@pytest.mark.parametrize(
    ("source", "day", "standing", "holds"),
    [
        ("old", "2018-05-01", Standing.IN_FORCE, True),
        ("old", "2021-05-01", Standing.EXPIRED, False),
        ("new", "2018-05-01", Standing.NOT_YET, False),
        ("new", "2021-05-01", Standing.IN_FORCE, True),
        ("undated", "2018-05-01", Standing.UNKNOWN, True),
    ],
)
def test_what_held_then(source: str, day: str, standing: Standing, holds: bool) -> None:
    assert as_of(day).standing(source) is standing
    assert as_of(day).holds(source) is holds


@pytest.mark.parametrize(
    ("sources", "day", "scores", "lowered"),
    [
        # What was replaced comes just behind what took its place.
        (["old", "new"], "2021-05-01", [1.0, 0.8], [0.78, 0.8]),
        # Asked of the time before, it is the other way about.
        (["old", "new"], "2018-05-01", [0.8, 1.0], [0.8, 0.78]),
        # Behind already, it is lowered as anything out of force.
        (["old", "new"], "2021-05-01", [0.7, 0.8], [0.6, 0.8]),
        # Far ahead it says something that the other does not.
        (["old", "new"], "2021-05-01", [1.3, 0.8], [1.2, 0.8]),
        # What nothing took the place of is lowered too, and what is of another family is not.
        (["expired", "new"], "2021-05-01", [1.0, 0.8], [0.9, 0.8]),
        (["undated", "new"], "2021-05-01", [1.0, 0.8], [1.0, 0.8]),
        # All sentences of what was replaced go back by as much, so that their order holds.
        (["old", "old", "new"], "2021-05-01", [1.0, 0.9, 0.8], [0.78, 0.68, 0.8]),
        ([], "2021-05-01", [], []),
    ],
)
def test_what_did_not_hold_is_lowered(
    sources: list[str], day: str, scores: list[float], lowered: list[float]
) -> None:
    assert as_of(day).demote_superseded(sources, scores) == pytest.approx(lowered)
