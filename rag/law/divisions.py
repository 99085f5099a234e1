"""Recognise the lines with which the parts of a law begin, in Vietnamese and English.

Vietnamese laws are divided into phần, chương, mục, tiểu mục, điều, khoản and điểm (Article 62 of
Decree 34/2016/NĐ-CP); English texts into parts, chapters, sections, articles, clauses and points.
"""

import re
from dataclasses import dataclass

from rag.domain.documents import Division
from rag.language.lexicon import any_of
from rag.language.numerals import ORDINALS, arabic, ordinal
from rag.language.vietnamese import fold
from rag.law.lexicon import LAW_LEXICON

__all__ = ["Mark", "article_mark", "item_mark", "section_number"]

_LONGEST_PREFIX = 60  # characters in which the name and number of a division stand
_LONGEST_TITLE = 400  # characters; the name of an article of a law can be long

_DIVISIONS = {
    name: Division(kind)
    for kind, names in LAW_LEXICON.table("divisions")["headings"].items()
    for name in names
}

_DIVISION = re.compile(
    rf"(?P<name>{any_of(_DIVISIONS)})\s+(?:thu\s+|so\s+)?"
    rf"(?P<number>\d{{1,4}}(?:[a-z]\d?)?(?:\.\d{{1,3}})*|[ivxlc]{{1,7}}|[a-z]"
    rf"|{any_of(ORDINALS)})(?![\w/])"
)
_ANNEX_ALONE = re.compile(r"(?:phu luc|annex|appendix)(?:\s+kem theo)?[.:]?$")
_MARKUP = re.compile(r"[\s#>*_]*")
_AFTER_NUMBER = re.compile(r"[*_]*\s*(?P<stop>[.:)]|[-–—](?=\s))?[*_]*\s*")
# A reference to an article of another text, at the beginning of a line by chance.
_REFERENCE = re.compile(rf"(?:{any_of(LAW_LEXICON.phrases('no_heading'))})\b")
_ITEM = re.compile(
    r"[\s>*_]*(?:"
    r"(?:(?:khoản|clause|paragraph)\s+)?"
    r"(?:(?P<deep>\d{1,3}(?:\.\d{1,2})+)\\?[.)]?"
    r"|\\?\(?(?P<number>\d{1,3}(?:[a-zđ]\d?)?)(?P<stop>\\?[.)/-]))"
    r"|(?:(?:điểm|point)\s+)?\\?\(?(?P<letter>[a-zđ]{1,2}\d?)(?P<end>\\?[.)/-])"
    r")[*_]*(?=\s)",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The beginning of a line that begins a part of a law.

    Attributes:
        number: As `Section.number`.
        label: As it is written, without markup: "Điều 12".
        end: Where the mark ends in the line, and the title or what it says begins.
        stop: The sign after the number of an item, by which lists of one kind are known.
    """

    kind: Division
    number: str
    label: str
    end: int
    stop: str = ""


def article_mark(line: str) -> Mark | None:
    """Return the mark with which a line begins a division down to an article, None if it does not.

    A line such as "Điều 12 của Luật này …" speaks of an article and begins none.
    """
    begin = _end_of(_MARKUP, line, 0)
    folded = fold(line[begin : begin + _LONGEST_PREFIX])
    match = _DIVISION.match(folded)
    if match is None:
        bare = line[begin:].strip(" *_")
        if bare.isupper() and _ANNEX_ALONE.match(fold(bare)):
            label = bare.rstrip(".:").capitalize()
            return Mark(kind=Division.ANNEX, number="", label=label, end=len(line))
        return None
    written = line[begin : begin + match.end()]
    if len(fold(written)) != len(written):  # it is not composed; positions would not hold
        return None
    stop = _AFTER_NUMBER.match(line, begin + match.end())
    end = stop.end() if stop else begin + match.end()
    rest = line[end:].strip()
    if rest and not (stop and stop["stop"]):
        titled = rest[0].isupper() and len(rest) <= _LONGEST_TITLE and rest[-1] not in ".;,:"
        if not titled or _REFERENCE.match(fold(rest)):
            return None
    kind = _DIVISIONS[match["name"]]
    return Mark(
        kind=kind,
        number=section_number(line[begin + match.start("number") : begin + match.end("number")]),
        label=" ".join(written.split()),
        end=end,
    )


def item_mark(line: str) -> Mark | None:
    """Return the mark with which a line begins a numbered or lettered item, None if it does not."""
    match = _ITEM.match(line)
    if match is None:
        return None
    number = match["deep"] or match["number"]
    kind = Division.CLAUSE if number else Division.POINT
    written = number or match["letter"]
    stop = (match["stop"] or match["end"] or "").lstrip("\\")
    return Mark(kind=kind, number=written.lower(), label=written, end=match.end(), stop=stop)


def section_number(written: str) -> str:
    """Return a number in the one form by which sections are looked up: II and thứ hai as "2".

    A letter keeps its marks, since d and đ are two points.
    """
    folded = fold(written)
    number = ordinal(folded)
    if number is not None:
        return str(number)
    return arabic(folded) if arabic(folded) != folded else written.lower()


def _end_of(pattern: re.Pattern[str], line: str, start: int) -> int:
    match = pattern.match(line, start)
    return match.end() if match else start
