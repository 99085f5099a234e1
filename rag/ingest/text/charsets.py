"""The encodings that Vietnamese was written in before Unicode, and its syllables.

An old encoding is a mapping between what windows-1252 reads and what was meant. The tables: TCVN
5712:1993 (VN3, "TCVN3" or "ABC"), VNI for Windows, RFC 1456 (VISCII) and Microsoft's code page
1258. TCVN3 and VNI are checked against the tables of other converters, VISCII and TCVN3 against
glibc's iconv.
"""

import gzip
import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache

from rag.language.vietnamese import nfc
from rag.resources import read_shipped

__all__ = [
    "COMMON",
    "CONVERTERS",
    "IMPOSSIBLE",
    "LETTERS",
    "READ_AS_1252",
    "SIGNS",
    "TOKEN",
    "VISCII_BYTES",
    "worth",
]

# What windows-1252 reads for bytes 0x80 to 0xFF; the five it leaves open stay as they are.
_UPPER_HALF = "".join(
    bytes([byte]).decode("cp1252" if byte not in b"\x81\x8d\x8f\x90\x9d" else "latin-1")
    for byte in range(0x80, 0x100)
)
# Bytes 0xA1 to 0xFE; "." where VN3 has nothing (there is no capital with a tone mark).
_TCVN3 = (
    "ĂÂÊÔƠƯĐăâêôơưđ......àảãáạ.ằẳẵắ.......ặầẩẫấậè.ẻẽéẹềểễếệìỉ...ĩíịò.ỏõóọồổỗốộờởỡớợù.ủũúụừửữứựỳỷỹýỵ"
)
# Bytes 0x80 to 0xFF.
_VISCII = (
    "ẠẮẰẶẤẦẨẬẼẸẾỀỂỄỆỐỒỔỖỘỢỚỜỞỊỎỌỈỦŨỤỲÕắằặấầẩậẽẹếềểễệốồổỗỠƠộờởịỰỨỪỬơớƯ"
    "ÀÁÂÃẢĂẳẵÈÉÊẺÌÍĨỳĐứÒÓÔạỷừửÙÚỹỵÝỡưàáâãảăữẫèéêẻìíĩỉđựòóôõỏọụùúũủýợỮ"
)
_VISCII_CONTROLS = dict(zip("\x02\x05\x06\x14\x19\x1e", "ẲẴẪỶỸỴ", strict=True))
_CP1258 = dict(zip("ÃÌÐÒÕÝÞãìðòõýþ", "Ă\u0300Đ\u0309ƠƯ\u0303ă\u0301đ\u0323ơư\u20ab", strict=True))
_ACUTE, _GRAVE, _HOOK, _TILDE, _DOT = _TONES = "\u0301\u0300\u0309\u0303\u0323"
# VNI writes the marks as a letter after the vowel; some vowels are one letter with their marks.
_VNI = dict(zip("íìæóòîôöñÍÌÆÓÒÎÔÖÑ", "íìỉĩịỵơưđÍÌỈĨỊỴƠƯĐ", strict=True))
_VNI_MARKS = {
    letter: mark + tone
    for letters, mark in (("ùøûõï", ""), ("áàåãä", "\u0302"), ("éèúüë", "\u0306"))
    for letter, tone in zip(letters, _TONES, strict=True)
} | {"â": "\u0302", "ê": "\u0306"}
_VNI_MARKS |= {letter.upper(): mark for letter, mark in _VNI_MARKS.items()}
_VNI_TABLE = str.maketrans(_VNI | _VNI_MARKS)

