"""Errors and the words of answers and of the page: the catalogue in the TOML files beside this one.

Each message has a key and stands in both languages:

    [index.busy]
    en = "another process is building the index in {index}; wait until it has finished"
    vi = "Một tiến trình khác đang lập chỉ mục ở {index}; hãy đợi đến khi xong."

The names in braces are given by the caller, the same in both languages. `{count:n}` is a number as
each language writes it, 5,000 and 5.000, and `{size:n1}` one with a decimal: 1.5 and 1,5. A test
keeps that the code and the catalogue agree.
"""

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

__all__ = ["Message", "catalogue", "message"]

_LANGUAGES = ("en", "vi")
_VIETNAMESE_SIGNS = str.maketrans(",.", ".,")


@dataclass(frozen=True, slots=True)
class Message:
    """Something said, in both languages."""

    english: str
    vietnamese: str

    def in_language(self, language: str) -> str:
        """Return what is said in one language, "en" or "vi"."""
        return self.vietnamese if language == "vi" else self.english


class _Formatter(string.Formatter):
    """Formats numbers as a language writes them where the format is "n".

    Args:
        language: "en" or "vi".
    """

    def __init__(self, language: str) -> None:
        self._language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        """Return a value in the form that is asked for; what is said in both languages, in one."""
        inner = getattr(value, "message", value)  # of an error
        if isinstance(inner, Message):
            return inner.in_language(self._language)
        if not format_spec.startswith("n"):
            return str(super().format_field(value, format_spec))
        written = f"{value:,.{format_spec[1:] or 0}f}"
        return written.translate(_VIETNAMESE_SIGNS) if self._language == "vi" else written


_FORMATTERS = {language: _Formatter(language) for language in _LANGUAGES}


@cache
def catalogue() -> Mapping[str, Message]:
    """Return all messages by their keys, "index.busy" and so on.

    Raises:
        ValueError: If a message does not stand in just both languages, or stands twice.
    """
    messages: dict[str, Message] = {}
    for file in sorted(resources.files(__package__).iterdir(), key=lambda path: path.name):
        if file.name.endswith(".toml"):
            _add(messages, tomllib.loads(file.read_text(encoding="utf-8")), "")
    return messages


def _add(messages: dict[str, Message], table: Mapping[str, Any], prefix: str) -> None:
    if any(language in table for language in _LANGUAGES):
        key = prefix.removesuffix(".")
        if set(table) != set(_LANGUAGES) or key in messages:
            raise ValueError(f"the message {key!r} must stand once, as en and vi")
        messages[key] = Message(table["en"], table["vi"])
        return
    for name, inner in table.items():
        _add(messages, inner, f"{prefix}{name}.")


def message(key: str, /, **values: object) -> Message:
    """Return a message of the catalogue with its values.

    Raises:
        KeyError: If there is no such message, or a value is missing.
    """
    template = catalogue()[key]
    return Message(
        _FORMATTERS["en"].format(template.english, **values),
        _FORMATTERS["vi"].format(template.vietnamese, **values),
    )
