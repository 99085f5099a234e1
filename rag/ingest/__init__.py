"""Files to documents: reading, and telling prose from what stands around it."""

from rag.ingest.corpus import Corpus, Problem, read_corpus

__all__ = ["Corpus", "Problem", "read_corpus"]
