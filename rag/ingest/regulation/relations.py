"""Read out of a regulation's text which others it replaces, repeals or amends."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from rag.ingest.regulation.effect import THIS
from rag.language.lexicon import any_of
from rag.law.citations import KINDS, Citation, citations
from rag.law.lexicon import LAW_LEXICON

__all__ = ["read_relations"]

_WORDS = LAW_LEXICON.table("effect")
_ONLY_A_PART = any_of(LAW_LEXICON.table("divisions")["only_a_part"], space=r"\s+")
_REPLACES = re.compile(
    r"(?<!được\s)(?<!bị\s)thay\s+thế(?!\s+(?:(?:cụm\s+)?từ|bởi|cho\s+nhau)\b)"
    r"|(?<!be\s)\b(?:replac(?:es?|ing)|supersed(?:es?|ing))\b",
    re.I,
)
_REPEALS = re.compile(
    r"(?<!được\s)(?<!bị\s)(?:bãi|hủy|huỷ)\s+bỏ|\b(?:repeal(?:s|ing)?|annul(?:s|ling)?)\b", re.I
)
# These stand after what they put out of force.
_LAPSES = re.compile(
    r"(?<!chưa\s)(?:hết|không\s+còn|chấm\s+dứt)\s+hiệu\s+lực"
    r"|(?:được|bị)\s+(?:bãi|hủy|huỷ)\s+bỏ"
    rf"|được\s+thay\s+thế\s+(?:bởi|bằng|theo)\s+(?:\w+\s+){{0,2}}?{THIS}"
    r"|ceases?\s+to\s+(?:be\s+(?:effective|in\s+force|valid)|have\s+effect)"
    r"|(?:is|are|shall\s+be)\s+(?:hereby\s+)?(?:repealed|annulled|abrogated|invalidated)"
    rf"|(?:is|are|shall\s+be)\s+(?:hereby\s+)?(?:replaced|superseded)(?!\s+by(?!\s+{THIS}))",
    re.I,
)
_AMENDS = re.compile(
    r"(?<!được\s)sửa\s+đổi(?:,?\s+bổ\s+sung)?(?!\s+bởi)|\bamend(?:s|ing)\b"
    r"|\bamendments?\s+(?:and\s+supplements?\s+)?(?:to|of)\b|\bsupplement(?:s|ing)\b",
    re.I,
)
_AMENDED = re.compile(  # likewise after it
    r"được\s+sửa\s+đổi[^.;]{0,30}như\s+sau"
    r"|(?:is|are|shall\s+be)\s+(?:hereby\s+)?amended(?!\s+(?:and\s+supplemented\s+)?by)",
    re.I,
)
# "(được sửa đổi, bổ sung bởi Thông tư số …)" only tells the history of what stands before it.
_HISTORY = re.compile(
    r"(?:được|bị)\s+(?:sửa\s+đổi|bổ\s+sung|thay\s+thế|đính\s+chính)"
    rf"(?:(?!như\s+sau)[^;:]){{0,80}}?\b(?:bởi|theo|tại|bằng)\b:?(?!\s+(?:\w+\s+){{0,2}}?{THIS})"
    r"|(?:sửa\s+đổi|bổ\s+sung|thay\s+thế)\s+bởi\b"
    r"|(?<!hereby\s)(?:amended|supplemented|revised|modified)(?:\s+and\s+\w+)?\s+(?:by|in|under)\b",
    re.I,
)
_OF_THIS_PART = re.compile(  # "theo khoản 1 Điều này" speaks of no other document
    r"\b(?:(?:điểm|khoản)\s++\w++\s++){0,9}(?:điều|khoản|mục|chương)\s+này\b", re.I
)
_PARTIAL = re.compile(rf"\b(?:{_ONLY_A_PART}|một\s+số(?!\s+(?:văn\s+bản|{KINDS})))\b", re.I)
_REFERRED = any_of(_WORDS["refers"], space=r"\s+")
_BASED_ON = re.compile(
    rf"(?:{_REFERRED}|sửa\s+đổi|thay\s+thế|bãi\s+bỏ|ban\s+hành\s+kèm\s+theo|amend\w*|issued\s+with)"
    r"[^;]{0,120}$",
    re.I,
)
_REFERRED_TO = re.compile(rf"(?:{_REFERRED})[^;]{{0,120}}$", re.I)
_PREAMBLE = re.compile(rf"\s*(?:{any_of(_WORDS['preamble'])})\b")
_QUOTED = re.compile(r"\s*[“\"]")
_SENTENCE_END = re.compile(r"\.\s+(?=[A-ZĐ])")
_CLAUSE_END = re.compile(r";\s|\.\s+(?=[A-ZĐ])")
_MARK = re.compile(r"\s*(?P<mark>[a-zđ]{1,2}[).]|\d{1,3}[.)]|[-–+•])\s")
_ENDS_OPEN = re.compile(r"(?::|\bsau)$", re.I)
_BELOW = re.compile(r"\b(?:(?:sau|dưới)\s+đây|(?:the\s+)?following)\b", re.I)
_AS_FOLLOWS = re.compile(r"(?:như\s+sau|as\s+follows)\s*+:?\s*+$", re.I)

_LONGEST_PARAGRAPH = 10_000  # characters; no paragraph of a regulation is as long
_LONGEST_BRACKET = 1_000

_Relation = tuple[str, bool]  # what is named, and whether it is put out of force as a whole
_Verb = tuple[re.Match[str], bool]  # and whether it stands after what it speaks of


def read_relations(lines: Sequence[str], own: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return what a text replaces or repeals as a whole, and what it changes parts of.

    Args:
        lines: The text's paragraphs.
        own: Its own kind and number.
    """
    code = own.rpartition(" ")[2].casefold()
    relations = list(_Reader(code).read(lines))
    replaced = dict.fromkeys(label for label, whole in relations if whole)
    amended = dict.fromkeys(label for label, _ in relations if label not in replaced)
    return tuple(replaced), tuple(amended)


