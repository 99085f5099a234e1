"""The page's HTML around the answers, in the language of who opens it."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from importlib.resources.abc import Traversable
from typing import Any

from rag.domain.documents import Language
from ui.render import safe
from ui.texts import PAGE

__all__ = ["Page", "language_of"]

_WORDS = re.compile(r"\{\{([\w.-]+)\}\}")
_ACCEPTED = re.compile(r"([a-zA-Z]+)[^,;]*+(?:;\s*+q=([\d.]+))?")


class Page:
    """Fills the page's template.

    Args:
        static: The directory of the template, scripts, styles and fonts.
    """

    def __init__(self, static: Traversable) -> None:
        self._assets = _read(static, "")
        self._template = self._assets.pop("index.html").decode()
        joined = b"".join(self._assets[name] for name in sorted(self._assets))
        self._version = hashlib.sha256(joined).hexdigest()[:12]

    def asset(self, name: str) -> bytes | None:
        """Return a file beside the template, None if there is none of that name."""
        return self._assets.get(name)

    def render(
        self, language: Language, facts: Mapping[str, Any], examples: Sequence[str] | None
    ) -> str:
        """Return the page.

        Args:
            language: Of its words.
            facts: "count" and "newest" of the documents.
            examples: Questions to try; None if they are not known yet.
        """
        words = PAGE[language]
        known = words["knows.one" if facts["count"] == 1 else "knows"].format(count=facts["count"])
        if facts["newest"]:
            known += ", " + words["newest"].format(date=facts["newest"])
        data = {
            "language": language,
            "texts": {one.value: dict(PAGE[one]) for one in Language},
            "examples": list(examples) if examples is not None else None,
        }
        given = {
            "lang": language.value,
            "version": self._version,
            "known": known,
            "data": json.dumps(data, ensure_ascii=False).replace("<", "\\u003c"),
        }

        def word(match: re.Match[str]) -> str:
            name = match[1]
            return given[name] if name in ("data",) else safe(given.get(name) or words[name])

        return _WORDS.sub(word, self._template)


def _read(directory: Traversable, prefix: str) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for entry in directory.iterdir():
        if entry.is_dir():
            found |= _read(entry, f"{prefix}{entry.name}/")
        else:
            found[prefix + entry.name] = entry.read_bytes()
    return found


def language_of(chosen: str, accepted: str) -> Language:
    """Return the language chosen before, or the first of ours that the browser accepts.

    Args:
        chosen: What the cookie says, or "".
        accepted: The Accept-Language header.
    """
    if chosen in set(Language):
        return Language(chosen)
    ranked = sorted(
        ((-float(quality or 1), name.lower()) for name, quality in _ACCEPTED.findall(accepted)),
        key=lambda one: one[0],
    )
    return next(
        (Language(name) for _, name in ranked if name in set(Language)), Language.VIETNAMESE
    )
