"""Print how much of mistyped Vietnamese is read as it was meant.

    python -m benchmarks.mistyped xquad_even.vi.json

Each question of the set is mistyped in several ways, and read by a restorer that knows the set's
passages. The figure is the share of syllables that are those of the question; the baseline is
what was typed.
"""

import argparse
import random
import re
import tempfile
import unicodedata
from collections.abc import Callable
from pathlib import Path

from rag.evaluation import read_squad
from rag.language.diacritics import DiacriticRestorer
from rag.language.syllables import SyllableModel, count_syllables
from rag.language.vietnamese import fold, syllable_key, tone_key, words

_SEED = 20261122
_WORD = re.compile(r"[^\W_]+")
_TELEX = {"â": "aa", "ê": "ee", "ô": "oo", "ă": "aw", "ơ": "ow", "ư": "uw", "đ": "dd"}
_VNI = {"â": "a6", "ê": "e6", "ô": "o6", "ă": "a8", "ơ": "o7", "ư": "u7", "đ": "d9"}
_VNI_TONES = {"s": "1", "f": "2", "r": "3", "x": "4", "j": "5"}
_TONES = "\u0300\u0301\u0303\u0309\u0323"
_HOOK, _TILDE = "\u0309", "\u0303"

_Mistype = Callable[[str, random.Random], str]


def _mistype_each_word(change: Callable[[str], str]) -> _Mistype:
    return lambda text, _: _WORD.sub(lambda match: change(match[0]), text)


def _keystrokes(letters: dict[str, str], tones: dict[str, str]) -> Callable[[str], str]:
    """Return what a syllable looks like when its keystrokes stay as they were."""

    def change(word: str) -> str:
        if word.isascii():
            return word
        key = tone_key(word)
        toned = any(mark in unicodedata.normalize("NFD", word) for mark in _TONES)
        body, tone = (key[:-1], key[-1]) if toned else (key, "")
        return "".join(letters.get(letter, letter) for letter in body) + tones.get(tone, tone)

    return change


def _fold_some_words(share: float) -> _Mistype:
    def change(text: str, rng: random.Random) -> str:
        return _WORD.sub(lambda match: fold(match[0]) if rng.random() < share else match[0], text)

    return change


def _confuse_hook_and_tilde(word: str) -> str:
    swapped = {_HOOK: _TILDE, _TILDE: _HOOK}
    decomposed = unicodedata.normalize("NFD", word)
    return unicodedata.normalize(
        "NFC", "".join(swapped.get(character, character) for character in decomposed)
    )


def _change_one_tone(text: str, rng: random.Random) -> str:
    characters = list(unicodedata.normalize("NFD", text))
    tone_positions = [i for i, character in enumerate(characters) if character in _TONES]
    if tone_positions:
        position = rng.choice(tone_positions)
        characters[position] = rng.choice([tone for tone in _TONES if tone != characters[position]])
    return unicodedata.normalize("NFC", "".join(characters))


def _slip_once(text: str, rng: random.Random) -> str:
    long_words = [
        match for match in _WORD.finditer(text) if len(match[0]) >= 4 and match[0].islower()
    ]
    if not long_words:
        return text
    match = rng.choice(long_words)
    word, i = match[0], rng.randrange(1, len(match[0]) - 1)
    slipped = rng.choice(
        [
            word[:i] + word[i + 1 :],
            word[:i] + word[i + 1] + word[i] + word[i + 2 :],
            word[:i] + rng.choice("aeiouhnt") + word[i:],
        ]
    )
    return text[: match.start()] + slipped + text[match.end() :]


_MISTYPINGS: dict[str, _Mistype] = {
    "as it should be": lambda text, _: text,
    "without diacritics": lambda text, _: fold(text),
    "a third of the words without": _fold_some_words(1 / 3),
    "two thirds without": _fold_some_words(2 / 3),
    "Telex keystrokes": _mistype_each_word(_keystrokes(_TELEX, {})),
    "VNI keystrokes": _mistype_each_word(_keystrokes(_VNI, _VNI_TONES)),
    "hook and tilde confused": _mistype_each_word(_confuse_hook_and_tilde),
    "one tone wrong": _change_one_tone,
    "one slip": _slip_once,
    "without diacritics, one slip": lambda text, rng: _slip_once(fold(text), rng),
}


def _syllable_keys(text: str) -> list[str]:
    return [syllable_key(word) for word in words(text)]


def _share_right(pairs: list[tuple[list[str], list[str]]]) -> float:
    """Return the share of syllables that are right; a text of another length has none."""
    right = sum(
        sum(meant_key == read_key for meant_key, read_key in zip(meant, read, strict=True))
        for meant, read in pairs
        if len(meant) == len(read)
    )
    return right / sum(len(meant) for meant, _ in pairs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("squad", type=Path)
    arguments = parser.parse_args()
    squad_set = read_squad(arguments.squad)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "syllables.sqlite")
        count_syllables(squad_set.passages).write(path)
        restorer = DiacriticRestorer(SyllableModel(path))
        print("| typed | as typed | as read |\n|---|---|---|")
        for name, mistype in _MISTYPINGS.items():
            rng = random.Random(_SEED)
            pairs = [
                (question.text, mistype(question.text, rng)) for question in squad_set.questions
            ]
            typed = _share_right(
                [(_syllable_keys(meant), _syllable_keys(text)) for meant, text in pairs]
            )
            read = _share_right(
                [
                    (_syllable_keys(meant), _syllable_keys(restorer.restore(text)))
                    for meant, text in pairs
                ]
            )
            print(f"| {name} | {typed:.3f} | {read:.3f} |")


if __name__ == "__main__":
    main()
