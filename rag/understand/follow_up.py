"""What a question may mean that goes on from the one before, without a language model.

"Có bao nhiêu đoàn tham dự?" after "ASEM 13 diễn ra ở đâu?" asks about ASEM 13; "Còn ASEM 12?"
asks the same of another; "Chủ đề năm 2024 của WCO là gì?" changes the subject. Its form alone does
not tell, so all that it may mean is asked (`rag.understand.follow_up_model` chooses).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from rag.domain.documents import Language
from rag.domain.query import LegalReference, Query
from rag.errors import QuestionError
from rag.language.lexicon import LEXICON, any_of
from rag.language.vietnamese import fold, has_vietnamese_marks
from rag.law.reference import find_reference
from rag.understand.analyse import Analyser, parsed
from rag.understand.message import asks_nothing

__all__ = ["FORM", "Meaning", "Tie", "Understanding", "meanings_of", "understand"]

_MOST_FRAGMENT_WORDS = 7
# Words; a question of no more needs all of the one before to be understood.
_MOST_SHORT_WORDS = {Language.VIETNAMESE: 4, Language.ENGLISH: 3}
_MOST_WORDS = 44  # of a question and its subject; the reading model takes no more tokens
_MOST_EARLIER_QUESTIONS = 6  # earlier questions
_MOST_SUBJECTS = 3  # names and numbers that are carried over
_VIETNAMESE = LEXICON.table("follow_up")["vi"]
_ENGLISH = LEXICON.table("follow_up")["en"]
_BEGINS = any_of(_VIETNAMESE["begins_with"])
_OWN_WORD = rf"(?!\s+(?:{any_of(_VIETNAMESE['goes_on_from_the'])})\b)"
_BEGINNING = {
    Language.VIETNAMESE: re.compile(
        rf"^(?:(?:{_BEGINS})\s+)?còn\b(?:\s+về\b)?|^(?:{_BEGINS})\b{_OWN_WORD}(?:\s+thì\b)?", re.I
    ),
    Language.ENGLISH: re.compile(
        rf"^(?:and\s+)?(?:{any_of(_ENGLISH['begins_with'])})\b|^and\b|^(?:also|then)\b(?!-),?", re.I
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
_PERSON = rf"(?:{any_of(LEXICON.table('messages')['vi']['persons'])})"
_SAYS = rf"(?:{any_of(_VIETNAMESE['says'])})"
_MEANS = rf"(?:{any_of(_VIETNAMESE['means'])})"
_DISAGREES = {
    language: rf"(?:(?:{any_of(words['disagrees'])})\s*+[,.!;:]++\s*+)"
    for language, words in ((Language.VIETNAMESE, _VIETNAMESE), (Language.ENGLISH, _ENGLISH))
}
# "Không phải ô tô, xe máy ấy", "No, not the signing, the full start".
_NOT_THIS = {
    Language.VIETNAMESE: r"(?:(?:không|ko) phải(?:\s+\w+){1,5}\s*,\s*+)",
    Language.ENGLISH: r"(?:not(?:\s+\w+){1,5}\s*,\s*+)",
}
_CORRECTING = {
    Language.VIETNAMESE: re.compile(
        rf"^{_DISAGREES[Language.VIETNAMESE]}*+{_NOT_THIS[Language.VIETNAMESE]}?"
        rf"(?:(?:{_PERSON}\s+)?{_MEANS}\b(?:\s+{_PERSON}\b)?(?:\s+{_SAYS}\b)?\s+là\b"
        rf"|{_MEANS}\s+{_PERSON}\s+{_SAYS}\b)[\s,:]*+"
        rf"|^{_DISAGREES[Language.VIETNAMESE]}++{_NOT_THIS[Language.VIETNAMESE]}?"
        rf"(?:(?:{_PERSON}\s+)?{_SAYS}\b[\s,:]*+)?"
        rf"|^{_NOT_THIS[Language.VIETNAMESE]}",
        re.I,
    ),
    Language.ENGLISH: re.compile(
        rf"^{_DISAGREES[Language.ENGLISH]}*+{_NOT_THIS[Language.ENGLISH]}?"
        rf"(?:{any_of(_ENGLISH['corrects'])})\b[\s,:]*+"
        rf"|^{_DISAGREES[Language.ENGLISH]}++{_NOT_THIS[Language.ENGLISH]}?",
        re.I,
    ),
}
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
_FUNCTION_WORDS = {
    Language.VIETNAMESE: LEXICON.words("function_words.vi"),
    Language.ENGLISH: LEXICON.words("function_words.en"),
}
_CALENDAR_WORDS = frozenset(map(fold, (*_VIETNAMESE["calendar"], *_ENGLISH["calendar"])))
_NUMBERED = re.compile(r"\b([^\W\d_]+)[ -](\d[\d/.-]*)\b")
_YEAR = re.compile(r"\b(?:19|20)\d\d(?:\s*[-–]\s*(?:19|20)?\d\d)?\b")


Names = Callable[[str], list[str]]


class Tie(StrEnum):
    """How a question is tied to the one before."""

    ALONE = "alone"
    """It is asked as it is."""
    EXCHANGED = "exchanged"
    """It is the question before, with something else in the place of its like."""
    SUBJECT = "subject"
    """It is asked of what the question before names."""
    WHOLE = "whole"
    """It goes on from all that the question before says."""


FORM = ("begins", "points", "named", "short", "asks", "corrects", "other_language")
"""What is told of a question's form, 1 or 0: that it begins as one that goes on; that it points
back; that it has names or numbers of its own; that it is short; that it has a word that asks; that
it corrects the one before; and that it is in another language than that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """What a question may mean.

    Attributes:
        query: The question as it is asked of the documents.
        tie: How it came from the one before.
    """

    query: Query
    tie: Tie


