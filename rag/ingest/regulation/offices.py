"""Write the names of offices and places as they are written in a sentence.

At the head of a regulation they stand in capitals: "BỘ CÔNG THƯƠNG", "TỈNH QUẢNG NINH".
"""

import re
from collections.abc import Mapping, Sequence

from rag.language.lexicon import any_of
from rag.law.citations import CODE
from rag.law.lexicon import LAW_LEXICON

__all__ = ["MOTTO", "OFFICE", "SIGNER", "issuing_office", "sentence_case"]

_OFFICES = LAW_LEXICON.phrases("offices")
_PROVINCES = LAW_LEXICON.phrases("provinces")
_FORMS = LAW_LEXICON.table("office_forms")

MOTTO = re.compile(
    r"CỘNG H(?:ÒA|OÀ) XÃ HỘI CHỦ NGHĨA(?: VIỆT NAM)?|Độc lập\s*[-–]\s*Tự do"
    r"|(?:THE )?SOCIALIST REPUBLIC OF VIET ?NAM|Independence\s*[-–]\s*(?:Freedom|Liberty)",
    re.I,
)
"""The country's name and motto, which stand above every regulation."""

_ENGLISH_OFFICE = (
    rf"(?:THE )?(?:{any_of(_FORMS['english_beginnings'])}|GOVERNMENT$"
    rf"|(?:SUPREME )?PEOPLE[’'`]S (?:{any_of(_FORMS['peoples'])}))"
)
_NO_OFFICE = "|".join(
    rf"{beginning} (?:{any_of(following)})"
    for beginning, following in _FORMS["no_office_before"].items()
)
_OFFICE_ONLY = "|".join(
    rf"{beginning}(?! (?:{any_of(following)}))"
    for beginning, following in _FORMS["office_only_before"].items()
)
OFFICE = re.compile(
    rf"(?!{_NO_OFFICE}|{_OFFICE_ONLY})(?:{any_of(_FORMS['beginnings'])}|{_ENGLISH_OFFICE})(?!\w)"
)
"""How the name of an office begins, in capitals."""

SIGNER = re.compile(rf"(?:{any_of(_FORMS['signers'])})\b")
"""How the line begins that says, in capitals, in what capacity somebody signs."""

_HALF_NAMES = frozenset(_FORMS["half_names"])
_STAMP = re.compile(rf"(?:{any_of(_FORMS['stamps'])})\b")
_MINISTRY = re.compile(r"(?:BỘ|MINISTRY)\b")
_PLACE_KIND = re.compile(rf"\b(?!xã hội)({any_of(_FORMS['kinds_of_places'])})(?= )", re.I)
_COMPANY = re.compile(any_of(_FORMS["companies"]), re.I)
_SMALL_IN_COMPANIES = re.compile(rf"\b(?:{any_of(_FORMS['small_in_companies'])})\b", re.I)
_WRITTEN_OUT: Mapping[str, str] = _FORMS["written_out"]
_ABBREVIATED = re.compile(rf"^(?:{any_of(_WRITTEN_OUT)})\b")
_VOWEL = re.compile(r"[aeiouyàáảãạăắằẳẵặâấầẩẫậèéẻẽẹêếềểễệìíỉĩịòóỏõọôốồổỗộơớờởỡợùúủũụưứừửữựỳýỷỹỵ]")
_ROMAN = re.compile(r"[IVX]{1,4}")
_SMALL_IN_ENGLISH = frozenset(_FORMS["small_in_english"])
_MOST_NAME_LINES = 4


_OLD_STYLE = tuple(
    (re.compile(old), new)
    for old, new in (
        (r"uỷ(?!\w)", "ủy"), (r"oà(?!\w)", "òa"), (r"oá(?!\w)", "óa"), ("–", "-"),
    )
)  # fmt: skip


def _key(text: str) -> str:
    """Return a name with its tone marks in the new place; in closed syllables there is no other."""
    for old, new in _OLD_STYLE:
        text = old.sub(new, text)
    return text


_NAMES = {_key(name.lower()): name for name in _OFFICES}
# "Sở Tài chính" and "Cục Hải quan" are written as the ministry and the general department.
_FIELDS = {
    _key(name.lower()).partition(" ")[2]: name.partition(" ")[2]
    for name in _OFFICES
    if name.startswith("Bộ ")
} | {_key(field.lower()): field for field in _FORMS["other_fields"]}
_PROPER = re.compile(rf"\b(?:{any_of(name.lower() for name in _PROVINCES)})\b", re.I)
_PROPER_NAMES = {name.lower(): name for name in _PROVINCES}
_LAW_NAME = re.compile(r"\b((?:bộ )?luật|pháp lệnh) (?!này|và|của|về|sửa đổi)(\w)")
_KNOWN_OFFICE = re.compile(rf"\b(?:{any_of(_NAMES)})\b", re.I)


