"""How definitions, plain statements and names of both languages are turned into questions."""

import re
from collections.abc import Iterator

from rag.domain.documents import Language
from ui.examples.titles import Made, QuestionKind, capital, lowered

__all__ = [
    "is_question",
    "question_of_definition",
    "questions_of_names",
    "questions_of_statement",
]

# ---- definitions ----------------------------------------------------------------------------

_MARK = re.compile(r"[\s*_]*(?:(?:\(?(?:\d{1,3}|[a-zđ]{1,2}\d?)\\?[.)/])\s+|[-–+•]\s+)?", re.I)
_VIETNAMESE_DEFINITION = re.compile(
    r"[“\"*_]*(?P<term>[^:;,.“”\"()\d*_]{2,60}?)[”\"*_]*\s+(?:\([^()]{1,80}\)\s+)?"
    r"(?:là|được hiểu là|nghĩa là)\s"
)
_ENGLISH_DEFINITION = re.compile(
    r"(?:(?P<article>An?|The)\s+)?[“\"*_]*(?P<term>[A-Za-z][A-Za-z \-]{1,50}?)[”\"*_]*\s+"
    r"(?P<short>\([A-Z]{2,8}\)\s+)?(?P<says>means?|refers? to|is|are)\s+(?P<what>an?\b|the\b)?"
)
_NO_TERM = frozenset("đã sẽ không được có là bị việc không the this that it there".split())
_LONGEST_TERM = 8  # words


def question_of_definition(
    sentence: str, asked: Language, written: Language, *, listed: bool, text: str = ""
) -> str:
    """Return what asks for what a sentence defines; "" if it defines nothing.

    Args:
        sentence: With its number, if it has one.
        asked: The language of the question.
        written: The language of the sentence.
        listed: Whether it stands where words are defined; elsewhere only few forms are taken.
        text: Of the document, which tells what is written with a small letter.
    """
    mark = _MARK.match(sentence)
    bare = sentence[mark.end() if mark else 0 :]
    if written is Language.VIETNAMESE:
        match = _VIETNAMESE_DEFINITION.match(bare) if listed else None
        own = match is not None and asked is written
        return f"{capital(match['term'])} là gì?" if match and own and _is_term(match) else ""
    match = _ENGLISH_DEFINITION.match(bare)
    if match is None or not _is_term(match):
        return ""
    article = (match["article"] or "").lower()
    described = match["says"] == "is" and match["what"] is not None
    if not listed and not (described and (article in ("a", "an") or match["short"])):
        return ""
    term = lowered(match["term"], text)
    if asked is Language.VIETNAMESE:
        return f"Thuật ngữ “{term}” nghĩa là gì?"
    if described and (article in ("a", "an") or (article and match["short"])):
        return f"What is {article} {term}?"
    return f"What does “{term}” mean?"


def _is_term(match: re.Match[str]) -> bool:
    words = match["term"].split()
    return len(words) <= _LONGEST_TERM and words[0].lower() not in _NO_TERM


# ---- statements -----------------------------------------------------------------------------

_LONGEST_STATEMENT = 220  # characters
_NOT_FIRST = re.compile(  # words with which no subject begins
    r"(?:căn cứ|theo|ngày|trong|tại|từ|sau|trước|nếu|khi|giao|để|với|do|vì|ban hành|kèm|tuy|nhưng"
    r"|trường hợp|đã|đi|sẽ|không|kể|và|hoặc|đồng thời|ngoài|đặc biệt|bên cạnh|thời gian"
    r"|địa điểm|kính|số|được|đến|hiện|riêng|còn"
    r"|in|on|at|by|if|when|after|before|for|from|with|there|please|as|under|during|while|but|and"
    r"|however|also|since|until|to|no|not|only)\b",
    re.I,
)
_SUBJECT = r"(?P<who>[^\W\d_][^\d,;:.()“”\"?!]{7,70}?)"
_WHEN = (
    r"(?:vào|từ|trước|đến hết) (?:ngày \d|lúc \d|thứ (?:hai|ba|tư|năm|sáu|bảy)|chủ nhật|tháng \d)"
    r"|lúc \d"
)
_UNIT = (
    r"ngày|giờ|phút|tháng|năm|tuần|người|đoàn|nước|thành viên|lần|km|lít|kg|tấn|mét|đồng|chuyến|xe"
    r"|mục tiêu|chương|điều|phần|bước|nhóm|loại|hồ sơ|bộ|bản|thỏa thuận|hiệp định|đơn vị|phòng"
    r"|học sinh|học viên|cán bộ|nhân viên"
)
_NOT_BEFORE = (
    r"(?<!\bngày )(?<!\btháng )(?<!\bnăm )(?<!\bkhoản )(?<!\bđiều )(?<!\bsố )(?<!\bthứ )"
    r"(?<!\blúc )"
)
_VIETNAMESE_STATEMENTS = (
    (re.compile(rf"{_SUBJECT} được hưởng [^.]*\d"), "{who} được hưởng những gì?"),
    (re.compile(rf"{_SUBJECT} (?:{_WHEN})", re.I), "{who} khi nào?"),
    # In Vietnamese a question has the order of words of its answer.
    (
        re.compile(
            rf"{_SUBJECT} {_NOT_BEFORE}(?:khoảng |tối đa |tối thiểu |không quá |ít nhất )?"
            rf"\d[\d.,]*(?P<rest> (?:{_UNIT})\b[^\d,;:.()“”\"?!]{{0,60}}?)(?: và |[.;]|, )",
        ),
        "{who} bao nhiêu{rest}?",
    ),
)
_ENGLISH_SUBJECT = r"(?P<who>[A-Za-z][^,;:.()“”\"?!]{2,60}?)"
_TIMES = r"(?:days|hours|weeks|months|years|minutes)(?: of [a-z ]{3,30}?)?"
_MOSTLY = r"(?:at least |at most |up to |about )?"
_DONE = r"(?P<done>[a-z]{2,15}ed(?: (?:to|from|by) [a-z ]{3,25})?)"
_BY = r"(?:within|before|after|on|by) (?:\w+ )?\d"
_ENGLISH_STATEMENTS = tuple(
    (re.compile(rf"{_ENGLISH_SUBJECT} {rest}"), question)
    for rest, question in (
        (rf"costs {_MOSTLY}\d", "How much does {who} cost?"),
        (
            rf"has {_MOSTLY}\d+ (?P<what>{_TIMES})(?: a year)?[.,;]",
            "How many {what} does {who} have?",
        ),
        (
            rf"have {_MOSTLY}\d+ (?P<what>{_TIMES})(?: a year)?[.,;]",
            "How many {what} do {who} have?",
        ),
        (
            r"took [\w ]{1,20}(?:minutes|hours|days|weeks|months)\b",
            "How long did {who} take?",
        ),
        (
            r"(?P<is>is|are) (?P<done>[a-z]{2,15}ed) (?:every (?!effort)|once |twice )",
            "How often {is} {who} {done}?",
        ),
        (rf"(?P<is>is|are) {_DONE} {_BY}", "When {is} {who} {done}?"),
        (rf"(?P<must>must|should) be {_DONE} {_BY}", "When {must} {who} be {done}?"),
    )
)
# In regulations most sentences are parts of enumerations; these are by themselves.
_IN_LAW = re.compile(r"(?:Thời hạn|Mức|Định mức|Lệ phí|Phí|Tỷ lệ) ")
_EXAMPLE = re.compile(r"\b[A-HJ-Z]\b")  # "company A"


