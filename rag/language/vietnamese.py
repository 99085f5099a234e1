"""Vietnamese text: one form for what can be written in several, and words as keys.

The same syllable is met composed (NFC) or decomposed (NFD), with its tone mark in the old
place (hoà, thuý) or the new (hòa, thúy), and typed without any marks (hoa, thuy). Stored
text is NFC and otherwise left alone; comparisons go through the keys made here.
"""

import re
import unicodedata

__all__ = [
    "fold",
    "folded_words",
    "has_vietnamese_marks",
    "nfc",
    "syllable_key",
    "tone_key",
    "words",
]

# The tone marks, as combining characters. The circumflex, breve and horn make other letters.
_TONES = {"\u0300": "f", "\u0301": "s", "\u0309": "r", "\u0303": "x", "\u0323": "j"}
_WORD = re.compile(r"[^\W_]+(?:[./-](?=\d)\d+)*")
# Characters that no other language written beside Vietnamese here would use.
_MARKED = re.compile(
    "[ăâđêôơưĂÂĐÊÔƠƯ\u1ea0-\u1ef9]|[àáãèéìíòóõùúýÀÁÃÈÉÌÍÒÓÕÙÚÝĩĨũŨ]", re.IGNORECASE
)


def nfc(text: str) -> str:
    """Return the text composed: the form in which all text is stored."""
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """Return the text in lower case without any diacritics, đ as d: how it is typed in haste."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return bare.replace("đ", "d")


def tone_key(syllable: str) -> str:
    """Return a key that is the same wherever the tone mark stands: hoà and hòa give "hoaf".

    The letter that stands for the tone is the one that Telex uses.
    """
    tone = ""
    letters = []
    for character in unicodedata.normalize("NFD", syllable.lower()):
        if character in _TONES:
            tone = _TONES[character]
        else:
            letters.append(character)
    return unicodedata.normalize("NFC", "".join(letters)) + tone


def syllable_key(word: str) -> str:
    """Return `tone_key` of a word with letters, and the word itself in lower case otherwise."""
    return word if word.isascii() else tone_key(word)


def words(text: str) -> list[str]:
    """Return the words of a text in lower case; numbers such as 39/2018 or 4.0 stay whole."""
    return _WORD.findall(nfc(text).lower())


def folded_words(text: str) -> str:
    """Return the words of a text, folded, with a space before and after each.

    Two texts that differ in their setting only give the same, and one that has the other's words
    in a row has what the other gives.
    """
    return f" {' '.join(fold(word) for word in words(text))} "


def has_vietnamese_marks(text: str) -> bool:
    """Tell whether any letter carries a mark that Vietnamese writes."""
    return _MARKED.search(nfc(text)) is not None