# The rhymes of Vietnamese, without tones.
_RHYMES = frozenset(
    """
    a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên êng ênh êp êt êu i ia ich im in inh ip it iu
    iêc iêm iên iêng iêp iêt iêu y yêm yên yêng yêt yêu ych ynh yt
    o oc oi om on ong op ot oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng
    oăt oe oen oeo oet ooc oong ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơp ơt
    u ua uc ui um un ung up ut uân uâng uât uây uê uêch uênh uô uôc uôi uôm uôn uông uôt uơ
    uy uya uych uyên uyêt uynh uyt uyu uyn uyp ư ưa ưc ưi ưm ưn ưng ưt ưu
    ươ ươc ươi ươm ươn ương ươp ươt ươu
    """.split()
)
_ONSET = re.compile(
    r"(?:qu|gi(?=[aăâeêoôơuư])|ngh(?=[eêi])|ng(?![eêiy])|nh|gh(?=[eêi])|g(?![eêy])|kh"
    r"|k(?=[eêiy])|ch|c(?![eêiy])|ph|th|tr|[bdđhlmnprstvx])?(.+)"
)
# A word by its letters, with marks that did not compose.
LETTERS = re.compile("(?:[^\\W\\d_][\u0300-\u036f]*)+")
# A word that is not ASCII, with all signs that could be letters; after a digit, signs are signs.
TOKEN = re.compile(
    r"(?:(?<![\dA-Za-z-])|(?<=\d[A-Za-z-]))[A-Za-z-]*+[^\x00-\x7f\s][^\s!-,./:-@\[-`{-~\d]*+"
)
# Signs of windows-1252 that the old encodings use for letters, as a range of characters.
SIGNS = "\u00a1-\u00a9\u00ab-\u00b1\u00b4-\u00b6\u00b8\u00bb-\u00bf\u00d7\u00f7"
_LONE_SIGN = re.compile(r"((?<!\S)[·§©«»](?!\S))")
_LOST_HORN = re.compile("(?<![ưƯuU])([ờơớởỡợƠ])(?=ng|NG|[cC](?![hH]))")
_DASH_FOR_HORN = re.compile(r"(?<![^\W\d_])[^\W\d_]++-(?:[^\W\d_]++)?")
_CAPITALS = "A-ZĂÂĐÊÔƠƯ"
_TONED = "àảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ"
_IN_CAPITALS = re.compile(
    rf"(?<![^\W\d_])[{_CAPITALS}{_TONED}]+(?:(?:[\W\d_](?<!\n))+[{_CAPITALS}{_TONED}]+)*(?![^\W\d_])"
)
_SURELY_CAPITALS = re.compile(f"[{_CAPITALS}][{_TONED}]+[{_CAPITALS}]|[{_CAPITALS}]{{2}}[{_TONED}]")
_VNI_MARKED = re.compile(f"([AEOUYÔÖaeouyôö])([{''.join(_VNI_MARKS)}])")
_QUOTES = "“”‘’–—…•"
_VISCII_SPACE = re.compile("(?<=[A-Z])\u00a0")
COMMON, _POSSIBLE, IMPOSSIBLE = 2, 1, -3  # what a word is worth as a Vietnamese syllable
_MIN_COMMON_COUNT = 3  # occurrences in the counts shipped with the program


def _convert_tcvn3(text: str) -> str:
    # « and » as quotes, · as a bullet and § for a section stay.
    parts = _LONE_SIGN.split(text)
    text = "".join(part if i % 2 else part.translate(_TCVN3_TABLE) for i, part in enumerate(parts))
    text = _DASH_FOR_HORN.sub(_horn_for_dash, text)
    text = _LOST_HORN.sub(_with_horn, text)
    return _IN_CAPITALS.sub(_in_capitals, text)


def _horn_for_dash(match: re.Match[str]) -> str:
    """Return a word with ư where a program made a hyphen of the soft hyphen that stood for it."""
    word = match[0]
    whole = word.replace("-", "ư")
    parts = [part for part in word.lower().split("-") if part]
    if _value(whole.lower()) == COMMON and any(_value(part) < 0 for part in parts):
        return whole
    return word


def _with_horn(match: re.Match[str]) -> str:
    """Return ươ for an ơ that cannot stand alone: programs drop the soft hyphen, which is ư."""
    return ("Ư" if match[0].isupper() else "ư") + match[0]


