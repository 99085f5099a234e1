"""From folders of files to documents."""

from rag.ingest.run.corpus import Corpus, Problem, read_corpus

__all__ = ["Corpus", "Problem", "read_corpus"]
