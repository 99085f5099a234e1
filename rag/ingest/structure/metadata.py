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
    "read_catalogue",
    "read_front_matter",
    "read_sidecar",
    "stated_language",
    "with_entry",
]

CATALOGUE = "catalogue.toml"
"""The file at the top of a corpus that says what its documents are."""

SIDECAR = ".toml"
"""What is added to a document's name to name the file beside it that says what it is."""

_DATE_STAMP = re.compile(
    r"\s*+(?:date|published|updated|ngày đăng|cập nhật)\s*+:?\s*+(\d{4}-\d{2}-\d{2})", re.I
)
_MARKDOWN_MARKUP = re.compile(r"^[#\s]+|[#*_\s]+$|^[*_]+")
_ROMAN_HEADING = re.compile(r"[#\s*_]*[IVXL]{1,6}[.)]\s")  # "I. MỤC ĐÍCH, YÊU CẦU"
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
_LIST_FIELDS = ("replaces", "replaced_by", "amends", "access")
# What restricts a document, in front matter that cannot be understood.
_ACCESS_KEY = re.compile(r"^[^\S\n]*+[\"']?(?:access|groups?)\b", re.I | re.M)
# What a document says of others, which is believed if the owner says it.
_RELATION_FIELDS = frozenset({"replaces", "replaced_by", "amends"})
# What is found out of documents, and never believed of one that says so of itself.
_DERIVED_FIELDS = frozenset({"claimed_by", "same_number", "vouched"})
_MAX_TOML_BYTES = 1_000_000  # of a catalogue or a file beside a document
_DAY_FIELDS = ("date", "effective_from", "effective_until")
_EARLIEST_DAY = date(1900, 1, 1)
_LATEST_DAY = date(2199, 12, 31)  # on which a document may be in force; none is of a day to come
_FULL_DAY_CHARACTERS = len("2018-06-05")


def _day(value: object) -> object:
    """Return a day as ISO 8601, however it is written."""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and value:
        day = iso_day(value)
        if not day and not re.fullmatch(r"\d{4}(-\d{2})?", value):
            raise ValueError(f"{value!r} is no day; write it as 2018-06-05")
        return day or value
    return value


