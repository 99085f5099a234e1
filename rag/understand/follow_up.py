"""Understand a question that goes on from the one before, without a language model.

"Có bao nhiêu đoàn tham dự?" after "ASEM 13 diễn ra ở đâu?" asks about ASEM 13; "Còn ASEM 12?"
asks the same of another; "Chủ đề năm 2024 của WCO là gì?" changes the subject.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from rag.domain.documents import Language
from rag.domain.query import LegalReference, Query
from rag.errors import QuestionError
from rag.language.lexicon import LEXICON, any_of
from rag.language.vietnamese import fold, has_vietnamese_marks
from rag.law.reference import find_reference
from rag.understand.analyse import Analyser, parsed

__all__ = ["FollowUp", "Understanding", "follow_up", "understand"]

_MOST_FRAGMENT_WORDS = 7
# Words; a question of no more needs all of the one before to be understood.
_MOST_SHORT_WORDS = {Language.VIETNAMESE: 4, Language.ENGLISH: 3}
_MOST_EARLIER_QUESTIONS = 6  # earlier questions
_MOST_SUBJECTS = 3  # names and numbers that are carried over
_VIETNAMESE = LEXICON.table("follow_up")["vi"]
_ENGLISH = LEXICON.table("follow_up")["en"]
_BEGINS = any_of(_VIETNAMESE["begins_with"])
_BEGINNING = {
    Language.VIETNAMESE: re.compile(
        rf"^(?:(?:{_BEGINS})\s+)?còn\b(?:\s+về)?|^(?:{_BEGINS})\b(?!\s+giới)(?:\s+thì)?", re.I
    ),
    Language.ENGLISH: re.compile(
        rf"^(?:and\s+)?(?:{any_of(_ENGLISH['begins_with'])})\b|^and\b|^(?:also|then)\b,?", re.I
    ),
}
_BARE_BEGINNING = re.compile(
    rf"^(?:(?:{_BEGINS}|{any_of(map(fold, _VIETNAMESE['begins_with']))}) )?con\s+", re.I
)
_END = re.compile(
    rf"(?:thì\s{{1,9}}+)?(?:{any_of(_VIETNAMESE['asks_the_same'])})?\s{{0,9}}+"
    rf"(?:{any_of(_VIETNAMESE['polite_ends'])})?\s{{0,9}}+$",
    re.I,
)
_POINTING = {
    Language.VIETNAMESE: re.compile(
        rf"\b(?:{any_of(_VIETNAMESE['points_back'])})\b"
        rf"|\b(?!trong\b)\w+ (?:{any_of(_VIETNAMESE['points_back_after_a_word'])})\b"
        r"(?!\s+(?:là|có thể))",
        re.I,
    ),
    Language.ENGLISH: re.compile(
        rf"\b(?:{any_of(_ENGLISH['points_back'])})\b"
        rf"|\b(?:this|that) (?!(?:{any_of(_ENGLISH['after_that'])}|[a-z]+s)\b)[a-z]+"
        rf"|\b(?:{any_of(_ENGLISH['before_this'])}) (?:this|that)\b"
        r"|(?<!is )(?<!are )(?<!was )(?<!were )\bthere\s*\?*$",
        re.I,
    ),
}
_QUESTION_WORDS = {
    Language.VIETNAMESE: LEXICON.words("question_words.vi", "question_words_of_follow_ups.vi"),
    Language.ENGLISH: LEXICON.words("question_words.en", "question_words_of_follow_ups.en"),
}
_NUMBERED = re.compile(r"\b([^\W\d_]+)[ -](\d[\d/.-]*)\b")
_YEAR = re.compile(r"\b(?:19|20)\d\d(?:\s*[-–]\s*(?:19|20)?\d\d)?\b")


Names = Callable[[str], list[str]]


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A question with its subject.

    Attributes:
        query: The question as it is asked of the documents.
        certain: Whether it can only be understood so.
    """

    query: Query
    certain: bool


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a question may mean.

    Attributes:
        query: What it means first of all.
        alternative: What it means as well if it goes on from the question before, which its form
            does not tell; None if it cannot.
    """

    query: Query
    alternative: Query | None = None


def follow_up(query: Query, before: Query, names: Names) -> FollowUp | None:
    """Return a question as it goes on from the one before; None if it has a subject of its own.

    Args:
        query: The question, understood by itself.
        before: The question before, with its subject.
        names: Finds the names in a text.
    """
    fragment = _fragment(query, names)
    if fragment:
        text = _put_in(fragment, before, names)
        if text is not None:
            return FollowUp(_restated(query, text, before.text), certain=True)
    begins = bool(_BEGINNING[query.language].match(query.text))
    points = bool(_POINTING[query.language].search(query.text))
    if not points and (names(query.text) or _numbered(query.text)):
        return None
    if (
        len(query.text.split()) <= _MOST_SHORT_WORDS[query.language]
        and not points
        and not before.follows
    ):
        subject = before.text.rstrip(" ?.!")
    else:
        subject = _subject(before, names)
    if not subject or fold(subject) in fold(query.text):
        return None
    asked = _BEGINNING[query.language].sub("", query.text).strip(" ,") or query.text
    return FollowUp(_restated(query, f"{subject}: {asked}", subject), certain=begins or points)


def _fragment(query: Query, names: Names) -> str:
    """Return what "Còn ASEM 12 thì sao?" or "2023?" puts in the place of something, or ""."""
    begun = _BEGINNING[query.language].sub("", query.text, count=1)
    # Without marks "còn" looks like "con", a child; it is "còn" where a name follows at once.
    typed_bare = _BARE_BEGINNING.match(query.text)
    if typed_bare and not has_vietnamese_marks(query.typed):
        after = query.text[typed_bare.end() :]
        if any(after.startswith(name) for name in names(after)[:1]):
            begun = after
    rest = begun.rstrip("?.!")
    if query.language is Language.VIETNAMESE:
        rest = _END.sub("", rest, count=1)
    rest = rest.strip(" ,")
    fragment_words = [fold(word) for word in re.findall(r"[^\W_]+", rest)]
    if (
        not fragment_words
        or len(fragment_words) > _MOST_FRAGMENT_WORDS
        or _QUESTION_WORDS[query.language] & set(fragment_words)
    ):
        return ""
    whole = begun == query.text
    return "" if whole and not _YEAR.fullmatch(rest) else rest


def _put_in(fragment: str, before: Query, names: Names) -> str | None:
    """Return the question before with the fragment in the place of its like; None if it has none.

    A year takes the place of a year, "ASEM 12" that of "ASEM 13", a name that of a name.
    """
    text = before.text
    year, old = _YEAR.search(fragment), _YEAR.search(text)
    if year and old:
        changed = text[: old.start()] + year[0] + text[old.end() :]
        return changed if changed != text else None
    for word, number in _NUMBERED.findall(fragment):
        for match in _NUMBERED.finditer(text):
            if fold(match[1]) == fold(word) and match[2] != number:
                return f"{text[: match.start(2)]}{number}{text[match.end(2) :]}"
    if before.follows and text.startswith(f"{before.follows}: ") and not year:
        return fragment + text[len(before.follows) :]
    named = names(text)
    if named and not year:
        position = text.rindex(named[-1])
        return text[:position] + fragment + text[position + len(named[-1]) :]
    return f"{text.rstrip(' ?.!')} {fragment}?"


def _numbered(text: str) -> list[str]:
    """Return numbered things, such as "Điều 12", but no years."""
    return [match[0] for match in _NUMBERED.finditer(text) if not _YEAR.fullmatch(match[2])]


def _subject(query: Query, names: Names) -> str:
    """Return what a question is about, for the next one: its own subject and its names."""
    subjects = names(query.text)[:_MOST_SUBJECTS]
    subjects += [
        thing for thing in _numbered(query.text) if not any(thing in name for name in subjects)
    ]
    years = [match[0] for match in _YEAR.finditer(query.text) if match[0] not in " ".join(subjects)]
    return (
        " ".join([*subjects, *years]) if subjects else (query.follows or query.text).rstrip(" ?.!")
    )


def _restated(query: Query, text: str, follows: str) -> Query:
    return parsed(typed=query.typed, text=text, language=query.language, follows=follows)


def understand(
    question: str, earlier: Sequence[str], analyser: Analyser, *, as_typed: bool = False
) -> Understanding:
    """Return a question as it is meant after earlier ones.

    Args:
        question: What was typed.
        earlier: The questions before it, oldest first; one that cannot be asked is left out.
        analyser: Understands single questions.
        as_typed: Take the question word for word and by itself.

    Raises:
        QuestionError: If the question is empty, too long or no text.
    """
    query = analyser.as_typed(question) if as_typed else analyser.analyse(question)
    query = replace(query, reference=_completed(query.reference, earlier))
    if as_typed or query.reference is not None:
        return Understanding(query)
    before = _last_of(earlier, analyser)
    going_on = follow_up(query, before, analyser.names) if before else None
    if going_on is None:
        return Understanding(query)
    return (
        Understanding(going_on.query) if going_on.certain else Understanding(query, going_on.query)
    )


def _completed(reference: LegalReference | None, earlier: Sequence[str]) -> LegalReference | None:
    """Return where a question points, completed by the one before: "còn khoản 4?"."""
    if reference is None or reference.root is not None:
        return reference
    before = find_reference(earlier[-1]) if earlier else None
    completed = reference.within(before)
    return completed if completed.root is not None else None


def _last_of(earlier: Sequence[str], analyser: Analyser) -> Query | None:
    """Return the last of the earlier questions, as it goes on from those before it."""
    before: Query | None = None
    for question in earlier[-_MOST_EARLIER_QUESTIONS:]:
        try:
            query = analyser.analyse(question)
        except QuestionError:
            continue
        going_on = follow_up(query, before, analyser.names) if before else None
        before = going_on.query if going_on else query
    return before