@dataclass(frozen=True, slots=True, kw_only=True)
class Understanding:
    """All that a question may mean after the one before.

    Attributes:
        meanings: The first of them stands alone, and may be the only one; a question that only
            takes the place of its like ("Còn ASEM 12?") means nothing else.
        form: By the names in `FORM`.
        before: The question before; None if there is none or nothing goes on from it.
    """

    meanings: tuple[Meaning, ...]
    form: Mapping[str, float]
    before: Query | None = None


def meanings_of(query: Query, before: Query, names: Names) -> Understanding:
    """Return what a question may mean after the one before.

    Args:
        query: The question, understood by itself.
        before: The question before, with its subject.
        names: Finds the names in a text.
    """
    asked, corrects = _without_correction(query)
    begun = _BEGINNING[query.language].sub("", asked).strip(" ,") or asked
    ended = begun if begun == asked else _without_end(begun, query.language)
    words = [fold(word) for word in re.findall(r"[^\W_]+", ended)]
    form = {
        "begins": begun != asked,
        "points": _points(query),
        "named": bool(names(query.text) or _numbered(query.text)),
        "short": len(words) <= _MOST_SHORT_WORDS[query.language],
        "asks": bool(_QUESTION_WORDS[query.language] & set(words)),
        "corrects": corrects,
        "other_language": query.language is not before.language,
    }
    fragment = _fragment(asked, query, names)
    if fold(fragment) in fold(before.text):
        fragment = ""
    like = _like_put_in(fragment, before) if fragment else None
    if like is not None:  # it says nothing by itself, and "ASEM 13: ASEM 12?" contradicts itself
        meanings = [Meaning(query=_restated(query, like, before.text), tie=Tie.EXCHANGED)]
    else:
        exchanged = _put_in(fragment, before, names) if fragment else ""
        ties = {
            Tie.EXCHANGED: (exchanged, before.text),
            Tie.SUBJECT: _going_on(_subject(before, names), begun),
            Tie.WHOLE: _going_on(before.text, begun),
        }
        meanings = [Meaning(query=query, tie=Tie.ALONE)]
        for tie, (text, follows) in ties.items():
            if _contradicts_itself(text) and not _contradicts_itself(query.text):
                continue  # "Chủ đề năm 2024: chủ đề 2023?"
            if text and all(fold(text) != fold(meaning.query.text) for meaning in meanings):
                meanings.append(Meaning(query=_restated(query, text, follows), tie=tie))
    return Understanding(
        meanings=tuple(meanings),
        form={name: float(value) for name, value in form.items()},
        before=before,
    )


def _contradicts_itself(text: str) -> bool:
    """Tell whether a text names two years, or two of one numbered thing."""
    numbers: dict[str, set[str]] = {}
    for match in _NUMBERED.finditer(text):
        numbers.setdefault(fold(match[1]), set()).add(match[2])
    years = {match[0] for match in _YEAR.finditer(text)}
    return len(years) > 1 or any(len(different) > 1 for different in numbers.values())


def _points(query: Query) -> bool:
    """Tell whether a question points back; "IT" in capitals does not."""
    text = query.text
    return any(
        text.isupper() or not (match[0].isupper() and len(match[0]) > 1)
        for match in _POINTING[query.language].finditer(text)
    )


def _without_correction(query: Query) -> tuple[str, bool]:
    """Return what "Không, ý tôi là ASEM 12" says, and whether it says so at all."""
    corrected = _CORRECTING[query.language].match(query.text)
    rest = query.text[corrected.end() :].strip(" ,") if corrected else ""
    return (rest, True) if rest else (query.text, False)


def _going_on(subject: str, asked: str) -> tuple[str, str]:
    """Return a question with what it is about before it, unless it says so itself."""
    subject = subject.rstrip(" ?.!")
    room = _MOST_WORDS - len(asked.split())
    if not subject or fold(subject) in fold(asked) or len(subject.split()) > room:
        return "", ""
    return f"{subject}: {asked}", subject


