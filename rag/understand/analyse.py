"""What a person typed, understood."""

import re
import unicodedata
from functools import cache, partial

from rag.domain.documents import Language
from rag.domain.query import InformationNeed, Query
from rag.errors import QuestionError
from rag.language.diacritics import DiacriticRestorer
from rag.language.english import correct_english, is_english
from rag.language.glossary import Glossary
from rag.language.identify import guess_language, is_syllable_shaped
from rag.language.numerals import numbered_things, numbers_in
from rag.language.syllables import SyllableModel
from rag.language.vietnamese import nfc, syllable_key, words
from rag.language.years import years_in
from rag.law.named_regulations import english_law_in, regulations_in, without_source
from rag.law.reference import find_reference
from rag.understand.answer_type import expected_type
from rag.understand.as_of import asked_time
from rag.understand.definition import defined_term
from rag.understand.message import questions_in

__all__ = ["MAX_QUESTION", "Analyser", "parsed"]

MAX_QUESTION = 2_000
"""The most characters a question may have."""

_WORD = re.compile(r"[^\W_]+")
_REGULATION = re.compile(r"(?<!\d)\d++(?:/\d++)?/[^\W\d_][\w&]*+(?:-[\w&]++)*+")
_JOINS = " -‐‑–"  # what a name's words are joined by: "Hà Nội", "Việt-Nhật"
_STAND_IN = 70_000_001  # digits are taken as they are
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,80}>")  # pasted from a web page


def parsed(*, typed: str, text: str, language: Language, follows: str = "") -> Query:
    """Return a question with all that its text asks for.

    Args:
        typed: As it was typed.
        text: As it is asked of the documents.
        language: In which the answer is framed.
        follows: The subject taken from an earlier question.
    """
    wanted = without_source(text)
    time = asked_time(text)
    without_time = asked_time(wanted)
    return Query(
        typed=typed,
        text=text,
        language=language,
        restored=_keys(text) != _keys(typed),
        follows=follows,
        need=_need(wanted, language),
        time=time[0] if time else None,
        timeless_need=_need(without_time[1], language)
        if without_time and without_time[1]
        else None,
        reference=find_reference(text),
        regulations=regulations_in(text),
        english_law=english_law_in(text),
    )


def _need(text: str, language: Language) -> InformationNeed:
    return InformationNeed(
        text=text,
        answer_type=expected_type(text, language),
        years=years_in(text),
        numbered=numbered_things(text),
        numbers=numbers_in(text),
        term=defined_term(text),
    )


class Analyser:
    """Understands questions to one corpus.

    Args:
        model: The syllables of the corpus.
        glossary: Its terms and abbreviations.
    """

    def __init__(self, model: SyllableModel, glossary: Glossary) -> None:
        self._model = model
        self._glossary = glossary
        self._restorer = DiacriticRestorer(model, keep=glossary.abbreviations)

    def analyse(self, question: str) -> Query:
        """Understand a question that stands alone.

        Raises:
            QuestionError: If it is empty, too long or no text.
        """
        typed = _cleaned(question)
        # Of a message that asks several questions the last is taken; each is asked by itself.
        asked = _cleaned(questions_in(nfc(question))[-1])
        language = guess_language(asked)
        text, numbers = _without_numbers(asked)
        if language is Language.VIETNAMESE:
            text = self._restorer.restore(text)
            text = self._glossary.expand(text, self._model.in_corpus)
        else:
            meant = cache(partial(correct_english, weight=self._weight))
            text = _WORD.sub(lambda match: meant(match[0]), text)
        for stand_in, number in numbers.items():
            text = text.replace(stand_in, number)
        return parsed(typed=typed, text=text, language=language)

    def as_typed(self, question: str) -> Query:
        """Take a question word for word, whatever it looks like.

        Raises:
            QuestionError: If it is empty, too long or no text.
        """
        typed = _cleaned(question)
        return parsed(typed=typed, text=typed, language=guess_language(typed))

    def names(self, text: str) -> list[str]:
        """Return what a text names.

        Names are words with capitals, and words of the corpus that are neither Vietnamese nor
        English.
        """
        matches = list(_WORD.finditer(text))
        parts = [self._is_name(match[0]) for match in matches]
        for i, match in enumerate(matches):
            # The capital of a sentence's first word says nothing, unless its name goes on.
            if _begins_sentence(text, match.start()) and match[0].istitle():
                parts[i] = i + 1 < len(parts) and parts[i + 1]
        names: list[str] = []
        end = -1  # of the name that may go on
        alone = False  # whether it ends with one capitalised syllable, as "Hải quan" begins
        before = ""
        for match, part in zip(matches, parts, strict=True):
            word = match[0]
            follows = 0 <= end == match.start() - 1 and text[end] in _JOINS
            if follows and (part or word.isdigit() or (alone and _is_small_syllable(word))):
                names[-1] += text[end : match.end()]
                alone = part and _is_capital_syllable(word) and not before[0].isupper()
            elif part:
                names.append(word)
                alone = _is_capital_syllable(word)
            else:
                end = -1
                continue
            end = match.end()
            before = word
        return names

    def _is_name(self, word: str) -> bool:
        if word[0].isupper():
            return word != "I"
        lower = word.lower()
        foreign = word.isalpha() and not is_syllable_shaped(lower) and not is_english(lower)
        return foreign and word.isascii() and self._model.in_corpus(lower) > 0

    def _weight(self, word: str) -> float:
        return self._model.in_corpus(word) + 2 * self._glossary.knows(word)


def _without_numbers(text: str) -> tuple[str, dict[str, str]]:
    """Return a text with the numbers of regulations replaced, and what stands for each.

    In "39/2018/TT-BTC" nothing is mistyped and no abbreviation is to be written out.
    """
    numbers = {}
    for position, number in enumerate(dict.fromkeys(_REGULATION.findall(text))):
        stand_in = str(_STAND_IN + position)
        while stand_in in text:
            stand_in += "7"
        numbers[stand_in] = number
        text = text.replace(number, stand_in)
    return text, numbers


def _begins_sentence(text: str, position: int) -> bool:
    while position and text[position - 1] in " \"“'":
        position -= 1
    return not position or text[position - 1] in ".?!:"


def _is_capital_syllable(word: str) -> bool:
    return word[0].isupper() and is_syllable_shaped(word.lower())


def _is_small_syllable(word: str) -> bool:
    return word.islower() and is_syllable_shaped(word) and word.isalpha()


def _keys(text: str) -> list[str]:
    return [syllable_key(word) for word in words(text)]


def _cleaned(question: str) -> str:
    if len(question) > MAX_QUESTION:
        raise QuestionError("question.too_long", count=len(question), limit=MAX_QUESTION)
    kept = "".join(
        " " if unicodedata.category(character).startswith("C") else character
        for character in nfc(question)
    )
    untagged = _TAG.sub(" ", kept)
    typed = " ".join((untagged if untagged.strip() else kept).split())
    if not typed:
        raise QuestionError(
            "question.empty",
        )
    if not any(character.isalnum() for character in typed):
        raise QuestionError(
            "question.no_words",
            typed=typed[:40],
        )
    return typed
