"""Find out the encoding of text, above all that of Vietnamese from before Unicode.

Two ways lead to such text. A plain file holds bytes of an old encoding: `decode` finds out which.
A Word, PDF or HTML file holds proper characters, but the wrong ones, since its font (".VnTime",
"VNI-Times") drew "é" as "ộ": `repair` puts them right. For both, the text as windows-1252 reads it
is converted from each old encoding (see `charsets`), and a reading is judged by how many of
its words are Vietnamese syllables.
"""

import codecs
import itertools
import re
import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from rag.errors import DocumentError
from rag.ingest.text.charsets import (
    COMMON,
    CONVERTERS,
    IMPOSSIBLE,
    LETTERS,
    READ_AS_1252,
    SIGNS,
    TOKEN,
    VISCII_BYTES,
    worth,
)
from rag.ingest.text.mojibake import mend_mojibake
from rag.language.identify import is_syllable_shaped

__all__ = ["Decoded", "decode", "repair"]

_BOMS = (  # UTF-32 first: its mark begins with that of UTF-16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ASCII_WORD = re.compile(r"\b[A-Za-z]{2,}\b")
# Letters that stand for no byte of windows-1252: a line that has any is Unicode already. Greek mu
# is not among them: programs take the sign for micro, TCVN3's à, for it.
_UNICODE = re.compile(
    "[\u0100-\u0151\u0154-\u015f\u0162-\u0177\u0179-\u017c\u017f-\u0191\u0193-\u02c5"
    "\u0300-\u03bb\u03bd-\u1fff\u2c00-\ud7ff\uf900-\ufaff\uff10-\uffdc]"
)
# What no language writes: a capital after a small letter, a sign for a letter.
_ODD_CASE = "[a-zß-öø-ÿ][À-ÖØ-Þ]"
_ODD = re.compile(f"{_ODD_CASE}|[A-Za-z][{SIGNS}·¹]")
_ODD_START = re.compile(f"[{SIGNS}][A-Za-z]")
_ODD_LETTERS = re.compile(f"ƒ|{_ODD_CASE}|[A-Za-z][{SIGNS}·¹][A-Za-z]")
_LEFT_OVER = re.compile(rf"[^\W\d_][{SIGNS}·¹]+[^\W\d_]")
_NOT_IN_TCVN3 = frozenset("ÀÁÂÃÄÅÍÙÚÛàðÿ")
_SURE = 4  # e.g. two common syllables, none of which could stand there as it is
_PURE = 12  # a few sure lines
# Where two encodings read words, these are far likelier: TCVN3 was the state's, VNI the South's.
_WIDESPREAD = ("tcvn3", "vni")
_LIKELY = 3  # enough for bytes that are no UTF-8
_SAMPLE = 20_000  # words by which the encoding of a file is judged
_MAX_FOREIGN = 4  # words that speak against Vietnamese, by their letters alone
_MIN_LATIN = 0.05  # of the characters of UTF-16: spaces, digits and line ends at least
_CONTROLS = re.compile("[\x00-\x08\x0e-\x19\x1c-\x1f]")
_CONTROLS_BUT_VISCII = re.compile("[\x00\x01\x03\x04\x07\x08\x0e-\x13\x15-\x18\x1c\x1d\x1f]")
_MAX_CONTROLS = 0.005  # of the characters of a text
_MAX_ODD_WORDS = 0.1  # of the words of a Western text that are not ASCII


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    r"""The text of a file and the encoding it was in.

    Attributes:
        text: As decoded, newlines as "\\n"; composed if it came from an old Vietnamese encoding.
        encoding: Such as "utf-8", "utf-16-le", "windows-1258", "tcvn3", "vni" or "viscii".
    """

    text: str
    encoding: str


def decode(data: bytes) -> Decoded:
    """Return the text of a file of unknown encoding.

    Raises:
        DocumentError: If it is binary, is damaged UTF-8, or no encoding makes words of it.
    """
    name, text = _decode_unicode(data) or _decode_bytes(data)
    return Decoded(text=text.replace("\r\n", "\n").replace("\r", "\n"), encoding=name)


def repair(text: str) -> str:
    """Return text whose letters were meant for an old Vietnamese font as proper Unicode.

    Text that is not certainly of that kind is returned unchanged. UTF-8 that was read in another
    encoding is put right too. Lines are judged one by one, and those too short to be judged by
    what the others are. Call it before `rag.ingest.extract.clean`, which drops what TCVN3
    needs: its ư is the soft hyphen.
    """
    if text.isascii():
        return text
    if not _is_unicode(text) and (mended := mend_mojibake(text)) != text:
        return mended
    lines = text.split("\n")
    verdicts = [{} if _is_unicode(line) else _judge(line) for line in lines]
    sums: Counter[str] = Counter()
    for verdict in verdicts:
        sums.update(verdict)
    main = max(sums, key=sums.__getitem__, default="")
    # In a text that is all of one encoding, what is a word in it and as it stands is of it too.
    pure = sums[main] >= _PURE and not any(map(_UNICODE.search, lines))
    least = 0 if pure else 1
    for index, (line, verdict) in enumerate(zip(lines, verdicts, strict=True)):
        name = max(verdict, key=verdict.__getitem__, default="")
        score = verdict.get(name, 0)
        if (
            len(lines) > 1
            and sums[main] >= _SURE
            and verdict.get(main, -1) >= max(least, score - COMMON)
        ):
            lines[index] = CONVERTERS[main](line)
        elif score >= _SURE and _is_alone(line, name, verdict):
            lines[index] = CONVERTERS[name](line)
        elif not _is_unicode(line):
            lines[index] = mend_mojibake(line)
    return "\n".join(lines)


def _is_alone(line: str, name: str, verdict: dict[str, int]) -> bool:
    """Tell whether no other encoding is nearly as good and reads something else."""
    text = CONVERTERS[name](line)
    margin = 1 if name in _WIDESPREAD else COMMON
    return all(
        score <= verdict[name] - margin or CONVERTERS[other](line) == text
        for other, score in verdict.items()
    )


# ---------------------------------------------------------------- bytes


def _decode_unicode(data: bytes) -> tuple[str, str] | None:
    """Return encoding and text of UTF-8, UTF-16 or UTF-32, None if it is none of them."""
    for bom, name in _BOMS:
        if data.startswith(bom):
            try:
                text = data[len(bom) :].decode(name)
            except UnicodeDecodeError as error:
                raise _damaged(name.upper(), error.start + len(bom)) from error
            if "\0" in text:
                raise _binary()
            return name, text
    if b"\0" in data:
        return _decode_utf16(data)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        # Of two readings, damaged UTF-8 is the likelier if more of it is whole than broken: in
        # other encodings, letters seldom happen to follow each other as UTF-8 demands.
        marred = data.decode("utf-8", "replace")
        broken = marred.count("\ufffd")
        if sum(not character.isascii() for character in marred) >= 2 * broken:
            raise _damaged("UTF-8", error.start) from error
        return None
    if _has_controls(text):
        raise _binary()
    return "utf-8", text


def _decode_utf16(data: bytes) -> tuple[str, str]:
    """Return encoding and text of UTF-16 without a byte order mark."""
    readings = []
    for name in ("utf-16-le", "utf-16-be"):
        try:
            text = data.decode(name)
        except UnicodeDecodeError:
            continue
        if any(unicodedata.category(c) in ("Cn", "Co", "Cs") for c in set(text)):
            continue
        if not _has_controls(text):
            # In the wrong order, Latin letters become Chinese ones.
            readings.append((sum(c < "\u0250" for c in text) / len(text), name, text))
    latin, name, text = max(readings, default=(0.0, "", ""))
    if latin < _MIN_LATIN:
        raise _binary()
    return name, text


def _decode_bytes(data: bytes) -> tuple[str, str]:
    """Return encoding and text of a file in an encoding of one byte."""
    text = data.decode("latin-1").translate(READ_AS_1252)
    if _has_controls(text, _CONTROLS_BUT_VISCII):
        raise _binary()
    verdict = _judge(text)
    name = max(verdict, key=verdict.__getitem__, default="")
    score = verdict.get(name, 0)
    if score < _LIKELY and _is_western(text) and not _has_controls(text):
        return "windows-1252", text
    if score <= 0:
        raise DocumentError(
            "text.unknown_encoding",
        )
    return name, text.translate(VISCII_BYTES) if name == "viscii" else CONVERTERS[name](text)


def _has_controls(text: str, controls: re.Pattern[str] = _CONTROLS) -> bool:
    """Tell whether there are more control characters than text has."""
    count = sum(1 for _ in controls.finditer(text))
    return "\0" in text or count > _MAX_CONTROLS * len(text)


def _is_western(text: str) -> bool:
    """Tell whether text looks like a Western language, read rightly as windows-1252."""
    if any(character in text for character in "\x81\x8d\x8f\x90\x9d"):
        return False
    good = bad = 0
    for token, count in _tokens(text).items():
        letters = [c for c in token if c.isalpha()]
        marked = sum(not c.isascii() for c in letters)
        if marked > max(1, len(letters) * 2 // 3) or _ODD_LETTERS.search(token):
            bad += count
        else:
            good += count
    return bad <= _MAX_ODD_WORDS * (good + bad)


def _binary() -> DocumentError:
    return DocumentError(
        "text.binary",
    )


def _damaged(name: str, position: int) -> DocumentError:
    return DocumentError(
        "text.not_in_encoding",
        name=name,
        position=position,
    )


def _is_unicode(line: str) -> bool:
    return line.isascii() or _UNICODE.search(line) is not None


def _tokens(text: str) -> Counter[str]:
    """Return the words that are not ASCII, each as often as it occurs, of a large text some."""
    return Counter(token[0] for token in itertools.islice(TOKEN.finditer(text), _SAMPLE))


def _judge(text: str) -> dict[str, int]:
    """Return for each encoding how much more Vietnamese the text is in it than as it stands."""
    tokens = _tokens(text)
    if not tokens:
        return {}
    ascii_words = set(_ASCII_WORD.findall(text[:10_000]))
    foreign = sum(not is_syllable_shaped(w.lower()) for w in ascii_words if not w.isupper())
    verdict = {}
    for name in CONVERTERS:
        gain = sum(count * _gain(name, token) for token, count in tokens.items())
        # Words that are Vietnamese in either reading count, but prove nothing by themselves.
        same = sum(count for token, count in tokens.items() if _is_same(name, token))
        support = min(max(gain, 0), same + (bool(ascii_words) and not foreign))
        verdict[name] = gain + support - min(_MAX_FOREIGN, foreign)
    return verdict


def _is_same(name: str, token: str) -> bool:
    return CONVERTERS[name](token) == token and worth(token) == COMMON


@lru_cache(maxsize=65_536)
def _gain(name: str, token: str) -> int:
    """Return how much more Vietnamese a word is in an encoding than as it stands."""
    if name == "tcvn3" and not _NOT_IN_TCVN3.isdisjoint(token):
        return IMPOSSIBLE
    converted = CONVERTERS[name](token)
    value = worth(converted)
    if converted == token:
        return min(value, 0)
    if value < 0 or _LEFT_OVER.search(converted):
        return IMPOSSIBLE
    if any(w.upper() != w != w[:1] + w[1:].lower() for w in LETTERS.findall(converted)):
        return IMPOSSIBLE
    if value == 0 or token[0] in "¿¡" or not any(letter.isalpha() for letter in token):
        return 0
    odd = 2 if _ODD.search(token) else bool(_ODD_START.match(token))
    return value + odd - max(0, worth(token))
