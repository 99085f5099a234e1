"""Word lists as data: what the program knows of words, in files that anybody can read and edit.

A file beside this one is either text or, where words belong together in groups, TOML. In a text
file what follows a `#` is a comment, and the file's first comment says what its words are for and
how they are divided: one phrase a line, or words divided by spaces. The end of a name tells the
language: ".vi" Vietnamese, ".en" English. Words that are compared without diacritics are written
without them.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from importlib import resources
from typing import Any

__all__ = ["LEXICON", "Lexicon", "any_of"]


class Lexicon:
    """The word lists that stand beside a package's `__init__.py`.

    Args:
        package: The package's full name.
    """

    def __init__(self, package: str) -> None:
        self._package = package

    def words(self, *names: str) -> frozenset[str]:
        """Return the words of one or more lists, of which each is divided by white space.

        Raises:
            ValueError: If there is no such list, or it is empty or has a word twice.
        """
        return frozenset(
            word
            for name in names
            for word in _checked(
                name, [word for line in _lines(self._package, name) for word in line.split()]
            )
        )

    def phrases(self, *names: str) -> tuple[str, ...]:
        """Return the phrases of one or more lists in their order, of which each is a line.

        Raises:
            ValueError: If there is no such list, or it is empty or has a phrase twice.
        """
        return tuple(
            phrase for name in names for phrase in _checked(name, _lines(self._package, name))
        )

    def table(self, name: str) -> Mapping[str, Any]:
        """Return the words of a TOML file, by their groups.

        Raises:
            ValueError: If there is no such file, or it is no TOML.
        """
        return _table(self._package, name)


def any_of(phrases: Iterable[str], space: str = " ") -> str:
    """Return alternatives for a regular expression, without a group around them.

    The longest comes first, so that of two that begin alike the longer one is read.

    Args:
        phrases: At least one; nothing in them is taken for a sign of regular expressions.
        space: The expression for the spaces in them.
    """
    longest_first = sorted(phrases, key=lambda phrase: (-len(phrase), phrase))
    return "|".join(re.escape(phrase).replace(r"\ ", space) for phrase in longest_first)


def _checked(name: str, entries: list[str]) -> list[str]:
    repeated = sorted({entry for entry in entries if entries.count(entry) > 1})
    if not entries or repeated:
        fault = f"has {', '.join(map(repr, repeated))} twice" if repeated else "has no words"
        raise ValueError(f"the word list {name}.txt {fault}")
    return entries


@cache
def _lines(package: str, name: str) -> list[str]:
    lines = _text(package, f"{name}.txt").splitlines()
    entries = [" ".join(line.partition("#")[0].split()) for line in lines]
    return [entry for entry in entries if entry]


@cache
def _table(package: str, name: str) -> Mapping[str, Any]:
    text = _text(package, f"{name}.toml")
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"the word list {name}.toml cannot be read: {error}") from error


def _text(package: str, file: str) -> str:
    path = resources.files(package) / file
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"the word list {path} cannot be read: {error}") from error


LEXICON = Lexicon(__name__)
"""The words of Vietnamese and English."""
