"""Lists are quoted whole."""

from rag.domain.quote import Quote
from rag.ingest.structure.document import make_document
from rag.read.quoting import quote_lists_whole

TEXT = """Hồ sơ hải quan gồm:

- Tờ khai hải quan;
- Hóa đơn thương mại;
- Vận đơn.

Nộp tại chi cục. Thời hạn như sau:
1. Hàng nhập: 30 ngày.
2. Hàng xuất: 4 giờ.
"""
DOCUMENT = make_document("ho_so.txt", TEXT)


def _quotes(*starts: str) -> list[Quote]:
    found = []
    for begin in starts:
        sentence = next(
            one for one in DOCUMENT.sentences if TEXT[one.start : one.end].startswith(begin)
        )
        found.append(
            Quote(
                document=DOCUMENT,
                start=sentence.start,
                end=sentence.end,
                score=1.0,
                highlights=((sentence.start, sentence.end),),
            )
        )
    return found


def test_what_announces_a_list_is_quoted_with_it() -> None:
    [quote] = quote_lists_whole(_quotes("Hồ sơ"))

    assert quote.text == TEXT[: TEXT.index("Vận đơn.") + len("Vận đơn.")]
    assert quote.highlights == ((0, len("Hồ sơ hải quan gồm:")),)


def test_several_items_of_a_list_are_quoted_together() -> None:
    first, second = quote_lists_whole(_quotes("- Vận", "Nộp", "- Tờ"))

    assert first.text.startswith("Hồ sơ hải quan gồm:")
    assert first.text.endswith("- Vận đơn.")
    assert second.text == "Nộp tại chi cục."


def test_one_item_stands_for_itself() -> None:
    [quote, other] = quote_lists_whole(_quotes("1. Hàng nhập", "Nộp"))

    assert quote.text == "1. Hàng nhập: 30 ngày."
    assert other.text == "Nộp tại chi cục."


def test_a_numbered_list_ends_where_it_ends() -> None:
    [quote] = quote_lists_whole(_quotes("Thời hạn"))

    assert quote.text == "Thời hạn như sau:\n1. Hàng nhập: 30 ngày.\n2. Hàng xuất: 4 giờ."