def questions_of_statement(
    sentence: str, language: Language, *, in_law: bool, text: str = ""
) -> Iterator[Made]:
    """Yield what may be asked of a sentence that tells how much, how long, when or what for.

    Args:
        sentence: With its number, if it has one.
        language: That it is written in.
        in_law: Whether it is of a regulation.
        text: Of the document, which tells what is written with a small letter.
    """
    mark = _MARK.match(sentence)
    bare = sentence[mark.end() if mark else 0 :][:_LONGEST_STATEMENT]
    if not bare[:1].isupper() or _NOT_FIRST.match(bare) or _EXAMPLE.search(bare):
        return
    vietnamese = language is Language.VIETNAMESE
    if in_law and vietnamese and not _IN_LAW.match(bare):
        return
    for shape, question in _VIETNAMESE_STATEMENTS if vietnamese else _ENGLISH_STATEMENTS:
        match = shape.match(bare)
        if match and not (match[0].endswith(", ") and bare[match.end() :][:1].isupper()):
            parts = match.groupdict()
            if vietnamese and len(parts["who"].split()) > 2:
                yield QuestionKind.FACT, question.format(**parts)
            elif not vietnamese:
                who = lowered(parts["who"], text)
                yield QuestionKind.FACT, question.format(**{**parts, "who": who})


# ---- things that have names -----------------------------------------------------------------

_NAMED = re.compile(
    r"(?<!\S)(?P<what>[Cc]hiến dịch|[Cc]hương trình|[Dd]ự án|[Đđ]ề án|[Tt]uyên bố|[Cc]ông ước"
    r"|[Hh]iệp định|[Qq]uỹ|[Gg]iải thưởng|[Hh]iến chương|[Ss]áng kiến) "
    r"(?P<name>[A-ZĐ][^\W\d_]+(?: [A-ZĐ][^\W\d_]+){0,3})"
    r"(?=[,.;)]| (?:về|tại|của|nhằm|được|là|trong|với|để|giữa|tập trung|thể hiện|do|và)\b)",
)
_NAMED_IN_ENGLISH = {
    "chiến dịch": "Operation {}", "chương trình": "the {} programme", "dự án": "the {} project",
    "đề án": "the {} project", "tuyên bố": "the {} Declaration", "công ước": "the {} Convention",
    "hiệp định": "the {} Agreement", "quỹ": "the {} Fund", "giải thưởng": "the {} Award",
    "hiến chương": "the {} Charter", "sáng kiến": "the {} Initiative",
}  # fmt: skip


def questions_of_names(sentence: str, asked: Language) -> Iterator[Made]:
    """Yield what may be asked of campaigns, agreements and the like that a sentence names.

    Args:
        sentence: Of a Vietnamese document.
        asked: The language of the questions.
    """
    for match in _NAMED.finditer(sentence):
        what, name = match["what"].lower(), match["name"]
        if asked is Language.VIETNAMESE:
            yield QuestionKind.NAME, f"{capital(what)} {name} là gì?"
        elif name.isascii() or len(name.split()) <= 2:
            yield QuestionKind.NAME, f"What is {_NAMED_IN_ENGLISH[what].format(name)}?"


# ---- questions that are there already -------------------------------------------------------

_ASKS_VIETNAMESE = re.compile(
    r"\b(?:gì|nào|sao|bao nhiêu|bao lâu|bao giờ|ở đâu|đâu|ai|mấy|thế nào)\b|\bkhông\?$", re.I
)
_ASKS_ENGLISH = re.compile(
    r"(?:what|when|where|who|whom|whose|how|which|why|can|could|do|does|did|is|are|may|must|should"
    r"|will)\b",
    re.I,
)


def is_question(text: str, language: Language) -> bool:
    """Tell whether a text is a whole question."""
    if not text.endswith("?") or text.count("?") > 1 or not text[:1].isupper():
        return False
    if language is Language.VIETNAMESE:
        return _ASKS_VIETNAMESE.search(text) is not None
    return _ASKS_ENGLISH.match(text) is not None