class _Reader:
    """Reads a text's paragraphs in order, and remembers that one announced a list."""

    def __init__(self, own: str) -> None:
        self._own = own
        self._listing = False
        self._whole = True  # whether the documents of the list go as a whole
        self._announcer = ""  # how the paragraph that announces it is marked
        self._style = ""  # how the list's items are marked

    def read(self, lines: Sequence[str]) -> Iterator[_Relation]:
        for line in lines:
            if len(line) > _LONGEST_PARAGRAPH or _PREAMBLE.match(line) or _QUOTED.match(line):
                self._listing = False
                continue
            plain = _without_history(line)
            verbs = list(_verbs(line))
            if self._listing and self._is_item(plain, bool(verbs)):
                yield from self._targets(plain, 0, len(plain), whole=self._whole)
                continue
            self._listing = False
            if verbs:
                self._announce(plain, *verbs[-1])
                for low, high in _reaches(plain, verbs):
                    yield from self._targets(plain, low, high)
            else:
                yield from self._amended(plain)

    def _announce(self, line: str, verb: re.Match[str], stands_after: bool) -> None:
        """Take note if a paragraph ends "bãi bỏ các văn bản sau đây:", and its items follow."""
        self._listing = _announces(line) and not _AS_FOLLOWS.search(line)
        what = line[: verb.start()].rpartition(",")[2] if stands_after else line[verb.end() :]
        self._whole = not _PARTIAL.search(what)
        self._announcer, self._style = _style(line), ""

    def _is_item(self, line: str, has_verb: bool) -> bool:
        style = _style(line)
        mark = _MARK.match(line)
        named = next(citations(line, 0, len(line)), None)
        begins = mark.end() if mark else 0
        if not style or style == self._announcer or self._style not in ("", style):
            return False
        if has_verb and (named is None or line[begins : named.start].strip()):
            return False
        self._style = style
        return True

    def _amended(self, line: str) -> Iterator[_Relation]:
        match = _AMENDED.search(line)
        if match:
            begin = _clause(line, 0, match.start())
            for cited in citations(line, begin, match.start()):
                yield from self._named(cited, whole=False)
        amends = _AMENDS.search(line)
        if amends is None:
            return
        end = _SENTENCE_END.search(line, amends.end())
        before = amends.end()
        for cited in citations(line, before, end.start() if end else len(line)):
            if _REFERRED_TO.search(line[before : cited.start]):
                return
            before = cited.end
            yield from self._named(cited, whole=False)

    def _targets(
        self, line: str, low: int, high: int, *, whole: bool = True
    ) -> Iterator[_Relation]:
        """Yield the regulations named in a stretch of a line."""
        before = low
        for cited in citations(line, low, high):
            between = line[before : cited.start].rpartition(";")[2]
            before = cited.end
            if not _BASED_ON.search(between):
                yield from self._named(cited, whole=whole and not _PARTIAL.search(between))

    def _named(self, cited: Citation, *, whole: bool) -> Iterator[_Relation]:
        if cited.code.casefold() != self._own:
            yield cited.label, whole


