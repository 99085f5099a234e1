"""Find the passages nearest a question: by vectors and by words, then token by token."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from rag.domain.documents import Passage
from rag.domain.hits import Hit, Retrieved
from rag.domain.ports import Embedder
from rag.retrieve.faiss_index import VectorIndex
from rag.retrieve.fts5_index import LexicalIndex
from rag.retrieve.fusion import fuse
from rag.retrieve.language_centroids import Centres
from rag.retrieve.token_store import TokenStore, weigh_tokens
from rag.understand.analyse import Query

__all__ = ["Retriever"]

_CANDIDATES = 100  # of each kind


class Retriever:
    """Searches one generation of an index."""

    def __init__(
        self,
        *,
        passages: Sequence[Passage],
        embedder: Embedder,
        centres: Centres,
        vectors: VectorIndex,
        lexical: LexicalIndex,
        tokens: TokenStore,
    ) -> None:
        self._passages = passages
        self._embedder = embedder
        self._centres = centres
        self._vectors = vectors
        self._lexical = lexical
        self._tokens = tokens

    def retrieve(
        self, query: Query, limit: int, allowed: npt.NDArray[np.bool_] | None = None
    ) -> Retrieved:
        """Return the passages nearest a question.

        A question whose marks were restored is looked up by its bare words, since what was
        restored may be wrong.

        Args:
            query: The question.
            limit: The most passages returned.
            allowed: Of each passage, whether it may be read at all. How rare a word is, is counted
                over all of them.
        """
        encoded = self._centres.apply(self._embedder.encode_query(query.text), query.language)
        lexical = self._lexical.search(
            query.text, folded=query.restored, limit=_CANDIDATES, allowed=allowed
        )
        nearest = self._vectors.search(encoded.vector, _CANDIDATES, allowed)
        candidates = sorted({position for position, _ in nearest} | lexical.keys())
        if not candidates:
            return Retrieved(hits=(), query_tokens=encoded.tokens)
        matches = np.stack(
            [
                (self._tokens.tokens(position) @ encoded.tokens.T).max(axis=0, initial=-1.0)
                for position in candidates
            ]
        )
        weights = weigh_tokens(matches)
        late = matches @ weights
        scores = [
            fuse(float(late[i]), lexical.get(position, 0.0))
            for i, position in enumerate(candidates)
        ]
        best = sorted(range(len(candidates)), key=lambda i: (-scores[i], i))[:limit]
        hits = tuple(
            Hit(
                passage=self._passages[candidates[i]],
                score=scores[i],
                late=float(late[i]),
                lexical=lexical.get(candidates[i], 0.0),
                tokens=self._tokens.tokens(candidates[i]),
                spans=self._tokens.spans(candidates[i]),
            )
            for i in best
        )
        return Retrieved(hits=hits, query_tokens=encoded.tokens)
