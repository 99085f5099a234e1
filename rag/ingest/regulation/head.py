"""Read out of a regulation's text what it is, from when it holds, and what it replaces.

The form of Vietnamese regulations is set by Decree 30/2020/NĐ-CP: the office, the number, place
and day, the kind, and what it is about; that it takes effect, and what it replaces or repeals,
stands in one of its last articles. English texts are read by their phrases.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rag.domain.documents import Block, BlockKind
from rag.ingest.regulation.effect import first_day, last_day
from rag.ingest.regulation.offices import MOTTO, OFFICE, SIGNER, issuing_office, sentence_case
from rag.ingest.regulation.relations import read_relations
from rag.language.dates import DAY, iso_day
from rag.language.lexicon import any_of
from rag.law.citations import CODE, ENGLISH_KINDS, KINDS, kind_of_code
from rag.law.divisions import article_mark
from rag.law.lexicon import LAW_LEXICON

__all__ = ["RegulationFacts", "is_kind", "is_letterhead", "read_regulation", "without_print_time"]

_HEAD_CHARACTERS = 2_500  # characters in which number, day and kind stand
_TAIL_CHARACTERS = 1_500  # and in which a law says when it was passed
_LONGEST_SUBJECT = 300
_LONGEST_TITLE_LINE = 600
_MOST_ABOUT_LINES = 4  # lines of what a letter is about
_MOST_OFFICE_LINES = 12  # lines among which the office stands if none names the kind

_KIND_WORDS = LAW_LEXICON.table("kinds")
_LAWS = (*_KIND_WORDS["laws"], *_KIND_WORDS["codes_of_law"])  # that are called by their names
_NUMBER_LINE = re.compile(
    rf"(?:(?P<kind>{KINDS}|{ENGLISH_KINDS})\s+)?(?:Số|No\.?|Number)\s*+[:.]?\s*+(?P<code>{CODE})\.?$",
    re.I,
)
_KIND_LINE = re.compile(rf"(?P<kind>{KINDS}|{ENGLISH_KINDS})$", re.I)
# "LUẬT CƯ TRÚ"; a law is the only kind whose name stands beside it.
_NAME_LINE = re.compile(rf"(?P<kind>{any_of(kind.upper() for kind in _LAWS)})\s+(?P<name>[^\d]+)$")
_TITLE_LINE = re.compile(
    rf"(?P<kind>{KINDS}|{ENGLISH_KINDS})\b[^\d;:]{{0,120}}?\s(?:số:?\s*|No\.?\s*)?(?P<code>{CODE})",
    re.I,
)
_ABOUT = re.compile(r"V/v:?\s+", re.I)
_PLACED_DAY = re.compile(rf"[^\d\n]{{2,40}},\s*(?:dated?\s+)?(?P<day>{DAY})", re.I)
_LEFT_BLANK = re.compile(  # "Số:  /2024/TT-BTC", "Hà Nội, ngày  tháng  năm 2024", of a draft
    r"[^\d\n,]{2,40},\s*+ngày[\s.…]*+(?:\d{1,2})?[\s.…]*+tháng\b|Số\s*+:[\s.…]*+/", re.I
)
_PASSED = re.compile(
    rf"(?:{KINDS})\s+này\s+(?:đã\s+)?được[^.]{{0,160}}?thông qua\s+(?P<day>{DAY})", re.I
)
_EFFECT_WORDS = LAW_LEXICON.table("effect")
_PREAMBLE = re.compile(
    rf"(?:{any_of(_EFFECT_WORDS['preamble'] + _EFFECT_WORDS['after_the_head'])}"
    r"|(?:Điều|Chương|Article|Chapter|Phần|Part)\s+(?:thứ\s|[\dIVXLC]+\b))",
    re.I,
)
# What a browser prints in a page's margins: the time, the address, the page's number.
_PRINT_TIME = (
    r"(?:\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4},?\s+\d{1,2}:\d{2}(?::\d{2})?(?:\s*[AP]M\b)?"
    r"|\d{1,2}:\d{2}(?::\d{2})?(?:\s*[AP]M\b)?,?\s+\d{1,2}[/.-]\d{1,2}[/.-]\d{2,4})"
)
_PRINTED = re.compile(
    rf"(?:{_PRINT_TIME}|(?:https?|file)://\S+|www\.\S+|about:blank|\d{{1,4}}\s*/\s*\d{{1,4}}"
    r"|(?:Trang|Page)\s+\d{1,4}(?:\s*(?:/|of)\s*\d{1,4})?|\s)++$",
    re.I,
)
_PRINTED_FIRST = re.compile(rf"{_PRINT_TIME}\s+", re.I)
_CELLS = re.compile(r"\t+|\s{3,}|\s*\|\s*")
# Where cells of the letterhead ran together into one line.
_RUN_TOGETHER = re.compile(
    r"(?<!\s)(?:(?<!NƯỚC)\s++(?=CỘNG H(?:ÒA|OÀ) XÃ HỘI CHỦ NGHĨA VIỆT NAM)"
    r"|\s++(?=Độc lập\s*[-–]\s*Tự do)|(?<!OF)(?<!THE)\s++(?=(?:THE )?SOCIALIST REPUBLIC OF)"
    r"|\s++(?=Independence\s*[-–]\s*Freedom)|(?<=Hạnh phúc)\s++|(?<=Happiness)\s++"
    r"|\s++(?=[Vv]/v:?\s)|(?<=\D)\s++(?=Số\s*:\s*\d))"
)
_NUMBER_CELL = re.compile(rf"(?:[\w ]{{0,20}}\bsố|No\.?)\s*+:?\s*+{CODE}(?=\s)", re.I)
_BLANK = re.compile(r"\b(ngày|tháng|số\s*:)\s{2,}", re.I)  # left to be written by hand


@dataclass(frozen=True, slots=True, kw_only=True)
class RegulationFacts:
    """What a regulation's text says of it; what it does not say is empty. See `Metadata`."""

    number: str = ""
    title: str = ""
    publisher: str = ""
    date: str = ""
    effective_from: str = ""
    effective_until: str = ""
    replaces: tuple[str, ...] = ()
    amends: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Named:
    """What a regulation is called, and where in its head that stands.

    Attributes:
        kind_at: The line that names its kind, -1 if none does.
    """

    number: str = ""
    kind: str = ""
    kind_at: int = -1


