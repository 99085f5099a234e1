"""Find the sentences of a paragraph, in Vietnamese and English, by position."""

import re
from collections.abc import Iterator

__all__ = ["find_sentences"]

# A full stop after one of these ends no sentence.
_ABBREVIATIONS = frozenset(
    """
    al approx apr art arts aug bs bà cf co col corp dec dept dr e.g est feb fig gen gov gs hon
    i.e inc jan jr jul jun ks lt ltd mar mr mrs ms no nos nov nxb oct p.o para paras pgs prof q
    rep rev sec sen sep sept sgt sr st ths tp tr ts tt tx u.k u.n u.s vd vs ông
    """.split()
)
_END = re.compile(r"(?:…|(?<![.!?])[.!?]++)(?:/\.)?[\"'”’»)\]*_]*+(?=\s|$)")
_LAST_WORD = re.compile(r"(?<![^\s(\[\"“'‘])[^\s(\[\"“'‘]*+$")
_OPENING = "\"'“‘«([*_-–—•"
_NEAR = 200  # characters around a full stop that tell whether it ends a sentence
_ORDINAL = re.compile(r"(?:\(?(?:\d{1,3}(?:\.\d{1,3})*|[a-zđ]|[ivxlc]{1,5}))$", re.I)


def find_sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the sentences of `text[start:end]` as (start, end), without white space around them.

    A full stop ends a sentence when white space and something that can begin a sentence follow,
    and it belongs to no abbreviation, initial or list number.
    """
    begin = start
    for match in _END.finditer(text, start, end):
        if match.end() >= end or _ends_sentence(text, begin, match, end):
            yield from _trimmed(text, begin, match.end())
            begin = match.end()
    yield from _trimmed(text, begin, end)


def _ends_sentence(text: str, begin: int, match: re.Match[str], end: int) -> bool:
    after = min(end, match.end() + _NEAR)
    following = text[match.end() : after].lstrip().lstrip(_OPENING).lstrip()
    if not following:
        return True
    if following[0].islower():
        return False
    if match.group() != ".":
        return True
    near = max(begin, match.start() - _NEAR)
    found = _LAST_WORD.search(text[near : match.start()])
    word = found.group() if found else ""
    if word.lower() in _ABBREVIATIONS or (len(word) == 1 and word.isupper()):
        return False
    alone = near == begin and not text[begin : match.start() - len(word)].strip()
    return not (alone and _ORDINAL.match(word))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    if piece.strip():
        yield start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())
