"""What one document says of another is believed only of who can say so."""

import pytest

from rag.domain.documents import Document, Metadata
from rag.domain.standing import Standing, Time
from rag.ingest.structure.document import make_document
from rag.ingest.structure.metadata import Entry
from rag.law.authority import Rank, authority_of, can_replace
from rag.law.register import Register, resolve_relations, with_sound_dates

TODAY = Time(first="2026-11-28", last="2026-11-28")


@pytest.mark.parametrize(
    ("number", "rank", "offices"),
    [
        ("Luật 54/2014/QH13", Rank.NATIONAL_ASSEMBLY, {"qh"}),
        ("Pháp lệnh 10/2012/UBTVQH13", Rank.STANDING_COMMITTEE, {"ubtvqh"}),
        ("Nghị quyết 954/2020/NQ-UBTVQH14", Rank.STANDING_COMMITTEE, {"ubtvqh"}),
        ("Nghị định 08/2015/NĐ-CP", Rank.GOVERNMENT, {"cp"}),
        ("Quyết định 31/2015/QĐ-TTg", Rank.PRIME_MINISTER, {"ttg"}),
        ("Thông tư 38/2015/TT-BTC", Rank.MINISTRY, {"btc"}),
        ("Thông tư liên tịch 98/2010/TTLT-BTC-BYT", Rank.MINISTRY, {"btc", "byt"}),
        ("Quyết định 1810/QĐ-TCHQ", Rank.AGENCY, {"tchq"}),
        ("Quyết định 12/2020/QĐ-UBND", Rank.LOCAL, {"ubnd"}),
        ("Quy chế 01/2024/QC-CT1", Rank.INTERNAL, {"ct1"}),
    ],
)
def test_whose_word_a_document_is(number: str, rank: Rank, offices: set[str]) -> None:
    authority = authority_of(number)
    assert authority is not None
    assert (authority.rank, authority.offices) == (rank, frozenset(offices))


@pytest.mark.parametrize("number", ["", "Quy chế nghỉ phép", "Luật Hải quan", "12/2020"])
def test_a_name_without_number_tells_nothing(number: str) -> None:
    assert authority_of(number) is None


@pytest.mark.parametrize(
    ("newer", "older", "can"),
    [
        ("Thông tư 22/2019/TT-BTC", "Thông tư 12/2015/TT-BTC", True),
        ("Thông tư 22/2019/TT-BTC", "Quyết định 6/2006/QĐ-BTC", True),
        ("Thông tư 22/2019/TT-BTC", "Thông tư liên tịch 98/2010/TTLT-BTC-BYT", True),
        ("Luật 54/2014/QH13", "Thông tư 12/2015/TT-BTC", True),
        ("Thông tư 22/2025/TT-BTC", "Thông tư 3/2020/TT-BKHĐT", True),  # which it took over
        ("Thông tư 22/2019/TT-BTC", "Quyết định 1810/QĐ-TCHQ", True),
        ("Nội quy 02/2025/QC-KHO", "Nội quy 01/2024/QC-KHO", True),
        ("Thông tư 22/2019/TT-BYT", "Thông tư 12/2015/TT-BTC", False),
        ("Thông tư 22/2019/TT-BYT", "Quyết định 1810/QĐ-TCHQ", False),
        ("Quy chế 01/2024/QC-CTIN", "Luật 54/2014/QH13", False),
        ("Thông tư 22/2019/TT-BTC", "Nghị định 08/2015/NĐ-CP", False),
        ("Quyết định 12/2020/QĐ-UBND", "Thông tư 12/2015/TT-BTC", False),
        ("Nội quy 02/2025/QC-KHO", "Nội quy 01/2024/QC-BEP", False),
        ("Nội quy kho", "Thông tư 12/2015/TT-BTC", False),
        ("Thông tư 22/2019/TT-BTC", "Nội quy kho", False),
        ("Quyết định 12/2024/QĐ-CTN", "Thông tư 120/2015/TT-BTC", False),  # water supply
        ("Quyết định 45/2024/QĐ-VT-CP", "Thông tư 120/2015/TT-BTC", False),  # a company
        ("Quy định 45/2024/QH-KT", "Luật 54/2014/QH13", False),  # public relations
        ("Thông báo 05/2024/TB-BTC", "Thông tư 120/2015/TT-BTC", False),
        ("Quy chế 1/2024/QC-TTG", "Thông tư 120/2015/TT-BTC", False),
        ("Quyết định 1/2024/QĐ-BTC-BTCSK", "Thông tư 120/2015/TT-BTC", False),
        ("Nghị quyết 43/2022/QH15", "Luật 54/2014/QH13", True),
    ],
)
def test_who_can_replace_whom(newer: str, older: str, can: bool) -> None:
    assert can_replace(newer, older) is can


def document(source: str, text: str = "Một câu.", **fields: object) -> Document:
    return make_document(source, text, Entry.model_validate({**fields, "access": None}))


