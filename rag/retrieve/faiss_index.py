"""Nearest passages by their vectors: exact inner product, in FAISS's own file format."""

from pathlib import Path
from typing import Any

import faiss
import numpy as np
import numpy.typing as npt

__all__ = ["FaissIndex"]

_faiss: Any = faiss  # its Python side takes other arguments than the types of its C++ side say

# A flat search is short. With more threads than one, FAISS's wait in a loop beside torch's; on two
# cores retrieval then took 124 ms instead of 28. benchmarks/latency.py shows it without this line.
faiss.omp_set_num_threads(1)


class FaissIndex:
    """A flat FAISS index; each vector is known by its position in the order of adding.

    Args:
        vectors: Shape (passages, dimension), float32.
    """

    def __init__(self, vectors: npt.NDArray[np.float32]) -> None:
        self._index: Any = faiss.IndexFlatIP(vectors.shape[1])
        self._index.add(np.ascontiguousarray(vectors))

    @property
    def dimension(self) -> int:
        """Of the vectors."""
        return int(self._index.d)

    def search(
        self,
        vector: npt.NDArray[np.float32],
        limit: int,
        admitted: npt.NDArray[np.bool_] | None = None,
    ) -> list[tuple[int, float]]:
        """Return the nearest vectors as (position, inner product), best first.

        Args:
            vector: What they are compared with, shape (dimension,).
            limit: The most that are returned.
            admitted: Of each vector, whether it may be found, shape (vectors,); all by default.
        """
        limit = min(limit, self._index.ntotal)
        if not limit:
            return []
        parameters = None
        if admitted is not None:
            bits = np.packbits(admitted, bitorder="little")
            parameters = _faiss.SearchParameters(sel=_faiss.IDSelectorBitmap(bits))
        scores, positions = self._index.search(vector[None, :], limit, params=parameters)
        return [(int(i), float(s)) for i, s in zip(positions[0], scores[0], strict=True) if i >= 0]

    def vector(self, position: int) -> npt.NDArray[np.float32]:
        """Return a vector as it was added."""
        return np.asarray(self._index.reconstruct(position), dtype=np.float32)

    def save(self, path: Path) -> None:
        """Write the index in FAISS's format."""
        path.write_bytes(faiss.serialize_index(self._index).tobytes())

    @classmethod
    def load(cls, path: Path) -> "FaissIndex":
        """Read what `save` wrote."""
        index = cls.__new__(cls)
        index._index = faiss.deserialize_index(np.frombuffer(path.read_bytes(), dtype=np.uint8))
        return index