def read_regulation(text: str, blocks: Sequence[Block]) -> RegulationFacts:
    """Return what a text says of itself as a regulation."""
    lines = [text[block.start : block.end] for block in blocks if block.kind is not BlockKind.NOISE]
    head = _head_lines(lines)
    named = _named(head)
    number = named.number
    passed = _PASSED.search(text[-_TAIL_CHARACTERS:])
    placed = next(filter(None, map(_PLACED_DAY.match, head)), None) if number else None
    day = iso_day(placed["day"]) if placed else iso_day(passed["day"]) if passed else ""
    subject = _subject(head, named) if number else ""
    effective = first_day(text, day)
    is_regulation = bool(effective or number or passed)
    replaces, amends = read_relations(lines, number) if is_regulation else ((), ())
    return RegulationFacts(
        number=number,
        title=f"{number}: {subject}" if subject else "",
        publisher=_publisher(head, named.kind_at) if number else "",
        date=day,
        effective_from=effective,
        effective_until=last_day(text),
        replaces=replaces,
        amends=amends,
    )


def is_letterhead(line: str) -> bool:
    """Tell whether a line is of what stands above a document: office, motto, number, day.

    So is what a browser prints in the margin: the time, the address, the page's number.
    """
    line = line.strip("#*_ ")
    return (
        not line.strip("-_=*.~ ")
        or _PRINTED.match(line) is not None
        or all(map(_is_of_letterhead, _pieces(line)))
    )


def is_kind(line: str) -> bool:
    """Tell whether a line only says what kind of document follows, in capitals: "QUYẾT ĐỊNH"."""
    line = line.strip("#*_ ")
    return line.isupper() and _KIND_LINE.match(line) is not None


def without_print_time(line: str) -> str:
    """Return a line without the time of printing that a browser puts before the page's title."""
    return _PRINTED_FIRST.sub("", line, count=1) if _PRINTED_FIRST.match(line) else line


def _is_of_letterhead(piece: str) -> bool:
    return (piece.isupper() and OFFICE.match(piece) is not None) or _is_of_form(piece)


def _is_of_form(line: str) -> bool:
    """Tell whether a line is the country's name or motto, or has the number, place and day."""
    return (
        MOTTO.match(line) is not None
        or _NUMBER_LINE.match(line) is not None
        or _PLACED_DAY.match(line) is not None
        or _LEFT_BLANK.match(line) is not None
    )


def _pieces(line: str) -> Iterator[str]:
    """Yield the cells of the letterhead that stand in one line; mostly it is one."""
    for cell in _CELLS.split(_BLANK.sub(r"\1 ", line)):
        for piece in _RUN_TOGETHER.split(cell):
            stripped = piece.strip("#*_ ")
            number = _NUMBER_CELL.match(stripped)
            if number and _PLACED_DAY.match(stripped[number.end() :]):
                yield number[0]
                stripped = stripped[number.end() :].strip()
            if stripped.strip("-_=*.~ "):
                yield stripped


