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
_SENTENCE_END = re.compile(r"(?:…|(?<![.!?])[.!?]++)(?:/\.)?[\"'”’»)\]*_]*+(?=\s|$)")
_LAST_WORD = re.compile(r"(?<![^\s(\[\"“'‘])[^\s(\[\"“'‘]*+$")
_OPENING_MARKS = "\"'“‘«([*_-–—•"
_CONTEXT_CHARACTERS = 200  # around a full stop that tell whether it ends a sentence
_LIST_NUMBER = re.compile(r"(?:\(?(?:\d{1,3}(?:\.\d{1,3})*|[a-zđ]|[ivxlc]{1,5}))$", re.I)


def find_sentences(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the sentences of `text[start:end]` as (start, end), without white space around them.

    A full stop ends a sentence when white space and something that can begin a sentence follow,
    and it belongs to no abbreviation, initial or list number.
    """
    sentence_start = start
    for match in _SENTENCE_END.finditer(text, start, end):
        if match.end() >= end or _ends_sentence(text, sentence_start, match, end):
            yield from _trimmed_span(text, sentence_start, match.end())
            sentence_start = match.end()
    yield from _trimmed_span(text, sentence_start, end)


def _ends_sentence(text: str, sentence_start: int, match: re.Match[str], end: int) -> bool:
    context_end = min(end, match.end() + _CONTEXT_CHARACTERS)
    following = text[match.end() : context_end].lstrip().lstrip(_OPENING_MARKS).lstrip()
    if not following:
        return True
    if following[0].islower():
        return False
    if match.group() != ".":
        return True
    context_start = max(sentence_start, match.start() - _CONTEXT_CHARACTERS)
    last_word = _LAST_WORD.search(text[context_start : match.start()])
    word = last_word.group() if last_word else ""
    if word.lower() in _ABBREVIATIONS or (len(word) == 1 and word.isupper()):
        return False
    is_alone = (
        context_start == sentence_start
        and not text[sentence_start : match.start() - len(word)].strip()
    )
    return not (is_alone and _LIST_NUMBER.match(word))


def _trimmed_span(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    span_text = text[start:end]
    if span_text.strip():
        yield start + len(span_text) - len(span_text.lstrip()), start + len(span_text.rstrip())
