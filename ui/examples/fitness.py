"""What of a document's words may stand on everybody's first screen.

Whoever can put a document into the folder could otherwise write there: an advertisement, a number
to call, the address of a false page. What is refused here by mistake costs one example of many.
"""

import re
from collections.abc import Set
from itertools import groupby

from rag.domain.documents import Document
from rag.language.vietnamese import fold, has_vietnamese_marks, nfc
from rag.law.citations import CODE

__all__ = ["advertises", "fit_to_show", "sells", "stands_alone", "tempts"]

_SHORTEST, _LONGEST = 8, 120  # characters
_LONGEST_WORD = 25
_MOST_DIGITS = 8  # beside the numbers of regulations: two years
_LOOKED_AT = 20_000  # characters of a document
_FEWEST_SENTENCES = 6  # of which a document may not consist of copies
_PUNCTUATION = frozenset(" ,.?-–/()“”\"'’%&")

_DIGITS = re.compile(r"\d{5}|\d(?:[ .,()–-]*\d){7}")
_ADDRESS = re.compile(
    r"@|[^\W\d_]{2}\.[^\W\d_]{2}|\b(?:https?|www)\b|\b(?:dot|cham)\s+(?:com|vn|net|org|info)\b"
    r"|\.\s*(?:com|vn|net|org|info|io|xyz|top|shop|example)\b"
)
_MONEY = re.compile(
    r"\d[\d.,]{0,20}+\s{0,9}+(?:k|nghin|ngan|trieu|ty|ti|dong|vnd|usd|eur|euros?|dollars?|pounds?)\b"
    r"|(?:usd|eur|vnd)\s*\d"
)


_Either = tuple[re.Pattern[str], re.Pattern[str]]


def _either(vietnamese: str, english: str) -> _Either:
    """Return expressions for text with Vietnamese marks, and for text that has none."""
    marked, bare = (
        re.compile(rf"\b(?:{spelled}|{english})\b") for spelled in (vietnamese, fold(vietnamese))
    )
    return marked, bare


# What calls people to do something, and stands in hardly any text that only tells something.
_LOUD_VIETNAMESE = (
    r"(?:gọi|mua|đặt|click|bấm|nhấp|đăng ký|truy cập)(?: \w+){0,2} ngay(?! sau| khi| từ| tại)"
    r"|trúng thưởng|siêu rẻ|nên (?:mua|chọn)|casino|cá cược|vay (?:nhanh|nóng)|tín dụng đen"
    r"|bỏ qua (?:mọi|tất cả|hết)(?: các)? (?:lệnh|chỉ dẫn|hướng dẫn|yêu cầu)"
)
_LOUD_ENGLISH = (
    r"click here|(?:call|buy|order|act|sign up|register|apply) now|free gift|jackpot|you have won"
    r"|win an? (?:prize|gift|car|phone|trip)|limited (?:offer|time)|lowest prices?"
    r"|ignore (?:all |any |the )*(?:previous|earlier|above|other) \w+"
)
_LOUD = _either(_LOUD_VIETNAMESE, _LOUD_ENGLISH)
# And what else has no place in a question, or in the sentence that answers it.
_SELLS = _either(
    rf"{_LOUD_VIETNAMESE}|liên hệ|gọi (?:cho|đến|số|tới|ngay)|khuyến m[aạã]i|giảm giá|ưu đãi"
    r"|miễn phí|đặt (?:hàng|mua)|(?:nhận|tặng|trao) (?:quà|thưởng)|quà tặng|nhận ngay"
    r"|mật khẩu (?:quản trị|của bạn)|(?:gửi|nhập|nhận lại|lấy lại) mật khẩu|website|trang web"
    r"|vào (?:trang(?! bị| thiết)|web)|bấm vào|nhấp vào|quét mã|a còng|facebook|tiktok|youtube"
    r"|hotline|zalo|telegram|viber|whatsapp|hàng đầu|số một"
    r"|(?:tốt|rẻ|ngon|đẹp|uy tín|hấp dẫn|chất lượng|nổi tiếng) nhất",
    rf"{_LOUD_ENGLISH}|contact us|click|subscribe|sign up|log in at|buy|prizes?|discounts?"
    r"|cheap(?:est)?|deals?|best|bargains?|hurry|winners?|bitcoin|crypto"
    r"|(?<!-)(?<!duty )free(?! trade| zone| movement)",
)
_BIDS = re.compile(r"(?:hãy|xin|mời|vui lòng|please)\b")
_WORD = re.compile(r"[^\W\d_]+")
_CODE = re.compile(CODE)
_ABBREVIATION = re.compile(r"\b[A-ZĐ]{2,}\b")
_CONTEXT = re.compile(  # of what is spoken of depends on what stands before
    r"\b(?:này|ấy|đó|kia|dưới đây|sau đây|nói trên|nêu trên|nêu tại|quy định tại|như sau"
    r"|(?:điều|khoản|điểm) \d+|this|that|these|those|it|its|they|their|them|he|she|his|her|above"
    r"|below|such|following|said|thereof)\b|\btrên\W*$",
    re.I,
)
_LEFT_OPEN = re.compile(  # a text that was cut off there
    r"(?:…|\.\.|[,;:–-]|\b(?:của|và|hoặc|về|trong|cho|với|đối với|tại|theo|do|để|từ|bằng|là"
    r"|các|những|of|and|or|for|to|in|on|at|by|with|the|an?))$",
    re.I,
)


