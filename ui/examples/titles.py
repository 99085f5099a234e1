"""How titles of both languages are turned into questions.

The questions are whole sentences by the way they are made. What they are made of may still be
nonsense; whether a question may be shown is found out elsewhere, by its words and its answer.
"""

import re
from collections.abc import Iterator
from enum import IntEnum

from rag.domain.documents import Language
from rag.language.english import is_english
from rag.language.vietnamese import fold

__all__ = [
    "Made",
    "QuestionKind",
    "capital",
    "is_definition_title",
    "is_scope_title",
    "lowered",
    "questions_of_title",
]


class QuestionKind(IntEnum):
    """What a question is made of; of two that will do, the lower goes first."""

    DEFINITION = 0
    RIGHTS = 1
    CONDITIONS = 2
    CONTENTS = 3
    QUESTION = 4  # which a heading asks
    FACT = 5
    NAME = 6
    TITLE = 7
    SCOPE = 8
    EFFECT = 9
    ABBREVIATION = 10
    ADDRESS = 11


Made = tuple[QuestionKind, str]
"""What a question is made of, and the question."""

# ---- titles ---------------------------------------------------------------------------------

_DEFINITIONS = re.compile(
    r"(?:giai thich (?:tu ngu|thuat ngu|cac tu ngu)|dinh nghia|thuat ngu|khai niem|tu ngu"
    r"|definitions?|interpretation|glossary|terms and definitions|definition of terms"
    r"|interpretation of (?:terms|words)|definitions and interpretation)\b"
)
_SCOPE = re.compile(
    r"(?:pham vi (?:dieu chinh|ap dung)(?:,? (?:va )?doi tuong ap dung)?"
    r"|(?:governing )?scope(?: of (?:application|regulation|adjustment))?)$"
)
_ABOUT = r"(?P<about> (?:về|trong|đối với|khi|trước khi|sau khi) .+)?"
_VIETNAMESE_TITLES = (
    (
        QuestionKind.RIGHTS,
        re.compile(
            r"(?P<what>quyền|nghĩa vụ|trách nhiệm|nhiệm vụ|quyền hạn|quyền(?:,| và) nghĩa vụ"
            r"|nhiệm vụ(?:,| và) quyền hạn|(?:quyền|nghĩa vụ)(?:,| và) trách nhiệm)"
            rf" của (?P<who>.+?){_ABOUT}$",
            re.I,
        ),
        "{who} có {some}{what} gì{about}?",
    ),
    (
        QuestionKind.CONTENTS,
        re.compile(r"(?:các )?hành vi bị (?P<what>nghiêm cấm|cấm)(?P<about> .+)$", re.I),
        "Những hành vi nào bị {what}{about}?",
    ),
    (QuestionKind.CONDITIONS, re.compile(r"điều kiện (?!và\b)[^,]+$", re.I), "{title} là gì?"),
    (QuestionKind.CONTENTS, re.compile(r"hồ sơ (?!và\b)[^,]+$", re.I), "{title} gồm những gì?"),
    (
        QuestionKind.CONTENTS,
        re.compile(
            r"(?:các |những )?trường hợp (?P<what>(?:được|bị|không|phải|cấm|miễn) .+)$", re.I
        ),
        "Những trường hợp nào {what}?",
    ),
    (
        QuestionKind.CONTENTS,
        re.compile(r"(?:các|những) trường hợp (?P<who>(?!được|bị|không|phải|cấm|miễn).+)$", re.I),
        "{who} trong những trường hợp nào?",
    ),
    (
        QuestionKind.CONTENTS,
        re.compile(
            r"(?:các|những) (?P<what>(?:loại|hình thức|biện pháp|nguyên tắc|nguồn|nhóm|phương thức"
            r"|bước) [^,]+)$",
            re.I,
        ),
        "Có những {what} nào?",
    ),
    (
        QuestionKind.CONTENTS,
        re.compile(r"nội dung (?P<who>(?!của\b|về\b).+)$", re.I),
        "{who} gồm những nội dung gì?",
    ),
    (
        QuestionKind.TITLE,
        re.compile(
            r"(?:nguyên tắc|mục tiêu|mục đích|nhiệm vụ|tiêu chuẩn|tiêu chí|yêu cầu|kết luận"
            r"|chức năng|ý nghĩa|chủ đề|phương châm) (?!và\b|thực hiện$).+$",
            re.I,
        ),
        "{title} là gì?",
    ),
    (QuestionKind.FACT, re.compile(r"thời hạn [^,]+$", re.I), "{title} là bao lâu?"),
    (
        QuestionKind.FACT,
        re.compile(r"(?:mức|định mức|tỷ lệ|lệ phí|phí|định lượng|chi phí) [^,]+$", re.I),
        "{title} là bao nhiêu?",
    ),
)
# Of an article of a regulation it can always be asked how it is laid down.
_LAID_DOWN = re.compile(
    r"(?:thủ tục|trình tự|thời hạn|thời gian|thời điểm|chính sách|chế độ|địa điểm|nơi|hợp đồng|việc"
    r"|quy trình|thẩm quyền|căn cứ|hoạt động|trách nhiệm|hồ sơ|mức|kinh phí|nguồn|hình thức"
    r"|phương pháp|đăng ký|xử lý|thu hồi|khai|kê khai|kiểm tra|bảo vệ|quản lý|xóa|cấp|cấp lại"
    r"|lệ phí|thuế|tiêu chuẩn|sử dụng|bảo quản|lưu trữ|giải quyết|nhiệm vụ|nghĩa vụ|quyền) .+$",
    re.I,
)
# Of what an office shall do one asks who knows the regulation; it may stand in many.
_OFFICE = re.compile(
    r"(?:các |những )?(?:bộ|ủy ban|uỷ ban|cục|chi cục|tổng cục|sở|cơ quan|bên|chính phủ|thủ tướng"
    r"|đơn vị|quốc hội|hội đồng|tòa án|viện|ngân hàng|công an|kho bạc)\b",
    re.I,
)
_BOILERPLATE = re.compile(
    r"(?:hieu luc|dieu khoan|to chuc thuc hien|trach nhiem thi hanh|thi hanh|quy dinh chuyen tiep"
    r"|sua doi|bai bo|ban hanh|pham vi|doi tuong ap dung|giai thich|quy dinh|trach nhiem to chuc"
    r"|hieu luc thi hanh|noi nhan|can cu|noi dung cuoc hop|noi dung chinh)\b|.* thuc hien$"
)
_ENGLISH_TITLES = (
    (
        QuestionKind.RIGHTS,
        re.compile(r"(?:rights|obligations|duties|responsibilities|powers)\b.* of .+$", re.I),
        "What are the {low}?",
    ),
    (
        QuestionKind.CONDITIONS,
        re.compile(
            r"(?:conditions|requirements|criteria|qualifications)\b.* (?:for|of|to) .+$", re.I
        ),
        "What are the {low}?",
    ),
    (
        QuestionKind.CONTENTS,
        re.compile(
            r"(?:types|kinds|forms|functions|objectives|goals|principles|benefits|penalties"
            r"|procedures|tasks) (?:of|for) .+$|(?:working|office|opening|business) hours$",
            re.I,
        ),
        "What are the {low}?",
    ),
    (
        QuestionKind.TITLE,
        re.compile(
            r"(?:procedure|purpose|objective|duration|time limit|validity|composition|role|process"
            r"|deadline|term|method|aim) (?:of|for) .+$",
            re.I,
        ),
        "What is the {low}?",
    ),
)


