"""Read out of a regulation's text what it is, from when it holds, and what it replaces.

The form of Vietnamese regulations is set by Decree 30/2020/NĐ-CP: the office, the number, place
and day, the kind, and what it is about; that it takes effect, and what it replaces or repeals,
stands in one of its last articles. English texts are read by their phrases.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from rag.days import DAY, day_in, iso_day
from rag.documents import Block, BlockKind

__all__ = ["RegulationFacts", "is_letterhead", "read_regulation"]

_HEAD = 2_500  # characters in which number, day and kind stand
_TAIL = 1_500  # and in which a law says when it was passed
_LONGEST_SUBJECT = 300
_LONGEST_TITLE_LINE = 600

_KINDS = (
    "Bộ luật|Luật|Pháp lệnh|Lệnh|Nghị quyết liên tịch|Nghị quyết|Nghị định|Thông tư liên tịch"
    "|Thông tư|Quyết định|Chỉ thị|Công văn|Quy chế|Quy định|Thông báo|Hướng dẫn|Kế hoạch"
)
_ENGLISH_KINDS = "Law|Code|Ordinance|Decree|Circular|Decision|Resolution|Directive|Regulation"
_CODE = r"\d{1,5}(?:/\d{4})?/[A-ZĐ][A-ZĐa-z0-9&]*(?:-[A-ZĐa-z0-9&]+)*"
_NUMBER_LINE = re.compile(rf"(?:Số|Luật số|Lệnh số|No\.?)\s*:?\s*(?P<code>{_CODE})", re.I)
_KIND_LINE = re.compile(rf"^(?P<kind>{_KINDS})(?:\s+SỐ:?\s+(?P<code>{_CODE}))?$", re.I)
# "Thông tư số 39/2018/TT-BTC", "Luật Cư trú số 81/2006/QH11", "Decree No. 8/2015/NĐ-CP".
_CITED = re.compile(
    rf"\b(?P<kind>{_KINDS}|{_ENGLISH_KINDS})\b"
    rf"(?:(?:\s+(?!số\b|No\b)[^\s\d;:]+){{0,14}}?\s+(?:số:?|No\.?)\s*|\s+)(?P<code>{_CODE})",
    re.I,
)
_KIND_OF_CODE = {
    "BL": "Bộ luật", "NĐ": "Nghị định", "TT": "Thông tư", "TTLT": "Thông tư liên tịch",
    "QĐ": "Quyết định", "CT": "Chỉ thị", "NQ": "Nghị quyết", "TB": "Thông báo", "KH": "Kế hoạch",
    "HD": "Hướng dẫn", "UBTVQH": "Pháp lệnh", "QH": "Luật",
}  # fmt: skip
_OFFICE = re.compile(
    r"(?:CHÍNH PHỦ|THỦ TƯỚNG CHÍNH PHỦ|QUỐC HỘI|ỦY BAN THƯỜNG VỤ QUỐC HỘI|CHỦ TỊCH NƯỚC|BỘ|TỔNG CỤC"
    r"|CỤC|CHI CỤC|ỦY BAN NHÂN DÂN|UỶ BAN NHÂN DÂN|UBND|ỦY BAN|HỘI ĐỒNG NHÂN DÂN|NGÂN HÀNG|SỞ|VIỆN"
    r"|TÒA ÁN|TOÀ ÁN|KIỂM TOÁN|BAN|VĂN PHÒNG|TRƯỜNG|CÔNG TY|TẬP ĐOÀN|KHO BẠC)\b"
)
_MOTTO = re.compile(r"CỘNG H(?:ÒA|OÀ) XÃ HỘI CHỦ NGHĨA VIỆT NAM|Độc lập\s*[-–]\s*Tự do", re.I)
_PLACED_DAY = re.compile(rf"^[^\d\n]{{2,40}},\s*(?P<day>{DAY})", re.I | re.M)
_PASSED = re.compile(
    rf"(?:{_KINDS})\s+này\s+(?:đã\s+)?được[^.]{{0,160}}?thông qua\s+(?P<day>{DAY})", re.I
)
_PREAMBLE = re.compile(r"(?:Căn cứ|Theo đề nghị|Chương|Điều|Xét|Thực hiện|Kính gửi)\b", re.I)

_THIS = (
    rf"(?:(?:{_KINDS})\s+(?:và\s+\w+\s+)?này|văn bản này"
    rf"|this\s+(?:{_ENGLISH_KINDS}|Document|Policy|Agreement|Manual)"
    rf"|the\s+present\s+(?:{_ENGLISH_KINDS}))"
)
_BEGINS = re.compile(
    rf"{_THIS}[^.;]{{0,80}}?(?:có\s+hiệu\s+lực|bắt\s+đầu\s+có\s+hiệu\s+lực"
    r"|takes?\s+effect|comes?\s+into\s+(?:force|effect)|enters?\s+into\s+force"
    r"|(?:is|shall\s+be)\s+effective)(?P<when>[^.;]{0,160})",
    re.I,
)
_SIGNED = re.compile(r"(?:kể\s+)?từ\s+ngày\s+(?:được\s+)?(?:ký|ban\s+hành)|date\s+of\s+sign", re.I)
_AFTER = re.compile(r"sau\s+(?P<days>\d{1,3})(?:\s*\([^)]*\))?\s+ngày", re.I)
_UNTIL = re.compile(rf"(?:đến\s+hết|đến|until|to)\s+(?P<day>{DAY})", re.I)
_ENDS = re.compile(
    rf"{_THIS}[^.;]{{0,60}}?(?:hết\s+hiệu\s+lực|expires?|ceases?\s+to\s+have\s+effect)"
    rf"[^.;]{{0,60}}?(?P<day>{DAY})",
    re.I,
)

_REPLACES = re.compile(r"thay\s+thế(?!\s+(?:cụm\s+)?từ)|replaces?\b|supersedes?\b", re.I)
_REPEALS = re.compile(r"bãi\s+bỏ|hủy\s+bỏ|huỷ\s+bỏ|repeals?\b", re.I)
_LAPSES = re.compile(
    r"hết\s+hiệu\s+lực|cease[sd]?\s+to\s+(?:be\s+effective|have\s+effect)|(?:is|are)\s+repealed"
    r"|(?:is|are)\s+(?:replaced|superseded)",
    re.I,
)
_AMENDS = re.compile(r"sửa\s+đổi,?\s+bổ\s+sung|amend(?:s|ing|ed)?\b|supplement(?:s|ing)?\b", re.I)
_PARTIAL = re.compile(
    r"\b(?:khoản|điểm|điều|chương|mục|phụ\s+lục|biểu\s+mẫu|mẫu|cụm\s+từ|một\s+số|quy\s+định\s+tại"
    r"|nội\s+dung|articles?|clauses?|points?|sections?|chapters?|annex(?:es)?|some\s+articles|a\s+number\s+of)\b",
    re.I,
)
_BASED_ON = re.compile(
    r"(?:sửa\s+đổi,?\s+bổ\s+sung|ban\s+hành\s+kèm\s+theo|theo\s+quy\s+định|căn\s+cứ|hướng\s+dẫn"
    r"|quy\s+định\s+chi\s+tiết|amended\s+by|issued\s+(?:with|under)|guiding)[^;]{0,120}$",
    re.I,
)
_SENTENCE_END = re.compile(r"\.\s+(?=[A-ZĐ])")
_CLAUSE_END = re.compile(r";\s|\.\s+(?=[A-ZĐ])")
_ITEM = re.compile(r"\s*(?:[a-zđ]{1,2}[).]|\d{1,3}[.)]|[-–+•])\s")


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


def read_regulation(text: str, blocks: Sequence[Block]) -> RegulationFacts:
    """Return what a text says of itself as a regulation."""
    lines = [text[block.start : block.end] for block in blocks if block.kind is not BlockKind.NOISE]
    head = _head_lines(lines)
    number, kind_at = _number(head)
    passed = _PASSED.search(text[-_TAIL:])
    placed = _PLACED_DAY.search("\n".join(head)) if number else None
    day = iso_day(placed["day"]) if placed else iso_day(passed["day"]) if passed else ""
    subject = _subject(head, kind_at) if number else ""
    effective = _effective(text, day)
    relations = list(_relations(lines, number)) if effective or number or passed else []
    return RegulationFacts(
        number=number,
        title=f"{number}: {subject}" if subject else "",
        publisher=_publisher(head) if number else "",
        date=day,
        effective_from=effective,
        effective_until=_ending(text),
        replaces=_labels(relations, whole=True),
        amends=_labels(relations, whole=False),
    )


def is_letterhead(line: str) -> bool:
    """Tell whether a line is of what stands above a document: office, motto, number, day."""
    line = line.strip("#*_ ")
    return (
        (line.isupper() and _OFFICE.match(line) is not None)
        or not line.strip("-_=*.~ ")
        or any(one.match(line) for one in (_MOTTO, _NUMBER_LINE, _PLACED_DAY))
    )


def _head_lines(lines: Sequence[str]) -> list[str]:
    """Return the lines before what the text is based on, or its first article."""
    head: list[str] = []
    length = 0
    for line in (one.strip() for block in lines for one in block.split("\n")):
        if _PREAMBLE.match(line) or length > _HEAD:
            break
        head.append(line.strip("#*_ "))
        length += len(line)
    return head


def _number(head: Sequence[str]) -> tuple[str, int]:
    """Return a regulation's kind and number, and the line that names its kind; -1 if none does."""
    code = kind = ""
    kind_at = -1
    for position, line in enumerate(head):
        if len(line) > _LONGEST_TITLE_LINE:
            continue
        kind_line = _KIND_LINE.match(line)
        if kind_line and kind_at < 0:
            kind, kind_at = kind_line["kind"], position
            code = code or kind_line["code"] or ""
        cited = _CITED.match(line)
        if cited and not code:
            kind, code = kind or cited["kind"], cited["code"]
        numbered = _NUMBER_LINE.match(line)
        if numbered and not code:
            code = numbered["code"]
    if not code:
        return "", -1
    kind = kind or _kind_of(code)
    return f"{kind.capitalize()} {code}" if kind else code, kind_at


