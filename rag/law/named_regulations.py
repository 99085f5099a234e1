"""Which regulations a question names, and whether a document is one of them or cites it."""

import re
from collections.abc import Mapping, Sequence

from rag.domain.documents import Document, Language, Metadata
from rag.domain.query import NamedRegulations
from rag.language.glossary import Glossary
from rag.language.lexicon import LEXICON, any_of
from rag.language.vietnamese import fold, folded_words, words
from rag.law.lexicon import LAW_LEXICON

__all__ = [
    "called_in_english",
    "english_law_in",
    "is_named",
    "is_title_of",
    "regulations_in",
    "speaks_for",
    "without_source",
]

# "39/2018/TT-BTC", "15/2012/QH13": what a document is surely known by.
_NUMBER = re.compile(r"\b\d{1,5}(?:/\d{4})?/[^\W\d_][\w&]{0,20}(?:-[\w&]{1,20}){0,5}")
_BEFORE_LUAT = LAW_LEXICON.words("before_luat")
_AFTER_LUAT = LAW_LEXICON.words("after_luat")
_AFTER_A_NAME = LAW_LEXICON.words("after_a_law_name")
_NO_NAMES = frozenset(tuple(name.split()) for name in LAW_LEXICON.phrases("no_law_names"))
_NAMES = frozenset(tuple(name.split()) for name in LAW_LEXICON.phrases("law_names"))
_SOURCES = LAW_LEXICON.table("sources_named")
_KINDS = LAW_LEXICON.table("kinds")
_CITED = LAW_LEXICON.table("divisions")["cited"]
# "Theo Điều 2 Luật Cư trú, …?", "Thông tư 120/2015/TT-BTC: …?", "… under Article 2?"
_SOURCE_BEFORE = re.compile(
    rf"\s{{0,9}}+(?:{any_of(_SOURCES['at_the_beginning'])})?\s{{0,9}}+"
    r"(?P<source>[^,:;?]{3,150}+)[,:;]\s++(?=\w)",
    re.I,
)
_SOURCE_AFTER = re.compile(
    rf"(?<!\s)\s++(?:{any_of(_SOURCES['at_the_end'])})\s++(?P<source>[^,:;?]{{3,150}}?)"
    r"\s{0,9}+(?=[?.!]*+$)",
    re.I,
)
_QUESTION_WORDS = LEXICON.words("question_words.vi", "question_words.en") | LAW_LEXICON.words(
    "question_words_of_sources"
)
_DIVISION = re.compile(
    rf"\b(?:{any_of({*_CITED, *map(fold, _CITED)})})\s+(?:\d|[ivxlc]{{1,7}}\b|[a-zđ]\b)", re.I
)
_ENGLISH_LAW = re.compile(
    rf"\b(?:{any_of(_KINDS['english_laws'])})\s+(?:on|of)\s+(?:the\s+)?"
    r"(?P<after>[a-z][a-z,-]*+(?:\s[a-z,-]++){0,5}?)"
    rf"(?=\s+(?:{any_of(_SOURCES['after_an_english_name'])})\b|[?.:;]|\s*$)"
    r"|\bthe\s+(?P<before>[a-z-]{3,30}(?:\s[a-z-]{2,30}){0,2}?)"
    rf"\s+(?:{any_of(_KINDS['english_laws'])})\b",
    re.I,
)
_FEWEST_WORDS_LEFT = 2  # words of a question
_LAWS = tuple(fold(kind) for kind in _KINDS["laws"])
_NAME_SYLLABLES = 2  # that tell a law: "luật du lịch", "luật hải quan", "bộ luật hình sự"


def is_named(regulations: NamedRegulations, source: str, metadata: Metadata) -> bool:
    """Tell whether a document is one of some regulations: by number, title, or what it is called.

    Args:
        regulations: Those that a question names.
        source: What the document is called.
        metadata: What is known of it.
    """
    own_number = fold(metadata.number)
    if any(
        own_number.endswith(f" {number}") or own_number == number for number in regulations.numbers
    ):
        return True
    called = f"{folded_words(metadata.title)}{folded_words(source)}"
    return any(f" {law} " in called for law in regulations.laws)


