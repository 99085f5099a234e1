"""What is known of a document.

What the owner says comes first, in the catalogue or in a file beside the document; then what the
document's front matter says; then what its text says; then what the properties of its file say.
"""

import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from rag.domain.documents import Block, BlockKind, Language, Metadata
from rag.errors import DocumentError
from rag.ingest.regulation.head import is_kind, is_letterhead, read_regulation, without_print_time
from rag.language.dates import iso_day
from rag.law.divisions import article_mark, item_mark
from rag.messages import message

__all__ = [
    "CATALOGUE",
    "SIDECAR",
    "Entry",
    "infer_metadata",
    "language_said",
    "read_catalogue",
    "read_front_matter",
    "read_sidecar",
    "with_entry",
]

CATALOGUE = "catalogue.toml"
"""The file at the top of a corpus that says what its documents are."""

SIDECAR = ".toml"
"""What is added to a document's name to name the file beside it that says what it is."""

_STAMP = re.compile(
    r"\s*+(?:date|published|updated|ngày đăng|cập nhật)\s*+:?\s*+(\d{4}-\d{2}-\d{2})", re.I
)
_MARKDOWN = re.compile(r"^[#\s]+|[#*_\s]+$|^[*_]+")
_ROMAN_PART = re.compile(r"[#\s*_]*[IVXL]{1,6}[.)]\s")  # "I. MỤC ĐÍCH, YÊU CẦU"
_FRONT_MATTER = re.compile(r"\ufeff?---[ \t]*\n(.{0,20000}?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.S)
_ALIASES = {
    "effective": "effective_from",
    "effective_date": "effective_from",
    "expires": "effective_until",
    "source": "url",
    "link": "url",
    "lang": "language",
    "group": "access",
    "groups": "access",
}
_SEVERAL = ("replaces", "replaced_by", "amends", "access")
# What restricts a document, in front matter that cannot be understood.
_RESTRICTS = re.compile(r"^[^\S\n]*+[\"']?(?:access|groups?)\b", re.I | re.M)
# What a document says of others, which is believed if the owner says it.
_OF_OTHERS = frozenset({"replaces", "replaced_by", "amends"})
# What is found out of documents, and never believed of one that says so of itself.
_NOT_ITS_OWN = frozenset({"claimed_by", "same_number", "vouched"})
_MOST_BYTES = 1_000_000  # of a catalogue or a file beside a document
_DAYS = ("date", "effective_from", "effective_until")
_FIRST_DAY = date(1900, 1, 1)
_LAST_DAY = date(2199, 12, 31)  # on which a document may be in force; none is of a day to come
_WHOLE = len("2018-06-05")


def _day(value: object) -> object:
    """Return a day as ISO 8601, however it is written."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and value:
        found = iso_day(value)
        if not found and not re.fullmatch(r"\d{4}(-\d{2})?", value):
            raise ValueError(f"{value!r} is no day; write it as 2018-06-05")
        return found or value
    return value


def _labels(value: object) -> object:
    """Return one or several documents' names as a tuple."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(";") if part.strip())
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return tuple(value)
    return value


_Day = Annotated[str, BeforeValidator(_day)]
_Labels = Annotated[tuple[str, ...], BeforeValidator(_labels)]


class Entry(BaseModel):
    """What somebody says of a document. An empty value says that the thing is not known."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)

    title: str | None = None
    publisher: str | None = None
    date: _Day | None = None
    url: str | None = None
    author: str | None = None
    number: str | None = None
    effective_from: _Day | None = None
    effective_until: _Day | None = None
    replaces: _Labels | None = None
    replaced_by: _Labels | None = None
    amends: _Labels | None = None
    access: _Labels | None = None
    language: str | None = None

    def given(self) -> dict[str, Any]:
        """Return what it says, by the names of the fields."""
        return self.model_dump(exclude_none=True)


class _Named(Entry):
    source: str


class _Catalogue(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    document: list[_Named] = []


def read_catalogue(
    corpus: Path, wrong: Callable[[DocumentError], None] = lambda _: None
) -> Mapping[str, Entry]:
    """Return what the catalogue says of each document, by source; nothing if there is none.

    Args:
        corpus: The folder.
        wrong: Is told of each day that cannot be, which is left out.

    Raises:
        DocumentError: If the catalogue is there but cannot be understood.
    """
    path = corpus / CATALOGUE
    if not path.is_file():
        return {}
    said = _toml(path)
    listed = said.get("document")
    for position, one in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(one, dict):
            _drop_impossible_days(one, f"document.{position}.", wrong)
    try:
        catalogue = _Catalogue.model_validate(said)
    except ValidationError as error:
        raise _not_understood(error) from error
    return {
        named.source: Entry.model_construct(**named.model_dump(exclude={"source"}))
        for named in catalogue.document
    }


def read_sidecar(path: Path, wrong: Callable[[DocumentError], None] = lambda _: None) -> Entry:
    """Return what a file beside a document says of it.

    Args:
        path: The file.
        wrong: Is told of each day that cannot be, which is left out.

    Raises:
        DocumentError: If it cannot be understood.
    """
    said = _toml(path)
    _drop_impossible_days(said, "", wrong)
    try:
        return Entry.model_validate(said)
    except ValidationError as error:
        raise _not_understood(error) from error


def _toml(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise DocumentError("structure.too_large")
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise DocumentError(
            "structure.not_valid_toml_utf",
            error=error,
        ) from error


def _drop_impossible_days(
    said: dict[str, Any], place: str, wrong: Callable[[DocumentError], None]
) -> None:
    """Take out of what is said the days that cannot be, and tell of each."""
    for name in _DAYS:
        if name in said and not _is_possible(name, said[name]):
            wrong(_impossible_day(f"{place}{name}", said.pop(name)))


def _is_possible(name: str, value: object) -> bool:
    """Tell whether something can be a day; of the day of a document, its year or month will do."""
    try:
        day = _day(value)
        if not isinstance(day, str) or not day:
            return day == ""  # which says that it is not known
        first = date.fromisoformat((day + "-01-01")[:10])
    except ValueError:
        return False
    if name != "date":
        return len(day) == _WHOLE and _FIRST_DAY <= first <= _LAST_DAY
    return _FIRST_DAY <= first <= date.today() + timedelta(days=1)


def _impossible_day(place: str, value: object) -> DocumentError:
    written = value.isoformat() if isinstance(value, date) else repr(value)[:40]
    until = message("structure.tomorrow") if place.endswith("date") else _LAST_DAY
    return DocumentError(
        "structure.no_day_from_write",
        place=place,
        written=written,
        first_day=_FIRST_DAY,
        until=until,
    )


def _not_understood(error: ValidationError) -> DocumentError:
    first = error.errors()[0]
    place = ".".join(map(str, first["loc"]))
    known = ", ".join(["source", *Entry.model_fields])
    return DocumentError(
        "structure.known",
        place=place,
        msg=first["msg"],
        known=known,
    )


class _DaysAsWritten(yaml.SafeLoader):
    """YAML in which a day is text: one that cannot be would cost all the rest."""


_DaysAsWritten.yaml_implicit_resolvers = {
    first: [(tag, form) for tag, form in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_front_matter(text: str) -> tuple[int, Mapping[str, str]]:
    """Return where the front matter at the head of a text ends, and what it says.

    It is YAML between two lines of three dashes. What is not known here is passed over; 0 and
    nothing are returned if there is none.

    Raises:
        DocumentError: If it seems to restrict who may read the document, but cannot be understood.
    """
    match = _FRONT_MATTER.match(text)
    if match is None:
        return 0, {}
    try:
        value = yaml.load(match[1], _DaysAsWritten)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if _RESTRICTS.search(match[1]):
            raise _unclear_access() from error
        return 0, {}
    if not isinstance(value, dict) or not value:
        return 0, {}
    known = {field.name for field in fields(Metadata)} - _NOT_ITS_OWN | {"language"}
    found: dict[str, str] = {}
    for name, said in value.items():
        field = str(name).lower().replace("-", "_")
        field = _ALIASES.get(field, field)
        if field not in known or said is None:
            continue
        if field == "access" and not _is_access(said):
            raise _unclear_access()
        if isinstance(said, list):
            found[field] = "; ".join(str(one) for one in said if isinstance(one, str | int))
        elif isinstance(said, str | int | float | date):
            day = field in ("date", "effective_from", "effective_until")
            found[field] = iso_day(str(said)[:10]) or iso_day(str(said)) if day else str(said)
    return match.end(), found


def _is_access(said: object) -> bool:
    groups = said if isinstance(said, list) else [said]
    return all(isinstance(one, str | int) and str(one).strip() for one in groups)


def _unclear_access() -> DocumentError:
    return DocumentError(
        "structure.what_stands_at_head",
    )


def infer_metadata(
    text: str,
    blocks: Sequence[Block],
    properties: Mapping[str, str],
    front_matter: Mapping[str, str],
) -> Metadata:
    """Return what is known of a document from its file alone.

    Args:
        text: Its text.
        blocks: The text's blocks.
        properties: What the file's properties state.
        front_matter: What stands at the head of the text.
    """
    stamp = _STAMP.match(text)
    facts = asdict(read_regulation(text, blocks))
    facts["title"] = facts["title"] or _title(text, blocks) or facts["number"]
    facts["date"] = facts["date"] or (stamp[1] if stamp else "")
    known = {
        **{name: value for name, value in properties.items() if name != "language"},
        **{name: value for name, value in facts.items() if value},
    }
    for name, value in front_matter.items():
        if value and name != "language":
            known[name] = _labels(value) if name in _SEVERAL else value
    return Metadata(**known)


def with_entry(metadata: Metadata, entry: Entry | None) -> Metadata:
    """Return what is known, with what the owner says instead where that is given."""
    given = entry.given() if entry else {}
    given.pop("language", None)
    vouched = tuple(sorted({*metadata.vouched, *(given.keys() & _OF_OTHERS)}))
    return replace(metadata, **given, vouched=vouched)


def language_said(said: Mapping[str, str], entry: Entry | None) -> Language | None:
    """Return the language that a document is said to be in, if it is one of ours."""
    name = (entry.language if entry and entry.language else said.get("language", ""))[:2].lower()
    return Language(name) if name in set(Language) else None


def _title(text: str, blocks: Sequence[Block]) -> str:
    """Return the heading with which the text begins, if it stands alone above it.

    Below a line that only says "QUYẾT ĐỊNH" it is what follows; a chapter's name is none.
    """
    shown = [block for block in blocks if block.kind is not BlockKind.NOISE]
    position = 0
    while position < len(shown) and is_letterhead(_line(text, shown[position])):
        position += 1
    kind = ""
    if position < len(shown) and is_kind(_line(text, shown[position])):
        kind = _MARKDOWN.sub("", _line(text, shown[position])).capitalize()
        position += 1
    if position == len(shown) or shown[position].kind is not BlockKind.HEADING:
        return ""
    first = shown[position]
    line = without_print_time(_line(text, first))
    if article_mark(line) or item_mark(line) or _ROMAN_PART.match(line):
        return ""
    set_off = line.startswith("#") or line.isupper() or text[first.end :].startswith("\n\n")
    at = blocks.index(first)
    following = blocks[at + 1 : at + 2]
    underlined = bool(following) and following[0].kind is BlockKind.NOISE
    title = _MARKDOWN.sub("", line)
    if kind:
        return f"{kind}: {title}"
    return title if set_off or underlined else ""


def _line(text: str, block: Block) -> str:
    return text[block.start : block.end]