def issuing_office(lines: Sequence[str]) -> str:
    """Return the office that issues a regulation, of the lines in capitals at its head.

    Where a higher office stands above it, it is the lower; a name can take several lines.
    """
    groups: list[str] = []
    taken = 0
    for line in lines:
        begins = OFFICE.match(line) is not None
        open_name = bool(groups) and (
            groups[-1] in _HALF_NAMES or groups[-1].endswith(("-", "–", " VÀ"))
        )
        if begins and not open_name:
            groups.append(line)
            taken = 1
        elif groups and taken < _MOST_NAME_LINES and not _STAMP.match(line):
            groups[-1] += f" {line}"
            taken += 1
    if not groups:
        return ""
    if len(groups) > 1 and all(map(_MINISTRY.match, groups)):
        return " – ".join(map(_office_name, groups))
    return _office_name(groups[-1])


def _office_name(written: str) -> str:
    """Return an office's name, or several that are joined by dashes."""
    written = " ".join(written.split()).strip(" -–")
    if re.match(_ENGLISH_OFFICE, written):
        return _english_title(written.removeprefix("THE "))
    parts: list[str] = []
    for part in re.split(r" ?[-–] ", written):
        if parts and not OFFICE.match(part):
            parts[-1] += f" - {part}"
        else:
            parts.append(part)
    return " – ".join(map(_single_office, parts))


def _single_office(written: str) -> str:
    text = _key(written.lower())
    text = _ABBREVIATED.sub(lambda match: _WRITTEN_OUT[match[0]], text)
    if text in _NAMES:
        return _NAMES[text]
    place = _PLACE_KIND.search(text)
    office = text[: place.start()].strip() if place else text
    named = _NAMES.get(office) or _named_by_field(office, written)
    return f"{named} {_place(text[place.start() :])}" if place else named


def _named_by_field(office: str, written: str) -> str:
    """Return an office's name by its first words and its field: "Chi cục Hải quan …"."""
    originals = written.split()
    head = OFFICE.match(written)
    noun = _key(head[0].lower()) if head else ""
    if noun not in ("", office) and not office.startswith(noun):
        noun = office.split()[0]
    higher = _KNOWN_OFFICE.match(office)
    if higher:
        return f"{_NAMES[higher[0]]} {_proper(office[higher.end() :].strip())}".strip()
    tail = office[len(noun) :].strip()
    if _COMPANY.match(noun):
        tail = _SMALL_IN_COMPANIES.sub(lambda match: match[0].lower(), _each_capital(tail))
    field = tail if tail in _FIELDS else ""
    field = field or next((name for name in _FIELDS if tail.startswith(f"{name} ")), "")
    if field:
        tail = f"{_FIELDS[field]} {tail[len(field) :].strip()}".strip()
    else:
        tail = tail[:1].upper() + tail[1:]
    name = f"{noun[:1].upper()}{noun[1:]} {_proper(tail)}".strip()
    # What has no vowel is an abbreviation; what is a Roman number stays one.
    kept = {
        word.lower(): word
        for word in originals
        if not _VOWEL.search(word.lower()) or _ROMAN.fullmatch(word)
    }
    return " ".join(kept.get(word.lower(), word) for word in name.split())


def _place(text: str) -> str:
    """Return a place's name with each syllable of it in capitals: "tỉnh Quảng Ninh"."""
    divided = _PLACE_KIND.sub(lambda match: f"\0{match[0].lower()}\0", _each_capital(text))
    pieces = [piece.strip() for piece in divided.split("\0") if piece.strip()]
    return " ".join("TP." if piece in ("tp.", "tp") else piece for piece in pieces)


def _each_capital(text: str) -> str:
    return " ".join(word[:1].upper() + word[1:] for word in text.split())


def _proper(text: str) -> str:
    return _PROPER.sub(lambda match: _PROPER_NAMES[match[0].lower()], text)


def _english_title(text: str) -> str:
    words = text.lower().split()
    return " ".join(word if word in _SMALL_IN_ENGLISH else word.capitalize() for word in words)


def sentence_case(text: str) -> str:
    """Return a subject that is all in capitals as a sentence has it; others as they are."""
    bare = re.sub(CODE, "", text)
    if not bare.isupper():
        return text
    codes = re.findall(CODE, text)
    pieces = [piece.lower() for piece in re.split(CODE, text)]
    lowered = pieces[0] + "".join(
        code + piece for code, piece in zip(codes, pieces[1:], strict=True)
    )
    lowered = _KNOWN_OFFICE.sub(lambda match: _NAMES[match[0]], lowered)
    lowered = _LAW_NAME.sub(lambda match: f"{match[1].capitalize()} {match[2].upper()}", lowered)
    lowered = re.sub(r"\b(circular|decree|decision|law) no\b", _english_number, lowered)
    lowered = _proper(lowered)
    return lowered[:1].upper() + lowered[1:]


def _english_number(match: re.Match[str]) -> str:
    return f"{match[1].capitalize()} No"
