"""What a sentence says was done."""

import pytest

from rag.domain.documents import Language
from rag.read.cues.verb_marks import asserted_phrases


@pytest.mark.parametrize(
    ("text", "language", "phrase"),
    [
        ("Hội nghị đã thông qua 4 ưu tiên.", "vi", "thong qua"),
        ("chương trình được chính thức thông qua tại Hội nghị", "vi", "thong qua"),
        ("Luật này bị bãi bỏ.", "vi", "bai bo"),
        ("Luật này sẽ có hiệu lực.", "vi", "co hieu luc"),
        ("The plan was formally adopted in Hạ Long.", "en", "adopted"),
        ("They have adopted a plan.", "en", "adopted"),
        ("Did they adopt it?", "en", "adopt"),
    ],
)
def test_a_word_after_a_mark_of_tense_or_passive_is_told(
    text: str, language: str, phrase: str
) -> None:
    assert tuple(phrase.split()) in asserted_phrases(text, Language(language))


@pytest.mark.parametrize(
    ("text", "language", "phrase"),
    [
        ("kết nối ASEM thông qua cơ chế chia sẻ thông tin", "vi", "thong qua"),
        ("Đất nước Đà Nẵng", "vi", "nang"),
        ("đã chính thức bỏ", "vi", "bo"),  # further on only longer phrases are taken
        ("đã họp tại một thành phố và thông qua", "vi", "thong qua"),
        ("They adopted a plan.", "en", "adopted"),
        ("was in the end and at last adopted", "en", "adopted"),
        ("đã thông qua", "en", "thong qua"),  # each language has its own marks
        ("", "vi", "thong qua"),
    ],
)
def test_other_words_are_not(text: str, language: str, phrase: str) -> None:
    assert tuple(phrase.split()) not in asserted_phrases(text, Language(language))


def test_phrases_have_at_most_three_words() -> None:
    assert asserted_phrases("đã ký", Language.VIETNAMESE) >= {("ky",)}
    assert max(map(len, asserted_phrases("đã " + "một " * 9, Language.VIETNAMESE))) == 3
