"""What a sentence says was done."""

import pytest

from rag.domain.documents import Language
from rag.read.cues.verb_marks import asserted_phrases


@pytest.mark.parametrize(
    ("text", "language", "phrase", "told"),
    [
        ("Hội nghị đã thông qua 4 ưu tiên.", "vi", "thong qua", True),
        ("chương trình được chính thức thông qua tại Hội nghị", "vi", "thong qua", True),
        ("kết nối ASEM thông qua cơ chế chia sẻ thông tin", "vi", "thong qua", False),
        ("Luật này bị bãi bỏ.", "vi", "bai bo", True),
        ("Đất nước Đà Nẵng", "vi", "nang", False),
        ("The plan was formally adopted in Hạ Long.", "en", "adopted", True),
        ("They adopted a plan.", "en", "adopted", False),
        ("", "vi", "thong qua", False),
    ],
)
def test_a_word_after_a_mark_of_tense_or_passive_is_told(
    text: str, language: str, phrase: str, told: bool
) -> None:
    assert (tuple(phrase.split()) in asserted_phrases(text, Language(language))) is told
