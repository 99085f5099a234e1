"""What speaks for and against a sentence: one number a candidate for each feature.

Words that few candidates have count more, and words that none has count most, so that their share
fades where the glossary does not know them.
"""

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rag.domain.documents import Document, Language
from rag.domain.query import InformationNeed
from rag.language.glossary import Glossary, Phrase, Term, phrases_of
from rag.language.numerals import numbered_things, numbers_in
from rag.language.years import year_of, years_in
from rag.read.cues.answer_types import satisfies
from rag.read.cues.definitions import defines
from rag.read.cues.verb_marks import asserted_phrases
from rag.read.sentence_candidates import Candidate, match_around

__all__ = ["SentenceFeatures", "conflicting_numbers", "missing_numbers", "sentence_features"]

_LEAST_IDF = 0.05  # so that a word that all candidates have still counts a little

_Phrases = Sequence[frozenset[Phrase]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SentenceFeatures:
    """The features of some candidates, each of shape (candidates,).

    Attributes:
        sentence: The mean cosine of the question's tokens with their best match in the sentence.
        context: The same where a match elsewhere in the document counts, for a little less.
        words: The share of the question's words that are in the sentence, or for a little less in
            what says what the document is about.
        asserted: The share of them that the sentence says was done, by the marks of its verbs.
        maxsim: The late interaction score of its passage.
        bm25: The lexical score of its passage.
        conflicts: How many numbered things that are asked for it has with other numbers only.
        in_time: 1 if it is of a year that is asked for.
        lacks_type: 1 if it has no figure or time where that is asked for.
        defines: 1 if it says what the term means that is asked for.
    """

    sentence: Sequence[float]
    context: Sequence[float]
    words: Sequence[float]
    asserted: Sequence[float]
    maxsim: Sequence[float]
    bm25: Sequence[float]
    conflicts: Sequence[float]
    in_time: Sequence[float]
    lacks_type: Sequence[float]
    defines: Sequence[float]


def sentence_features(
    need: InformationNeed,
    language: Language,
    candidates: Sequence[Candidate],
    glossary: Glossary,
    around: float,
) -> SentenceFeatures:
    """Return what speaks for and against each candidate.

    Args:
        need: What an answer must say.
        language: The language of the question.
        candidates: At least one.
        glossary: The words of both languages that mean the same.
        around: What a match around a sentence is worth beside one in it.
    """
    matches: npt.NDArray[np.float32] = np.stack([candidate.matches for candidate in candidates])
    context = np.maximum(matches, around * match_around(candidates))
    words, asserted = _shared_words(need, language, candidates, glossary, around)
    texts = [candidate.text for candidate in candidates]
    return SentenceFeatures(
        sentence=[float(row.mean()) for row in matches],
        context=[float(row.mean()) for row in context],
        words=words,
        asserted=asserted,
        maxsim=[candidate.hit.maxsim for candidate in candidates],
        bm25=[candidate.hit.bm25 for candidate in candidates],
        conflicts=[conflicting_numbers(need.numbered, text) for text in texts],
        in_time=[_in_time(need.years, candidate) for candidate in candidates],
        lacks_type=[
            float(need.answer_type is not None and not satisfies(text, need.answer_type))
            for text in texts
        ],
        defines=[float(defines(need.term, text)) for text in texts],
    )


def missing_numbers(need: InformationNeed, document: Document) -> float:
    """Return the share of a question's numbers that a document does not have."""
    present = numbers_in(f"{document.metadata.date} {document.text}")
    return len(need.numbers - present) / len(need.numbers) if need.numbers else 0.0


def _shared_words(
    need: InformationNeed,
    language: Language,
    candidates: Sequence[Candidate],
    glossary: Glossary,
    around: float,
) -> tuple[list[float], list[float]]:
    """Return the share of the question's words found in or around each candidate, and asserted."""
    phrases = [phrases_of(candidate.text) for candidate in candidates]
    openings = {
        candidate.document.source: phrases_of(_opening(candidate.document))
        for candidate in candidates
    }
    weighted = {
        own_language: [
            (term, _idf(term, phrases))
            for term in glossary.terms(need.text, language, own_language)
        ]
        for own_language in {candidate.document.language for candidate in candidates}
    }
    shares, asserted_shares = [], []
    for candidate, own in zip(candidates, phrases, strict=True):
        opening = openings[candidate.document.source]
        terms = weighted[candidate.document.language]
        shared = [
            idf * (1.0 if term & own else around if term & opening else 0.0) for term, idf in terms
        ]
        asserted = asserted_phrases(candidate.text, candidate.document.language)
        total = sum(idf for _, idf in terms) or 1.0
        shares.append(sum(shared) / total)
        asserted_shares.append(sum(idf for term, idf in terms if term & asserted) / total)
    return shares, asserted_shares


def _opening(document: Document) -> str:
    """Return what says what a document is about: its title and its first sentence."""
    first = document.sentences[0]
    return f"{document.metadata.title}. {document.text[first.start : first.end]}"


def _idf(term: Term, phrases: _Phrases) -> float:
    """Return how telling a term is among the candidates: the logarithm of how few have it."""
    having = sum(1 for own in phrases if term & own)
    return max(_LEAST_IDF, math.log((len(phrases) + 1) / (having + 0.5)))


def conflicting_numbers(asked: Sequence[tuple[str, str]], sentence: str) -> float:
    """Count the numbered things that are asked for of which a sentence has only other numbers."""
    numbers: defaultdict[str, set[str]] = defaultdict(set)
    for word, number in numbered_things(sentence) if asked else ():
        numbers[word].add(number)
    return float(sum(word in numbers and number not in numbers[word] for word, number in asked))


def _in_time(asked: frozenset[int], candidate: Candidate) -> float:
    """Return 1 if a sentence names a year that is asked for, or its document is of one."""
    if not asked:
        return 0.0
    named = years_in(candidate.text)
    return float(bool(asked & named) or (not named and year_of(candidate.document) in asked))