def _labels(value: object) -> object:
    """Return one or several documents' names as a tuple."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(";") if part.strip())
    if isinstance(value, list) and all(isinstance(label, str) for label in value):
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


class _CatalogueEntry(Entry):
    source: str


class _Catalogue(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    document: list[_CatalogueEntry] = []


def read_catalogue(
    corpus: Path, on_error: Callable[[DocumentError], None] = lambda _: None
) -> Mapping[str, Entry]:
    """Return what the catalogue says of each document, by source; nothing if there is none.

    Args:
        corpus: The folder.
        on_error: Is told of each day that cannot be, which is left out.

    Raises:
        DocumentError: If the catalogue is there but cannot be understood.
    """
    path = corpus / CATALOGUE
    if not path.is_file():
        return {}
    stated = _read_toml(path)
    documents = stated.get("document")
    for position, entry_fields in enumerate(documents if isinstance(documents, list) else ()):
        if isinstance(entry_fields, dict):
            _drop_impossible_days(entry_fields, f"document.{position}.", on_error)
    try:
        catalogue = _Catalogue.model_validate(stated)
    except ValidationError as error:
        raise _invalid_entry(error) from error
    return {
        entry.source: Entry.model_construct(**entry.model_dump(exclude={"source"}))
        for entry in catalogue.document
    }


def read_sidecar(path: Path, on_error: Callable[[DocumentError], None] = lambda _: None) -> Entry:
    """Return what a file beside a document says of it.

    Args:
        path: The file.
        on_error: Is told of each day that cannot be, which is left out.

    Raises:
        DocumentError: If it cannot be understood.
    """
    stated = _read_toml(path)
    _drop_impossible_days(stated, "", on_error)
    try:
        return Entry.model_validate(stated)
    except ValidationError as error:
        raise _invalid_entry(error) from error


def _read_toml(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > _MAX_TOML_BYTES:
            raise DocumentError("structure.too_large")
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise DocumentError(
            "structure.not_toml",
            error=error,
        ) from error


def _drop_impossible_days(
    stated: dict[str, Any], place: str, on_error: Callable[[DocumentError], None]
) -> None:
    """Take out of what is said the days that cannot be, and tell of each."""
    for name in _DAY_FIELDS:
        if name in stated and not _is_possible(name, stated[name]):
            on_error(_impossible_day(f"{place}{name}", stated.pop(name)))


def _is_possible(name: str, value: object) -> bool:
    """Tell whether something can be a day; of the day of a document, its year or month will do."""
    try:
        day = _day(value)
        if not isinstance(day, str) or not day:
            return day == ""  # which says that it is not known
        first_day = date.fromisoformat((day + "-01-01")[:10])
    except ValueError:
        return False
    if name != "date":
        return len(day) == _FULL_DAY_CHARACTERS and _EARLIEST_DAY <= first_day <= _LATEST_DAY
    return _EARLIEST_DAY <= first_day <= date.today() + timedelta(days=1)


def _impossible_day(place: str, value: object) -> DocumentError:
    written_value = value.isoformat() if isinstance(value, date) else repr(value)[:40]
    until = message("structure.tomorrow") if place.endswith("date") else _LATEST_DAY
    return DocumentError(
        "structure.no_such_day",
        place=place,
        written=written_value,
        first_day=_EARLIEST_DAY,
        until=until,
    )


def _invalid_entry(error: ValidationError) -> DocumentError:
    first_error = error.errors()[0]
    place = ".".join(map(str, first_error["loc"]))
    known_fields = ", ".join(["source", *Entry.model_fields])
    return DocumentError(
        "structure.unknown_key",
        place=place,
        reason=first_error["msg"],
        known=known_fields,
    )


class _LoaderWithTextDays(yaml.SafeLoader):
    """YAML in which a day is text: one that cannot be would cost all the rest."""


_LoaderWithTextDays.yaml_implicit_resolvers = {
    first_character: [
        (tag, form) for tag, form in resolvers if tag != "tag:yaml.org,2002:timestamp"
    ]
    for first_character, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
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
        value = yaml.load(match[1], _LoaderWithTextDays)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        if _ACCESS_KEY.search(match[1]):
            raise _unclear_access() from error
        return 0, {}
    if not isinstance(value, dict) or not value:
        return 0, {}
    known_fields = {field.name for field in fields(Metadata)} - _DERIVED_FIELDS | {"language"}
    front_matter: dict[str, str] = {}
    for name, stated in value.items():
        field = str(name).lower().replace("-", "_")
        field = _ALIASES.get(field, field)
        if field not in known_fields or stated is None:
            continue
        if field == "access" and not _is_group_list(stated):
            raise _unclear_access()
        if isinstance(stated, list):
            front_matter[field] = "; ".join(
                str(item) for item in stated if isinstance(item, str | int)
            )
        elif isinstance(stated, str | int | float | date):
            is_day = field in ("date", "effective_from", "effective_until")
            front_matter[field] = (
                iso_day(str(stated)[:10]) or iso_day(str(stated)) if is_day else str(stated)
            )
    return match.end(), front_matter


def _is_group_list(stated: object) -> bool:
    groups = stated if isinstance(stated, list) else [stated]
    return all(isinstance(group, str | int) and str(group).strip() for group in groups)


def _unclear_access() -> DocumentError:
    return DocumentError(
        "structure.access_not_understood",
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
    date_stamp = _DATE_STAMP.match(text)
    regulation = asdict(read_regulation(text, blocks))
    regulation["title"] = regulation["title"] or _title(text, blocks) or regulation["number"]
    regulation["date"] = regulation["date"] or (date_stamp[1] if date_stamp else "")
    values = {
        **{name: value for name, value in properties.items() if name != "language"},
        **{name: value for name, value in regulation.items() if value},
    }
    for name, value in front_matter.items():
        if value and name != "language":
            values[name] = _labels(value) if name in _LIST_FIELDS else value
    return Metadata(**values)


def with_entry(metadata: Metadata, entry: Entry | None) -> Metadata:
    """Return what is known, with what the owner says instead where that is given."""
    given = entry.given() if entry else {}
    given.pop("language", None)
    vouched = tuple(sorted({*metadata.vouched, *(given.keys() & _RELATION_FIELDS)}))
    return replace(metadata, **given, vouched=vouched)


def stated_language(stated: Mapping[str, str], entry: Entry | None) -> Language | None:
    """Return the language that a document is said to be in, if it is one of ours."""
    name = (entry.language if entry and entry.language else stated.get("language", ""))[:2].lower()
    return Language(name) if name in set(Language) else None


def _title(text: str, blocks: Sequence[Block]) -> str:
    """Return the heading with which the text begins, if it stands alone above it.

    Below a line that only says "QUYẾT ĐỊNH" it is what follows; a chapter's name is none.
    """
    visible_blocks = [block for block in blocks if block.kind is not BlockKind.NOISE]
    position = 0
    while position < len(visible_blocks) and is_letterhead(_line(text, visible_blocks[position])):
        position += 1
    kind = ""
    if position < len(visible_blocks) and is_kind(_line(text, visible_blocks[position])):
        kind = _MARKDOWN_MARKUP.sub("", _line(text, visible_blocks[position])).capitalize()
        position += 1
    if position == len(visible_blocks) or visible_blocks[position].kind is not BlockKind.HEADING:
        return ""
    first_block = visible_blocks[position]
    line = without_print_time(_line(text, first_block))
    if article_mark(line) or item_mark(line) or _ROMAN_HEADING.match(line):
        return ""
    is_set_off = (
        line.startswith("#") or line.isupper() or text[first_block.end :].startswith("\n\n")
    )
    block_index = blocks.index(first_block)
    following = blocks[block_index + 1 : block_index + 2]
    is_underlined = bool(following) and following[0].kind is BlockKind.NOISE
    title = _MARKDOWN_MARKUP.sub("", line)
    if kind:
        return f"{kind}: {title}"
    return title if is_set_off or is_underlined else ""


def _line(text: str, block: Block) -> str:
    return text[block.start : block.end]
