"""Numbers: Roman, as letters and as words, and what they number."""

import pytest

from rag.language.numerals import (
    arabic,
    letters,
    numbered_things,
    numbers_in,
    ordinal,
    repeated_letters,
    roman,
    roman_value,
    spelled,
)


@pytest.mark.parametrize(
    ("written", "value"),
    [("i", 1), ("IV", 4), ("ix", 9), ("XIV", 14), ("xl", 40), ("mcmxc", 1990)],
)
def test_roman_numbers(written: str, value: int) -> None:
    assert roman_value(written) == value
    assert roman(value) == written.lower()


@pytest.mark.parametrize("written", ["", "a", "x1", "iva", "đ"])
def test_what_is_no_roman_number(written: str) -> None:
    assert roman_value(written) is None


@pytest.mark.parametrize(("number", "digits"), [("iv", "4"), ("xii", "12"), ("c", "100")])
def test_the_number_of_a_division_in_digits(number: str, digits: str) -> None:
    assert arabic(number) == digits


@pytest.mark.parametrize("number", ["", "12", "12a", "d", "m", "a", "đ", "IV"])
def test_other_numbers_of_divisions_stay(number: str) -> None:
    assert arabic(number) == number


@pytest.mark.parametrize("number", [0, -3, 10_001])
def test_what_has_no_roman_number_is_written_in_digits(number: int) -> None:
    assert roman(number) == str(number)


@pytest.mark.parametrize(
    ("number", "as_browsers", "as_word"),
    [(1, "a", "a"), (26, "z", "z"), (27, "aa", "aa"), (28, "ab", "bb"), (0, "0", "0")],
)
def test_letters_of_lists(number: int, as_browsers: str, as_word: str) -> None:
    assert letters(number) == as_browsers
    assert repeated_letters(number) == as_word


def test_letters_are_repeated_only_so_often() -> None:
    assert repeated_letters(26 * 1_000) == "z" * 30


@pytest.mark.parametrize(
    ("folded", "number"),
    [("nhat", 1), ("tu", 4), ("muoi", 10), ("mot", None), ("nhất", None), ("", None)],
)
def test_ordinals(folded: str, number: int | None) -> None:
    assert ordinal(folded) == number


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "không"),
        (5, "năm"),
        (10, "mười"),
        (11, "mười một"),
        (15, "mười lăm"),
        (20, "hai mươi"),
        (21, "hai mươi mốt"),
        (55, "năm mươi lăm"),
        (99, "chín mươi chín"),
        (100, "100"),
        (-1, "-1"),
    ],
)
def test_numbers_in_words(number: int, words: str) -> None:
    assert spelled(number) == words


@pytest.mark.parametrize(
    ("text", "things"),
    [
        ("ASEM 13 họp ở đâu?", (("asem", "13"),)),
        ("Điều 12 khoản 3", (("dieu", "12"), ("khoan", "3"))),
        ("năm 2024", (("nam", "2024"),)),
        ("ASEM13", ()),
        ("13 đoàn", ()),
        ("số 12a", ()),
        ("ASEM: 13", ()),
    ],
)
def test_numbered_things(text: str, things: tuple[tuple[str, str], ...]) -> None:
    assert numbered_things(text) == things


def test_numbers_are_taken_digit_for_digit() -> None:
    assert numbers_in("Điều 12, 39/2018 và 1.000") == {"12", "39", "2018", "1", "000"}
    assert numbers_in("không có số") == frozenset()