def _head_lines(lines: Sequence[str]) -> list[str]:
    """Return the lines before what the text is based on, or its first article."""
    head: list[str] = []
    length = 0
    for line in (written.strip() for block in lines for written in block.split("\n")):
        if _PREAMBLE.match(line) or article_mark(line) or length > _HEAD_CHARACTERS:
            break
        if not _PRINTED.match(line):
            head.extend(_pieces(line))
        length += len(line)
    return [
        line
        for before, line in zip(["", *head], head, strict=False)
        if not (line == "VIỆT NAM" and MOTTO.fullmatch(before))  # the rest of the country's name
    ]


def _named(head: Sequence[str]) -> _Named:
    """Return a regulation's number, with its kind, and the line that names its kind."""
    code, kind_beside = _code(head)
    if not code:
        return _Named()
    kind_at = _kind_line(head)
    line = head[kind_at] if kind_at >= 0 else ""
    match = _KIND_LINE.match(line) or _NAME_LINE.match(line) or _NUMBER_LINE.match(line)
    kind = kind_of_code(code) if "VBHN" in code else ""
    kind = kind or (match["kind"] or "" if match else "") or kind_beside or kind_of_code(code)
    if not kind and any(map(_ABOUT.match, head)):
        kind = "Công văn"
    kind = kind.capitalize()
    return _Named(f"{kind} {code}".strip(), kind, kind_at)


def _code(head: Sequence[str]) -> tuple[str, str]:
    """Return a regulation's number alone, and the kind that stands beside it."""
    for line in head:
        if len(line) > _LONGEST_TITLE_LINE:
            continue
        match = _NUMBER_LINE.match(line)
        if match is None and not line.endswith((".", ":", ";", ",")):
            match = _TITLE_LINE.match(line)
        if match:
            return match["code"], match["kind"] or ""
    return "", ""


def _kind_line(head: Sequence[str]) -> int:
    """Return which line names the kind: by itself, with a law's name, or with the number."""
    for position, line in enumerate(head):
        if _KIND_LINE.match(line) or (line.isupper() and _NAME_LINE.match(line)):
            return position
    for position, line in enumerate(head):
        match = _NUMBER_LINE.match(line)
        if match and match["kind"]:
            return position
    return -1


def _subject(head: Sequence[str], named: _Named) -> str:
    """Return what a regulation is about: the lines that follow its kind, or a letter's "V/v"."""
    if named.kind_at < 0:
        return _shortened(_about(head))
    own = _NAME_LINE.match(head[named.kind_at])
    subject_lines = [own["name"]] if own else []
    for line in head[named.kind_at + 1 :]:
        if _is_of_letterhead(line) or SIGNER.match(line) or line.endswith((":", ";")):
            if subject_lines or line.endswith((":", ";")):
                break
            continue
        subject_lines.append(_ABOUT.sub("Về việc ", line))
        if len(" ".join(subject_lines)) > _LONGEST_SUBJECT or line.endswith("."):
            break
    subject = " ".join(subject_lines)
    if subject.isupper() and named.kind in _LAWS:
        subject = sentence_case(f"{named.kind} {subject}".upper())
    return _shortened(sentence_case(subject))


def _about(head: Sequence[str]) -> str:
    """Return what a letter is about: "V/v …" below its number, and the lines that go on."""
    begin = next((at for at, line in enumerate(head) if _ABOUT.match(line)), -1)
    if begin < 0:
        return ""
    about_lines = [_ABOUT.sub("Về việc ", head[begin])]
    for line in head[begin + 1 : begin + 1 + _MOST_ABOUT_LINES]:
        if _is_of_letterhead(line):
            continue
        if line.isupper() or line.endswith((".", ":", ";")):
            break
        about_lines.append(line)
    return " ".join(about_lines)


def _shortened(subject: str) -> str:
    if len(subject) <= _LONGEST_SUBJECT:
        return subject
    return subject[:_LONGEST_SUBJECT].rsplit(" ", 1)[0] + "…"


def _publisher(head: Sequence[str], kind_at: int) -> str:
    """Return the office at the head, of the lines in capitals above the kind."""
    offices = []
    for line in head[: kind_at if kind_at >= 0 else _MOST_OFFICE_LINES]:
        if _ABOUT.match(line):
            break
        if line.isupper() and not _is_of_form(line):
            offices.append(line)
    return issuing_office(offices)