def _fragment(asked: str, query: Query, names: Names) -> str:
    """Return what "Còn ASEM 12 thì sao?" or "2023?" puts in the place of something, or ""."""
    begun = _BEGINNING[query.language].sub("", asked, count=1)
    # Without marks "còn" looks like "con", a child; it is "còn" where a name follows at once.
    typed_bare = _BARE_BEGINNING.match(asked)
    if typed_bare and not has_vietnamese_marks(query.typed):
        after = asked[typed_bare.end() :]
        if any(after.startswith(name) for name in names(after)[:1]):
            begun = after
    whole = begun == query.text
    rest = (begun.rstrip("?.!") if whole else _without_end(begun, query.language)).strip(" ,")
    fragment_words = [fold(word) for word in re.findall(r"[^\W_]+", rest)]
    if (
        not fragment_words
        or len(fragment_words) > _MOST_FRAGMENT_WORDS
        or _QUESTION_WORDS[query.language] & set(fragment_words)
    ):
        return ""
    if not set(fragment_words) - _FUNCTION_WORDS[query.language]:
        return ""
    # What nothing begins puts in a name, a number or a year; else it may say anything.
    return rest if not whole or names(rest) or _YEAR.search(rest) or _numbered(rest) else ""


def _without_end(text: str, language: Language) -> str:
    """Return a question without "thì sao ạ?"."""
    rest = text.rstrip("?.!")
    return _END.sub("", rest, count=1) if language is Language.VIETNAMESE else rest


def _like_put_in(fragment: str, before: Query) -> str | None:
    """Return the question before with the fragment in the place of its like; None if it has none.

    A year takes the place of a year, "ASEM 12" that of "ASEM 13"; what says more than that, "kế
    hoạch của ASEM 12", does not.
    """
    text = before.text
    year, old = _YEAR.search(fragment), _YEAR.search(text)
    if year and old and _says_no_more(fragment, year):
        changed = text[: old.start()] + year[0] + text[old.end() :]
        return changed if changed != text else None
    for other in _NUMBERED.finditer(fragment):
        for match in _NUMBERED.finditer(text):
            is_like = fold(match[1]) == fold(other[1]) and match[2] != other[2]
            if is_like and _says_no_more(fragment, other):
                return f"{text[: match.start(2)]}{other[2]}{text[match.end(2) :]}"
    return None


def _says_no_more(fragment: str, found: re.Match[str]) -> bool:
    """Tell whether nothing but small words stands beside what was found in a fragment."""
    beside = f"{fragment[: found.start()]} {fragment[found.end() :]}"
    words = {fold(word) for word in re.findall(r"[^\W_]+", beside)}
    return any(words <= small | _CALENDAR_WORDS for small in _FUNCTION_WORDS.values())


def _put_in(fragment: str, before: Query, names: Names) -> str:
    """Return the question before with the fragment in the place of its subject or last name."""
    text = before.text
    year = _YEAR.search(fragment)
    if before.follows and text.startswith(f"{before.follows}: ") and not year:
        return fragment + text[len(before.follows) :]
    named = names(text)
    if named and not year:
        position = text.rindex(named[-1])
        before_it = text[:position].rstrip()
        first, _, rest = fragment.partition(" ")
        if rest and fold(before_it).endswith(f" {fold(first)}"):  # "của Đức" after "của"
            fragment = rest
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
    question: str,
    earlier: Sequence[str],
    analyser: Analyser,
    likeliest: Callable[[Understanding], Meaning],
    *,
    as_typed: bool = False,
) -> Understanding:
    """Return what a question may mean after earlier ones.

    Args:
        question: What was typed.
        earlier: The questions before it, oldest first; one that cannot be asked is left out.
        analyser: Understands single questions.
        likeliest: Chooses what each of the earlier ones meant.
        as_typed: Take the question word for word and by itself.

    Raises:
        QuestionError: If the question is empty, too long or no text.
    """
    query = analyser.as_typed(question) if as_typed else analyser.analyse(question)
    query = replace(query, reference=_completed(query.reference, earlier))
    before = None
    if not as_typed and query.reference is None and not asks_nothing(query.typed):
        before = _last_of(earlier, analyser, likeliest)
    if before is None:
        return Understanding(meanings=(Meaning(query=query, tie=Tie.ALONE),), form={})
    return meanings_of(query, before, analyser.names)


def _completed(reference: LegalReference | None, earlier: Sequence[str]) -> LegalReference | None:
    """Return where a question points, completed by the one before: "còn khoản 4?"."""
    if reference is None or reference.root is not None:
        return reference
    before = find_reference(earlier[-1]) if earlier else None
    completed = reference.within(before)
    return completed if completed.root is not None else None


def _last_of(
    earlier: Sequence[str], analyser: Analyser, likeliest: Callable[[Understanding], Meaning]
) -> Query | None:
    """Return the last of the earlier questions, as it goes on from those before it."""
    before: Query | None = None
    for question in earlier[-_MOST_EARLIER_QUESTIONS:]:
        try:
            query = analyser.analyse(question)
        except QuestionError:
            continue
        if before is not None:
            understood = meanings_of(query, before, analyser.names)
            # What names nothing cannot be what the next one is about.
            goes_on = not understood.form["named"] and len(understood.meanings) > 1
            if goes_on:
                understood = replace(understood, meanings=understood.meanings[1:])
            query = likeliest(understood).query
        before = query
    return before