def _kind_of(code: str) -> str:
    found = re.search(r"/([A-ZĐ]+)", code.upper())
    return _KIND_OF_CODE.get(found[1], "") if found else ""


def _subject(head: Sequence[str], kind_at: int) -> str:
    """Return what a regulation is about: the lines that follow its kind."""
    if kind_at < 0:
        return ""
    found: list[str] = []
    for line in head[kind_at + 1 :]:
        ends = _OFFICE.match(line) or _MOTTO.search(line) or _NUMBER_LINE.match(line)
        if not line.strip("-_*=. ") or ends or line.endswith((":", ";")):
            break
        found.append(line)
        if len(" ".join(found)) > _LONGEST_SUBJECT or line.endswith("."):
            break
    subject = " ".join(found)
    if subject.isupper():
        subject = subject.capitalize()
    if len(subject) > _LONGEST_SUBJECT:
        subject = subject[:_LONGEST_SUBJECT].rsplit(" ", 1)[0] + "…"
    return subject


def _publisher(head: Sequence[str]) -> str:
    """Return the office at the head: "BỘ TÀI CHÍNH" as "Bộ Tài chính"."""
    line = next((line for line in head[:8] if _OFFICE.match(line) and line.isupper()), "")
    line = _MOTTO.split(line)[0].strip(" -")
    match = _OFFICE.match(line)
    if match is None or match[0] in {"QUỐC HỘI", "CHÍNH PHỦ"}:
        return line.capitalize()
    return f"{match[0].capitalize()} {line[match.end() :].strip().capitalize()}".strip()


