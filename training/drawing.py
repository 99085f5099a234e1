"""What is drawn at random of what is learnt from: questions as they are typed, and what is near."""

import random
from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from rag.ingest.structure.sentences import find_sentences
from rag.language.vietnamese import fold
from training.squad import Span

__all__ = ["as_typed", "drawn_window", "near_sentences"]

_SHORTEST_WINDOW, _LONGEST_WINDOW = 280, 800  # characters
_ENGLISH_FUNCTION_WORDS = frozenset(
    "a an are be did do does for had has have how in is it of on that the there to was were what "
    "when where which who whom whose why with by at from".split()
)


def as_typed(question: str, language: str, rng: random.Random) -> str:
    """Return the question as people type it: keywords, lower case, slips of the finger."""
    if language == "en" and rng.random() < 0.1:
        words = [
            word
            for word in question.rstrip("?").split()
            if word.lower() not in _ENGLISH_FUNCTION_WORDS
        ]
        question = " ".join(words) if len(words) >= 2 else question
    if rng.random() < 0.12:
        question = question.lower()
    if rng.random() < 0.1:
        question = question.rstrip("?")
    if rng.random() < 0.06 and len(question) > 12:
        at = rng.randrange(1, len(question) - 1)
        drawn = rng.random()
        if drawn < 0.4:
            question = question[:at] + question[at + 1 :]
        elif drawn < 0.7:
            question = question[: at - 1] + question[at] + question[at - 1] + question[at + 1 :]
        else:
            question = question[:at] + fold(question[at:])
    return question


def drawn_window(text: str, answer: Span | None, rng: random.Random) -> Span:
    """Return a run of whole sentences around the answer, of a length drawn at random."""
    length = rng.uniform(_SHORTEST_WINDOW, _LONGEST_WINDOW)
    sentences = list(find_sentences(text, 0, len(text)))
    if answer is None:
        first = last = rng.randrange(len(sentences))
    else:
        inside = [
            i for i, (start, end) in enumerate(sentences) if start < answer[1] and end > answer[0]
        ]
        first, last = (inside[0], inside[-1]) if inside else (0, len(sentences) - 1)
    while True:
        steps = []
        if first > 0 and sentences[last][1] - sentences[first - 1][0] <= length:
            steps.append(-1)
        if last + 1 < len(sentences) and sentences[last + 1][1] - sentences[first][0] <= length:
            steps.append(1)
        if not steps:
            return sentences[first][0], sentences[last][1]
        if rng.choice(steps) < 0:
            first -= 1
        else:
            last += 1


def near_sentences(sentences: Sequence[str], keep: int = 20) -> list[list[int]]:
    """Return for each sentence the positions of those that share most of its words."""
    vectorizer = TfidfVectorizer(sublinear_tf=True)
    matrix = vectorizer.fit_transform(sentences)
    nearest = []
    for begin in range(0, len(sentences), 512):
        scores = (matrix[begin : begin + 512] @ matrix.T).toarray()
        for position, sentence_scores in enumerate(scores, start=begin):
            order = np.argpartition(-sentence_scores, keep * 2)[: keep * 2]
            near = [int(i) for i in order if sentences[i].lower() != sentences[position].lower()]
            nearest.append(near[:keep])
    return nearest
