"""What the page says: the catalogue of `rag.messages`, in the language that is asked for."""

from collections.abc import Callable, Mapping
from functools import cache

from rag.domain.documents import Language
from rag.messages import catalogue, message

__all__ = ["Words", "page_texts", "words_in"]

_PAGE = "page.text."
_SHARED = frozenset({"answer.not_found"})


Words = Callable[..., str]
"""Gives a text of the catalogue in one language, by its key and with its values by name."""


@cache
def words_in(language: Language) -> Words:
    """Return what gives the texts of the catalogue in a language, by their keys."""

    def words(key: str, **values: object) -> str:
        return message(key, **values).in_language(language)

    return words


@cache
def page_texts(language: Language) -> Mapping[str, str]:
    """Return the texts of the page by the names that its scripts use, with names in braces."""
    return {
        key.removeprefix(_PAGE): text.in_language(language)
        for key, text in catalogue().items()
        if key.startswith(_PAGE) or key in _SHARED
    }