def _effective(text: str, day: str) -> str:
    """Return the first day on which a text says that it holds."""
    for match in _BEGINS.finditer(text):
        when = _REPEALS.split(_REPLACES.split(match["when"])[0])[0]
        named = day_in(_UNTIL.sub("", when))
        after = _AFTER.search(when)
        if named and not after:
            return named
        if day and after:
            return (date.fromisoformat(day) + timedelta(days=int(after["days"]))).isoformat()
        if day and _SIGNED.search(when):
            return day
    return ""


def _ending(text: str) -> str:
    """Return the last day on which a text says that it holds."""
    for match in _BEGINS.finditer(text):
        until = _UNTIL.search(match["when"])
        if until:
            return iso_day(until["day"])
    ends = _ENDS.search(text)
    day = iso_day(ends["day"]) if ends else ""
    return (date.fromisoformat(day) - timedelta(days=1)).isoformat() if day else ""


def _labels(relations: Sequence[tuple[str, bool]], *, whole: bool) -> tuple[str, ...]:
    replaced = {label for label, is_whole in relations if is_whole}
    if whole:
        return tuple(dict.fromkeys(label for label, is_whole in relations if is_whole))
    return tuple(dict.fromkeys(label for label, _ in relations if label not in replaced))


def _relations(lines: Sequence[str], own: str) -> Iterator[tuple[str, bool]]:
    """Yield the regulations that a text replaces, repeals or amends, and whether as a whole."""
    announced = False  # "Bãi bỏ các văn bản sau đây:" was read, and its items go on
    for line in lines:
        verbs = list(_verbs(line))
        if announced and not verbs and _ITEM.match(line):
            yield from _targets(line, 0, len(line), own)
            continue
        announced = bool(verbs) and line.rstrip().endswith(":")
        for verb, stands_after in verbs:
            if stands_after:
                ends = [one.end() for one in _CLAUSE_END.finditer(line, 0, verb.start())]
                yield from _targets(line, max(ends, default=0), verb.start(), own)
            else:
                end = _SENTENCE_END.search(line, verb.end())
                yield from _targets(line, verb.end(), end.start() if end else len(line), own)
        amends = None if verbs else _AMENDS.search(line)
        amended = _CITED.search(line, amends.end()) if amends else None
        if amended and not own.endswith(amended["code"]):
            yield _label(amended), False


def _verbs(line: str) -> Iterator[tuple[re.Match[str], bool]]:
    """Yield the verbs that put regulations out of force, and whether they stand after them."""
    for verb in (_REPLACES, _REPEALS):
        for match in verb.finditer(line):
            yield match, False
    for match in _LAPSES.finditer(line):
        yield match, True


def _targets(line: str, low: int, high: int, own: str) -> Iterator[tuple[str, bool]]:
    """Yield the regulations named in a stretch of a line, and whether as a whole."""
    before = low
    for match in _CITED.finditer(line, low, high):
        between = line[before : match.start()].rpartition(";")[2]
        before = match.end()
        if not own.endswith(match["code"]) and not _BASED_ON.search(between):
            yield _label(match), not _PARTIAL.search(between)


def _label(match: re.Match[str]) -> str:
    return f"{match['kind'].capitalize()} {match['code']}"
