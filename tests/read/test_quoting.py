"""Lists are quoted whole."""

import pytest

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
    quotes = []
    for begin in starts:
        sentence = next(
            sentence
            for sentence in DOCUMENT.sentences
            if TEXT[sentence.start : sentence.end].startswith(begin)
        )
        quotes.append(
            Quote(
                document=DOCUMENT,
                start=sentence.start,
                end=sentence.end,
                score=1.0,
                highlights=((sentence.start, sentence.end),),
            )
        )
    return quotes


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


@pytest.mark.parametrize(
    "text",
    [
        "Hồ sơ gồm: tờ khai.\n\nNộp tại chi cục.\n",  # what follows is no item
        "Nộp tại chi cục.\n\n- Một tờ khai;\n- Hai hóa đơn.\n",  # nothing announces it
        f"Hồ sơ gồm:\n\n- Tờ khai;\n- {'rất ' * 400}dài.\n",  # too long to be quoted whole
    ],
)
def test_what_is_no_list_is_quoted_as_it_is(text: str) -> None:
    document = make_document("b.txt", text)
    quotes = [
        Quote(document=document, start=sentence.start, end=sentence.end, score=1.0)
        for sentence in document.sentences
    ]
    assert quote_lists_whole(quotes) == tuple(quotes)


def test_items_far_apart_in_the_order_do_not_ask_for_their_list() -> None:
    first, second, third, item = _quotes("- Tờ khai", "Nộp", "2. Hàng", "- Vận đơn")
    assert quote_lists_whole([first, second, third, item]) == (first, second, third, item)
    assert len(quote_lists_whole([first, second, item])) == 2


def test_each_list_is_quoted_once() -> None:
    announced, again = quote_lists_whole(_quotes("Hồ sơ", "- Hóa đơn", "Nộp"))
    assert announced.text.endswith("- Vận đơn.")
    assert again.text.startswith("Nộp")
