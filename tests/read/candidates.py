"""Candidates made by hand, for the tests of what is told of them."""

import numpy as np

from rag.domain.documents import Document, Passage
from rag.domain.hits import Hit
from rag.read.sentence_candidates import Candidate


def candidate(
    document: Document,
    sentence: int = 0,
    *,
    match: float = 0.5,
    around: float = 0.5,
    meaning: tuple[float, float] = (1.0, 0.0),
) -> Candidate:
    """Return a sentence of a document as a candidate for a question of one token.

    Args:
        document: At least one sentence long; the passage is all of it.
        sentence: Which of its sentences.
        match: The cosine of the question's token with the sentence's only token.
        around: The same over the whole passage.
        meaning: The sentence's vector, of length 1.
    """
    chosen = document.sentences[sentence]
    spans = np.array([[chosen.start, chosen.end]], dtype=np.int32)
    vector = np.array([meaning], dtype=np.float32)
    hit = Hit(
        passage=Passage(source=document.source, start=0, end=len(document.text)),
        score=1.0,
        maxsim=0.75,
        bm25=0.25,
        tokens=vector,
        spans=spans,
    )
    return Candidate(
        document=document,
        hit=hit,
        sentence=chosen,
        matches=np.array([match], dtype=np.float32),
        around=np.array([around], dtype=np.float32),
        spans=spans,
        similarities=np.array([[match]], dtype=np.float32),
        meaning=vector[0],
    )
