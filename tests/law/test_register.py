"""What a regulation says of itself, and which of several holds when."""

import pytest

from rag.domain.documents import Metadata
from rag.domain.standing import Standing, Time, standing_of
from rag.ingest.regulation.head import RegulationFacts, read_regulation
from rag.ingest.structure.document import make_document
from rag.law.register import Register, number_key, resolve_relations
from rag.read.standing_policy import AsOf

HEAD = """\
BỘ TÀI CHÍNH
-------
CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM
Độc lập - Tự do - Hạnh phúc
---------------
Số: {number}
Hà Nội, ngày {day}

THÔNG TƯ
Quy định mức thu phí

Căn cứ Luật Hải quan số 54/2014/QH13 ngày 23 tháng 6 năm 2014;

Điều 1. Mức thu
Mức thu là {fee} đồng.

Điều 2. Hiệu lực thi hành
"""


def facts(*clauses: str, number: str = "22/2019/TT-BTC") -> RegulationFacts:
    text = HEAD.format(number=number, day="16 tháng 4 năm 2019", fee=1) + "\n".join(clauses)
    document = make_document("a.txt", text)
    return read_regulation(document.text, document.blocks)


def test_the_head_of_a_regulation() -> None:
    said = facts("Thông tư này có hiệu lực thi hành kể từ ngày 01 tháng 6 năm 2019.")
    assert said == RegulationFacts(
        number="Thông tư 22/2019/TT-BTC",
        title="Thông tư 22/2019/TT-BTC: Quy định mức thu phí",
        publisher="Bộ Tài chính",
        date="2019-04-16",
        effective_from="2019-06-01",
    )


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("Thông tư này có hiệu lực thi hành từ ngày 05/6/2019.", "2019-06-05"),
        ("Thông tư này có hiệu lực kể từ ngày ký.", "2019-04-16"),
        ("Thông tư này có hiệu lực thi hành sau 45 ngày, kể từ ngày ký ban hành.", "2019-05-31"),
        ("Thông tư này có hiệu lực kể từ ngày ký và thay thế Thông tư số 1/2013/TT-BTC ngày 02/01/2013.", "2019-04-16"),
        ("This Circular takes effect on July 1, 2019.", "2019-07-01"),
        ("This Circular comes into force from 1st July 2019.", "2019-07-01"),
        ("Thông tư này không nói gì.", ""),
    ],
)  # fmt: skip
def test_from_when_it_holds(sentence: str, expected: str) -> None:
    assert facts(sentence).effective_from == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "Thông tư này hết hiệu lực kể từ ngày 01/01/0001.",
        "Thông tư này có hiệu lực sau 999999 ngày, kể từ ngày ký ban hành.",
        "Thông tư này có hiệu lực sau 99999999999999999999 ngày, kể từ ngày ký ban hành.",
    ],
)
def test_a_day_that_cannot_be_is_unknown_and_the_rest_is_read(sentence: str) -> None:
    said = facts(sentence)
    assert (said.effective_until, said.number) == ("", "Thông tư 22/2019/TT-BTC")
    assert said.effective_from in ("", "2019-04-16")


def test_until_when_it_holds() -> None:
    until = "Thông tư này có hiệu lực từ ngày 01/6/2019 đến hết ngày 31/12/2025."
    assert facts(until).effective_until == "2025-12-31"
    ends = "Thông tư này hết hiệu lực kể từ ngày 01/01/2026."
    assert facts(ends).effective_until == "2025-12-31"


@pytest.mark.parametrize(
    ("clause", "replaces", "amends"),
    [
        ("Thông tư này thay thế Thông tư số 12/2015/TT-BTC ngày 30/01/2015.",
         ("Thông tư 12/2015/TT-BTC",), ()),
        ("Thông tư này thay thế Thông tư số 12/2015/TT-BTC; Thông tư số 13/2015/TT-BTC.",
         ("Thông tư 12/2015/TT-BTC", "Thông tư 13/2015/TT-BTC"), ()),
        ("Bãi bỏ Điều 5, khoản 3 Điều 7 Thông tư số 12/2015/TT-BTC.",
         (), ("Thông tư 12/2015/TT-BTC",)),
        ("Luật Cư trú số 81/2006/QH11 đã được sửa đổi, bổ sung một số điều theo Luật số "
         "36/2013/QH13 hết hiệu lực kể từ ngày Thông tư này có hiệu lực thi hành.",
         ("Luật 81/2006/QH11",), ()),
        ("Thay thế cụm từ “a” bằng “b” tại Thông tư số 12/2015/TT-BTC.", (), ()),
        ("This Circular replaces Circular No. 5/2015/TT-BTC dated 1 May 2015.",
         ("Circular 5/2015/TT-BTC",), ()),
        ("Articles 3 and 4 of Decree No. 8/2015/NĐ-CP are repealed.",
         (), ("Decree 8/2015/NĐ-CP",)),
    ],
)  # fmt: skip
def test_what_it_replaces_and_what_it_amends(
    clause: str, replaces: tuple[str, ...], amends: tuple[str, ...]
) -> None:
    said = facts(clause)
    assert (said.replaces, said.amends) == (replaces, amends)


