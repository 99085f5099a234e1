"""Numbers as they are written: Roman, as letters of a list, as words; and what they number."""

import re

from rag.language.lexicon import LEXICON
from rag.language.vietnamese import fold

__all__ = [
    "ORDINALS",
    "arabic",
    "letters",
    "numbered_things",
    "numbers_in",
    "ordinal",
    "repeated_letters",
    "roman",
    "roman_value",
    "spelled",
]

_VALUES = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip
_VALUE_OF = {letter: value for value, letter in _VALUES if len(letter) == 1}
_ROMAN_IN_LAWS = frozenset("ivxlc")  # of divisions, of which none has 500; "d" is a point's letter
_LARGEST_ROMAN = 10_000
_UNITS = LEXICON.phrases("units.vi")
_MOST_TIMES_REPEATED = 30

ORDINALS = tuple(map(fold, LEXICON.phrases("ordinals.vi")))
"""The Vietnamese ordinals, without marks, from the first."""

_NUMBERED = re.compile(r"\b([^\W\d_]++)\s++(\d++)\b")
_NUMBER = re.compile(r"\d+")


def roman_value(written: str) -> int | None:
    """Return the value of a Roman number in any case; None if it has other letters."""
    values = [_VALUE_OF.get(letter) for letter in written.lower()]
    if not values or None in values:
        return None
    digits = [value for value in values if value is not None]
    following = [*digits[1:], 0]
    return sum(
        -value if value < after else value for value, after in zip(digits, following, strict=True)
    )


def arabic(number: str) -> str:
    """Return the Roman number of a division as digits, "iv" as "4", and any other as it is.

    Args:
        number: In lower case; of "d", "m" and so on nothing is made, since points are so called.
    """
    if not number or not set(number) <= _ROMAN_IN_LAWS:
        return number
    return str(roman_value(number))


def roman(number: int) -> str:
    """Return i, ii, iii, …; digits for what is too large or not above 0."""
    if not 0 < number <= _LARGEST_ROMAN:
        return str(number)
    written = ""
    for value, letter in _VALUES:
        written += letter * (number // value)
        number %= value
    return written


def letters(number: int) -> str:
    """Return a, b, …, z, aa, ab, … as browsers count; digits for what is not above 0."""
    if number <= 0:
        return str(number)
    written = ""
    while number:
        number, rest = divmod(number - 1, 26)
        written = chr(ord("a") + rest) + written
    return written


def repeated_letters(number: int) -> str:
    """Return a, b, …, z, aa, bb, … as Word counts; digits for what is not above 0."""
    if number <= 0:
        return str(number)
    times, letter = divmod(number - 1, 26)
    return chr(ord("a") + letter) * min(times + 1, _MOST_TIMES_REPEATED)


def ordinal(folded: str) -> int | None:
    """Return which one a Vietnamese ordinal without marks is ("nhat" 1, "tu" 4); None if none."""
    return ORDINALS.index(folded) + 1 if folded in ORDINALS else None


def spelled(number: int) -> str:
    """Return a number up to 99 in Vietnamese words, digits for others."""
    tens, unit = divmod(number, 10)
    if tens > 9 or number < 0:
        return str(number)
    if tens == 0:
        return _UNITS[unit]
    words = ["mười"] if tens == 1 else [_UNITS[tens], "mươi"]
    if unit:
        last = {1: "mốt" if tens > 1 else "một", 5: "lăm"}.get(unit, _UNITS[unit])
        words.append(last)
    return " ".join(words)


def numbers_in(text: str) -> frozenset[str]:
    """Return all numbers of a text, digit for digit."""
    return frozenset(_NUMBER.findall(text))


def numbered_things(text: str) -> tuple[tuple[str, str], ...]:
    """Return the numbered things of a text, folded, each as its word and number: "asem", "13"."""
    return tuple((match[1], match[2]) for match in _NUMBERED.finditer(fold(text)))