def _in_capitals(match: re.Match[str]) -> str:
    """Return a run such as CộNG HòA in capitals: TCVN3 has none with tone marks."""
    run = match[0]
    return run.upper() if _SURELY_CAPITALS.search(run) else run


def _convert_vni(text: str) -> str:
    return nfc(_VNI_MARKED.sub(_compose_vni, text).translate(_VNI_TABLE))


def _compose_vni(match: re.Match[str]) -> str:
    return match[1] + _VNI_MARKS[match[2]]


def _convert_viscii(text: str) -> str:
    text = TOKEN.sub(_viscii_word, _VISCII_SPACE.sub("Õ", text))
    return text.translate(_VISCII_CONTROLS_TABLE)


def _viscii_word(match: re.Match[str]) -> str:
    """Return a word converted, with its quotation marks, which are capitals in VISCII, if any."""
    word = match[0]
    core = word.strip(_QUOTES)
    whole = word.translate(_VISCII_TABLE)
    if core == word or (core and worth(whole) > 0):
        return whole
    return core.translate(_VISCII_TABLE).join(word.split(core, 1)) if core else word


def _convert_cp1258(text: str) -> str:
    return nfc(text.translate(_CP1258_TABLE))


def worth(token: str) -> int:
    """Return the value of the worst of the words that are not ASCII, 0 if there is none."""
    words = LETTERS.findall(token.lower())
    return min((_value(word) for word in words if not word.isascii()), default=0)


@lru_cache(maxsize=65_536)
def _value(word: str) -> int:
    """Return how well a word, in lower case and composed, does for a Vietnamese syllable."""
    if word == "đ":  # a point of a law: a), b), c), d), đ)
        return 0
    if not _is_syllable(word):
        return IMPOSSIBLE
    return COMMON if word in _common_syllables() else _POSSIBLE


def _is_syllable(word: str) -> bool:
    """Tell whether a word is an onset, a rhyme and a tone that go together and are well placed."""
    letters, tone, place = "", "", -1
    for letter in word:
        marks = unicodedata.normalize("NFD", letter)
        if any(mark in _TONES for mark in marks):
            if tone or marks[0] not in "aeiouy":
                return False
            tone, place = next(mark for mark in marks if mark in _TONES), len(letters)
            letter = nfc(marks.replace(tone, ""))
        letters += letter
    match = _ONSET.fullmatch(letters)
    if not match or match[1] not in _RHYMES:
        return False
    if match[1].endswith(("c", "ch", "p", "t")) and tone not in (_ACUTE, _DOT):
        return not tone and word.isascii()
    marked = [i for i, letter in enumerate(letters) if letter in "ăâêôơư"]
    return not tone or not marked or place == marked[-1]


@cache
def _common_syllables() -> frozenset[str]:
    """Return the words that general Vietnamese text has more than once or twice."""
    data = read_shipped("syllables.vi.txt.gz")
    rows = (line.split("\t") for line in gzip.decompress(data).decode("utf-8").splitlines())
    return frozenset(
        second for first, second, count in rows if not first and int(count) >= _MIN_COMMON_COUNT
    )


READ_AS_1252 = {0x80 + i: letter for i, letter in enumerate(_UPPER_HALF)}
_TCVN3_TABLE = {
    ord(_UPPER_HALF[0x21 + i]): letter for i, letter in enumerate(_TCVN3) if letter != "."
} | {ord("μ"): "à"}
_VISCII_CONTROLS_TABLE = str.maketrans(_VISCII_CONTROLS)
_VISCII_TABLE = {ord(_UPPER_HALF[i]): letter for i, letter in enumerate(_VISCII) if i != 0x20}
VISCII_BYTES = _VISCII_TABLE | _VISCII_CONTROLS_TABLE | {0xA0: "Õ"}
_CP1258_TABLE = str.maketrans(_CP1258)
CONVERTERS: dict[str, Callable[[str], str]] = {
    "tcvn3": _convert_tcvn3,
    "vni": _convert_vni,
    "windows-1258": _convert_cp1258,
    "viscii": _convert_viscii,
}
