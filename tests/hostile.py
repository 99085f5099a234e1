"""Texts on which a careless regular expression takes time that grows with their square.

Some are the same for every expression. The others are made from its own parts: what leads to a
repetition, what it repeats, over and over, and at the end a character that hardly anything takes.
"""

import importlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["DOCUMENTS", "UNITS", "WORDS", "Hostile", "pumped", "repeated"]

# Python's own parser; no other tells what an expression is made of.
_parser: Any = importlib.import_module("re._parser")
_compiler: Any = importlib.import_module("re._compiler")
_SIGNS = ' a1\nA().,-/|#<"ăix&:_\t;*>?=[{“'  # tried in turn where a class of signs is wanted
_STOP = " §"
_LONG = 20  # repetitions that may be of at least so many are tried
_TIMES = 50
_PICKS = 6
_SIGNS_TRIED = 2  # of a class of signs
_REPEATS = ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT")

_SINGLE = (
    " ", "\n", "\t", "\u00a0", "\u3000", "a", "ă", "A", "Đ", "x", "i", "1", "(", ")", ".", ",",
    "-", "–", "/", "\\", '"', "“", "'", "|", "#", "<", ">", "*", "_", ";", ":", "?", "!", "=",
    "[", "]", "{", "&", "%", "+", "`", "~", "$", "@", "…", "•", "§",
)  # fmt: skip
_SEVERAL = (
    "a ", "1 ", "1.", "1/", "1-", "( ", "(a", "(A", "a(", "A (", "A-", "a-", "-a", "A/", "A.", "a.",
    "a1", "1a", "a,", ", ", "; ", ". ", "- ", "> ", "# ", "| ", "|\n", "\n ", "\n\n", "a\n", "a\t",
    "\ta", "a.\n", "1) ", "a) ", "I. ", "iv", "A B ", "“a”", "a:b;", "[a](", "![", "<a", "</p",
    "<!--", "&a;", "https://", "www.", "www.a", "1111/", "===", "§ ", " §", "\n§", "ab cd ef ghi ",
    "Điều 1 ", "Điều 1. ", "khoản ", "điều ", "ngày 1 ", "ngày 1 tháng 1 ", "1/1/2020 ",
    "năm 2020 ", "10.000 ", "12/2020/TT-BTC ", "thông tư ", "Thông tư này ", "Luật này ",
    "THÔNG TƯ ", "BỘ ", "số: ", "Số: 1/", "this Law ", "căn cứ ", "thay thế ", "được sửa đổi ",
    "có hiệu lực ", "thì ", "là gì ", "what is ", "không có dấu nào trong câu này ",
)  # fmt: skip

UNITS = (*_SINGLE, *_SEVERAL)
"""What texts are made of that no expression likes."""

WORDS = (
    "x", "à", "xyzzz ", "thoas ", "thes ", "duowng ", "trieen khai ", "tuong ", "hoa ", "WCO ",
    "asem 12 ", "Việt-Nhật ", "Hải Quan ", "12/TT ", "a1b2", "what is hte ", "pqrst", "d9ie62u ",
)  # fmt: skip
"""What questions are made of, besides, that are slow to understand."""