def told(*documents: Document) -> dict[str, Metadata]:
    """Return what is known of documents of which the owner has vouched for nothing."""
    bare = [
        Document(
            **{
                name: getattr(original, name)
                for name in Document.__dataclass_fields__
                if name != "metadata"
            },
            metadata=Metadata(
                **{
                    name: getattr(original.metadata, name)
                    for name in Metadata.__dataclass_fields__
                    if name != "vouched"
                }
            ),
        )
        for original in documents
    ]
    return {original.source: original.metadata for original in resolve_relations(bare, TODAY)}


LAW = {"number": "Luật 54/2014/QH13", "effective_from": "2015-01-01"}


def test_the_rules_of_a_canteen_replace_no_law() -> None:
    law = document("luat.txt", **LAW)
    canteen = document("can-tin.txt", number="01/2024/QC-CT1", replaces="Luật số 54/2014/QH13")
    resolved = told(law, canteen)["luat.txt"]
    assert (resolved.replaced_by, resolved.effective_until) == ((), "")
    assert resolved.claimed_by == ("01/2024/QC-CT1",)
    register = Register(told(law, canteen))
    assert register.standing("luat.txt", TODAY) is Standing.IN_FORCE
    assert register.family("luat.txt") != register.family("can-tin.txt")


def test_what_the_owner_says_is_believed_of_anything() -> None:
    old = document("phu-cap.txt")
    new = document("phu-cap-moi.txt", replaces="phu-cap.txt", effective_from="2025-02-01")
    resolved = {
        document.source: document.metadata for document in resolve_relations([old, new], TODAY)
    }
    assert resolved["phu-cap.txt"].replaced_by == ("phu-cap-moi.txt",)
    assert resolved["phu-cap.txt"].effective_until == "2025-01-31"
    assert told(old, new)["phu-cap.txt"].claimed_by == (), "a file's name is known to owners only"


def test_a_document_replaces_none_that_came_after_it() -> None:
    older = document("a.txt", number="Thông tư 1/2015/TT-BTC", effective_from="2015-01-01")
    newer = document(
        "b.txt",
        number="Thông tư 2/2019/TT-BTC", replaces="1/2015/TT-BTC", effective_from="2019-01-01",
    )  # fmt: skip
    assert told(older, newer)["a.txt"].replaced_by == ("Thông tư 2/2019/TT-BTC",)
    early = document(
        "b.txt",
        number="Thông tư 2/2013/TT-BTC", replaces="1/2015/TT-BTC", effective_from="2013-01-01",
    )  # fmt: skip
    resolved = told(older, early)["a.txt"]
    assert (resolved.replaced_by, resolved.claimed_by) == ((), ("Thông tư 2/2013/TT-BTC",))


def test_of_two_that_say_they_replace_each_other_neither_is_believed() -> None:
    resolved = told(
        document("a.txt", number="Thông tư 27/2020/TT-BTC", replaces="28/2020/TT-BTC"),
        document("b.txt", number="Thông tư 28/2020/TT-BTC", replaces="27/2020/TT-BTC"),
    )
    assert [resolved[name].replaced_by for name in ("a.txt", "b.txt")] == [(), ()]
    assert resolved["a.txt"].claimed_by == ("Thông tư 28/2020/TT-BTC",)


def test_every_document_of_a_number_is_replaced() -> None:
    copies = [document(f"{i}.txt", f"Bản {i}.", number="Thông tư 1/2015/TT-BTC") for i in range(3)]
    newer = document("b.txt", number="Thông tư 2/2019/TT-BTC", replaces="1/2015/TT-BTC")
    resolved = told(*copies, newer)
    assert {resolved[f"{i}.txt"].replaced_by for i in range(3)} == {("Thông tư 2/2019/TT-BTC",)}


@pytest.mark.parametrize(
    ("day", "published", "begins"),
    [
        ("2024-05-06", "2024-05-06", "2024-05-06"),
        ("2024", "2024", "2024"),
        ("1900-01-01", "1900-01-01", "1900-01-01"),
        ("2026-11-29", "2026-11-29", "2026-11-29"),
        ("2026-11-30", "", "2026-11-30"),
        ("2099-03-05", "", "2099-03-05"),
        ("1899-12-31", "", ""),
        ("0001-01-01", "", ""),
        ("9999-12-31", "", ""),
        ("2024-02-31", "", ""),
        ("hôm qua", "", ""),
    ],
)
def test_days_that_cannot_be_are_unknown(day: str, published: str, begins: str) -> None:
    metadata = Metadata(date=day, effective_from=day)
    made = make_document("a.txt", "Một câu.")
    sound = with_sound_dates(
        Document(
            **{
                name: getattr(made, name)
                for name in Document.__dataclass_fields__
                if name != "metadata"
            },
            metadata=metadata,
        ),
        TODAY,
    ).metadata
    assert (sound.date, sound.effective_from) == (published, begins)
