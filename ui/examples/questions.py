"""Questions that a document seems to answer, made of what it says."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from rag.domain.answer import Answer
from rag.domain.documents import Document, Language
from rag.domain.standing import today
from rag.ingest.regulation.offices import sentence_case
from rag.language.dates import DAY, iso_day
from rag.language.identify import guess_language
from rag.language.vietnamese import fold
from rag.law.citations import CODE
from ui.examples.fitness import fit_to_show, sells, stands_alone, tempts
from ui.examples.sentences import (
    is_question,
    question_of_definition,
    questions_of_names,
    questions_of_statement,
)
from ui.examples.text import Place, Text, Titled
from ui.examples.titles import (
    QuestionKind,
    capital,
    is_definition_title,
    is_scope_title,
    lowered,
    questions_of_title,
)

__all__ = ["Candidate", "candidates"]

_Found = Iterator["_Made"]

_ENDS = 20_000  # characters at each end, in which it says from when it holds
_FEWEST_WORDS, _MOST_WORDS = 2, 14  # of a title; in Vietnamese these are syllables
_SHARED = 1 / 3  # of the words of a title that what stands under it says too; of a question any
_LONGEST_NAME = 150  # characters
_MOST_OF_A_KIND = 8  # questions of a document

_NO_TITLE = re.compile(r"(?<!\bnăm )\b\d|\d{5}|[:;?!“”\"()]")
_SHORT = re.compile(r"[A-ZĐ]{2,6}")
_DAY = re.compile(DAY, re.I)
_CODE = re.compile(CODE)
_LAW_NAME = re.compile(r"(?:Luật|Bộ luật|Pháp lệnh) [^\W\d_].*|(?:Law|Ordinance|Act) on .+")
_KINDS = {
    "bộ luật": "Code", "luật": "Law", "pháp lệnh": "Ordinance", "nghị định": "Decree",
    "nghị quyết": "Resolution", "thông tư liên tịch": "Joint Circular", "thông tư": "Circular",
    "quyết định": "Decision", "chỉ thị": "Directive", "công văn": "Official Letter",
    "thông báo": "Notice", "kế hoạch": "Plan",
}  # fmt: skip
_KINDS_BACK = {english.lower(): vietnamese.capitalize() for vietnamese, english in _KINDS.items()}
# What a document is whose title says so: "the staff handbook", "the minutes of the meeting".
_IS_A_TEXT = re.compile(
    r"(?P<what>.*?\b(?P<noun>handbook|guide|manual|policy|rules|regulations|report|code|charter|plan"
    r"|minutes|notice|procedure|programme|program|agreement|guidelines|instructions))"
    r"(?: (?:of|for|on|about|to) .+)?$",
    re.I,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A question, and where its answer should come from.

    Attributes:
        places: Start and end of each place in the document, any of which answers.
        says: What answers in whatever document it stands; "" if nothing does.
    """

    question: str
    kind: QuestionKind
    source: str
    places: tuple[Place, ...]
    says: str = ""

    def is_answered_by(self, answer: Answer) -> bool:
        """Tell whether the first quote of an answer comes from where it should."""
        if not answer.quotes:
            return False
        first = answer.quotes[0]
        is_at_place = first.document.source == self.source and any(
            first.start < end and start < first.end for start, end in self.places
        )
        return is_at_place or (bool(self.says) and fold(self.says) in fold(first.text))


def candidates(document: Document, language: Language) -> list[Candidate]:
    """Return questions in a language that a document seems to answer, all of them fit to show.

    Only so much of a long document is looked at.
    """
    text = Text(document)
    fitting: dict[str, Candidate] = {}
    of_kind: dict[QuestionKind, int] = {}
    for make in _MAKERS:
        for made in make(text, language):
            count = of_kind.get(made.kind, 0)
            fit = made.places and count < _MOST_OF_A_KIND and made.question not in fitting
            if fit and fit_to_show(made.question, text.uppercase_words):
                of_kind[made.kind] = count + 1
                fitting[made.question] = Candidate(
                    question=made.question,
                    kind=made.kind,
                    source=document.source,
                    places=made.places,
                    says=made.says,
                )
    return list(fitting.values())


@dataclass(frozen=True, slots=True)
class _Made:
    """What a candidate is before it is known to be fit to show; see there."""

    kind: QuestionKind
    question: str
    places: tuple[Place, ...]
    says: str = ""


