"""A question, and all that is understood of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from rag.domain.documents import Division, Language
from rag.domain.standing import Time

__all__ = [
    "AnswerType",
    "InformationNeed",
    "LegalReference",
    "NamedRegulations",
    "Query",
]

_ROOTS = (Division.ARTICLE, Division.SECTION, Division.CHAPTER, Division.PART, Division.ANNEX)


class AnswerType(StrEnum):
    """What an answer must have."""

    FIGURE = "figure"
    TIME = "time"


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalReference:
    """Where a question points: the numbers of the divisions that it names.

    Attributes:
        numbers: In the form of `Section.number`, by the kind of division.
        rest: The words of the question that name neither a division nor nothing much.
        regulations: The numbers of regulations that it names, folded: "39/2018/tt-btc", or
            "thong tu 39".
        runs: The words of `rest`, folded, in stretches that stand together in the question.
    """

    numbers: Mapping[Division, str]
    rest: tuple[str, ...]
    regulations: tuple[str, ...] = ()
    runs: tuple[tuple[str, ...], ...] = ()

    @property
    def root(self) -> Division | None:
        """The division by which a section is looked up; None if only a clause or point is named."""
        return next((kind for kind in _ROOTS if kind in self.numbers), None)

    def without_detail(self) -> "LegalReference":
        """Return the reference without clause and point."""
        detail = (Division.CLAUSE, Division.POINT)
        kept = {kind: number for kind, number in self.numbers.items() if kind not in detail}
        return replace(self, numbers=kept)

    def within(self, earlier: "LegalReference | None") -> "LegalReference":
        """Return the reference completed by that of an earlier question: "còn khoản 4?"."""
        if earlier is None or self.root is not None or not self.numbers:
            return self
        depth = [Division.CLAUSE, Division.POINT]
        kept = {
            kind: number
            for kind, number in earlier.numbers.items()
            if kind not in depth
            or (kind is Division.CLAUSE and Division.CLAUSE not in self.numbers)
        }
        return replace(
            self,
            numbers={**kept, **self.numbers},
            rest=(*earlier.rest, *self.rest),
            regulations=self.regulations or earlier.regulations,
            runs=(*earlier.runs, *self.runs),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedRegulations:
    """The regulations that a question names, folded.

    Attributes:
        numbers: "39/2018/tt-btc".
        laws: How their names begin: "luat du lich".
    """

    numbers: tuple[str, ...] = ()
    laws: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.numbers or self.laws)


@dataclass(frozen=True, slots=True, kw_only=True)
class InformationNeed:
    """What an answer must say: what sentences are compared with.

    Attributes:
        text: The question without what only says where its answer stands.
        answer_type: What an answer must have, if that can be told.
        years: Those that are named.
        numbered: The numbered things, folded, each as its word and its number: ("asem", "13").
        numbers: All numbers in it.
        term: The term whose meaning is asked for, in lower case; "" if none is.
    """

    text: str
    answer_type: AnswerType | None = None
    years: frozenset[int] = frozenset()
    numbered: tuple[tuple[str, str], ...] = ()
    numbers: frozenset[str] = frozenset()
    term: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A question, parsed once; see `rag.understand.analyse`.

    Attributes:
        typed: As it was typed, NFC, white space collapsed.
        text: As it is asked of the documents: marks restored, slips mended, abbreviations
            written out, and with its subject where that was said in an earlier question.
        language: In which the answer is framed.
        restored: Whether it is understood otherwise than it was typed; spellings of the same
            syllable (hoà, hòa) are the same.
        need: What an answer must say.
        follows: The subject taken from an earlier question, or "".
        time: As of which it asks; None if it names no time.
        timeless_need: The need without that time, for documents that held then do not say so.
        reference: The articles and other divisions that it names, if any.
        regulations: Those that it names in Vietnamese or by number.
        english_law: What a law is about that it names in English, "" if it names none.
    """

    typed: str
    text: str
    language: Language
    restored: bool
    need: InformationNeed
    follows: str = ""
    time: Time | None = None
    timeless_need: InformationNeed | None = None
    reference: LegalReference | None = None
    regulations: NamedRegulations = field(default_factory=NamedRegulations)
    english_law: str = ""