def is_definition_title(title: str) -> bool:
    """Tell whether what stands under a title says what words mean."""
    return _DEFINITIONS.match(fold(title)) is not None


def is_scope_title(title: str) -> bool:
    """Tell whether what stands under a title says what a regulation is about."""
    return _SCOPE.match(fold(title)) is not None


def questions_of_title(
    title: str, language: Language, *, in_law: bool, text: str = ""
) -> Iterator[Made]:
    """Yield what may be asked of what stands under a title, the most natural question first.

    Args:
        title: Without its number.
        language: That it is written in.
        in_law: Whether it is the title of an article of a regulation.
        text: Of the document, which tells what is written with a small letter.
    """
    if _BOILERPLATE.match(fold(title)):
        return
    named = False
    for kind, shape, question in (
        _VIETNAMESE_TITLES if language is Language.VIETNAMESE else _ENGLISH_TITLES
    ):
        match = shape.match(title)
        if match:
            named = (
                named or kind is not QuestionKind.FACT
            )  # how much, the text may not say in numbers
            yield _made(kind, question, match, text)
    laid_down = in_law and language is Language.VIETNAMESE and not named
    if laid_down and _LAID_DOWN.match(title):
        yield QuestionKind.TITLE, f"{capital(title)} được quy định như thế nào?"


def _made(kind: QuestionKind, question: str, match: re.Match[str], text: str) -> Made:
    parts = {name: value or "" for name, value in match.groupdict().items()}
    who, what = parts.pop("who", ""), parts.pop("what", "")
    some = ""
    if kind is QuestionKind.RIGHTS:
        what = what.lower().replace(",", " và")
        some = "những " if " và " in what else ""
        kind = QuestionKind.TITLE if _OFFICE.match(who) else kind
    title = match.string
    return kind, question.format(
        title=capital(title),
        low=lowered(title, text),
        who=capital(who),
        what=what,
        some=some,
        **parts,
    )


# ---- letters --------------------------------------------------------------------------------


_SMALL_IN_TITLES = frozenset("a an and at by for in of on or the to with".split())


def capital(text: str) -> str:
    """Return a text with a capital at its beginning."""
    return text[:1].upper() + text[1:]


def lowered(phrase: str, text: str) -> str:
    """Return an English phrase as it stands within a sentence: names keep their capitals.

    Args:
        phrase: With a capital at its beginning, or at that of each word as titles have.
        text: In which common words may stand in small letters.
    """
    begins = phrase.split(" ", 1)
    as_title = len(begins) == 2 and all(
        word[0].isupper() or word in _SMALL_IN_TITLES for word in begins[1].split() if word
    )
    if as_title:
        return " ".join(_lowered_word(word, text) for word in phrase.split())
    return " ".join([_lowered_word(begins[0], text), *begins[1:]])


def _lowered_word(word: str, text: str) -> str:
    low = word.lower()
    if not word.isalpha() or (len(word) > 1 and word.isupper()):
        return word
    common = is_english(low) or is_english(low.removesuffix("s"))
    return low if common or re.search(rf"\b{low}\b", text) else word
