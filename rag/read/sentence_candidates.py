"""The sentences of the passages found, each with how it matches the question, word by word."""

import itertools
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from rag.domain.documents import Document, Passage, Sentence
from rag.domain.hits import Hit, Retrieved
from rag.domain.quote import Quote
from rag.read.cues.statements import is_statement

__all__ = ["Candidate", "find_candidates", "match_around", "quote_of"]

_LONG_SENTENCE = 600  # characters; of a longer sentence a part may be quoted
_LEAST_GAIN = 0.045  # how much better per token a clause must match than its sentence's beginning

_CLAUSE = re.compile(r";\s+")

FloatArray = npt.NDArray[np.float32]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may be quoted.

    Attributes:
        matches: Its best cosine with each token of the question, shape (query tokens,).
        around: The same over the whole passage.
        spans: Where its tokens stand in the document, shape (tokens, 2).
        similarities: The cosine of each of its tokens with each of the question's, shape
            (tokens, query tokens).
        meaning: The mean of its tokens' vectors, of length 1, shape (dimension,).
    """

    document: Document
    hit: Hit
    sentence: Sentence
    matches: FloatArray
    around: FloatArray
    spans: npt.NDArray[np.int32]
    similarities: FloatArray
    meaning: FloatArray

    @property
    def text(self) -> str:
        """The sentence."""
        return self.document.text[self.sentence.start : self.sentence.end]


def find_candidates(
    retrieved: Retrieved,
    document: Callable[[str], Document],
    keep: Callable[[Document, Sentence], bool] | None = None,
) -> Iterator[Candidate]:
    """Yield the statements of the passages found, each once; if asked, only those that are kept."""
    seen = set()
    # A long sentence is in many passages, and is read once.
    states = cache(lambda source, start, end: is_statement(document(source).text[start:end]))
    for hit in retrieved.hits:
        source = document(hit.passage.source)
        similarities = hit.tokens @ retrieved.query_tokens.T
        around: FloatArray = similarities.max(axis=0, initial=-1.0)
        for sentence in _within(source.sentences, hit.passage):
            start = max(sentence.start, hit.passage.start)
            end = min(sentence.end, hit.passage.end)
            inside = (hit.spans[:, 0] < end) & (hit.spans[:, 1] > start)
            if start >= end or not inside.any() or (source.source, start) in seen:
                continue
            if keep is not None and not keep(source, sentence):
                continue
            if not states(source.source, sentence.start, sentence.end):
                continue
            seen.add((source.source, start))
            yield Candidate(
                document=source,
                hit=hit,
                sentence=Sentence(start=start, end=end, section=sentence.section),
                matches=similarities[inside].max(axis=0),
                around=around,
                spans=hit.spans[inside],
                similarities=similarities[inside],
                meaning=_unit(hit.tokens[inside].mean(axis=0)),
            )


def _within(sentences: Sequence[Sentence], passage: Passage) -> Iterator[Sentence]:
    """Yield the sentences that a passage has, or has a part of."""
    first = bisect_right(sentences, passage.start, key=lambda sentence: sentence.end)
    for sentence in itertools.islice(sentences, first, None):
        if sentence.start >= passage.end:
            return
        yield sentence


def match_around(candidates: Sequence[Candidate]) -> FloatArray:
    """Return the best match of each token anywhere in the candidate's document."""
    best: dict[str, FloatArray] = {}
    for candidate in candidates:
        source = candidate.document.source
        before = best.get(source)
        best[source] = candidate.around if before is None else np.maximum(before, candidate.around)
    return np.stack([best[candidate.document.source] for candidate in candidates])


def quote_of(candidate: Candidate, score: float, words: Span | None) -> Quote:
    """Return a sentence, or the part of a long one that answers, with the words marked."""
    start, end = _telling_part(candidate)
    passage = candidate.hit.passage
    highlights = []
    if words and max(words[0], start) < min(words[1], end):
        highlights.append((max(words[0], start), min(words[1], end)))
    return Quote(
        document=candidate.document,
        start=start,
        end=end,
        score=score,
        section=candidate.sentence.section,
        context=(min(passage.start, start), max(passage.end, end)),
        highlights=tuple(highlights),
    )


def _telling_part(candidate: Candidate) -> tuple[int, int]:
    """Return the clause of a long sentence that matches the question, or all of the sentence.

    Where the clause that announces a list matches best, the list is what is asked for.
    """
    start, end = candidate.sentence.start, candidate.sentence.end
    cuts = [start, *(start + cut.end() for cut in _CLAUSE.finditer(candidate.text)), end]
    if end - start <= _LONG_SENTENCE or len(cuts) < 3:
        return start, end
    clauses = list(itertools.pairwise(cuts))
    rival = []
    for low, high in clauses:
        inside = (candidate.spans[:, 0] >= low) & (candidate.spans[:, 1] <= high)
        rival.append(candidate.similarities[inside].max(axis=0, initial=-1.0))
    wins = np.stack(rival)
    # A clause tells as far as it matches what the sentence's beginning does not.
    gains = np.maximum(wins - wins[0], 0).sum(axis=1)
    best = int(gains.argmax())
    if best == 0 or gains[best] < _LEAST_GAIN * wins.shape[1]:
        return start, end
    low, high = clauses[best]
    text = candidate.document.text[low:high].rstrip()
    return low, low + len(text)


def _unit(vector: FloatArray) -> FloatArray:
    return vector / max(float(np.linalg.norm(vector)), 1e-9)