@dataclass(frozen=True, slots=True)
class Hostile:
    """A text of any length: a beginning, and something repeated.

    Attributes:
        end: What comes last; "" if it only breaks off.
    """

    start: str
    unit: str
    end: str = ""

    def of(self, length: int) -> str:
        """Return the text, of about so many characters."""
        return self.start + self.unit * (length // len(self.unit)) + self.end

    def __str__(self) -> str:
        unit = self.unit if len(self.unit) < 40 else f"{self.unit[:20]}…{self.unit[-20:]}"
        return f"{self.start!r} and {unit!r} repeated" + (f", then {self.end!r}" * bool(self.end))


_HEAD = "Số: 1/2020/TT-BTC\n\nTHÔNG TƯ\n\n"

DOCUMENTS = (
    *(Hostile("", unit) for unit in ("a\n\n", "A\n===\n", "# h\n\n", "- a\n", "|a|b|\n", "a. ")),
    *(
        Hostile("", unit)
        for unit in ("(A) ", "a ![a](b)", "Ảnh: A\n\n", "a; ", "\n ", "https://a ")
    ),
    Hostile("", ". ", "a b " * 100),
    Hostile("", "- a\n\nabc\n\n"),
    Hostile("", "Nơi nhận:\n- a\n"),
    Hostile("Gồm:\n\n", "abc\n\n"),
    Hostile("Gồm:\n\n", "- abc;\n"),
    Hostile("", "Điều 1. x\n\n"),
    Hostile("Điều 1. A\n\n", "1. a\n\n"),
    Hostile("Điều 1. A\n\n1. B\n\n", "a) a\n\n"),
    Hostile("Điều 1. Sửa\n\n“Điều 2. x\n\n", "Điều 2. x\n\n", "”"),
    Hostile("Điều 1. Sửa:\n\n", '"Điều 2. x\n\n'),
    Hostile("---\n", "a: b\n"),
    Hostile("|x|y|\n|---|---|\n", "|a|b|\n"),
    Hostile(_HEAD, "BỘ TÀI CHÍNH\n\n"),
    Hostile(f"{_HEAD}Bãi bỏ ", "số 1/2020/TT-BTC, "),
    Hostile(f"{_HEAD}Bãi bỏ ", "(được sửa đổi bởi Luật a b) "),
    Hostile(_HEAD, "Bãi bỏ " + "số 1/TT, " * 600 + "\n\n"),
    Hostile(_HEAD, "Bãi bỏ thay thế " * 500 + "\n\n"),
    Hostile(f"{_HEAD}Bãi bỏ các văn bản sau đây:\n\n", "1. Thông tư số 1/2020/TT-BTC\n\n"),
    Hostile(f"{_HEAD}Thông tư này có hiệu lực từ ", "ngày 1 tháng 1 năm 2020 "),
)
"""Texts with the form of documents, of lists, tables, laws and their quotations."""


def repeated() -> Iterator[Hostile]:
    """Yield the texts that are the same for every expression."""
    for unit in UNITS:
        for end in ("", _STOP):
            yield Hostile("", unit, end)


def pumped(pattern: re.Pattern[Any]) -> Iterator[Hostile]:
    """Yield the texts that are made from the parts of an expression."""
    written = pattern.pattern
    flags = pattern.flags
    if isinstance(written, bytes):
        written = written.decode("latin-1")
    pumps = dict.fromkeys(_Parts(_parser.parse(written, flags), flags).pumps())
    texts: dict[Hostile, None] = {}
    for lead, unit in pumps:
        texts[Hostile(lead, unit, _STOP)] = None
        if lead:
            for again in (lead, f"{lead} ", f"{lead}-", lead + unit):
                texts[Hostile("", again)] = None
            for sign in ("", "-"):
                texts[Hostile("", lead + unit * _TIMES + sign)] = None
    yield from texts


class _Parts:
    """The parts of an expression, and strings that each of them takes."""

    def __init__(self, tree: Any, flags: int) -> None:
        self._tree = tree
        self._flags = flags

    def pumps(self) -> Iterator[tuple[str, str]]:
        """Yield what leads to each repetition, and what it repeats."""
        yield from self._pumps(self._tree, "")

    def _pumps(self, parts: Any, lead: str) -> Iterator[tuple[str, str]]:
        for name, value in parts:
            if str(name) in _REPEATS:
                _, most, inner = value
                if most >= _LONG:
                    picks = (self._sample(inner, pick) for pick in range(_PICKS))
                    yield from ((lead, sign) for sign in picks if sign)
            for inner in self._inner(str(name), value):
                yield from self._pumps(inner, lead)
            lead += self._one(name, value, 0)

    def _inner(self, name: str, value: Any) -> Sequence[Any]:
        match name:
            case "BRANCH":
                return list(value[1])
            case "ATOMIC_GROUP":
                return [value]
            case "SUBPATTERN" | "ASSERT" | "ASSERT_NOT":
                return [value[-1]]
            case _ if name in _REPEATS:
                return [value[2]]
        return []

    def _sample(self, parts: Any, pick: int) -> str:
        return "".join(self._one(name, value, pick) for name, value in parts)

    def _one(self, name: Any, value: Any, pick: int) -> str:
        match str(name):
            case "LITERAL":
                return chr(value)
            case "NOT_LITERAL" | "ANY" | "IN":
                return self._sign(name, value, pick)
            case "BRANCH":
                return self._sample(value[1][pick % len(value[1])], 0)
            case "SUBPATTERN":
                return self._sample(value[3], pick)
            case "ATOMIC_GROUP":
                return self._sample(value, pick)
            case repeat if repeat in _REPEATS:
                least, most, inner = value
                times: int = min(least + pick % 2 * 3, most)
                return self._sample(inner, pick) * times
        return ""

    def _sign(self, name: Any, value: Any, pick: int) -> str:
        """Return one of the signs that a class of signs takes."""
        alone = _parser.SubPattern(self._tree.state, [(name, value)])
        pattern = _compiler.compile(alone, self._flags)
        taken = [sign for sign in _SIGNS if pattern.fullmatch(sign)] or [
            sign for sign in map(chr, range(0x3000)) if pattern.fullmatch(sign)
        ]
        return taken[pick % min(_SIGNS_TRIED, len(taken))] if taken else ""