# ---- each kind ------------------------------------------------------------------------------


def _definitions(text: Text, language: Language) -> _Found:
    """Ask for the meaning of words that the document defines, the most used of several first."""
    places = [
        (titled.start, titled.end) for titled in text.titled if is_definition_title(titled.title)
    ]
    listed = [sentence for low, high in places for sentence in text.sentences(low, high)]
    inside = {place for _, place in listed}
    every = text.sentences(0, len(text.text))
    free = [(sentence, place) for sentence, place in every if place not in inside]
    asked = []
    for sentences, is_listed in ((listed, True), (free, False)):
        for sentence, place in sentences:
            question = question_of_definition(
                sentence, language, text.document.language, listed=is_listed, text=text.text
            )
            if question and stands_alone(question) and not sells(sentence):
                asked.append((question, place))
    lower = text.text.lower()

    def rank(asked_at: tuple[str, Place]) -> tuple[bool, int]:
        term = _term_of(asked_at[0])
        return len(term.split()) < 2, -lower.count(term.lower())

    for question, place in sorted(asked, key=rank):
        yield _Made(QuestionKind.DEFINITION, question, (place,))


def _term_of(question: str) -> str:
    quoted = re.search(r"“(.{1,200})”", question)
    return quoted[1] if quoted else question.removesuffix(" là gì?").removesuffix("?")


def _titles(text: Text, language: Language) -> _Found:
    """Ask what titles name, or what they ask themselves."""
    document = text.document
    if document.language is not language:
        return
    for titled in text.titled:
        title, place = titled.title, ((titled.start, titled.end),)
        if not _is_telling(text, titled):
            continue
        if is_question(title, language):
            if guess_language(title) is language:
                yield _Made(QuestionKind.QUESTION, title, place)
        elif not _NO_TITLE.search(title):
            in_law = bool(titled.article)
            for kind, question in questions_of_title(
                title, language, in_law=in_law, text=text.text
            ):
                yield _Made(kind, question, place)
    if language is Language.ENGLISH:
        yield from _said_about(text)


def _is_telling(text: Text, titled: Titled) -> bool:
    """Tell whether a title is whole, and what stands under it is about what it says."""
    shared = 0.01 if titled.title.endswith("?") else _SHARED
    return (
        _FEWEST_WORDS <= len(titled.title.split()) <= _MOST_WORDS
        and stands_alone(titled.title)
        and text.share(titled) >= shared
        and not tempts(text.body(titled))
    )


def _said_about(text: Text) -> _Found:
    """Ask what a document whose title says what it is says about what its headings name."""
    title = sentence_case(text.document.metadata.title[:_LONGEST_NAME])
    match = _IS_A_TEXT.fullmatch(title)
    if match is None or len(title.split()) > 8 or not stands_alone(title):
        return
    does = "do" if match["noun"].lower().endswith("s") else "does"
    name = f"{does} the {lowered(title, text.text)}"
    for titled in text.titled:
        about = _with_article(titled.title, text.body(titled))
        else_asked = any(questions_of_title(titled.title, Language.ENGLISH, in_law=False))
        if about and not (titled.article or else_asked or tempts(text.body(titled))):
            place = ((titled.start, titled.end),)
            yield _Made(QuestionKind.TITLE, f"What {name} say about {about}?", place)


def _with_article(heading: str, body: str) -> str:
    """Return an English heading with the article that the text under it gives it.

    "" is returned where that cannot be told, since the text does not say its words.
    """
    if not re.fullmatch(r"[A-Za-z][A-Za-z -]{3,40}", heading) or len(heading.split()) > 5:
        return ""
    low = lowered(heading, body)
    match = re.search(rf"(?:\b(?P<before>\w+)\s+)?(?<!\w){re.escape(low)}\b", body, re.I)
    if match is None:
        return ""
    before = (match["before"] or "").lower()
    return f"{before} {low}" if before in ("a", "an", "the") else low


def _statements(text: Text, language: Language) -> _Found:
    """Ask for what plain sentences tell: how much, how long, when."""
    if text.document.language is not language:
        return
    in_law = any(titled.article for titled in text.titled)
    for sentence, place in text.sentences(0, len(text.text)):
        for kind, question in questions_of_statement(
            sentence, language, in_law=in_law, text=text.text
        ):
            if stands_alone(question) and not sells(sentence):
                yield _Made(kind, question, (place,))