def fit_to_show(text: str, abbreviations: Set[str]) -> bool:
    """Tell whether a text advertises nothing, leads nowhere, and can be read as it is written.

    Args:
        text: A question, or words of a document that are to stand in one.
        abbreviations: Words that may be written in capitals.
    """
    if text != " ".join(nfc(text).split()) or not _SHORTEST <= len(text) <= _LONGEST:
        return False
    bare = _CODE.sub("", text)
    folded = fold(text)
    return (
        _is_plain(text)
        and sum(map(str.isdigit, bare)) <= _MOST_DIGITS
        and not _DIGITS.search(bare)
        and not _MONEY.search(folded)
        and not _BIDS.match(text.lower())
        and not sells(text)
        and not _shouts(bare, abbreviations)
    )


def stands_alone(text: str) -> bool:
    """Tell whether words say what they are about by themselves, and are not cut off."""
    closed = all(text.count(opening) == text.count(closing) for opening, closing in ("()", "“”"))
    spoken = _ABBREVIATION.sub("", text)  # "IT" is no pronoun
    return closed and not _CONTEXT.search(spoken) and not _LEFT_OPEN.search(text)


def advertises(document: Document) -> bool:
    """Tell whether a document calls people to do something, or says the same again and again."""
    if _has(_LOUD, document.text[:_LOOKED_AT]):
        return True
    sentences = [
        document.text[sentence.start : sentence.end]
        for sentence in document.sentences[:1_000]
        if sentence.end <= _LOOKED_AT
    ]
    return len(sentences) >= _FEWEST_SENTENCES and len(set(sentences)) <= len(sentences) / 2


def tempts(text: str) -> bool:
    """Tell whether a text calls people to do something."""
    return _has(_LOUD, text)


def sells(text: str) -> bool:
    """Tell whether a sentence praises something, offers it, or leads people elsewhere."""
    return _has(_SELLS, text) or _ADDRESS.search(fold(text)) is not None


def _has(either: _Either, text: str) -> bool:
    """Tell whether a line of a text has one of some words.

    Marks tell words apart, such as "nhận quà" and "nhận qua"; where a line has none at all, the
    words are looked for without them.
    """
    return any(
        either[not has_vietnamese_marks(line)].search(line.lower()) for line in text.splitlines()
    )


def _is_plain(text: str) -> bool:
    """Tell whether all letters are those of Vietnamese and English, and the signs those of text."""
    for character in text:
        if character.isalpha():
            bare = fold(character)
            if not (len(bare) == 1 and "a" <= bare <= "z"):
                return False
        elif character not in _PUNCTUATION and character not in "0123456789":
            return False
    words = _WORD.findall(text)
    repeated = any(len(list(run)) > 3 for _, run in groupby(text.lower()))
    return bool(words) and max(map(len, words)) <= _LONGEST_WORD and not repeated


def _shouts(text: str, abbreviations: Set[str]) -> bool:
    """Tell whether words are in capitals that are no abbreviations."""
    return any(
        word.isupper() and len(word) > 1 and word not in abbreviations
        for word in _WORD.findall(text)
    )
