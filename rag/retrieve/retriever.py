"""Find the passages nearest a question: by vectors and by words, then token by token."""

from collections.abc import Mapping

import numpy as np

from rag.domain.documents import Passage, PassageId
from rag.domain.hits import Hit, Retrieved
from rag.domain.permissions import ANYWHERE, Filter
from rag.domain.ports import Embedder, PassageIndex
from rag.domain.query import Query
from rag.domain.vectors import EncodedQuery
from rag.retrieve.fusion import fuse
from rag.retrieve.language_centroids import LanguageCentroids
from rag.retrieve.maxsim import weigh_tokens

__all__ = ["Retriever"]

_RECALLED = 100  # of each kind


class Retriever:
    """Searches one generation of an index.

    Args:
        index: Recalls passages, and has their tokens.
        passages: All passages of the index.
        embedder: The model that they were embedded with.
        centroids: What was taken from their vectors.
    """

    def __init__(
        self,
        *,
        index: PassageIndex,
        passages: Mapping[PassageId, Passage],
        embedder: Embedder,
        centroids: LanguageCentroids,
    ) -> None:
        self._index = index
        self._passages = passages
        self._embedder = embedder
        self._centroids = centroids

    def encode(self, query: Query) -> EncodedQuery:
        """Return a question as it is searched for; it is embedded here and nowhere else.

        A question whose marks were restored is looked up by its bare words, since what was
        restored may be wrong.
        """
        encoded = self._centroids.subtract(self._embedder.encode_query(query.text), query.language)
        return EncodedQuery(
            text=query.text, folded=query.restored, vector=encoded.vector, tokens=encoded.tokens
        )

    def retrieve(self, query: EncodedQuery, limit: int, where: Filter = ANYWHERE) -> Retrieved:
        """Return the passages nearest a question.

        Args:
            query: The question.
            limit: The most passages returned.
            where: Which passages may be found.
        """
        recalled = self._index.search(query, where, limit=_RECALLED)
        if not recalled:
            return Retrieved(hits=(), query_tokens=query.tokens)
        tokens = self._index.tokens([passage.id for passage in recalled])
        matches = np.stack(
            [(matrix.vectors @ query.tokens.T).max(axis=0, initial=-1.0) for matrix in tokens]
        )
        maxsim = matches @ weigh_tokens(matches)
        scores = [fuse(float(maxsim[i]), passage.bm25) for i, passage in enumerate(recalled)]
        best = sorted(range(len(recalled)), key=lambda i: (-scores[i], i))[:limit]
        hits = tuple(
            Hit(
                passage=self._passages[recalled[i].id],
                score=scores[i],
                maxsim=float(maxsim[i]),
                bm25=recalled[i].bm25,
                tokens=tokens[i].vectors,
                spans=tokens[i].spans,
            )
            for i in best
        )
        return Retrieved(hits=hits, query_tokens=query.tokens)