def _announces(line: str) -> bool:
    """Tell whether a line ends with a colon, or says "sau đây" and is not at its end."""
    bare = line.rstrip()
    below = not bare.endswith(".") and _BELOW.search(bare) is not None
    return below or _ENDS_OPEN.search(bare) is not None


def _style(line: str) -> str:
    """Return how an item of a list is marked: by a number, a letter, a dash, or a name only."""
    match = _MARK.match(line)
    if match:
        mark = match["mark"][0]
        return "1" if mark.isdigit() else "a" if mark.isalpha() else mark
    first = next(citations(line, 0, len(line)), None)
    return "name" if first and not line[: first.start].strip() else ""


def _verbs(line: str) -> Iterator[_Verb]:
    """Yield the verbs that put regulations out of force, and whether they stand after them."""
    for verb in (_REPLACES, _REPEALS):
        for match in verb.finditer(line):
            yield match, False
    for match in _LAPSES.finditer(line):
        yield match, True


def _reaches(line: str, verbs: Sequence[_Verb]) -> Iterator[tuple[int, int]]:
    """Yield the stretches of a line in which the verbs' objects stand."""
    forward = sorted((verb for verb, after in verbs if not after), key=lambda verb: verb.start())
    bounds = [*(verb.start() for verb in forward), len(line)]
    for verb, high in zip(forward, bounds[1:], strict=True):
        end = _SENTENCE_END.search(line, verb.end(), high)
        yield verb.end(), end.start() if end else high
    low = 0
    for verb in (verb for verb, after in verbs if after):
        yield _clause(line, low, verb.start()), verb.start()
        low = verb.end()


def _clause(line: str, low: int, high: int) -> int:
    """Return where the last clause of a stretch of a line begins."""
    return max((end.end() for end in _CLAUSE_END.finditer(line, low, high)), default=low)


def _without_history(line: str) -> str:
    """Return a line with spaces in place of what only tells by what something was amended."""
    line = _OF_THIS_PART.sub(lambda match: " " * len(match[0]), line)
    verbs = sorted(verb.start() for verb, _ in _verbs(line))
    parts = []
    low = 0
    while history := _HISTORY.search(line, low):
        end = _history_end(line, history, verbs)
        parts += [line[low : history.start()], " " * (end - history.start())]
        low = end
    return "".join([*parts, line[low:]])


def _history_end(line: str, history: re.Match[str], verbs: Sequence[int]) -> int:
    """Return where the list of what amended something ends."""
    begin, end = history.span()
    first = max(0, begin - _LONGEST_BRACKET)
    opened = line.rfind("(", first, begin)
    if opened > line.rfind(")", first, begin):
        depth = 1
        for position in range(opened + 1, min(len(line), end + _LONGEST_BRACKET)):
            depth += {"(": 1, ")": -1}.get(line[position], 0)
            if not depth:
                return max(position, end)
    following = bisect_left(verbs, end)
    verb = verbs[following] if following < len(verbs) else len(line)
    clause = _CLAUSE_END.search(line, end, verb)
    return clause.start() if clause else verb