def is_title_of(regulations: NamedRegulations, source: str, metadata: Metadata) -> bool:
    """Tell whether a document's title, or what it is called, begins with one of the laws."""
    titles = (metadata.title, metadata.title.partition(":")[2], source.rpartition("/")[2])
    return any(
        folded_words(title).startswith(f" {law} ") for title in titles for law in regulations.laws
    )


def speaks_for(regulations: NamedRegulations, document: Document, start: int, end: int) -> bool:
    """Tell whether what stands in a document is said by one of some regulations, or of one.

    A regulation that speaks of one, as its basis or to guide it, does so throughout; anything
    else, such as an article of the press, only where it does.

    Args:
        regulations: Those that a question names.
        document: What is quoted from.
        start: Where what stands around the quote begins.
        end: Where it ends.
    """
    if is_named(regulations, document.source, document.metadata):
        return True
    text = document.text if document.metadata.number else document.text[start:end]
    if any(number in fold(text) for number in regulations.numbers):
        return True
    return any(f" {law} " in folded_words(text) for law in regulations.laws)


def regulations_in(question: str) -> NamedRegulations:
    """Return the regulations that a question names, in Vietnamese or by number."""
    asked_words = [fold(word) for word in words(question)]
    laws = []
    for kind in _LAWS:
        for position in _places(asked_words, kind.split()):
            name = _name_at(asked_words, position + len(kind.split()))
            if name and (position == 0 or asked_words[position - 1] not in _BEFORE_LUAT):
                laws.append(f"{kind} {name}")
    numbers = dict.fromkeys(fold(number) for number in _NUMBER.findall(question))
    return NamedRegulations(numbers=tuple(numbers), laws=tuple(dict.fromkeys(laws)))


def english_law_in(question: str) -> str:
    """Return what a law is about that a question names in English, "" if it names none."""
    match = _ENGLISH_LAW.search(question)
    return (match["after"] or match["before"]) if match else ""


def called_in_english(
    law: str, glossary: Glossary, known: Mapping[str, Metadata]
) -> frozenset[str] | None:
    """Return the documents that are called by an English name or what it means in Vietnamese.

    Args:
        law: What `english_law_in` returned.
        glossary: The terms of both languages.
        known: What is known of each document, by source.

    Returns:
        Their sources; None if there is no name, or the glossary knows nothing of it.
    """
    terms = glossary.terms(law, Language.ENGLISH, Language.VIETNAMESE) if law else []
    phrases = [f" {' '.join(phrase)} " for term in terms if len(term) > 1 for phrase in term]
    if not phrases:
        return None
    names = {
        source: folded_words(f"{metadata.title} {source}") for source, metadata in known.items()
    }
    return frozenset(
        source for source, name in names.items() if any(phrase in name for phrase in phrases)
    )


def without_source(question: str) -> str:
    """Return a question without the words that only say where its answer stands.

    "Theo khoản 4 Điều 10 Luật Cư trú, ai là chủ hộ?" asks "ai là chủ hộ?" there. Others are
    returned as they are.
    """
    for pattern in (_SOURCE_BEFORE, _SOURCE_AFTER):
        match = pattern.match(question) if pattern is _SOURCE_BEFORE else pattern.search(question)
        if match is None:
            continue
        source = match["source"]
        left = f"{question[: match.start()]}{question[match.end() :]}".strip()
        asks = not _QUESTION_WORDS.isdisjoint(fold(word) for word in words(source))
        says_where = _DIVISION.search(source) is not None or bool(regulations_in(source))
        if says_where and not asks and len(words(left)) >= _FEWEST_WORDS_LEFT:
            return left
    return question


def _places(asked_words: Sequence[str], kind: Sequence[str]) -> list[int]:
    return [
        position
        for position in range(len(asked_words) - len(kind) + 1)
        if list(asked_words[position : position + len(kind)]) == list(kind)
    ]


def _name_at(asked_words: Sequence[str], position: int) -> str:
    """Return how the name of a law begins, "" if none does."""
    name = tuple(asked_words[position : position + _NAME_SYLLABLES])
    if len(name) == _NAME_SYLLABLES and name[1] in _AFTER_A_NAME:
        name = name[:1]
    if not name or not all(syllable.isalpha() for syllable in name) or name in _NO_NAMES:
        return ""
    return "" if name[0] in _AFTER_LUAT and name not in _NAMES else " ".join(name)