def _names(text: Text, language: Language) -> _Found:
    """Ask what campaigns, agreements and the like are that a Vietnamese document names."""
    if text.document.language is not Language.VIETNAMESE:
        return
    for sentence, place in text.sentences(0, len(text.text)):
        if not sells(sentence):
            for kind, question in questions_of_names(sentence, language):
                yield _Made(kind, question, (place,))


def _about_the_whole(text: Text, language: Language) -> _Found:
    """Ask what a regulation is about, and from when it is in force."""
    name = _name(text.document, language)
    if not name:
        return
    vietnamese = language is Language.VIETNAMESE
    titles = [titled for titled in text.titled if is_scope_title(titled.title)]
    scope = tuple((titled.start, titled.end) for titled in titles)
    if scope:
        question = f"{name} quy định về những gì?" if vietnamese else f"What does {name} regulate?"
        yield _Made(QuestionKind.SCOPE, question, scope)
    day = text.document.metadata.effective_from
    places = _places_of_day(text.document.text, day)
    if places:
        when = "does" if day > today().first else "did"
        question = (
            f"{name} có hiệu lực từ ngày nào?" if vietnamese else f"When {when} {name} take effect?"
        )
        yield _Made(QuestionKind.EFFECT, question, places)


def _places_of_day(text: str, day: str) -> tuple[Place, ...]:
    """Return where a text names a day, near its ends."""
    if not day:
        return ()
    ends = ((0, _ENDS), (max(_ENDS, len(text) - _ENDS), len(text)))
    return tuple(
        match.span()
        for low, high in ends
        for match in _DAY.finditer(text, low, high)
        if iso_day(match[0]) == day
    )


def _abbreviations(text: Text, language: Language) -> _Found:
    """Ask for what abbreviations stand for that the document explains, the most used first."""

    def used(short: str) -> int:
        return len(re.findall(rf"\b{short}\b", text.text))

    explained = [
        (short, long)
        for short, long in text.abbreviations.items()
        if _SHORT.fullmatch(short)
        and fit_to_show(long, text.uppercase_words)
        and stands_alone(long)
    ]
    for short, long in sorted(explained, key=lambda pair: -used(pair[0])):
        where = rf"\([^()\n]{{0,40}}\b{short}\b[”\"]?\s?\)|\b{short}\s?\("
        places = tuple(match.span() for match in re.finditer(where, text.text))
        question = (
            f"{short} là gì?"
            if language is Language.VIETNAMESE
            else f"What does {short} stand for?"
        )
        yield _Made(QuestionKind.ABBREVIATION, question, places, long)


def _addresses(text: Text, language: Language) -> _Found:
    """Ask for the wording of articles that are about something."""
    name = _name(text.document, language)
    if not name:
        return
    own = text.document.language
    for titled in text.titled:
        asked = questions_of_title(titled.title, own, in_law=True)
        telling = titled.article.isdigit() and stands_alone(titled.title) and any(asked)
        if telling and not tempts(text.body(titled)):
            question = (
                f"Điều {titled.article} {name} quy định gì?"
                if language is Language.VIETNAMESE
                else f"What does Article {titled.article} of {name} say?"
            )
            yield _Made(QuestionKind.ADDRESS, question, ((titled.start, titled.end),))


def _name(document: Document, language: Language) -> str:
    """Return what a regulation is called in a language: by its number, or a law by its name."""
    number = document.metadata.number
    code = _CODE.search(number)
    if code is None:
        title = sentence_case(document.metadata.title[:_LONGEST_NAME])
        fits = _LAW_NAME.fullmatch(title) and len(title.split()) <= 10 and stands_alone(title)
        english = document.language is Language.ENGLISH and language is Language.ENGLISH
        return f"{'the ' if english else ''}{title}" if fits else ""
    if re.search(rf"{re.escape(code[0])}[/&-]", document.text[:_ENDS]):
        return ""  # it was not read as a whole
    kind = number[: code.start()].strip()
    if document.language is not language:
        names = _KINDS if language is Language.ENGLISH else _KINDS_BACK
        kind = names.get(kind.lower(), "")
    return f"{capital(kind)} {code[0]}" if kind else ""


_MAKERS = (
    _definitions, _titles, _statements, _names, _about_the_whole, _abbreviations, _addresses,
)  # fmt: skip