def test_a_list_of_what_is_repealed() -> None:
    said = facts(
        "2. Bãi bỏ các văn bản sau đây:",
        "a) Thông tư số 94/2014/TT-BTC ngày 17/7/2014;",
        "b) Điều 1, Điều 3 Quyết định số 1810/QĐ-TCHQ.",
    )
    assert said.replaces == ("Thông tư 94/2014/TT-BTC",)
    assert said.amends == ("Quyết định 1810/QĐ-TCHQ",)


def test_an_article_of_the_press_is_no_regulation() -> None:
    document = make_document(
        "a.txt", "Hội nghị đã thay thế Thông tư số 12/2015/TT-BTC bằng văn bản."
    )
    assert read_regulation(document.text, document.blocks) == RegulationFacts()


OLD = Metadata(number="Thông tư 12/2015/TT-BTC", effective_from="2015-03-15")
NEW = Metadata(
    number="Thông tư 22/2019/TT-BTC",
    effective_from="2019-06-01",
    replaces=("Thông tư 12/2015/TT-BTC",),
)
TODAY = Time(first="2026-11-22", last="2026-11-22")


def test_what_was_replaced_knows_by_what_and_until_when_it_held() -> None:
    old = make_document("old.txt", HEAD.format(number="12/2015/TT-BTC", day="30/01/2015", fee=1))
    new = make_document(
        "new.txt",
        HEAD.format(number="22/2019/TT-BTC", day="16/4/2019", fee=2)
        + "Thông tư này có hiệu lực từ ngày 01/6/2019 và thay thế Thông tư số 12/2015/TT-BTC.",
    )
    resolved, unchanged = resolve_relations([old, new])
    assert unchanged == new
    assert resolved.metadata.replaced_by == ("Thông tư 22/2019/TT-BTC",)
    assert resolved.metadata.effective_until == "2019-05-31"
    assert standing_of(resolved.metadata, TODAY) is Standing.EXPIRED
    assert standing_of(resolved.metadata, Time(first="2018-01-01", last="2018-12-31")) in (
        Standing.IN_FORCE, Standing.UNKNOWN,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("metadata", "expected"),
    [
        (Metadata(), Standing.UNKNOWN),
        (Metadata(effective_from="2015-01-01"), Standing.IN_FORCE),
        (Metadata(effective_from="2027-01-01"), Standing.NOT_YET),
        (Metadata(effective_until="2026-11-22"), Standing.IN_FORCE),
        (Metadata(effective_until="2026-11-21"), Standing.EXPIRED),
        (Metadata(replaced_by=("Luật khác",)), Standing.EXPIRED),
    ],
)
def test_standing(metadata: Metadata, expected: Standing) -> None:
    assert standing_of(metadata, TODAY) is expected


def test_what_holds_comes_before_what_it_replaced() -> None:
    old = Metadata(
        number=OLD.number, effective_from="2015-03-15", effective_until="2019-05-31",
        replaced_by=(NEW.number,),
    )  # fmt: skip
    register = Register({"old": old, "new": NEW, "other": Metadata()})
    assert register.family("old") == register.family("new") != register.family("other")
    now = AsOf(register=register, time=TODAY)
    assert now.demote_superseded(["old", "new", "other"], [2.0, 1.8, 1.9]) == pytest.approx(
        [1.78, 1.8, 1.9]
    )
    assert now.demote_superseded(["old", "new"], [2.0, 1.0]) == pytest.approx([1.9, 1.0]), (
        "says more"
    )
    then = AsOf(register=register, time=Time(first="2018-01-01", last="2018-12-31"))
    assert then.demote_superseded(["old", "new"], [1.8, 2.0]) == pytest.approx([1.8, 1.78])


def test_numbers_are_compared_however_they_are_cited() -> None:
    assert number_key("Thông tư số 39/2018/TT-BTC") == number_key("TT 39/2018/tt-btc")
    assert number_key("Luật Cư trú") == "luat cu tru"
