"""Vietnamese as it comes out when the typing program was off: Telex and VNI keystrokes.

Telex writes the marks as letters ("hair quan", "ddieeuf"), VNI as digits ("hai3 quan",
"d9ie62u"). Both let a mark be typed right after its letter or at the end of the syllable.
"""

import re

from rag.language.vietnamese import fold, nfc

__all__ = ["telex_key", "vni_key"]

_VOWELS = "aeiouy"
_TELEX = re.compile(r"[a-z]{2,10}")
_VNI = re.compile(r"[a-z]+(?:\d[a-z]*)+")
_APART = re.compile(r"([aeo])([bcdghklmnpqtv]++)\1$")  # a vowel twice, with consonants between
_VNI_MARKS = {
    "6": (("a", "â"), ("e", "ê"), ("o", "ô")),
    "7": (("o", "ơ"), ("u", "ư")),
    "8": (("a", "ă"),),
    "9": (("d", "đ"),),
}
_VNI_TONES = {"1": "s", "2": "f", "3": "r", "4": "x", "5": "j"}


def telex_key(word: str) -> str | None:
    """Return `vietnamese.tone_key` of the syllable that Telex keystrokes stand for.

    None if the word has no such keystrokes; whether there is such a syllable is not checked.
    """
    word = word.lower()
    if not _TELEX.fullmatch(word):
        return None
    letters, tone = _telex_tone(word)
    marked = _telex_letters(letters)
    if not tone and marked == letters:
        return None
    return nfc(marked) + tone


def _telex_tone(word: str) -> tuple[str, str]:
    """Take the tone letter out of a word: the last one that follows a vowel."""
    for i in range(len(word) - 1, 0, -1):
        if word[i] in "sfrxj" and any(letter in _VOWELS + "w" for letter in word[:i]):
            return word[:i] + word[i + 1 :], word[i]
    return word, ""


def _telex_letters(letters: str) -> str:
    if letters.startswith("dd"):
        letters = "đ" + letters[2:]
    elif letters.startswith("d") and letters.endswith("d") and len(letters) > 2:
        letters = "đ" + letters[1:-1]
    for vowel, marked in (("a", "â"), ("e", "ê"), ("o", "ô")):
        doubled = letters.replace(vowel * 2, marked, 1)
        apart = _APART.search(letters) if doubled == letters else None
        if apart and apart[1] == vowel:
            doubled = letters[: apart.start()] + marked + apart[2]
        letters = doubled
    while "w" in letters:
        letters = _horned(letters, letters.index("w"))
    return letters


def _horned(letters: str, position: int) -> str:
    """Mark the letter that the w at a position marks; a w of its own stands for ư."""
    bare = letters[:position] + letters[position + 1 :]
    for plain, horned in (("uo", "ươ"), ("a", "ă"), ("o", "ơ"), ("u", "ư")):
        place = bare.rfind(plain, 0, position)
        if place >= 0:
            return bare[:place] + horned + bare[place + len(plain) :]
    return letters[:position] + "ư" + letters[position + 1 :]


def vni_key(word: str) -> str | None:
    """Return `vietnamese.tone_key` of the syllable that VNI keystrokes stand for, or None."""
    word = word.lower()
    if len(fold(word)) < 3 or not _VNI.fullmatch(word):
        return None
    letters, tone = "", ""
    for character in word:
        if not character.isdigit():
            letters += character
        elif character in _VNI_TONES and not tone:
            tone = _VNI_TONES[character]
        else:
            marked = _vni_mark(letters, character)
            if marked is None:
                return None
            letters = marked
    return nfc(letters) + tone


def _vni_mark(letters: str, digit: str) -> str | None:
    """Mark the last letter that a digit can mark."""
    if digit == "7" and (place := letters.rfind("uo")) >= 0:
        return f"{letters[:place]}ươ{letters[place + 2 :]}"
    places = [(letters.rfind(plain), marked) for plain, marked in _VNI_MARKS.get(digit, ())]
    place, marked = max(places, default=(-1, ""))
    return None if place < 0 else letters[:place] + marked + letters[place + 1 :]
