import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.domain.documents import Language
from rag.language.identify import guess_language
from rag.language.vietnamese import fold, has_vietnamese_marks, nfc, syllable_key, tone_key, words


def test_fold_takes_all_marks_away() -> None:
    assert fold("Đường Tuyên bố Hạ Long ỨNG DỤNG") == "duong tuyen bo ha long ung dung"
    assert fold(unicodedata.normalize("NFD", "Điều ước")) == "dieu uoc"


@pytest.mark.parametrize(
    ("old", "new"), [("hoà", "hòa"), ("thuý", "thúy"), ("khoẻ", "khỏe"), ("uỷ", "ủy")]
)
def test_tone_key_is_the_same_for_both_placements(old: str, new: str) -> None:
    assert old != new
    assert tone_key(old) == tone_key(new)
    assert tone_key(old) != tone_key(fold(old))


def test_syllable_key_leaves_plain_words_alone() -> None:
    assert syllable_key("asem") == "asem"
    assert syllable_key("hòa") == "hoaf"


def test_words_keep_numbers_whole() -> None:
    assert words("Thông tư 39/2018/TT-BTC, cách mạng 4.0!") == [
        "thông", "tư", "39/2018", "tt", "btc", "cách", "mạng", "4.0",
    ]  # fmt: skip


def test_marks_are_seen_composed_or_not() -> None:
    assert has_vietnamese_marks("hải")
    assert has_vietnamese_marks(unicodedata.normalize("NFD", "hải"))
    assert not has_vietnamese_marks("hai quan, ASEM 13")


@given(st.text())
def test_nfc_and_fold_are_idempotent(text: str) -> None:
    assert nfc(nfc(text)) == nfc(text)
    assert not has_vietnamese_marks(fold(nfc(text))) or not fold(text).isascii()


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("ASEM 13 đã thông qua những gì?", Language.VIETNAMESE),
        ("asem 13 da thong qua nhung gi", Language.VIETNAMESE),
        ("tesla electric light & manufacturing da lam gi?", Language.VIETNAMESE),
        ("thoi tiet ha noi ngay mai", Language.VIETNAMESE),
        ("What did ASEM 13 adopt?", Language.ENGLISH),
        ("Who chaired the Hạ Long meeting?", Language.ENGLISH),
        ("customs treaty partners", Language.ENGLISH),
        ("Operation Demeter", Language.ENGLISH),
    ],
)
def test_language_is_guessed(text: str, language: Language) -> None:
    assert guess_language(text) is language
