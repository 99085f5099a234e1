"""Learn what abbreviations stand for from where a text explains them.

"Tổng cục Hải quan (TCHQ)", "Tổ chức Hải quan thế giới (WCO)", "WCO (World Customs Organization)".
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from rag.language.lexicon import LEXICON, any_of
from rag.language.vietnamese import fold

__all__ = ["find_abbreviations"]

_SHORT = r"[A-ZĐ][A-ZĐ0-9&/.-]{1,9}"
_ABBREVIATION_IN_BRACKETS = re.compile(
    rf"\(\s*+(?:sau đây )?(?:gọi tắt là|viết tắt là|gọi là)?\s*+[\"“]?({_SHORT})[\"”]?\s*+\)"
)
_LONG_FORM_IN_BRACKETS = re.compile(rf"\b({_SHORT})\s*+\(([^()]{{6,120}}+)\)")
_WORD = re.compile(r"[^\W_]+")
_CLAUSE_BREAK = re.compile(r"[.;:,()\n\"“”]|\s[-–]\s")
_MOST_WORDS = 14  # of what an abbreviation stands for
_SMALL_WORDS = LEXICON.words("small_words")
_NAME_OF_A_BODY = re.compile(rf"\b(?:{any_of(LEXICON.phrases('names_of_bodies.vi'))})\b")


def find_abbreviations(texts: Iterable[str]) -> dict[str, str]:
    """Return what each abbreviation stands for: what the texts say most often."""
    long_forms: dict[str, Counter[str]] = {}
    for text in texts:
        for match in _ABBREVIATION_IN_BRACKETS.finditer(text):
            long = _long_form(text[max(0, match.start() - 160) : match.start()], match[1])
            if long:
                long_forms.setdefault(match[1], Counter())[long] += 1
        for match in _LONG_FORM_IN_BRACKETS.finditer(text):
            words = _WORD.findall(match[2])
            if words and _initials_match(words, match[1]):
                long_forms.setdefault(match[1], Counter())[_tidy(match[2])] += 1
    return {short: long.most_common(1)[0][0] for short, long in sorted(long_forms.items())}


def _long_form(before: str, short: str) -> str | None:
    """Return the end of a text that a following abbreviation stands for, if that can be told.

    Its initials are the abbreviation's letters, small English words not counted; or, for a
    foreign abbreviation, it begins with a word that names of bodies and agreements begin with.
    """
    clause = before[max((cut.end() for cut in _CLAUSE_BREAK.finditer(before)), default=0) :]
    words = list(_WORD.finditer(clause))[-_MOST_WORDS:]
    for first in range(len(words) - 1, -1, -1):
        if _initials_match([word[0] for word in words[first:]], short):
            return _tidy(clause[words[first].start() :])
    heads = list(_NAME_OF_A_BODY.finditer(before[max(0, before.rfind(";"), before.rfind(".")) :]))
    if not short.isupper() or not heads:
        return None
    name = _tidy(before[max(0, before.rfind(";"), before.rfind(".")) :][heads[-1].start() :])
    return name if 3 <= len(name.split()) <= _MOST_WORDS else None


def _initials_match(words: list[str], short: str) -> bool:
    """Tell whether words have the letters of an abbreviation as initials."""
    letters = fold("".join(re.findall(r"[^\W\d_]", short)))
    telling = [word for word in words if word not in _SMALL_WORDS]
    return (
        len(letters) >= 2
        and words[0] not in _SMALL_WORDS
        and any("".join(fold(word)[0] for word in chosen) == letters for chosen in (words, telling))
    )


def _tidy(text: str) -> str:
    return " ".join(text.split())


def as_glossary_lines(abbreviations: Mapping[str, str]) -> list[str]:
    """Return abbreviations in the form of glossary.tsv."""
    return [f"{short} = {long}" for short, long in abbreviations.items()]
