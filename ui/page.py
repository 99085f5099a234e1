"""The page's HTML around the answers, in the language of who opens it."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from importlib.resources.abc import Traversable
from typing import Any

from rag.domain.documents import Language
from ui.templating import fill
from ui.texts import page_texts, words_in

__all__ = ["Page", "language_of"]

_ACCEPTED = re.compile(r"([a-zA-Z]+)[^,;]*+(?:;\s*+q=([\d.]+))?")


class Page:
    """Fills the page's template, and has the files that the page loads.

    Args:
        static: The directory of scripts, styles and fonts.
    """

    def __init__(self, static: Traversable) -> None:
        self._assets = _read(static, "")
        joined = b"".join(self._assets[name] for name in sorted(self._assets))
        self._version = hashlib.sha256(joined).hexdigest()[:12]

    def asset(self, name: str) -> bytes | None:
        """Return a file that the page loads, None if there is none of that name."""
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
        count, newest = facts["count"], facts["newest"]
        words = words_in(language)
        knows = (
            words("page.text.knows_one") if count == 1 else words("page.text.knows", count=count)
        )
        data = {
            "language": language,
            "texts": {each.value: page_texts(each) for each in Language},
            "examples": list(examples) if examples is not None else None,
        }
        return fill(
            "page.html",
            language=language,
            version=self._version,
            facts=f"{knows}, {words('page.text.newest', date=newest)}" if newest else knows,
            data=data,
            texts=page_texts(language),
        )


def _read(directory: Traversable, prefix: str) -> dict[str, bytes]:
    contents: dict[str, bytes] = {}
    for entry in directory.iterdir():
        if entry.is_dir():
            contents |= _read(entry, f"{prefix}{entry.name}/")
        else:
            contents[prefix + entry.name] = entry.read_bytes()
    return contents


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
        key=lambda preference: preference[0],
    )
    return next(
        (Language(name) for _, name in ranked if name in set(Language)), Language.VIETNAMESE
    )
