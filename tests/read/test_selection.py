"""Which of the quotes found are shown."""

import pytest

from rag.domain.quote import Quote
from rag.ingest.structure.document import make_document
from rag.read.selection import each_once, that_may_answer

DOCUMENTS = {name: make_document(name, "Một câu. Hai câu. Ba câu. Bốn câu.") for name in "abc"}


def quote(name: str, score: float, start: int = 0) -> Quote:
    return Quote(document=DOCUMENTS[name], start=start, end=start + 8, score=score)


@pytest.mark.parametrize(
    ("found", "differ", "shown"),
    [
        ([("a", 1.0), ("a", 0.95), ("a", 0.9), ("a", 0.85)], 0, [0, 1, 2]),
        ([("a", 1.0), ("a", 0.95), ("a", 0.9), ("b", 0.85)], 0, [0, 1, 3]),
        ([("a", 1.0), ("a", 0.95), ("a", 0.9), ("b", 0.7)], 0, [0, 1, 2]),
        ([("a", 1.0), ("b", 0.7)], 0, [0]),
        ([("a", 0.9), ("b", 1.0)], 2, [0, 1]),
        ([("a", 0.5), ("b", 1.0)], 2, [0, 1]),
        ([("a", 1.0), ("a", 0.99), ("a", 0.98), ("b", 0.97), ("c", 0.96)], 0, [0, 1, 3]),
    ],
)
def test_what_says_much_does_not_hide_what_others_say(
    found: list[tuple[str, float]], differ: int, shown: list[int]
) -> None:
    quotes = [quote(name, score, i) for i, (name, score) in enumerate(found)]
    assert that_may_answer(quotes, differ) == tuple(quotes[i] for i in shown)


def test_what_is_said_in_the_same_words_is_shown_once() -> None:
    first, second, other = quote("a", 1.0), quote("b", 0.9), quote("a", 0.8, start=9)
    assert each_once([first, second, other]) == (first, other)
